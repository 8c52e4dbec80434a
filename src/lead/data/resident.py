"""A whole data set in the memory of the device that trains: nothing is loaded while it learns.

For models of small pictures: a view of three cameras of 192 x 192 pixels takes 0.7 MB, so that an hour of driving at
two frames a second, with its perturbed twin, takes 10 GB. Batches are cut from it, augmented and labelled there.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lead.data.compact import Compact, compact_view
from lead.data.config import RecordConfig, SampleConfig
from lead.data.dataset import DriveDataset, EpochSampler
from lead.data.device_augmentation import augment, draw_chance, upload
from lead.data.errors import DataError
from lead.data.expand import expand
from lead.data.record import NOMINAL, PERTURBED

_VIEW, _PIXELS = 17, 18


@dataclass(frozen=True)
class ResidentViews:
    """All views of an index's frames: `tensors` with a row each; `twin` (frames,) says in which row the perturbed view
    of a frame lies, whose nominal view has the frame's own number (the same where it has no twin)."""

    tensors: Mapping[str, Tensor]
    twin: NDArray[np.int64]
    records: RecordConfig

    def __len__(self) -> int:
        return len(self.twin)

    @property
    def size(self) -> int:
        """Bytes of all of it."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.tensors.values())


def load_resident(dataset: DriveDataset, device: str, threads: int = 1) -> ResidentViews:
    """Read all views of a data set. DataError, naming file and frame, for what cannot be read.

    Legacy phantom boxes and elastic pictures are not made here: DataError as well.
    """
    config = dataset.config
    if config.legacy_phantom_box or (config.augmentation is not None and config.augmentation.legacy_elastic):
        raise DataError("legacy_phantom_box and legacy_elastic are not made on the device; train from loaded samples")
    views, twin = list_views(dataset, config.perturbation > 0.0)
    first = read_view(dataset, *views[0])
    host = {name: np.empty((len(views), *value.shape), value.dtype) for name, value in first.items()}

    def fill(number: int) -> None:
        for name, value in read_view(dataset, *views[number]).items():
            if value.shape != host[name].shape[1:] or value.dtype != host[name].dtype:
                drive = dataset.index.drives[dataset.index.drive[views[number][0]]]
                raise DataError(f"{drive}: its {name} is not like that of other drives")
            host[name][number] = value

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(fill, range(len(views))):
            pass
    tensors = {name: torch.from_numpy(_signed(value)).to(device) for name, value in host.items()}
    return ResidentViews(tensors, twin, dataset.store.config)


@dataclass
class ResidentBatches:
    """Batches of an epoch, in this process's share of it."""

    views: ResidentViews
    sampler: EpochSampler
    batch_size: int
    config: SampleConfig

    def __len__(self) -> int:
        return len(self.sampler) // self.batch_size

    def epoch(self, number: int) -> Iterator[dict[str, Tensor]]:
        """The whole batches of an epoch, from 0."""
        self.sampler.set_epoch(number)
        draws = list(self.sampler)
        if not draws:
            return
        frames, places = np.array([[draw.frame, draw.place] for draw in draws]).T
        chance = draw_chance(self.sampler.seed, number, int(places.max()) + 1)
        device = next(iter(self.views.tensors.values())).device
        generator = torch.Generator(device)
        generator.manual_seed(int(np.random.SeedSequence([_PIXELS, self.sampler.seed, number]).generate_state(1)[0]))
        view = np.random.default_rng([_VIEW, self.sampler.seed, number]).random(int(places.max()) + 1)
        for start, end in pairwise(range(0, len(draws) + 1, self.batch_size)):
            frame, place = frames[start:end], places[start:end]
            twin = view[place] < self.config.perturbation
            batch = _cut(self.views, np.where(twin, self.views.twin[frame], frame), self.config)
            if self.config.augmentation is not None:
                batch["rgb"] = augment(batch["rgb"], self.config.augmentation, chance[place], generator)
            yield batch


@dataclass(frozen=True)
class ResidentEvaluation:
    """Batches of all frames' nominal views in their order, unchanged by chance, the last one smaller if need be."""

    views: ResidentViews
    batch_size: int
    config: SampleConfig

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        for start in range(0, len(self.views), self.batch_size):
            yield _cut(self.views, np.arange(start, min(start + self.batch_size, len(self.views))), self.config)


def _cut(views: ResidentViews, rows: NDArray[np.int64], config: SampleConfig) -> dict[str, Tensor]:
    device = next(iter(views.tensors.values())).device
    index = upload(rows, device)
    return expand({name: value[index] for name, value in views.tensors.items()}, views.records, config)


def list_views(dataset: DriveDataset, twins: bool) -> tuple[list[tuple[int, str]], NDArray[np.int64]]:
    """Frames and names of all views, first the nominal ones in order; and where each frame's perturbed view lies."""
    frames = len(dataset.index)
    views = [(frame, NOMINAL) for frame in range(frames)]
    twin = np.arange(frames)
    for frame in range(frames if twins else 0):
        drive = dataset.store.drive(dataset.index.drives[dataset.index.drive[frame]])
        if drive.has(f"{PERTURBED}/rgb"):
            twin[frame] = len(views)
            views.append((frame, PERTURBED))
    return views, twin


def read_view(dataset: DriveDataset, frame: int, view: str) -> Compact:
    """The compact arrays of a view of a frame. DataError, naming file and frame, for what cannot be read."""
    index = dataset.index
    records = dataset.store.drive(index.drives[index.drive[frame]])
    return compact_view(records, int(index.row[frame]), view, dataset.store.config, dataset.config)


def _signed(value: NDArray[np.generic]) -> NDArray[np.generic]:
    """Numbers of 16 bits as signed ones, which tensors on every device can have."""
    return value.view(np.int16) if value.dtype == np.uint16 else value
