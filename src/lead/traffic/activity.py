"""The background activity of the leaderboard: which cars there are about the ego, and how fast they drive.

On the road every lane of the ego's direction has cars ahead, which wait for it, and behind, which catch up; cars come
towards it on the other side. Before a junction, cars enter from the other roads. Scenarios change all that by requests.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import carla
import numpy as np

from lead.routes import Trace
from lead.scenarios.road_users import Lookout
from lead.scenarios.tick import Tick
from lead.traffic.cars import FASTEST_KMH, Cars
from lead.traffic.crossing import Crossing, Density, next_crossing
from lead.traffic.oncoming import Oncoming
from lead.traffic.road import Road
from lead.traffic.view import View, spots_on

#: A junction is prepared when it is this far ahead (m), and that many seconds at the ego's speed farther.
_JUNCTION_M, _JUNCTION_S = 30.0, 1.5
#: Who waits ahead for an ego that has stood (slower than this, m/s) for so long goes on: it may be what the ego, or
#: somebody between them, waits for.
_STANDING, _HELD_UP_S = 0.5, 20.0


@dataclass(frozen=True)
class BackgroundConfig:
    """How much traffic there is; the defaults are the leaderboard's."""

    present: bool = True
    """Whether there is any."""
    front_vehicles: int = 2
    """Cars ahead of the ego in each lane."""
    back_vehicles: int = 2
    """Cars behind the ego in each lane."""
    gap_m: float = 15.0
    """Distance between cars that appear one behind the other."""
    opposite_gap_m: float = 40.0
    """Distance between oncoming cars."""
    opposite_reach_m: float = 80.0
    """How far ahead oncoming cars appear, and behind the ego vanish."""
    junction_gap_m: float = 15.0
    """Distance between cars that enter a junction."""
    junction_source_m: float = 40.0
    """How far before a junction its cars appear."""
    junction_share: float = 0.8
    """Share of the roads into a junction that have traffic."""
    junction_most: int = 6
    """Cars of one road into a junction at a time."""

    def __post_init__(self):
        if min(self.front_vehicles, self.back_vehicles, self.junction_most) < 0 or not 0 <= self.junction_share <= 1:
            raise ValueError("background traffic needs counts of at least 0 and a share from 0 to 1")
        if min(self.gap_m, self.opposite_gap_m, self.opposite_reach_m, self.junction_gap_m) <= 0.0:
            raise ValueError("background traffic needs distances above 0")


