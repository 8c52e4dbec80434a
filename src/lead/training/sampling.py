"""Which samples come in which order: planned anew for every epoch by the process that trains; workers have no state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """`size` samples, one after the other, of which an epoch takes `ratio` times as many.

    A whole ratio takes each sample that often; what is left of it is drawn anew every epoch, without repetition.
    """

    size: int
    ratio: float = 1.0


def plan_epoch(parts: Sequence[Part], seed: int, epoch: int) -> Indices:
    """Indices into the samples of all parts in a row, in the order of this epoch."""
    generator = np.random.default_rng((seed, epoch))
    start, chosen = 0, []
    for part in parts:
        everyone = np.arange(start, start + part.size)
        whole, rest = divmod(round(part.ratio * part.size), max(part.size, 1))
        chosen += [everyone] * whole + [generator.permutation(everyone)[:rest]]
        start += part.size
    return generator.permutation(np.concatenate(chosen)) if chosen else np.zeros(0, np.int64)


class EpochSampler(Sampler[int]):
    """The samples of one process in one epoch; processes have equally many and none in common.

    Of an epoch whose length no number of processes divides, the last few samples are left for the next ones.
    """

    def __init__(self, parts: Sequence[Part], seed: int, rank: int = 0, world_size: int = 1):
        self.parts, self.seed, self.rank, self.world_size = tuple(parts), seed, rank, world_size
        self.epoch = 0

    def __iter__(self) -> Iterator[int]:
        plan = plan_epoch(self.parts, self.seed, self.epoch)
        return iter(plan[self.rank : len(self) * self.world_size : self.world_size].tolist())

    def __len__(self) -> int:
        return sum(round(part.ratio * part.size) for part in self.parts) // self.world_size
