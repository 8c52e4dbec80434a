"""Samples by number for torch's loader. Nothing here imports torch, and nothing is left to a worker's own state."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lead.data.config import SampleConfig
from lead.data.epoch import Draw, rng_of, shard
from lead.data.index import FrameIndex
from lead.data.sample import Sample, make_sample
from lead.data.store import RecordStore


@dataclass(frozen=True)
class DriveDataset:
    """Samples of an index's frames; `dataset[draw]` depends on the draw alone."""

    store: RecordStore
    index: FrameIndex
    config: SampleConfig = field(default_factory=SampleConfig)

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, draw: Draw) -> Sample:
        """The sample of a draw. DataError, naming file and frame, when it cannot be made."""
        index = self.index
        records = self.store.drive(index.drives[index.drive[draw.frame]])
        sample = make_sample(records, int(index.row[draw.frame]), self.store.config, self.config, rng_of(draw))
        bucket = index.buckets[index.bucket[draw.frame]]
        return sample | {"index": draw.frame, "bucket_identity": bucket}


@dataclass
class EpochSampler:
    """The draws of an epoch for one of several processes. Set `epoch` before each, and `start` to go on within one.

    The process that owns the loader holds this; its workers get draws and keep no count of their own.
    """

    index: FrameIndex
    seed: int = 0
    epoch: int = 0
    start: int = 0
    rank: int = 0
    ranks: int = 1

    def __post_init__(self):
        if not 0 <= self.rank < self.ranks:
            raise ValueError(f"rank must lie in 0 to {self.ranks - 1}, not {self.rank}")
        self.set_epoch(self.epoch, self.start)

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """The next iteration is that of `epoch`, from its draw number `start` on."""
        self.epoch, self.start = epoch, start
        self._places, self._frames = shard(self.index.plan(self.seed, epoch), self.rank, self.ranks)

    def __len__(self) -> int:
        return len(self._places) - self.start

    def __iter__(self) -> Iterator[Draw]:
        rest = slice(self.start, None)
        for place, frame in zip(self._places[rest].tolist(), self._frames[rest].tolist(), strict=True):
            yield Draw(frame, self.seed, self.epoch, place)
