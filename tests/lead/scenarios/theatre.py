"""A small theatre: one route's scenarios played in a real server, with an ego that drives as the test says."""

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import carla
import numpy as np

from lead.control import PATH_SPACING, LateralState, pedals_for, steer_along
from lead.evaluation.infractions import Infraction
from lead.evaluation.observation import Observation, RouteLine
from lead.evaluation.observe import ContactSensor, TickReader
from lead.evaluation.play import events_of, plan, tick_of
from lead.evaluation.protocol import find_protocol
from lead.evaluation.route_drive import Panel
from lead.evaluation.stage import Stage, ego_on
from lead.routes import Route, ScenarioConfig, Trace, trace_route
from lead.scenarios.director import Director
from lead.scenarios.drivers import dense_path
from lead.scenarios.road_users import Lookout
from lead.scenarios.scene import Rules, Scene
from lead.scenarios.tick import Tick
from lead.traffic import BackgroundActivity, BackgroundConfig

LEAD_IN_M = 12.0
#: Metres of travel in which the ego comes a metre to the side.
_SHIFT_M = 5.0
Request = tuple[str, tuple[Any, ...], dict[str, Any]]


class Requests:
    """Passes on what scenarios ask of the background, and remembers it."""

    def __init__(self, activity: BackgroundActivity):
        self._activity = activity
        self.log: list[Request] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def ask(*args: Any, **kwargs: Any) -> None:
            self.log.append((name, args, kwargs))
            getattr(self._activity, name)(*args, **kwargs)

        return ask

    def named(self, name: str) -> list[Request]:
        """What was asked by this name."""
        return [request for request in self.log if request[0] == name]


@dataclass
class Show:
    """A drive under way. `speed` (m/s) and `shift` (m to the right of the route) are what the ego tries to keep."""

    stage: Stage
    world: carla.World
    map: carla.Map
    ego: carla.Vehicle
    trace: Trace
    director: Director
    activity: BackgroundActivity
    requests: Requests
    rules: Rules
    panel: Panel
    reader: TickReader
    speed: float
    trigger_m: float
    shift: float = 0.0
    seen: Observation = field(init=False)
    tick: Tick = field(init=False)
    control: carla.VehicleControl = field(default_factory=carla.VehicleControl)
    _lateral: LateralState = field(default_factory=LateralState)
    _shift: float = 0.0

    def __post_init__(self) -> None:
        self._path = dense_path(self.trace.location)
        heading = np.arctan2(*np.gradient(self._path, axis=0).T[::-1])
        self._right = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
        self._way = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(self.trace.location[:, :2], axis=0), axis=1)))
        self._at = 0
        self.step()

    def step(self) -> None:
        """One tick."""
        snapshot = self.stage.tick(self.world)
        self.seen = self.reader.read(snapshot, self.activity.ids, self.rules)
        self.control = self._drive()
        self.ego.apply_control(self.control)
        self.tick = tick_of(self.seen, self.control)
        faults = self.director.step(self.tick)
        self.activity.step(self.tick)
        self.panel.judge(self.seen, events_of(faults, self.seen))

    def until(self, condition: Callable[[], bool], limit_s: float = 20.0) -> float:
        """Go on until a condition holds; the seconds that it took. AssertionError when it takes too long."""
        begin = self.seen.time_s
        while not condition():
            assert self.seen.time_s - begin < limit_s, f"nothing came of it in {limit_s:g} s; {self.director.bill}"
            self.step()
        return self.seen.time_s - begin

    def wait(self, seconds: float) -> None:
        """Go on for so long."""
        end = self.seen.time_s + seconds - 1e-3
        self.until(lambda: self.seen.time_s >= end, seconds + 1.0)

    def is_over(self) -> bool:
        """Whether no scenario is going on, and none is to come."""
        return not self.director.is_busy

    def is_triggered(self) -> bool:
        """Whether a scenario has begun."""
        return bool(self.director.bill.played)

    @property
    def infractions(self) -> set[Infraction]:
        """Kinds of infraction so far."""
        return {event.kind for event in self.panel.events}

    def actors(self, *patterns: str) -> list[carla.Actor]:
        """The scenario's actors whose type fits one of the patterns, in the order of their coming."""
        found = [actor for pattern in patterns for actor in self.world.get_actors().filter(pattern)]
        mine = [actor for actor in found if actor.attributes.get("role_name") == "scenario"]
        return sorted(mine, key=lambda actor: actor.id)

    def asked(self) -> list[tuple[Any, ...]]:
        """What the scenario has asked of the background so far: names with their arguments."""
        return [(name, *args, *sorted(kwargs.items())) for name, args, kwargs in self.requests.log]

    def vehicles(self) -> list[carla.Vehicle]:
        """The scenario's vehicles."""
        return self.actors("vehicle.*")  # type: ignore[return-value]

    def where(self, actor: carla.Actor) -> tuple[float, float]:
        """Metres that an actor is ahead of the trigger along the route, and to the right of the route."""
        place = actor.get_location()
        row = int(np.hypot(*(self.trace.location[:, :2] - (place.x, place.y)).T).argmin())
        yaw, (x, y, _) = self.trace.yaw[row], self.trace.location[row]
        dx, dy = place.x - x, place.y - y
        along = self._way[row] + dx * np.cos(yaw) + dy * np.sin(yaw)
        return float(along - self.trigger_m), float(dy * np.cos(yaw) - dx * np.sin(yaw))

    def ahead(self, actor: carla.Actor) -> float:
        """Metres that an actor is ahead of the ego along the route."""
        return self.where(actor)[0] - self.where(self.ego)[0]

    def _drive(self) -> carla.VehicleControl:
        pose, speed = self.ego.get_transform(), self.seen.ego.speed
        place = (pose.location.x, pose.location.y)
        window = self._path[self._at : self._at + int(20.0 / PATH_SPACING)]
        self._at += int(np.hypot(*(window - place).T).argmin())
        step = 0.05 * speed / _SHIFT_M
        self._shift += float(np.clip(self.shift - self._shift, -step, step))
        path = (self._path + self._shift * self._right)[self._at : self._at + 150]
        steer, self._lateral = steer_along(self._lateral, path, place, self.seen.ego.yaw, speed)
        pedals = pedals_for(self.speed, speed)
        return carla.VehicleControl(pedals.throttle, steer, pedals.brake)


