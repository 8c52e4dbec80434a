"""Samples to batches of tensors, and torch's loader over them."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from lead.data.dataset import DriveDataset, EpochSampler
from lead.data.errors import DataError
from lead.data.sample import Sample


def collate(samples: Sequence[Sample]) -> dict[str, Any]:
    """Tensors by name, one row a sample; texts become lists. DataError when samples do not have the same entries."""
    names = samples[0].keys()
    for sample in samples:
        differing = sorted(names ^ sample.keys())
        if differing:
            raise DataError(f"samples of one batch differ: only some have {', '.join(differing)}")
    return {name: _stack(name, [sample[name] for sample in samples]) for name in names}


def make_loader(
    dataset: DriveDataset, sampler: EpochSampler, batch_size: int, workers: int = 0, pin: bool = False
) -> DataLoader[dict[str, Any]]:
    """A loader of whole batches. Workers stay alive between epochs; call `sampler.set_epoch` before each.

    Workers are fresh processes: forked ones wait for ever for threads of OpenCV's that only their parent has.
    """
    return DataLoader(
        dataset,  # pyright: ignore[reportArgumentType] - torch asks for its own base class, and only for that
        batch_size,
        sampler=sampler,  # pyright: ignore[reportArgumentType]
        num_workers=workers,
        collate_fn=collate,
        pin_memory=pin,
        drop_last=True,
        persistent_workers=workers > 0,
        multiprocessing_context="spawn" if workers else None,
        worker_init_fn=_use_one_thread,
    )


def _use_one_thread(worker: int) -> None:
    cv2.setNumThreads(1)


def _stack(name: str, values: Sequence[Any]) -> Tensor | list[str]:
    if isinstance(values[0], str):
        return list(values)
    arrays = [np.asarray(value) for value in values]
    if len({(array.shape, array.dtype) for array in arrays}) > 1:
        shapes = ", ".join(sorted({f"{array.dtype}{list(array.shape)}" for array in arrays}))
        raise DataError(f"samples of one batch differ in {name!r}: {shapes}")
    return torch.from_numpy(np.stack(arrays))
