"""A scene seen by the driver: who counts, where they lie on the lane and on the way, and how fast it may go."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.ndimage import uniform_filter1d

from lead.control import turn_speeds
from lead.expert.config import ExpertConfig
from lead.expert.corridor import Corridor, Spans, spans_on
from lead.expert.decision import Memory
from lead.expert.forecast import Forecast, ego_places, forecast_actors
from lead.expert.scene import Actors, Bools, Ego, Floats, Neighbour, Scene
from lead.geometry import footprint

FORECAST_STEPS = 50
_BRISK, _EASY_PUSH = 1.45, 0.87
_WIGGLE_M = 10.0
# Who changes lanes in fast traffic does not slow down for it: speeds in bends (m/s), and how much faster they may be.
_CHANGING = (6.0, 10.0), (1.0, 1.3)


@dataclass(frozen=True)
class Situation:
    """`actors` are those of the scene that count; `lane` is the route's, on which they lie at `spans`.

    `light_states` (k,) are those that the driver knows of, -1 where it does not. `free_speed` (m/s) is what it would
    drive with nobody around, bends left aside.
    """

    scene: Scene
    config: ExpertConfig
    memory: Memory
    actors: Actors
    lane: Corridor
    spans: Spans
    light_states: tuple[int, ...]
    free_speed: float

    @property
    def front(self) -> float:
        """Where the ego's front bumper is along the route."""
        return self.scene.ego.s + self.scene.ego.front

    @property
    def rear(self) -> float:
        """Where its rear bumper is."""
        return self.scene.ego.s - self.scene.ego.rear

    @cached_property
    def forecast(self) -> Forecast:
        """What the actors will do."""
        return forecast_actors(self.actors, FORECAST_STEPS)

    def rows_of(self, ids: tuple[int, ...]) -> Bools:
        """Which actors (n,) are among these."""
        return np.isin(self.actors.id, ids)

    def neighbour(self, s: float, side: float) -> tuple[Neighbour, float]:
        """The lane at the left (`side` negative) or right of a place, and the offset of its centre, signed alike."""
        route = self.scene.route
        row = int(np.searchsorted(route.s, s).clip(0, len(route.s) - 1))
        kind, offset = (route.left, route.left_offset) if side < 0.0 else (route.right, route.right_offset)
        return Neighbour(int(kind[row])), float(np.sign(side) * offset[row])

    def lane_width(self, s: float) -> float:
        """Width (m) of the lane at a place."""
        return float(np.interp(s, self.scene.route.s, self.scene.route.width))


@dataclass(frozen=True)
class Way:
    """The way to drive: the lane with its shifts. `spans` are those of the actors on it, `limits` (m,) m/s, `places`
    (t,) of the ego if it drives freely within them and speeds up by `push` (m/s2).
    """

    corridor: Corridor
    spans: Spans
    limits: Floats
    places: Floats
    push: float

    def within(self, limits: Floats, ego: Ego) -> "Way":
        """The same way, driven within other limits."""
        return replace(self, limits=limits, places=_places(self.corridor, limits, self.push, ego))


def make_way(situation: Situation, offset: Floats, briskly: bool = False, own_bends: bool = False) -> Way:
    """The way with an `offset` (m,) from the lane; `briskly`: through bends as fast as one who uses a gap; `own_bends`:
    its bends are not those of the route, for lane changes are driven otherwise.
    """
    scene, config = situation.scene, situation.config
    corridor = Corridor.along(scene.route, offset)
    spans = situation.spans if not offset.any() else spans_on(corridor, situation.actors)
    spacing = float(scene.route.s[1] - scene.route.s[0])
    turn_speed = turn_speeds(_evened(corridor.yaw, spacing), spacing) if own_bends else scene.route.turn_speed
    faster = np.interp(turn_speed, *_CHANGING) if situation.memory.changes else 1.0
    limits = np.minimum(turn_speed * np.maximum(faster, _BRISK if briskly else 1.0), situation.free_speed)
    push = config.acceleration * (1.0 if briskly else _EASY_PUSH)
    return Way(corridor, spans, limits, _places(corridor, limits, push, scene.ego), push)


def _places(corridor: Corridor, limits: Floats, push: float, ego: Ego) -> Floats:
    return ego_places(corridor, ego.s, ego.speed, limits, push, FORECAST_STEPS)


def _evened(yaw: Floats, spacing: float) -> Floats:
    """Headings (m,) without the wiggles that are left where a lane change of the plan is taken back."""
    return uniform_filter1d(np.unwrap(yaw), int(_WIGGLE_M / spacing), mode="nearest")


def footprints_along(situation: Situation, corridor: Corridor, s: Floats, margin: float) -> Floats:
    """The ego's corners (k, 4, 2) with its origin at places (k,) of a strip, `margin` (m) larger to all sides."""
    ego = situation.scene.ego
    yaw = corridor.headings(s, ego.s, ego.yaw)
    middle = 0.5 * (ego.front - ego.rear)
    centres = corridor.at(s) + middle * np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    return footprint(centres, yaw, (0.5 * ego.length + margin, ego.half_width + margin))
