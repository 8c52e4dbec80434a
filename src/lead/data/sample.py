"""From a frame's records to what a model is trained with: chance decides here, and nowhere else."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lead.data import centernet, runs
from lead.data.augmentation import augment
from lead.data.config import RecordConfig, SampleConfig
from lead.data.errors import DataError
from lead.data.meta_fields import meta_fields
from lead.data.plan import curvature, speed_labels
from lead.data.record import NOMINAL, PERTURBED, plain_meta
from lead.data.records_file import RecordsFile
from lead.navigation.targets import COMMANDS
from lead.recording.layout import LayoutError, depth, png, rgb
from lead.sensors.bev import MOST_POINTS
from lead.sensors.pictures import to_channels

Sample = dict[str, Any]

CARLA = 1
"""LEAD's number of the source data set."""
_LIDAR_SHARES = (np.arange(MOST_POINTS + 1) / MOST_POINTS).astype(np.float32)


def make_sample(
    records: RecordsFile, row: int, record_config: RecordConfig, config: SampleConfig, rng: np.random.Generator
) -> Sample:
    """The sample of a frame, by LEAD's names; see docs/training_data.md for shapes and units.

    DataError, naming the file and frame, when the records lack what the settings ask for.
    """
    view = _draw_view(records, config, rng)
    try:
        sample = _plan(records, row, view, record_config, config)
        sample |= _pictures(records, row, view, config, rng)
        sample |= _from_above(records, row, view, record_config, config)
    except (LayoutError, DataError) as error:
        frames = records.facts["frames"]
        frame = frames[row] if row < len(frames) else row
        raise DataError(f"{records.path}, frame {frame}: {error}") from None
    return sample


def _draw_view(records: RecordsFile, config: SampleConfig, rng: np.random.Generator) -> str:
    drawn = rng.random() < config.perturbation
    return PERTURBED if drawn and records.has(f"{PERTURBED}/rgb") else NOMINAL


def _plan(records: RecordsFile, row: int, view: str, record_config: RecordConfig, config: SampleConfig) -> Sample:
    shift, turn = records.row(f"{view}/pose", row)
    sample = meta_fields(plain_meta(records, row))
    previous, current, following = np.eye(COMMANDS, dtype=np.float32)[records.row("commands", row)]
    before, target, after = np.array(records.row(f"{view}/target_points", row))
    sample |= {
        "source_dataset": CARLA,
        "frame_number": records.facts["frames"][row],
        "route_number": records.facts["drive"],
        "perturbate_sensor": bool(shift or turn),
        "perturbation_translation": np.float32(shift),
        "perturbation_rotation": np.float32(turn),
        "command": current,
        "next_command": following,
        "previous_command": previous,
        "target_point": target,
        "target_point_previous": before,
        "target_point_next": after,
    }
    return sample | (_plan_labels(records, row, view, record_config, config) if config.planning else {})


def _plan_labels(
    records: RecordsFile, row: int, view: str, record_config: RecordConfig, config: SampleConfig
) -> Sample:
    positions, known = np.array(records.row(f"{view}/waypoints", row)), int(records.row(f"{view}/known", row))
    if known < len(positions):
        raise DataError(f"only {known} of {len(positions)} waypoints were recorded")
    route = np.array(records.row(f"{view}/route", row)[: config.route_points])
    speed = speed_labels(plain_meta(records, row), positions, record_config.spacing_s, config.speed_ahead_s)
    return speed | {
        "future_waypoints": positions,
        "future_yaws": np.array(records.row(f"{view}/yaws", row)),
        "route": route,
        "route_labels_curvature": np.float32(curvature(route.astype(np.float64))),
    }


def _pictures(records: RecordsFile, row: int, view: str, config: SampleConfig, rng: np.random.Generator) -> Sample:
    strip = rgb.decode(records.row(f"{view}/rgb", row).tobytes())
    height, width = strip.shape[:2]
    strip = select_cameras(strip, config)
    if config.augmentation is not None:
        strip = augment(strip, config.augmentation, rng)
    sample: Sample = {"rgb": to_channels(strip)}
    if records.has(f"{view}/semantic"):
        sample["semantic"] = select_cameras(runs.decode(records.row(f"{view}/semantic", row)), config)
    if records.has(f"{view}/depth"):
        stored = depth.metres(png.decode(records.row(f"{view}/depth", row).tobytes()))
        metres = cv2.resize(stored, (width, height), interpolation=cv2.INTER_LINEAR)
        sample["depth"] = select_cameras(np.asarray(metres, np.float32), config)
    return sample


def _from_above(records: RecordsFile, row: int, view: str, record_config: RecordConfig, config: SampleConfig) -> Sample:
    sample: Sample = {}
    if records.has(f"{view}/lidar"):
        sample["rasterized_lidar"] = _LIDAR_SHARES[runs.decode(records.row(f"{view}/lidar", row))][None]
    if records.has(f"{view}/bev_semantic"):
        sample["bev_semantic"] = runs.decode(records.row(f"{view}/bev_semantic", row))
    for name in ("radar", "radar_detections"):
        if records.has(f"{view}/{name}"):
            sample[name] = np.array(records.row(f"{view}/{name}", row))
    if records.has(f"{view}/boxes"):
        boxes, count = records.row(f"{view}/boxes", row), int(records.row(f"{view}/box_count", row))
        made = centernet.targets(boxes, count, record_config, config.legacy_phantom_box)
        sample |= {f"center_net_{name}": value for name, value in made.items()}
        sample |= {"center_net_bounding_boxes": np.array(boxes), "center_net_num_boxes": np.int64(count)}
    return sample


def select_cameras(strip: NDArray[Any], config: SampleConfig) -> NDArray[Any]:
    """The used cameras and rows of pictures side by side (h, w) or (h, w, 3)."""
    height, width = strip.shape[:2]
    if width % config.camera_count:
        raise DataError(f"a picture {width} pixels wide does not hold {config.camera_count} cameras")
    if config.rows is not None and config.rows > height:
        raise DataError(f"a picture {height} pixels high has no {config.rows} rows")
    strip = strip[: config.rows]
    if config.cameras == tuple(range(1, config.camera_count + 1)):
        return strip
    one = width // config.camera_count
    return np.concatenate([strip[:, (number - 1) * one : number * one] for number in config.cameras], axis=1)