@contextmanager
def show_on(
    stage: Stage, route: Route, speed: float, traffic: bool = False, seed: int = 0, lead_in_m: float = LEAD_IN_M
) -> Iterator[Show]:
    """The show of a route, from `LEAD_IN_M` before its first scenario on, in which the ego drives at `speed` (m/s)."""
    world, town = stage.enter_town(route.town)
    whole = trace_route(town.graph, route.keypoints, route.id)
    row = int(np.linalg.norm(whole.location - route.scenarios[0].trigger[:3], axis=1).argmin())
    first = int(np.searchsorted(whole.s_m, whole.s_m[row] - lead_in_m))
    trace = _rest_of(whole, first)
    rngs = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(2)]
    lookout, rules = Lookout(world), Rules()
    stage.manager.set_random_device_seed(seed)
    config = BackgroundConfig(present=traffic)
    activity = BackgroundActivity(stage.client, world, stage.manager, trace, lookout, rngs[0], config)
    requests = Requests(activity)
    line = RouteLine.from_poses(trace.location, trace.yaw)
    with ExitStack() as stack:
        ego = stack.enter_context(ego_on(world, trace))
        contacts = stack.enter_context(ContactSensor().attached(world, ego))
        yaw = float(trace.yaw[0])
        ego.set_target_velocity(carla.Vector3D(speed * math.cos(yaw), speed * math.sin(yaw), 0.0))
        stage.tick(world)

        def make_scene(scenario: ScenarioConfig, tick: Tick) -> Scene:
            return Scene(
                config=scenario,
                client=stage.client,
                world=world,
                map=town.map,
                manager=stage.manager,
                ego=ego,
                trace=trace,
                graph=town.graph,
                lookout=lookout,
                traffic=requests,  # type: ignore[arg-type]
                rules=rules,
                rng=rngs[1],
                tick=tick,
            )

        x, y, z = trace.location[0].tolist()
        begin = Tick(0, 0.0, (x, y, z), float(trace.yaw[0]), speed, 50.0, 0, carla.VehicleControl())
        stack.enter_context(activity.running(begin))
        director = stack.enter_context(closing(Director(plan(route), trace, make_scene)))
        director.set_up(begin)
        panel = Panel(line, find_protocol("leaderboard@2.0"))
        reader = TickReader(world, town.map, ego, line, contacts)
        trigger_m = float(trace.s_m[row - first])
        yield Show(
            stage, world, town.map, ego, trace, director, activity, requests, rules, panel, reader, speed, trigger_m
        )


def with_scenario(route: Route, kind: str, played_as: str | None = None, **parameters: dict[str, str]) -> Route:
    """The route with only its first scenario of a type, some parameters of it changed.

    `played_as`: another type that is to be played there.
    """
    one = next(scenario for scenario in route.scenarios if scenario.type == kind)
    changed = dataclasses.replace(one, type=played_as or kind, parameters={**one.parameters, **parameters})
    return dataclasses.replace(route, scenarios=(changed,))


def synthetic(
    town: str, kind: str, keypoints: Sequence[Sequence[float]], trigger: Sequence[float], **parameters
) -> Route:
    """A route through `keypoints` (x, y, z) with one scenario at `trigger` (x, y, z, yaw in degrees)."""
    x, y, z, yaw = trigger
    scenario = ScenarioConfig(f"{kind}_1", kind, (x, y, z, yaw), parameters)
    return Route("1", town, np.array(keypoints, dtype=float), scenarios=(scenario,))


def _rest_of(trace: Trace, first: int) -> Trace:
    columns = {one.name: getattr(trace, one.name)[first:] for one in dataclasses.fields(trace)}
    return Trace(**{**columns, "s_m": columns["s_m"] - columns["s_m"][0]})
