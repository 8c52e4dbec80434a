"""A route of LEAD's layout as a log of 123D's."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py123d.datatypes import Timestamp
from py123d.datatypes.detections.traffic_light_detections import TrafficLightDetections
from py123d.parser.base_dataset_parser import ModalitiesSync

from lead.frames import iso_points_from_carla
from lead.geometry import pose_of_matrix, to_world
from lead.recording.actor_book import Neighbour
from lead.recording.arrow_log import ArrowFrames
from lead.recording.arrow_map import LightLanes, light_detections, status_of, write_map
from lead.recording.arrow_writer import ArrowLog
from lead.recording.conversion.rigs import rig_of_meta
from lead.recording.layout import LayoutError, RouteFolder
from lead.routes import RouteError
from lead.routes.towns import town_map
from lead.sensors.clouds import EGO_EXTENT, LOWERING
from lead.sensors.rig import Rig

Floats = NDArray[np.float64]

EGO_CENTRE = np.array([0.0, 0.0, EGO_EXTENT[2]])
"""Where the middle of the ego's box is taken to be in its frame (m); LEAD's files do not tell."""
_TICK_US = 50_000
_BOXES = ("car", "walker", "static", "static_prop_car")


def write_log(route: RouteFolder, folder: Path) -> Path:
    """Write a complete route to `logs/carla_train/` of a folder, its town's map to `maps/carla/` where that is
    installed. The log's folder. LayoutError, naming the file, for a route that cannot be read; RecordingError.
    """
    names = route.frames()
    if not route.is_complete or not names:
        raise LayoutError(f"{route.path}: the recording did not come to an end")
    first = route.read("metas", names[0])
    rig = rig_of_meta(first)
    town, lanes = _map_of(str(first["town"]), folder)
    frames = _Frames(route, rig, lanes)
    log = ArrowLog(folder, route.path.name, str(first["town"]), town)
    log.set_route(_driven(route, names))
    for name in names:
        log.write(frames.sync(name))
    log.close(route.results())
    return log.path


class _Frames:
    """Makes the modalities of a route's frames."""

    def __init__(self, route: RouteFolder, rig: Rig, lanes: LightLanes | None):
        self._route, self._rig, self._lanes = route, rig, lanes
        self._frames = ArrowFrames(rig, EGO_CENTRE)
        self._has = {kind.folder for kind in route.kinds}

    def sync(self, name: str) -> ModalitiesSync:
        meta, boxes = self._route.read("metas", name), self._route.read("bboxes", name)
        ticks = int(meta["dataset_information"]["data_save_freq"])
        stamp = Timestamp.from_us(int(name) * ticks * _TICK_US)
        pose = pose_of_matrix(np.asarray(meta["ego_matrix"], np.float64))
        ahead = to_world([0.0, 0.0, 0.0, *pose[3:]], [float(meta["speed"]), 0.0, 0.0])
        force = np.array([meta[f"accel_{axis}"] for axis in "xyz"], np.float64)
        turn = np.array([meta[f"angular_velocity_{axis}"] for axis in "xyz"], np.float64)
        ego = self._frames.ego(stamp, pose, ahead, force, turn)
        parts: list[Any] = [ego, self._frames.boxes(stamp, list(_neighbours(boxes, pose)))]
        parts.append(self._lights(stamp, boxes))
        if "lidar" in self._has:
            parts.append(self._frames.cloud(stamp, self._points(name)))
        if "rgb" in self._has:
            parts += self._frames.cameras(stamp, ego, self._pictures(name))
        return ModalitiesSync(stamp, parts)

    def _points(self, name: str) -> Floats:
        """The points at their true height, as far as LiDAR's are concerned."""
        points = np.unique(self._route.read("lidar", name).points, axis=0)
        lowered = LOWERING * self._rig.lidars[0].position[2] if self._rig.lidars else 0.0
        return points + (0.0, 0.0, lowered)

    def _pictures(self, name: str) -> dict[str, NDArray[np.uint8]]:
        strip, edges = self._route.read("rgb", name), np.cumsum([camera.width for camera in self._rig.cameras])
        parts = np.split(strip, edges[:-1], axis=1)
        pairs = enumerate(zip(parts, self._rig.cameras, strict=True), 1)
        return {f"rgb_{number}": part[: camera.height] for number, (part, camera) in pairs}

    def _lights(self, stamp: Timestamp, boxes: Sequence[Mapping[str, Any]]) -> TrafficLightDetections:
        lights = [box for box in boxes if box["class"] == "traffic_light"] if self._lanes else []
        shown = {
            lane: status_of(str(box["state"]))
            for box in lights
            for lane in (self._lanes.at(np.asarray(box["matrix"])[:3, 3]) if self._lanes else ())
        }
        return light_detections(stamp, shown)


def _neighbours(boxes: Sequence[Mapping[str, Any]], ego: Floats) -> Iterator[Neighbour]:
    """Those in a frame's boxes; the middle of a box is taken to be half its height above its actor's origin."""
    c, s = math.cos(ego[4]), math.sin(ego[4])
    for box in boxes:
        if box["class"] not in _BOXES:
            continue
        extent = np.asarray(box["extent"], np.float64)
        above = extent[2] if box["class"] in ("car", "static") else 0.0
        along, across = box.get("ego_velocity", (0.0, 0.0))
        yield Neighbour(
            id=int(box["id"]),
            type_id=str(box.get("type_id") or _KINDS[box["class"]]),
            base_type=str(box.get("base_type", "")),
            pose=pose_of_matrix(np.asarray(box["matrix"], np.float64)),
            centre=np.array([0.0, 0.0, above]),
            extent=extent,
            velocity=np.array([c * along - s * across, s * along + c * across, 0.0]),
        )


_KINDS = {"car": "vehicle.", "walker": "walker.", "static": "static.prop.", "static_prop_car": "vehicle.parked"}


def _driven(route: RouteFolder, names: Sequence[str]) -> Floats:
    """Where the ego drove and what was still ahead of it, (n, 3) ISO."""
    metas = [route.read("metas", name) for name in names]
    places = np.array([meta["pos_global"] for meta in metas], np.float64)
    last = metas[-1]
    ahead = np.column_stack([np.asarray(last["route"], np.float64), np.zeros(len(last["route"]))])
    pose = pose_of_matrix(np.asarray(last["ego_matrix"], np.float64))
    return iso_points_from_carla(np.concatenate([places, to_world(pose, ahead)]))


def _map_of(name: str, folder: Path) -> tuple[Any, LightLanes | None]:
    """The map's metadata and its lanes; None for a town that is not installed."""
    try:
        town = town_map(name)
    except RouteError:
        return None, None
    metadata = write_map(town, name, folder / "maps", folder / "logs")
    return metadata, LightLanes(metadata, folder / "maps")
