"""A frame's view as the smallest arrays that a sample can be made of: nothing enlarged, no targets painted."""

import numpy as np
from numpy.typing import NDArray

from lead.data import runs
from lead.data.config import RecordConfig, SampleConfig
from lead.data.errors import DataError
from lead.data.plan import speed_labels
from lead.data.record import plain_meta
from lead.data.records_file import RecordsFile
from lead.data.sample import select_cameras
from lead.recording.layout import LayoutError, png, rgb
from lead.sensors.pictures import to_channels

Compact = dict[str, NDArray[np.generic]]

_WHOLE = ("radar", "radar_detections", "boxes", "waypoints", "yaws", "target_points")
_RUNS = ("lidar", "bev_semantic")


def compact_view(
    records: RecordsFile, row: int, view: str, record_config: RecordConfig, config: SampleConfig
) -> Compact:
    """The arrays of a view, with the names that records have; `expand.expand` makes samples of them.

    `rgb` (3, h, w), `semantic` (h, w), `lidar`, `bev_semantic` uint8; `depth` as stored, of all cameras; `speed`,
    `target_speed` float32, `brake` bool; `commands` int32; `pose` float32. DataError, naming file and frame.
    """
    try:
        return _scalars(records, row, view, record_config, config) | _images(records, row, view, config)
    except (LayoutError, DataError) as error:
        raise DataError(f"{records.path}, frame {records.facts['frames'][row]}: {error}") from None


def _scalars(records: RecordsFile, row: int, view: str, record_config: RecordConfig, config: SampleConfig) -> Compact:
    meta = plain_meta(records, row)
    known, wanted = int(records.row(f"{view}/known", row)), records.row(f"{view}/yaws", row).size
    if config.planning and known < wanted:
        raise DataError(f"only {known} of {wanted} waypoints were recorded")
    ahead_s = config.speed_ahead_s if config.planning else None
    labels = speed_labels(meta, records.row(f"{view}/waypoints", row), record_config.spacing_s, ahead_s)
    return {
        "speed": np.array(meta["speed"], np.float32),
        **{name: np.array(value) for name, value in labels.items()},
        "commands": records.row("commands", row),
        "pose": np.asarray(records.row(f"{view}/pose", row), np.float32),
        "route": records.row(f"{view}/route", row)[: config.route_points],
    }


def _images(records: RecordsFile, row: int, view: str, config: SampleConfig) -> Compact:
    strip = select_cameras(rgb.decode(records.row(f"{view}/rgb", row).tobytes()), config)
    arrays: Compact = {"rgb": to_channels(strip)}
    arrays |= {name: np.asarray(records.row(f"{view}/{name}", row)) for name in _WHOLE if records.has(f"{view}/{name}")}
    arrays |= {name: runs.decode(records.row(f"{view}/{name}", row)) for name in _RUNS if records.has(f"{view}/{name}")}
    if records.has(f"{view}/boxes"):
        arrays["box_count"] = np.array(records.row(f"{view}/box_count", row), np.int32)
    if records.has(f"{view}/semantic"):
        arrays["semantic"] = select_cameras(runs.decode(records.row(f"{view}/semantic", row)), config)
    if records.has(f"{view}/depth"):
        arrays["depth"] = png.decode(records.row(f"{view}/depth", row).tobytes())
    return arrays
