"""What a scenario has to work with: the world, the route, the ego, the traffic, and what it reports."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import carla
import numpy as np

from lead.expert.facts import ScenarioFact
from lead.routes import LaneGraph, ScenarioConfig, Trace
from lead.scenarios.cast import Cast
from lead.scenarios.lanes import LaneError, out_of_junction
from lead.scenarios.road_users import Lookout
from lead.scenarios.tick import Tick
from lead.scenarios.traffic import TrafficRequests

TIMEOUT_S = 240.0


class Fault(NamedTuple):
    """Something a scenario holds against the ego: the name of an infraction, and what happened."""

    infraction: str
    message: str


SCENARIO_TIMEOUT = "scenario_timeouts"
YIELD_TO_EMERGENCY_VEHICLE = "yield_emergency_vehicle_infractions"


@dataclass
class Rules:
    """Which tests scenarios have suspended.

    Whoever switched the test of the wrong direction last has the say, as in the leaderboard; scenarios in which nobody
    is blocked are counted.
    """

    wrong_direction_off: bool = False
    blocked_off: int = 0


@dataclass
class Scene:
    """One scenario's view of a drive.

    `reference` is the lane at the trigger. `tick` is what the ego does now; `rules` and `faults` are shared with the
    judges. Randomness comes from `rng` alone. `notes` say what is not as the route file has it; `casts` hold its
    actors; `told` is what its fact says besides the route file's values.
    """

    config: ScenarioConfig
    client: carla.Client
    world: carla.World
    map: carla.Map
    manager: carla.TrafficManager
    ego: carla.Vehicle
    trace: Trace
    graph: LaneGraph
    lookout: Lookout
    traffic: TrafficRequests
    rules: Rules
    rng: np.random.Generator
    tick: Tick
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    casts: list[Cast] = field(default_factory=list)
    told: dict[str, float | str] = field(default_factory=dict)
    is_triggered: bool = False

    @property
    def reference(self) -> carla.Waypoint:
        """The driving lane at the trigger point. LaneError when there is none."""
        return self.lane_at(carla.Location(*self.config.trigger[:3]))

    def lane_at(self, location: carla.Location) -> carla.Waypoint:
        """The driving lane nearest to a location. LaneError when there is none."""
        waypoint = self.map.get_waypoint(location)
        if waypoint is None:
            raise LaneError(f"({location.x:.1f}, {location.y:.1f}, {location.z:.1f}) is not on a road")
        return waypoint

    def triggered(self) -> bool:
        """A condition: the ego has come to the trigger."""
        return self.is_triggered

    def cast(self) -> Cast:
        """A new cast, to be used as a context."""
        self.casts.append(Cast(self.client, self.world, self.rng, self.notes))
        return self.casts[-1]

    @property
    def fact(self) -> ScenarioFact:
        """What privileged drivers may be told of this scenario."""
        actors = tuple(actor for cast in self.casts for actor in cast.ids)
        values = {key: _number_or_word(one["value"]) for key, one in self.config.parameters.items() if "value" in one}
        return ScenarioFact(self.config.name, self.config.type, self.is_triggered, actors, values | self.told)

    def timeout(self, limit_s: float = TIMEOUT_S) -> Callable[[], bool]:
        """A condition: the scenario takes too long, which is held against the ego."""
        begin: list[float] = []

        def over() -> bool:
            begin.append(self.tick.time_s)
            if self.tick.time_s - begin[0] <= limit_s:
                return False
            self.faults.append(Fault(SCENARIO_TIMEOUT, f"The scenario {self.config.name} took over {limit_s:.0f} s"))
            return True

        return over

    @contextmanager
    def without_blocked_test(self):
        """Nobody is blocked while this scenario makes the ego wait."""
        self.rules.blocked_off += 1
        try:
            yield
        finally:
            self.rules.blocked_off -= 1

    @contextmanager
    def without_wrong_direction_test(self):
        """The oncoming lane may be used."""
        self.rules.wrong_direction_off = True
        try:
            yield
        finally:
            self.rules.wrong_direction_off = False

    def route_after_junction(self) -> carla.Waypoint:
        """The first place of the route after the next junction from the trigger on. LaneError when there is none.

        Where the route ends inside the junction, its last lane leads on.
        """
        x, y, z, _ = self.config.trigger
        first = int(np.argmin(np.linalg.norm(self.trace.location - (x, y, z), axis=1)))
        inside = np.flatnonzero(self.trace.junction[first:])
        if not len(inside):
            raise LaneError("the route passes no junction after the trigger")
        start = first + int(inside[0])
        outside = np.flatnonzero(~self.trace.junction[start:])
        row = start + int(outside[0]) if len(outside) else -1
        waypoint = self.map.get_waypoint(carla.Location(*self.trace.location[row].tolist()))
        assert waypoint is not None
        return waypoint if len(outside) else out_of_junction(waypoint)


def _number_or_word(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
