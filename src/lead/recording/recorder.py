"""Records drives as an observer of evaluations: a folder a route, in LEAD's layout."""

import math
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from lead.agents.labels import DecisionLabels
from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.records import RouteRecord
from lead.evaluation.stage import TICK_S
from lead.geometry import pose_array
from lead.navigation.odometry import Compass, Localiser
from lead.recording import metas, motion
from lead.recording.actor_book import movers
from lead.recording.boxes import BoxMaker
from lead.recording.config import RecorderConfig
from lead.recording.frame import FrameWriter, Glance
from lead.recording.hdmap import RoadRaster
from lead.recording.layout import results, write_file
from lead.recording.layout.route import INCOMPLETE, RouteFolder
from lead.recording.motion import FUTURE_TICKS, Moment
from lead.recording.observer import DriveRecorder
from lead.recording.rig_sensors import RigSensors
from lead.recording.road import RouteFacts, way_ahead
from lead.recording.route_choice import type_of
from lead.recording.scenario_facts import ScenarioWatch, cutting_in
from lead.recording.surroundings import Surroundings
from lead.recording.targets import TargetPoints
from lead.recording.writer import Background, RecordingError
from lead.routes import LaneGraph
from lead.routes.plan import geo_reference, location_from_gps, sparse_plan
from lead.sensors.perturbation import Perturbation, draw_perturbation, perturb_rig
from lead.sensors.rig import PERTURBED
from lead.sensors.sweeps import RADAR_SWEEPS, Clouds, make_clouds

_SPEED_LIMIT_MPS = 30.0 / 3.6
_COMPARED_M, _OFF_PLAN_M = 20, 0.5


class Recorder(DriveRecorder):
    """Records every route that it observes in LEAD's layout."""

    def __init__(self, config: RecorderConfig):
        super().__init__()
        self._config = config
        self._rasters: dict[str, RoadRaster] = {}

    def begin(self, context: RouteContext) -> "DriveRecording":
        """Attach the rig and open the folder. RecordingError when that is not possible."""
        town = context.route.town
        if town not in self._rasters:
            self._rasters = {town: RoadRaster(LaneGraph.from_map(context.town))}
        return DriveRecording(context, self._config, self._rasters[town])


@dataclass
class _Pending:
    """A frame whose future is not known yet."""

    name: str
    meta: dict[str, Any]
    boxes: "Future[list[dict[str, Any]]]"
    now: Moment
    later: list[Moment]


