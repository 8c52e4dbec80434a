"""A picture of a scenario from above, at the moment at which it acts."""

import dataclasses
import math
from dataclasses import dataclass, field
from pathlib import Path

import carla
import numpy as np

from lead.agents import load_agent
from lead.evaluation.attempt import RunIdentity
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.protocol import Protocol
from lead.evaluation.records import RouteKey, RouteRecord
from lead.evaluation.route_drive import Task, drive_route
from lead.evaluation.scoring import Rule
from lead.evaluation.stage import Stage
from lead.routes import LaneGraph, Route, ScenarioConfig
from lead.scenarios.cast import ROLE_NAME
from lead.view import DriveView, ViewConfig
from lead.view.tiles import Image

_AGENT = "route_follower"
_VIEW = ViewConfig(width=480, height=480, scale=8.0, ego_row=0.7)
_LOOK_TICKS = 4
_DEBRIS, _SIGN = "dirtdebris", "prop.warning"
_TRIGGER_M, _MOVING, _HIDDEN_M = 2.0, 0.5, 20.0
#: How many seconds the ego has to come to the scenario, and to come near its actors; how long a picture of one that
#: stands waits for one that moves, and a good picture for a better one.
_COMING_S, _SHOWN_S, _STANDING_S, _PATIENCE_S = 60.0, 80.0, 25.0, 5.0
#: A picture is good when an actor that moves is so near, or one that stands; where nobody is it is worth less (m).
_GOOD_M, _STANDING_M, _FAIR_M = 20.0, 14.0, 30.0
#: Where a scenario has no actors the picture is of so many seconds after its trigger.
_ALONE_S = 4.0


class StillError(Exception):
    """There is no picture; the message says why."""


class _SeenEnoughError(Exception):
    """There will be no better picture."""


@dataclass
class _Shot:
    """The best picture so far: of an actor `distance` metres away, taken at `time_s`."""

    distance: float
    time_s: float
    image: Image


@dataclass
class Photographer:
    """Takes the picture in which the scenario's actors, moving ones above all, are nearest to the ego."""

    scenario: ScenarioConfig
    shots: dict[bool, _Shot] = field(default_factory=dict)
    _begin: float | None = None
    _ticks: int = 0

    @property
    def best(self) -> Image | None:
        """The picture, None when the ego did not come to the scenario."""
        moving = self.shots.get(True)
        if moving is not None and moving.distance < _GOOD_M:
            return moving.image
        return min(self.shots.values(), key=lambda shot: shot.distance).image if self.shots else None

    def on_route_start(self, context: RouteContext) -> None:
        """Set the camera up."""
        graph = LaneGraph.from_map(context.town)
        self._view = DriveView(context.world, context.ego, graph, context.trace.location, _VIEW)

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        """Look from time to time. Raises _SeenEnoughError when nothing better will come."""
        self._ticks += 1
        x, y, _ = self.scenario.trigger[:3]
        if self._begin is None and math.hypot(seen.ego.location[0] - x, seen.ego.location[1] - y) < _TRIGGER_M:
            self._begin = seen.time_s
        if self._ticks % _LOOK_TICKS == 0:
            self._look(context, seen)

    def on_route_end(self, record: RouteRecord) -> None:
        """There is nothing to close."""

    def _look(self, context: RouteContext, seen: Observation) -> None:
        snapshot = context.world.get_snapshot()
        actors = [one for one in context.world.get_actors() if one.attributes.get("role_name") == ROLE_NAME]
        flat = [one.get_location() for one in actors if _DEBRIS in one.type_id]
        spots = np.array([(place.x, place.y) for place in flat]).reshape(-1, 2)
        image = self._view.paint(self._view.look(snapshot, marked=[one.id for one in actors], spots=spots))
        if self._begin is None:
            if seen.time_s > _COMING_S:
                raise _SeenEnoughError
            return
        shown = seen.time_s - self._begin
        for is_moving, distance in _nearest(actors, snapshot, seen, default=_FAIR_M + abs(shown - _ALONE_S)):
            shot = self.shots.get(is_moving)
            if shot is None or distance < shot.distance - 0.2:
                self.shots[is_moving] = _Shot(distance, seen.time_s, image)
        if shown > _SHOWN_S or self._is_done(shown, seen.time_s):
            raise _SeenEnoughError

    def _is_done(self, shown: float, now: float) -> bool:
        """Whether the picture is as good as it will get."""
        moving, standing = self.shots.get(True), self.shots.get(False)
        if moving is not None and moving.distance < _GOOD_M:
            return now - moving.time_s > _PATIENCE_S
        if moving is None and standing is not None and standing.distance > _FAIR_M:
            return shown > 2.0 * _ALONE_S
        return standing is not None and standing.distance < _STANDING_M and shown > _STANDING_S


def _nearest(actors: list[carla.Actor], snapshot: carla.WorldSnapshot, seen: Observation, default: float):
    """Whether they move, and the distance (m), of the nearest actor that moves and of the nearest one that stands.

    Without any: the `default` for one that stands.
    """
    ego, found = carla.Location(*seen.ego.location), {}
    for actor in actors:
        state = None if _SIGN in actor.type_id else snapshot.find(actor.id)
        if state is None or abs(state.get_transform().location.z - ego.z) > _HIDDEN_M:
            continue
        is_moving = state.get_velocity().length() > _MOVING
        distance = state.get_transform().location.distance(ego)
        found[is_moving] = min(distance, found.get(is_moving, distance))
    return list((found or {False: default}).items())


def take_still(stage: Stage, route: Route, scenario: ScenarioConfig, seed: int = 0) -> Image:
    """The picture (h, w, 3) of a route's scenario, the only one that is played. StillError when there is none."""
    photographer = Photographer(scenario)
    config = EvaluationConfig(_AGENT, Path(), Path(), seed=seed)
    protocol = Protocol("still", Rule.PRODUCT, max_ticks=int(20.0 * (_COMING_S + _SHOWN_S)))
    run = RunIdentity(protocol.name, routes="", agent=_AGENT, config="", seed=seed)
    alone = dataclasses.replace(route, scenarios=(scenario,))
    try:
        result = drive_route(
            stage, Task(RouteKey(0, route.id), 1, alone, protocol, config, run), 1, load_agent(_AGENT), [photographer]
        )
    except _SeenEnoughError:
        result = None
    if photographer.best is None:
        why = "; ".join(result.scenarios.dropped.values()) or result.error if result else ""
        raise StillError(f"route {route.id}: {why or 'the ego did not come to the scenario'}")
    return photographer.best
