"""A recorded frame worked out once: everything that does not depend on chance, as arrays."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lead.data import runs
from lead.data.boxes import box_arrays, is_cone, labelled_boxes
from lead.data.config import RecordConfig
from lead.data.errors import DataError
from lead.data.occupancy import bev_semantic
from lead.data.plan import commands, curvature, route_ahead, target_points, waypoints
from lead.data.radar import radar_objects, radar_points
from lead.data.records_file import RecordsFile
from lead.data.source import Frame, View
from lead.recording.layout import png, rgb
from lead.sensors.bev import MOST_POINTS, rasterise
from lead.sensors.clouds import CROSS
from lead.sensors.perturbation import Perturbation, to_perturbed
from lead.sensors.pictures import shrink
from lead.sensors.sweeps import Sweep

VERSION = 2
"""Goes up with every change of what records hold."""
NOMINAL, PERTURBED = "nominal", "perturbed"
Record = dict[str, NDArray[Any]]

_CLOSE_M = 100.0


def make_record(frame: Frame, config: RecordConfig) -> Record:
    """The arrays of a frame by name; those of a view begin with its name. DataError when labels lack their source."""
    try:
        record = {
            "meta": _bytes(json.dumps(_plain_meta(frame, config)).encode()),
            "commands": commands(frame.meta, config),
        }
        for name, view in ((NOMINAL, frame.nominal), (PERTURBED, frame.perturbed)):
            if view is not None:
                record |= {f"{name}/{key}": value for key, value in _view_arrays(frame, view, config).items()}
    except KeyError as error:
        raise DataError(f"its meta or boxes have no {error}") from None
    return record


def plain_meta(records: RecordsFile, row: int) -> dict[str, Any]:
    """The single values of a frame's meta, and what `make_record` noted about objects around."""
    return json.loads(bytes(records.row("meta", row)).rstrip(b"\0"))


def shrink_picture(data: bytes, factor: int, quality: int) -> bytes:
    """The JPEG file of a picture made smaller by `factor` each way; the same bytes when that is 1.

    ValueError when the factor does not divide the picture's size.
    """
    if factor == 1:
        return data
    strip = rgb.decode(data)
    height, width = strip.shape[:2]
    if height % factor or width % factor:
        raise ValueError(f"a picture of {width} x {height} pixels cannot be made {factor} times smaller")
    return rgb.encode(shrink(strip, height // factor, width // factor), quality, whole_colours=True)


def _nearest(image: NDArray[Any], factor: int) -> NDArray[Any]:
    """An image (h, w) made smaller without mixing its values: the middle of each block."""
    return np.ascontiguousarray(image[factor // 2 :: factor, factor // 2 :: factor])


def _view_arrays(frame: Frame, view: View, config: RecordConfig) -> Record:
    pose = view.pose
    future = waypoints(frame.meta, pose, config)
    arrays: Record = {
        "rgb": _bytes(shrink_picture(view.rgb, config.shrink, config.quality)),
        "waypoints": future.positions.astype(np.float32),
        "yaws": future.yaws.astype(np.float32),
        "known": np.array(future.known, np.int32),
        "route": route_ahead(frame.meta, pose, config).astype(np.float32),
        "target_points": target_points(frame.meta, pose, config).astype(np.float32),
        "pose": np.array([pose.shift_m, pose.turn_deg]),
    }
    if frame.sweep is not None:
        arrays["lidar"] = runs.encode(_lidar_counts(frame.sweep, pose, config))
    if view.semantic is not None:
        arrays["semantic"] = runs.encode(_nearest(np.asarray(view.semantic, np.uint8), config.shrink))
    if view.depth is not None:
        arrays["depth"] = _bytes(png.encode(_nearest(np.asarray(view.depth), config.shrink)))
    if view.radars is not None:
        arrays["radar"] = radar_points(view.radars, config)
    return arrays | _object_arrays(frame, view, config)


def _object_arrays(frame: Frame, view: View, config: RecordConfig) -> Record:
    labelled = labelled_boxes(frame.boxes, frame.meta, view.pose, config)
    arrays: Record = {}
    if view.hdmap is not None:
        image = bev_semantic(view.hdmap, labelled, frame.boxes, frame.meta, view.pose, config)
        arrays["bev_semantic"] = runs.encode(image)
    if config.boxes:
        found = box_arrays(labelled, view.pose, config)
        arrays |= {"boxes": found.boxes, "box_futures": found.futures, "box_futures_known": found.known}
        arrays["box_count"] = np.array(found.used, np.int32)
    if view.radars is not None:
        arrays["radar_detections"] = radar_objects(labelled, config)
    return arrays


def _lidar_counts(sweep: Sweep, pose: Perturbation, config: RecordConfig) -> NDArray[np.uint8]:
    points = to_perturbed(sweep.points[sweep.age <= config.oldest_age], pose)
    share = rasterise(points, config.area, config.pixels_per_m)
    return np.rint(share * MOST_POINTS).astype(np.uint8)


def _plain_meta(frame: Frame, config: RecordConfig) -> dict[str, Any]:
    """The single values of a frame's meta, and what buckets want to know about objects around."""
    meta = {key: _plain(value) for key, value in frame.meta.items()}
    kept: dict[str, Any] = {
        key: value for key, value in meta.items() if value is None or isinstance(value, str | bool | int | float)
    }
    route = np.asarray(frame.meta["route"], np.float64).reshape(-1, 2)[: config.route_points]
    kept["route_largest_offset"] = float(np.abs(route[:, 1]).max(initial=0.0))
    kept["route_curvature_ahead"] = curvature(route)
    kept["ego_filter"] = (frame.meta.get("dataset_information") or {}).get("ego_filter", CROSS)
    kept["target_point_ego"] = target_points(frame.meta, Perturbation(), config)[1].tolist()
    for key in ("obstacles", "actors"):
        ids = set(frame.meta.get(f"scenario_{key}_ids") or ())
        kept[key] = [_object(box) for box in frame.boxes if box["id"] in ids]
    kept["cones"] = [_object(box) for box in frame.boxes if is_cone(box) and box["distance"] < _CLOSE_M]
    return kept


def _object(box: Mapping[str, Any]) -> list[Any]:
    """Class, x, y (m) and speed (m/s)."""
    x, y = (float(value) for value in box["position"][:2])
    return [box["class"], x, y, float(box.get("speed", 0.0))]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _bytes(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)