class BackgroundActivity:
    """The background of one drive; see `lead.scenarios.traffic.TrafficRequests` for what may be asked of it."""

    def __init__(
        self,
        client: carla.Client,
        world: carla.World,
        manager: carla.TrafficManager,
        trace: Trace,
        lookout: Lookout,
        rng: np.random.Generator,
        config: BackgroundConfig = BackgroundConfig(),
    ):
        self._town, self._trace, self._rng, self._config = world.get_map(), trace, rng, config
        self._cars = Cars(client, world, manager, lookout, rng)
        self._road = Road(self._town, config.front_vehicles, config.back_vehicles, config.gap_m)
        self._oncoming = Oncoming(config.opposite_gap_m, config.opposite_reach_m)
        self._density = Density(
            config.junction_source_m, config.junction_gap_m, config.junction_most, config.junction_share
        )
        self._crossing: Crossing | None = None
        self._tick: Tick | None = None
        self._drove_s = 0.0

    @property
    def ids(self) -> list[int]:
        """All cars of the background."""
        return self._cars.ids

    @contextmanager
    def running(self, tick: Tick) -> Iterator["BackgroundActivity"]:
        """Put the first cars about the ego, and remove all when the context ends."""
        self._tick = tick
        try:
            if self._config.present:
                self._road.start(self._cars, self._look(tick))
            yield self
        finally:
            self._cars.remove(self._cars.ids)

    def step(self, tick: Tick) -> None:
        """Let cars come and go, and tell them how fast to drive."""
        self._tick = tick
        if not self._config.present:
            return
        if tick.speed > _STANDING:
            self._drove_s = tick.time_s
        self._road.is_ego_held_up = tick.time_s - self._drove_s > _HELD_UP_S
        self._cars.forget_dead()
        view = self._look(tick)
        self._pass_junctions(view)
        self._road.step(self._cars, view)
        self._oncoming.step(self._cars, view, self._route_lane(tick, self._oncoming.reach_m))
        if self._crossing is not None:
            self._crossing.step(self._cars, self._road, view)
        self._cars.command(self._speeds(view))

    # -- requests of scenarios

    def leave_space(self, distance: float) -> None:
        """Push the cars ahead in the ego's lane on until `distance` in front of the ego is free."""
        if self._config.present:
            self._road.leave_space(self._cars, self._now(), distance)

    def remove_lane(self, lane: carla.Waypoint) -> None:
        """Take a lane of the road out of the traffic."""
        self._road.remove_lane(self._cars, self._now(), lane)

    def restore_lane(self, offset: int) -> None:
        """Give a lane back: 0 the ego's, 1 the one to its right, -1 to its left, as it was when it was taken out."""
        if self._config.present:
            self._road.restore_lane(self._cars, self._now(), offset)

    def set_opposite(
        self,
        active: bool | None = None,
        spawn_distance: float | None = None,
        source_distance: float | None = None,
    ) -> None:
        """Stop or start the oncoming traffic, or change the distance between its cars and how far ahead they appear."""
        if active is not None:
            self._oncoming.set_active(self._cars, active)
        if spawn_distance is not None:
            self._oncoming.gap_m, self._oncoming.reach_m = spawn_distance, 2.0 * spawn_distance
        if source_distance is not None:
            self._oncoming.reach_m = source_distance

    def set_max_speed(self, speed_kmh: float | None) -> None:
        """Let no car drive faster; None takes the cap away."""
        self._cars.fastest_kmh = FASTEST_KMH if speed_kmh is None else min(speed_kmh, FASTEST_KMH)

    def handle_junction(
        self,
        *,
        clear: bool = False,
        clear_ego_entry: bool = False,
        remove_entries: Sequence[carla.Waypoint] = (),
        remove_exits: Sequence[carla.Waypoint] = (),
        stop_entries: bool = False,
        extend_exit: float = 0.0,
    ) -> None:
        """Prepare the next junction of the route for a scenario."""
        if not self._config.present:
            return
        view = self._now()
        if self._crossing is None:
            self._come_to_junction(view, math.inf)
            view = self._now()
        if clear_ego_entry:
            self._road.clear_entry(self._cars, view)
        if self._crossing is None:
            return
        if clear:
            self._crossing.clear(self._cars, self._road.cars, view)
        self._crossing.remove_entries(self._cars, remove_entries)
        self._crossing.remove_exits(self._cars, remove_exits)
        self._crossing.is_stopped = self._crossing.is_stopped or stop_entries
        self._crossing.extend_exit(self._cars, view, extend_exit)

    def set_route_sources(self, active: bool) -> None:
        """Stop or start the cars that come from behind the ego."""
        self._road.has_sources = active

    def change_road(
        self,
        *,
        front_vehicles: int | None = None,
        back_vehicles: int | None = None,
        gap: float | None = None,
        extra_space: float | None = None,
    ) -> None:
        """Change how many cars are ahead and behind, the gap between them, and the extra room before the ego."""
        road = self._road
        road.front = road.front if front_vehicles is None else front_vehicles
        road.back = road.back if back_vehicles is None else back_vehicles
        road.gap_m = road.gap_m if gap is None else gap
        road.extra_m = road.extra_m if extra_space is None else extra_space

    def change_junctions(
        self,
        *,
        source_distance: float | None = None,
        most: int | None = None,
        gap: float | None = None,
        share: float | None = None,
    ) -> None:
        """Change how busy the junctions are that come."""
        asked = {"source_m": source_distance, "most": most, "gap_m": gap, "share": share}
        self._density = replace(self._density, **{name: one for name, one in asked.items() if one is not None})

    def pause_spawning(self, paused: bool) -> None:
        """Let no new car come anywhere, or let them come again."""
        self._cars.is_paused = paused

    def clear_crossing(self, crossing: carla.Waypoint) -> None:
        """Keep the oncoming lane beside a place free, for those who cross."""
        self._oncoming.clear(self._cars, self._now(), crossing)

    def stop_front(self, stop: bool) -> None:
        """Let all cars ahead of the ego brake to a stand, or go on."""
        self._road.stop_front(self._cars, self._now(), stop)

    def stop_back(self, stop: bool) -> None:
        """Let all cars behind the ego stand, or go on."""
        self._road.is_back_stopped = stop

    # -- building blocks

    def _pass_junctions(self, view: View) -> None:
        """Prepare the next junction when the ego comes to it, and give it up when it is through."""
        crossing = self._crossing
        if crossing is not None and view.tick.route_index > crossing.last_row and view.is_on_road:
            others, coming = crossing.leave(view.waypoint)
            self._oncoming.adopt(coming)
            self._road.rebuild(self._cars, view, others)
            self._crossing = None
        if self._crossing is None:
            self._come_to_junction(view, _JUNCTION_M + _JUNCTION_S * view.tick.speed)

    def _come_to_junction(self, view: View, look_ahead_m: float) -> None:
        row = view.tick.route_index
        self._crossing = next_crossing(self._town, self._trace, row, look_ahead_m, self._density, self._rng)
        if self._crossing is not None:
            self._crossing.open(self._cars, self._road)

    def _speeds(self, view: View) -> dict[int, float]:
        speeds = self._road.speeds(view) | self._oncoming.speeds(view)
        return speeds if self._crossing is None else speeds | self._crossing.speeds(self._road, view)

    def _now(self) -> View:
        if self._tick is None:
            raise RuntimeError("the background is not running yet")
        return self._look(self._tick)

    def _look(self, tick: Tick) -> View:
        waypoint = self._town.get_waypoint(carla.Location(*tick.location))
        placed = self._cars.placed()
        spots = spots_on(self._trace, tick, placed.id.tolist(), placed.location, placed.yaw, placed.speed)
        ego = spots_on(self._trace, tick, [0], np.array([tick.location]), np.array([tick.yaw]), np.zeros(1))[0]
        return View(tick, waypoint, spots, ego.right)

    def _route_lane(self, tick: Tick, ahead_m: float) -> carla.Waypoint | None:
        """The route's lane so far ahead, or just before the next junction if that comes first."""
        here = self._trace.s_m[tick.route_index]
        row = min(int(np.searchsorted(self._trace.s_m, here + ahead_m)), len(self._trace) - 1)
        inside = np.flatnonzero(self._trace.junction[tick.route_index : row + 1])
        row = tick.route_index + int(inside[0]) - 1 if len(inside) else row
        return self._town.get_waypoint(carla.Location(*self._trace.location[max(row, 0)].tolist()))
