"""Records drives as py123d's Arrow logs: an observer of evaluations beside the recorder of LEAD's layout."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from py123d.datatypes import Timestamp
from py123d.parser.base_dataset_parser import ModalitiesSync

from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.records import RouteRecord
from lead.evaluation.stage import TICK_S
from lead.frames import iso_points_from_carla
from lead.geometry import location_array
from lead.recording.actor_book import Neighbour, neighbours
from lead.recording.arrow_log import ArrowFrames
from lead.recording.arrow_map import LightLanes, write_map
from lead.recording.arrow_writer import ArrowLog
from lead.recording.observer import DriveRecorder
from lead.recording.rig_sensors import RigSensors
from lead.recording.surroundings import Surroundings
from lead.recording.writer import Background
from lead.sensors.rig import Rig

TICKS_BETWEEN = 2
"""Ticks of 0.05 s from one frame to the next, as in LEAD's logs."""
_LIGHTS_AHEAD_M = 100.0
_MICROSECONDS = 1_000_000


class ArrowRecorder(DriveRecorder):
    """Records every route that it observes to `logs/carla_train/` of a folder, and its town to `maps/carla/`."""

    def __init__(self, folder: Path, rig: Rig, waiting: int = 12):
        super().__init__()
        self._folder, self._rig, self._waiting = folder, rig, waiting

    def begin(self, context: RouteContext) -> "_DriveLog":
        """Write the town's map if it is not there, attach the rig and open the log."""
        return _DriveLog(context, self._folder, self._rig, self._waiting)


class _DriveLog:
    """The log of one drive; its folder ends in `.incomplete` until it is closed."""

    def __init__(self, context: RouteContext, folder: Path, rig: Rig, waiting: int):
        town, maps = context.route.town, folder / "maps"
        name = f"{town}_Rep{context.key.repetition}_{context.route.id}_route{context.key.index}"
        town_map = write_map(context.town, town, maps, folder / "logs")
        self._log = ArrowLog(folder, name, town, town_map)
        self._log.set_route(iso_points_from_carla(context.trace.location))
        self._around = Surroundings(context)
        self._lanes = LightLanes(town_map, maps)
        self._frames = ArrowFrames(rig, location_array(context.ego.bounding_box.location))
        # One thread: frames have an order.
        self._background = Background(1, waiting, str(self._log.path))
        self._sensors = RigSensors(context.client, context.world, context.ego, TICKS_BETWEEN, TICK_S)
        try:
            own = [sensor for sensor in rig.own_sensors() if sensor["id"] == "imu"]
            self._sensors.attach(rig.lidar_sensors() + own, rig.camera_sensors(("rgb",)))
            self._sensors.warm_up(context.tick)
        except BaseException:
            self.abandon()
            raise

    def tick(self, context: RouteContext, seen: Observation) -> None:
        """Take in a tick: a frame of it every other time."""
        readings, is_due = self._sensors.read(seen.frame)
        self._around.step()
        if not is_due:
            return
        stamp = Timestamp.from_us(round(seen.time_s * _MICROSECONDS))
        s = self._around.s
        lights = [one.actor for one in self._around.signals.lights if -5.0 < one.s - s < _LIGHTS_AHEAD_M]
        shown = self._lanes.detections(stamp, lights)
        velocity = location_array(context.ego.get_velocity())
        near = neighbours(self._around.near)
        self._background.submit(self._write, stamp, self._around.pose, velocity, readings, near, shown)

    def close(self, record: RouteRecord) -> None:
        """Finish the log and give it its name. RecordingError when something could not be written."""
        self._sensors.detach()
        self._background.finish()
        self._log.close(record.to_json())

    def abandon(self) -> None:
        """Stop; the folder stays as it is, marked as incomplete."""
        self._sensors.leave()
        self._background.abandon()

    def _write(
        self,
        stamp: Timestamp,
        pose: np.ndarray,
        velocity: np.ndarray,
        readings: Mapping[str, Any],
        near: list[Neighbour],
        shown: Any,
    ) -> None:
        imu = readings["imu"]
        ego = self._frames.ego(stamp, pose, velocity, imu[:3], imu[3:6])
        modalities = [ego, self._frames.boxes(stamp, near), shown, self._frames.lidar(stamp, readings)]
        modalities += self._frames.cameras(stamp, ego, readings)
        self._log.write(ModalitiesSync(stamp, modalities))
