"""A log of 123D's as a route of LEAD's layout."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py123d.api import SceneAPI
from py123d.datatypes.sensors.base_camera import CameraID
from py123d.datatypes.sensors.lidar import LidarID
from py123d.datatypes.sensors.pinhole_camera import PinholeCameraMetadata

from lead.frames import carla_points_from_iso
from lead.geometry import to_ego, wrap_angle
from lead.recording import metas, motion
from lead.recording.arrow_log import axle_of
from lead.recording.config import RecorderConfig
from lead.recording.conversion.log_boxes import boxes_of
from lead.recording.conversion.log_frames import moments, read_frame
from lead.recording.conversion.rigs import rig_of_cameras
from lead.recording.conversion.to_arrow import EGO_CENTRE
from lead.recording.hdmap import RoadRaster
from lead.recording.layout import RouteFolder, lidar, pickles, png, results, rgb, write_file
from lead.recording.layout.route import INCOMPLETE
from lead.recording.motion import TICK_S, Moment
from lead.recording.road import way_ahead
from lead.recording.route_choice import NO_SCENARIOS
from lead.recording.targets import TargetPoints
from lead.recording.writer import RecordingError
from lead.routes import RoadOption
from lead.routes.towns import open_town, town_names
from lead.sensors.clouds import CROSS, LOWERING, STUDENT_AREA, follow_motion, off_the_ego
from lead.sensors.ground import is_ground
from lead.sensors.perturbation import Perturbation
from lead.sensors.sweeps import SWEEPS, Sweep

Floats = NDArray[np.float64]

_FRAME_S, _SPACING_M = 0.25, 30.0
_LOOK_AHEAD_TICKS = 10  # the speed then is what was aimed at
_BRAKING = 1.5
_QUALITY = 90


def write_route(scene: SceneAPI, record: Path | None, folder: Path) -> Path:
    """Write a log to `data/noScenarios/` of a folder; its route's folder, which has no `results.json` where the log
    has no `record`. RecordingError for a log without an ego, or whose route is there already.
    """
    final = folder / "data" / NO_SCENARIOS / scene.log_name
    route = RouteFolder(final.with_name(final.name + INCOMPLETE))
    if final.exists():
        raise RecordingError(f"{final} exists already")
    try:
        _Conversion(scene, route).write()
        if record is not None:
            write_file(route.path / results.NAME, record.read_bytes())
        route.path.rename(final)
    except OSError as error:
        raise RecordingError(f"{final} cannot be written: {error.strerror or error}") from error
    return final


class _Conversion:
    """Makes the files of one route."""

    def __init__(self, scene: SceneAPI, route: RouteFolder):
        self._scene, self._route = scene, route
        self._axle = axle_of(EGO_CENTRE)
        self._frames = [read_frame(scene, index, self._axle) for index in range(scene.number_of_iterations)]
        spacing = self._frames[1].time_s - self._frames[0].time_s if len(self._frames) > 1 else _FRAME_S
        self._every = max(int(_FRAME_S / spacing + 1e-6), 1)
        self._ticks = max(round(self._every * spacing / TICK_S), 1)
        self._moments = moments(self._frames)
        cameras = scene.get_camera_metadatas()
        pinholes = {id_: one for id_, one in cameras.items() if isinstance(one, PinholeCameraMetadata)}
        self._rig, self._order = rig_of_cameras(pinholes, self._axle)
        config = RecorderConfig(route.path, self._rig, perturbed=False, ticks_between=self._ticks)
        town, self._raster = _town_of(str(scene.location))
        self._constant = {"town": town, "scenario": NO_SCENARIOS, "converted_from": "123D"}
        self._constant |= metas.rig_fields(self._rig, config, Perturbation())
        found = scene.get_route()
        line = carla_points_from_iso(found[2]) if found else np.array([frame.pose[:3] for frame in self._frames])
        self._line = line
        sparse = _sparse(line)
        self._targets = TargetPoints(sparse, [int(RoadOption.LANEFOLLOW)] * len(sparse))

    def write(self) -> None:
        """Write all frames."""
        for number, index in enumerate(range(0, len(self._frames), self._every)):
            self._write(f"{number:04d}", index)

    def _write(self, name: str, index: int) -> None:
        frame = self._frames[index]
        tick = round((frame.time_s - self._frames[0].time_s) / TICK_S)
        now, later = self._moments[tick], self._moments[tick + 1 :]
        points = self._points(index)
        if points is not None:
            self._put("lidar", name, lidar.encode(self._sweep(index)))
        seen = [self._picture(index, camera) for camera in self._order]
        strip = [part for part in seen if part is not None]
        if strip and len(strip) == len(seen):
            self._put("rgb", name, rgb.encode(np.ascontiguousarray(np.concatenate(strip, axis=1)), _QUALITY))
        if self._raster is not None:
            image = self._raster.around(float(now.pose[0]), float(now.pose[1]), float(now.pose[4]))
            self._put("hdmap", name, png.encode(image))
        boxes = boxes_of(frame, points)
        motion.add_futures(boxes, now, later[: motion.ACTOR_FUTURE_TICKS])
        self._put("bboxes", name, pickles.encode(boxes, smallest=False))
        self._put("metas", name, pickles.encode(self._meta(tick, now, later), smallest=False))

    def _meta(self, tick: int, now: Moment, later: Sequence[Moment]) -> dict[str, Any]:
        self._targets.step(now.pose, now.estimate)
        nearest = int(np.hypot(*(self._line[:, :2] - now.pose[:2]).T).argmin())
        aimed = [now, *later][min(_LOOK_AHEAD_TICKS, len(later))].speed
        future = motion.future_fields(now, later)
        return {
            **self._constant,
            **motion.past_fields(self._moments[max(tick - motion.PAST_TICKS, 0) : tick + 1]),
            **future,
            **metas.state_fields(now),
            **self._targets.fields(),
            "route": way_ahead(self._line[max(nearest - 10, 0) :, :2], now.pose),
            "target_speed": aimed,
            "brake": (aimed - now.speed) / (_LOOK_AHEAD_TICKS * TICK_S) < -_BRAKING,
        }

    def _points(self, index: int) -> Floats | None:
        """The points (n, 3) of a frame in CARLA's ego frame at their true height."""
        cloud = self._scene.get_lidar_at_iteration(index, LidarID.LIDAR_TOP)
        return None if cloud is None else carla_points_from_iso(cloud.point_cloud_3d + self._axle)

    def _sweep(self, index: int) -> Sweep:
        """The points of the last five ticks, as LEAD keeps them."""
        now, parts, ages = self._frames[index], [], []
        for back in range(index, -1, -1):
            then = self._frames[back]
            age = round((now.time_s - then.time_s) / TICK_S)
            points = self._points(back) if age < SWEEPS else None
            if points is None:
                break
            kept = points[off_the_ego(points, CROSS)] - (0.0, 0.0, LOWERING * self._rig.lidars[0].position[2])
            kept = kept[~is_ground(kept.astype(np.float32))]
            x, y, _ = to_ego(now.pose, then.pose[:3])
            turned = follow_motion(kept, np.array([x, y, float(wrap_angle(then.pose[4] - now.pose[4]))]))
            parts.append(turned[STUDENT_AREA.holds(turned)])
            ages.append(np.full(len(parts[-1]), age, np.uint8))
        return Sweep(np.concatenate(parts), np.concatenate(ages))

    def _picture(self, index: int, camera: CameraID) -> NDArray[np.uint8] | None:
        seen = self._scene.get_camera_at_iteration(index, camera)
        return None if seen is None else np.asarray(seen.image, np.uint8)[..., ::-1]

    def _put(self, folder: str, name: str, data: bytes) -> None:
        file = self._route.file(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, data)


def _sparse(line: Floats) -> Floats:
    """Points of a line (n, 3) every so many metres, its ends among them."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line[:, :2], axis=0).T))])
    count = max(int(along[-1] / _SPACING_M) + 1, 2)
    places = np.linspace(0.0, along[-1], count)
    return np.column_stack([np.interp(places, along, column) for column in line.T])


def _town_of(location: str) -> tuple[str, RoadRaster | None]:
    """CARLA's name of a log's town, and its roads; None where its map is not installed."""
    for name in town_names():
        if name.lower() == location.lower():
            return name, RoadRaster(open_town(name))
    return location, None