class DriveRecording:
    """The recording of one drive."""

    def __init__(self, context: RouteContext, config: RecorderConfig, raster: RoadRaster):
        self._config, self._raster = config, raster
        self._world = context.world
        kind = type_of(context.route)
        self._final = _free_place(config.folder / "data" / kind, context, config)
        self._folder = RouteFolder(self._final.with_name(self._final.name + INCOMPLETE))
        trace, plan = context.trace, sparse_plan(context.trace, context.protocol.plan_spacing_m)
        self._perturbation = _perturbation(context, config)
        self._writer = FrameWriter(self._folder, config.rig, self._perturbation, config)
        self._background = Background(config.threads, config.waiting, str(self._final))
        self._around = Surroundings(context)
        self._facts = RouteFacts(trace, context.town)
        self._targets = TargetPoints(trace.location[plan], trace.option[plan].tolist())
        self._geo = geo_reference(context.town.to_opendrive())
        self._boxes = BoxMaker(context.world, context.town, context.ego, self._around.signals)
        self._constant = {"town": context.route.town, "scenario": kind}
        self._constant |= metas.rig_fields(config.rig, config, self._perturbation)
        self._compass, self._localiser = Compass(), Localiser()
        self._history: deque[Moment] = deque(maxlen=motion.PAST_TICKS + 1)
        self._sweeps: deque[tuple[Moment, Future[Clouds]]] = deque(maxlen=RADAR_SWEEPS)
        self._waiting: deque[_Pending] = deque()
        self._frames = 0
        self._limit_sign = _SPEED_LIMIT_MPS
        self._scenarios = ScenarioWatch()
        self._sensors = RigSensors(context.client, context.world, context.ego, config.ticks_between, TICK_S)
        self._open(context)

    def _open(self, context: RouteContext) -> None:
        try:
            self._writer.make_folders()
        except OSError as error:
            raise RecordingError(f"{self._folder.path} cannot be made: {error.strerror}") from error
        rig, moved = self._config.rig, perturb_rig(self._config.rig, self._perturbation)
        steady = rig.lidar_sensors() + rig.radar_sensors() + rig.own_sensors()
        sampled = rig.camera_sensors()
        if self._config.perturbed:
            # A radar that is asked less often sends more rays at a time.
            steady += moved.radar_sensors(PERTURBED)
            sampled += moved.camera_sensors(suffix=PERTURBED)
        try:
            self._sensors.attach(steady, sampled)
            self._sensors.warm_up(context.tick)
        except BaseException:
            self.abandon()
            raise

    def tick(self, context: RouteContext, seen: Observation) -> None:
        """Take in a tick: its readings always, a frame when the cameras have delivered."""
        readings, is_due = self._sensors.read(seen.frame)
        self._around.step()
        pose, near, s = self._around.pose, self._around.near, self._around.s
        now = self._moment(seen, pose, readings, movers(near))
        self._history.append(now)
        self._targets.step(pose, now.estimate)
        clouds = self._background.submit(
            make_clouds, self._config.rig, readings, self._config.ego_filter, self._config.ground_removed
        )
        self._sweeps.appendleft((now, clouds))
        self._grow(now)
        if not is_due:
            return
        facts = context.play.director.facts()
        sighting = self._boxes.look(pose, s, near, cutting_in(facts))
        glance = Glance(f"{self._frames:04d}", readings, sighting, tuple(self._sweeps))
        self._frames += 1
        found = self._background.submit(self._writer.write_readings, glance, self._raster)
        places = {body.actor.id: pose_array(state.get_transform())[:2] for body, state in near}
        meta = self._meta(context, seen, now, s, self._scenarios.fields(facts, places, now.pose))
        self._waiting.append(_Pending(glance.name, meta, found, now, []))

    def close(self, record: RouteRecord) -> None:
        """Write what is left and give the folder its name. RecordingError when something could not be written."""
        self._sensors.detach()
        while self._waiting:
            self._settle(self._waiting.popleft())
        self._background.finish()
        content = {"timestamp": self._final.name.split("_", 2)[-1], **record.to_json()}
        try:
            write_file(self._folder.path / results.NAME, results.encode(content))
            self._folder.path.rename(self._final)
        except OSError as error:
            raise RecordingError(f"{self._final} cannot be finished: {error.strerror}") from error

    def abandon(self) -> None:
        """Stop; the folder stays as it is, marked as incomplete."""
        self._sensors.leave()
        self._background.abandon()

    def _grow(self, now: Moment) -> None:
        """Tell the frames that wait what happened next; those that know enough are written."""
        for pending in self._waiting:
            pending.later.append(now)
        while self._waiting and len(self._waiting[0].later) >= FUTURE_TICKS:
            self._settle(self._waiting.popleft())

    def _settle(self, pending: _Pending) -> None:
        self._background.submit(_finish_frame, self._writer, pending)

    def _moment(self, seen: Observation, pose: np.ndarray, readings: dict[str, Any], others: Any) -> Moment:
        imu, fix = readings["imu"], location_from_gps(self._geo, readings["gps"])
        compass = self._compass.step(float(imu[6]))
        speed = seen.ego.forward_speed
        estimate = self._localiser.step(fix, compass, speed)
        return Moment(seen.frame, pose, compass, fix, estimate, speed, imu[:3], imu[3:6], others)

    def _meta(
        self, context: RouteContext, seen: Observation, now: Moment, s: float, scenario: dict[str, Any]
    ) -> dict[str, Any]:
        agent = context.agent
        labels = metas.labels_of(agent)
        limit = seen.ego.speed_limit_kmh / 3.6
        self._limit_sign = limit if limit > 0.0 else self._limit_sign
        light = self._around.signals.next_light(s)
        is_near = light is not None and light.s - s < 50.0
        return {
            **self._constant,
            **motion.past_fields(self._history),
            **metas.state_fields(now),
            "speed_limit": limit,
            "last_encountered_speed_limit_sign": self._limit_sign,
            **self._targets.fields(),
            **metas.control_fields(context.session.control),
            **labels.fields(),
            **self._route(labels, now),
            "target_speed_limit": min(labels.target_speed_limit, self._limit_sign),
            **self._facts.fields(now.pose, seen.progress.index),
            **scenario,
            "traffic_light_state": str(light.actor.get_state()) if light is not None and is_near else "None",
            **self._light_kind(light if is_near else None),
            **metas.weather_fields(self._world.get_weather()),
            "num_parking_vehicles_in_proximity": self._boxes.parked_near(now.pose),
        }

    def _light_kind(self, light: Any) -> dict[str, bool]:
        kind = self._boxes.light_kind(light) if light is not None else (False, False)
        return {"europe_traffic_light": kind[0], "over_head_traffic_light": kind[1]}

    def _route(self, labels: DecisionLabels, now: Moment) -> dict[str, Any]:
        """The way ahead, the driver's own if it has one, and whether it has left the plan."""
        planned = way_ahead(self._around.way.ahead(), now.pose)
        if labels.route is None or len(labels.route) < 2:
            return {"route": planned}
        own = way_ahead(labels.route, now.pose)
        count = _COMPARED_M
        is_off = bool(np.abs(own[:count, 1] - planned[:count, 1]).max() > _OFF_PLAN_M)
        return {"route": own, "changed_route": labels.changed_route or is_off}


