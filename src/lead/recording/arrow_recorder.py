"""Records drives as py123d's Arrow logs: an observer of evaluations beside the recorder of LEAD's layout."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from py123d.api.scene.arrow.arrow_log_writer import ArrowLogWriter
from py123d.api.scene.arrow.utils.log_writer_config import LogWriterConfig
from py123d.datatypes import LogMetadata, Timestamp
from py123d.parser.base_dataset_parser import ModalitiesSync

from lead.agents.path import make_path
from lead.agents.signals import SignalMap
from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.records import RouteRecord
from lead.evaluation.route_drive import world_plan
from lead.evaluation.stage import TICK_S
from lead.frames import iso_points_from_carla
from lead.geometry import location_array, pose_array
from lead.recording.arrow_log import ArrowFrames
from lead.recording.arrow_map import DATASET, LightLanes, write_map
from lead.recording.boxes import ActorBook, Neighbour, neighbours
from lead.recording.layout import results, write_file
from lead.recording.layout.route import INCOMPLETE
from lead.recording.observer import DriveRecorder
from lead.recording.rig_sensors import RigSensors
from lead.recording.road import Way
from lead.recording.writer import Background, RecordingError
from lead.sensors.rig import Rig

SPLIT = f"{DATASET}_train"
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
        town = context.route.town
        name = f"{town}_Rep{context.key.repetition}_{context.route.id}_route{context.key.index}"
        logs, maps = folder / "logs", folder / "maps"
        self._final = logs / SPLIT / name
        if self._final.exists():
            raise RecordingError(f"{self._final} exists already")
        map_metadata = write_map(context.town, town, maps, logs)
        metadata = LogMetadata(DATASET, SPLIT, name + INCOMPLETE, town.lower(), map_metadata)
        config = LogWriterConfig(
            force_log_conversion=True,
            camera_store_option="jpeg_binary",
            lidar_store_option="binary",
            lidar_codec="laz",
        )
        self._writer = ArrowLogWriter(config, logs, folder / "sensors")
        self._writer.reset(metadata)
        self._writer.set_route(iso_points_from_carla(context.trace.location))
        path = make_path([pose for pose, _ in world_plan(context.trace)])
        self._way, self._signals = Way(path), SignalMap(path)
        self._book = ActorBook(context.world, context.ego, self._signals)
        self._lanes = LightLanes(map_metadata, maps)
        self._frames = ArrowFrames(rig, location_array(context.ego.bounding_box.location))
        # One thread: frames have an order.
        self._background = Background(1, waiting, str(self._final))
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
        pose = pose_array(context.ego.get_transform())
        self._way.step(pose)
        near = self._book.near(context.world.get_snapshot(), pose)
        if not is_due:
            return
        stamp = Timestamp.from_us(round(seen.time_s * _MICROSECONDS))
        s = 0.1 * self._way.index
        lights = [one.actor for one in self._signals.lights if -5.0 < one.s - s < _LIGHTS_AHEAD_M]
        shown = self._lanes.detections(stamp, lights)
        velocity = location_array(context.ego.get_velocity())
        self._background.submit(self._write, stamp, pose, velocity, readings, neighbours(near), shown)

    def close(self, record: RouteRecord) -> None:
        """Finish the log and give it its name. RecordingError when something could not be written."""
        self._sensors.detach()
        self._background.finish()
        try:
            self._writer.close()
            write_file(self._final.with_suffix(".json"), results.encode(record.to_json()))
            self._final.with_name(self._final.name + INCOMPLETE).rename(self._final)
        except OSError as error:
            raise RecordingError(f"{self._final} cannot be finished: {error.strerror}") from error

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
        self._writer.write_sync(ModalitiesSync(stamp, modalities))
