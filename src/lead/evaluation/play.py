"""What happens around the ego on a route: the background's cars and the scenarios, put together for one drive."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import carla
import numpy as np

from lead.evaluation.infractions import Event, Infraction
from lead.evaluation.observation import Observation
from lead.evaluation.stage import Stage, Town
from lead.routes import Route, ScenarioConfig, Trace
from lead.scenarios.director import Director, Planned
from lead.scenarios.registry import find_scenario, parameters_of
from lead.scenarios.road_users import Lookout
from lead.scenarios.scene import Fault, Rules, Scene
from lead.scenarios.tick import Tick
from lead.traffic import BackgroundActivity, BackgroundConfig


@dataclass(frozen=True)
class Play:
    """Background and scenarios of a drive; `rules` are what scenarios suspended."""

    activity: BackgroundActivity
    director: Director
    rules: Rules

    @property
    def background(self) -> list[int]:
        """Ids of the background's cars."""
        return self.activity.ids

    def step(self, seen: Observation, control: carla.VehicleControl) -> list[Event]:
        """Let scenarios and background act on a tick, the agent's control given; infractions that scenarios tell of."""
        tick = tick_of(seen, control)
        faults = self.director.step(tick)
        self.activity.step(tick)
        return events_of(faults, seen)

    def last_events(self, seen: Observation) -> list[Event]:
        """Infractions that showed only when scenarios were given up at the end of the drive."""
        return events_of(self.director.last_faults, seen)


def events_of(faults: Iterable[Fault], seen: Observation) -> list[Event]:
    """What scenarios hold against the ego, as infractions at an observation."""
    return [Event(Infraction(one.infraction), seen.time_s, one.message) for one in faults]


@contextmanager
def play_on(
    stage: Stage,
    world: carla.World,
    town: Town,
    ego: carla.Vehicle,
    route: Route,
    trace: Trace,
    seeds: np.random.SeedSequence,
    config: BackgroundConfig,
) -> Iterator[Play]:
    """The play of a route, its actors removed in the end. RouteError for scenarios that cannot be understood."""
    for_traffic, for_scenarios = (np.random.default_rng(seed) for seed in seeds.spawn(2))
    lookout, rules = Lookout(world), Rules()
    activity = BackgroundActivity(stage.client, world, stage.manager, trace, lookout, for_traffic, config)

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
            traffic=activity,
            rules=rules,
            rng=for_scenarios,
            tick=tick,
        )

    director = Director(plan(route), trace, make_scene)
    first = _first_tick(trace, ego)
    with activity.running(first), closing(director):
        director.set_up(first)
        yield Play(activity, director, rules)


def plan(route: Route) -> list[Planned]:
    """The scenarios of a route. RouteError for one of an unknown type or with malformed parameters."""
    return [Planned(one, find_scenario(one, route.id), parameters_of(one, route.id)[0]) for one in route.scenarios]


def tick_of(seen: Observation, control: carla.VehicleControl) -> Tick:
    """An observation as scenarios and background see it."""
    return Tick(
        frame=seen.frame,
        time_s=seen.time_s,
        location=seen.ego.location,
        yaw=seen.ego.yaw,
        speed=seen.ego.speed,
        speed_limit_kmh=seen.ego.speed_limit_kmh,
        route_index=seen.progress.index,
        control=control,
    )


def _first_tick(trace: Trace, ego: carla.Vehicle) -> Tick:
    x, y, z = trace.location[0].tolist()
    return Tick(0, 0.0, (x, y, z), float(trace.yaw[0]), 0.0, ego.get_speed_limit(), 0, carla.VehicleControl())
