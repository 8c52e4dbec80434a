"""From a training's configuration to its batches: records are made, drives held out, loaders opened."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lead.data.batches import collate
from lead.data.buckets import find_collection, is_held_out
from lead.data.compact import compact_view
from lead.data.config import SampleConfig
from lead.data.dataset import DriveDataset, EpochSampler
from lead.data.epoch import Draw
from lead.data.errors import DataError
from lead.data.index import FrameIndex, index_frames, settle, thin
from lead.data.record import NOMINAL, plain_meta
from lead.data.resident import ResidentBatches, ResidentEvaluation, ResidentViews, load_resident
from lead.data.store import RecordStore, build, open_store
from lead.models.tfv6.configuration import RIG_SIZES, ObservationConfig, TFv6Config
from lead.models.tfv6.modelling import TFv6
from lead.sensors.clouds import CROSS
from lead.training.batches import Batch, RecordedBatches
from lead.training.facts import describe
from lead.training.features import load_features
from lead.training.loop import Data
from lead.training.processes import Group
from lead.training.run_config import RunConfig

logger = logging.getLogger(__name__)

_LEAST_BATCHES = 1
_FEATURE_BATCH = 16
_RASTER = "x {:g} to {:g} m, y {:g} to {:g} m, {:g} pixels a metre"


@dataclass(frozen=True)
class FramesInOrder:
    """Batches of a data set's frames in their order, unchanged by chance; the last one is smaller if need be."""

    dataset: DriveDataset
    batch_size: int

    def __iter__(self) -> Iterator[Batch]:
        count = len(self.dataset)
        for start in range(0, count, self.batch_size):
            frames = range(start, min(start + self.batch_size, count))
            yield collate([self.dataset[Draw(frame, 0, 0, frame)] for frame in frames])


def make_records(config: RunConfig) -> None:
    """Make the records that the configuration's drives lack. Raises DataError when one of them fails."""
    from lead.data.layout import find_drives

    # Reading recordings takes libraries that reading records does not.
    drives = [drive for folder in config.data for drive in find_drives(Path(folder), config.records)]
    report = build(drives, Path(config.cache), config.records, config.workers)
    counts = [len(part) for part in (report.built, report.kept, report.skipped)]
    logger.info("records: %d drives built, %d kept, %d without a proper end", *counts)
    if report.failed:
        raise DataError(report.failed[0])


def find_store(config: RunConfig) -> RecordStore:
    """The records of a configuration. DataError when there are none."""
    cache = Path(config.cache)
    return RecordStore(cache, config.records) if config.data else open_store(cache)


def observed(store: RecordStore) -> ObservationConfig:
    """What readings went through on their way into these records.

    DataError when there are none, or when some keep LiDAR points ahead of the car and others do not.
    """
    quality = plain_meta(store.drive(store.names()[0]), 0).get("jpeg_storage_quality")
    return ObservationConfig(
        jpeg_quality=ObservationConfig.jpeg_quality if quality is None else int(quality),
        shrunk_jpeg_quality=store.config.quality,
        ego_filter=_ego_filter(store),
        oldest_age=store.config.oldest_age,
        pop_distance_m=store.config.pop_distance_m,
        leaves_passed_points=not store.config.legacy_passed_points,
        nearest_radar_points=not store.config.legacy_radar_order,
    )


def _ego_filter(store: RecordStore) -> str:
    found = {plain_meta(store.drive(name), 0).get("ego_filter", CROSS): name for name in store.names()}
    if len(found) > 1:
        both = " and ".join(f"{kind!r} as in {name}" for kind, name in sorted(found.items()))
        raise DataError(f"{store.cache}: drives were recorded with ego filters {both}; a model needs one of them")
    return next(iter(found))


def open_data(config: RunConfig, network: TFv6, store: RecordStore, group: Group, device: str) -> Data:
    """Batches of a stage for a model, and held-out ones. DataError, naming what is missing."""
    model = network.config
    samples = sample_config(config, model)
    trained, held_out = split_drives(store, config)
    if config.freeze_backbone:
        trained = settle(trained, config.training.seed)
    check_views(store, trained, samples, model)
    sampler = EpochSampler(trained, config.training.seed, rank=group.rank, ranks=group.size)
    share = group.share(config.batch_size)
    if len(sampler) < share * _LEAST_BATCHES:
        raise DataError(f"{store.cache}: {len(trained)} frames are fewer than a batch of {config.batch_size}")
    dropped = f", {trained.dropped} without all waypoints left out" if trained.dropped else ""
    kept = 0 if held_out is None else len(held_out)
    logger.info("%d frames of %d drives%s; %d held out", len(trained), len(trained.drives), dropped, kept)
    if group.leads:
        describe(store, trained, held_out).write(Path(config.logdir))
    dataset = DriveDataset(store, trained, samples)
    still = replace(samples, perturbation=0.0, augmentation=None)
    watched = None if held_out is None else DriveDataset(store, held_out, still)
    if config.freeze_backbone:
        return _in_memory(_feature_loader(network, config, device), dataset, watched, sampler, share)
    if config.resident:
        threads = max(config.workers, 1)
        return _in_memory(lambda each, _: load_resident(each, device, threads), dataset, watched, sampler, share)
    batches = RecordedBatches(dataset, sampler, share, config.workers, pin=device.startswith("cuda"))
    return Data(batches, () if watched is None else FramesInOrder(watched, share))


