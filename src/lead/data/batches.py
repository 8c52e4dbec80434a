"""Samples to batches of tensors, and torch's loader over them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from lead.data.dataset import DriveDataset, EpochSampler
from lead.data.errors import DataError
from lead.data.sample import Sample


class Batch(NamedTuple):
    """Entries of some samples by name: `tensors`, one row a sample, for a model, and `texts` for people."""

    tensors: dict[str, Tensor]
    texts: dict[str, list[str]]


def collate(samples: Sequence[Sample]) -> Batch:
    """A batch of samples. DataError when they do not all have the same entries."""
    names = samples[0].keys()
    for sample in samples:
        differing = sorted(names ^ sample.keys())
        if differing:
            raise DataError(f"samples of one batch differ: only some have {', '.join(differing)}")
    columns = {name: [sample[name] for sample in samples] for name in names}
    texts = {name: values for name, values in columns.items() if isinstance(values[0], str)}
    return Batch({name: _stack(name, values) for name, values in columns.items() if name not in texts}, texts)


def make_loader(
    dataset: DriveDataset, sampler: EpochSampler, batch_size: int, workers: int = 0, pin: bool = False
) -> DataLoader[Batch]:
    """A loader of whole batches. Workers stay alive between epochs; call `sampler.set_epoch` before each."""
    return DataLoader(
        dataset,  # pyright: ignore[reportArgumentType] - torch asks for its own base class, and only for that
        batch_size,
        sampler=sampler,  # pyright: ignore[reportArgumentType]
        num_workers=workers,
        collate_fn=collate,
        pin_memory=pin,
        drop_last=True,
        persistent_workers=workers > 0,
    )


def _stack(name: str, values: Sequence[Any]) -> Tensor:
    arrays = [np.asarray(value) for value in values]
    if len({(array.shape, array.dtype) for array in arrays}) > 1:
        shapes = ", ".join(sorted({f"{array.dtype}{list(array.shape)}" for array in arrays}))
        raise DataError(f"samples of one batch differ in {name!r}: {shapes}")
    return torch.from_numpy(np.stack(arrays))
