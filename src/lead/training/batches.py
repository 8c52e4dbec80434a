"""Where batches come from: something that knows its epochs."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from lead.data.batches import make_loader
from lead.data.dataset import DriveDataset, EpochSampler

Batch = Mapping[str, Any]
"""Tensors by LEAD's names, one row a sample; other entries are left alone."""


class Batches(Protocol):
    """The batches of every epoch; the same number asks for the same batches."""

    def __len__(self) -> int:
        """Batches of an epoch."""
        ...

    def epoch(self, number: int) -> Iterable[Batch]:
        """The batches of an epoch, from 0."""
        ...


class RecordedBatches:
    """Batches of recorded drives, in this process's share of each epoch."""

    def __init__(
        self, dataset: DriveDataset, sampler: EpochSampler, batch_size: int, workers: int = 0, pin: bool = False
    ):
        self._sampler = sampler
        self._loader = make_loader(dataset, sampler, batch_size, workers, pin)

    def __len__(self) -> int:
        return len(self._loader)

    def epoch(self, number: int) -> Iterable[Batch]:
        """The batches of an epoch, from 0."""
        self._sampler.set_epoch(number)
        return self._loader