def route_name(context: RouteContext, config: RecorderConfig, when: datetime) -> str:
    """The name of a route's folder, as LEAD has it."""
    stem = config.stem or context.route.id
    stamp = when.strftime("%m_%d_%H_%M_%S")
    return f"{context.route.town}_Rep{context.key.repetition}_{stem}_route{context.key.index}_{stamp}"


def _free_place(folder: Path, context: RouteContext, config: RecorderConfig) -> Path:
    """Where a route will lie; names have seconds, so one that begins within another's gets a later one's."""
    when = datetime.now()
    while True:
        place = folder / route_name(context, config, when)
        try:
            if not (place.exists() or place.with_name(place.name + INCOMPLETE).exists()):
                return place
        except OSError as error:
            raise RecordingError(f"{folder} cannot be read: {error.strerror}") from error
        when += timedelta(seconds=1)


def _perturbation(context: RouteContext, config: RecorderConfig) -> Perturbation:
    """The twin's place on a route, the same whenever the route is recorded."""
    if not config.perturbed:
        return Perturbation()
    trace = context.trace
    widths = trace.lane_width[~trace.junction]
    narrowest = float(widths.min()) if len(widths) else math.inf
    limit = max(context.ego.get_speed_limit() / 3.6, _SPEED_LIMIT_MPS)
    rng = np.random.default_rng([config.seed, context.key.index, context.key.repetition])
    return draw_perturbation(rng, min(narrowest, 3.5) if math.isinf(narrowest) else narrowest, limit)


def _finish_frame(writer: FrameWriter, pending: _Pending) -> None:
    found = pending.boxes.result()
    motion.add_futures(found, pending.now, pending.later)
    meta = {**pending.meta, **motion.future_fields(pending.now, pending.later)}
    writer.write_facts(pending.name, meta, found)
