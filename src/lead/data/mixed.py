"""Several data sets in every batch, each with its share, all of them seen whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lead.data.dataset import DriveDataset
from lead.data.epoch import Draw, Indices, mix, shard
from lead.data.sample import Sample


class MixedDraw(NamedTuple):
    """A draw from the data set of that number."""

    which: int
    draw: Draw


@dataclass(frozen=True)
class MixedDataset:
    """Samples of several data sets."""

    parts: tuple[DriveDataset, ...]

    def __getitem__(self, mixed: MixedDraw) -> Sample:
        """The sample of a draw; `part` says which data set it comes from."""
        return self.parts[mixed.which][mixed.draw] | {"part": mixed.which}


@dataclass
class MixedBatches:
    """Draws of whole batches, for torch's `batch_sampler`: of each data set as many as its quota says.

    Set the epoch before each. It is over when every data set has been seen whole by all processes together.
    """

    dataset: MixedDataset
    quotas: Sequence[int]
    seed: int = 0
    rank: int = 0
    ranks: int = 1
    epoch: int = 0

    def set_epoch(self, epoch: int) -> None:
        """The next iteration is that of `epoch`."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[list[MixedDraw]]:
        # Each data set has a seed of its own: equal places would get equal chance.
        count = len(self.dataset.parts)
        seeds = [self.seed * count + which for which in range(count)]
        plans = [part.index.plan(seed, self.epoch) for part, seed in zip(self.dataset.parts, seeds, strict=True)]
        frames = [shard(plan, self.rank, self.ranks)[1] for plan in plans]
        for batch in mix([len(one) for one in frames], self.quotas, self.seed, self.epoch):
            yield [
                MixedDraw(which, Draw(_at(frames[which], number), seeds[which], self.epoch, self._place(number)))
                for which, number in batch
            ]

    def _place(self, number: int) -> int:
        return number * self.ranks + self.rank


def _at(frames: Indices, number: int) -> int:
    """The frame of a draw; a data set begins anew when it has been seen whole."""
    return int(frames[number % len(frames)])