def sample_config(config: RunConfig, model: TFv6Config) -> SampleConfig:
    """What samples of the configuration's records must have for a model."""
    cameras, planner = model.cameras, model.planner
    return SampleConfig(
        perturbation=config.perturbation,
        # A backbone that is frozen sees each picture but once.
        augmentation=None if config.freeze_backbone else config.augmentation,
        route_points=planner.route_points if planner is not None and planner.route_points else 10,
        planning=planner is not None,
        camera_count=RIG_SIZES[cameras.rig],
        cameras=cameras.used,
        speed_ahead_s=config.speed_ahead_s,
    )


def split_drives(store: RecordStore, config: RunConfig) -> tuple[FrameIndex, FrameIndex | None]:
    """Frames to train with, and those to measure on, of other drives; None when no drive is held out."""
    name = config.collection or ("full_posttrain" if config.use_planning_decoder else "full_pretrain")
    collection = find_collection(name)
    names = store.names()
    apart = {drive for drive in names if is_held_out(drive, config.held_out)}
    if len(apart) == len(names):
        raise DataError(f"{store.cache}: held_out={config.held_out:g} leaves none of {len(names)} drives to train with")
    trained = index_frames(store, collection, keep=lambda drive: drive not in apart)
    if not apart:
        return trained, None
    # Errors of plans can only be measured where there is a plan to compare with.
    held_out = index_frames(store, collection, keep=lambda drive: drive in apart)
    return trained, thin(held_out, config.held_out_frames)


def check_views(store: RecordStore, index: FrameIndex, samples: SampleConfig, model: TFv6Config) -> None:
    """DataError when recorded pictures are not of the size that the model wants, or rasters show something else."""
    area, bev = store.config.area, model.bev
    shown = (area.min_x, area.max_x, area.min_y, area.max_y, store.config.pixels_per_m)
    looked_at = (bev.min_x_m, bev.max_x_m, bev.min_y_m, bev.max_y_m, bev.pixels_per_metre)
    if shown != looked_at:
        told = [_RASTER.format(*each) for each in (shown, looked_at)]
        raise DataError(f"{store.cache}: recorded rasters show {told[0]}, the model looks at {told[1]}")
    records = store.drive(index.drives[index.drive[0]])
    picture = compact_view(records, int(index.row[0]), NOMINAL, store.config, samples)["rgb"]
    height, width = picture.shape[1:]
    wanted = (model.cameras.height, model.cameras.picture_width)
    if (height, width) == wanted:
        return
    factor = store.config.shrink * height / wanted[0]
    hint = f": make records with records.shrink={factor:.0f}" if factor == round(factor) and factor >= 1.0 else ""
    sizes = f"{width} x {height} pixels, the model wants {wanted[1]} x {wanted[0]}"
    raise DataError(f"{store.cache}: recorded pictures are {sizes}{hint}")


_Load = Callable[[DriveDataset, str], ResidentViews]


def _feature_loader(network: TFv6, config: RunConfig, device: str) -> _Load:
    """Loads what the backbone makes of a data set's views; only the planner is left to learn."""
    network = network.to(device).requires_grad_(False)
    network.planning_decoder.requires_grad_(True)
    low = device.startswith("cuda") if config.training.bfloat16 is None else config.training.bfloat16

    def load(dataset: DriveDataset, name: str) -> ResidentViews:
        file = Path(config.logdir) / f"features_{name}.safetensors"
        return load_features(network, dataset, device, _FEATURE_BATCH, file, low)

    return load


def _in_memory(
    load: _Load, dataset: DriveDataset, watched: DriveDataset | None, sampler: EpochSampler, batch_size: int
) -> Data:
    views = load(dataset, "trained")
    logger.info("%d views take %.2f GB", len(views.tensors["speed"]), views.size / 1e9)
    batches = ResidentBatches(views, sampler, batch_size, dataset.config)
    held_out: Iterable[Batch] = ()
    if watched is not None:
        held_out = ResidentEvaluation(load(watched, "held_out"), batch_size, watched.config)
    return Data(batches, held_out)
