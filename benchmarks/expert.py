"""Processor time that the expert needs to plan a tick in dense traffic among houses; its ten most expensive parts.

python benchmarks/expert.py                    # 80 actors, 1000 ticks
python benchmarks/expert.py --actors 200
"""

import argparse
import cProfile
import pstats
import time

import numpy as np
from numpy.typing import NDArray
from server import machine

from lead.expert.config import ExpertConfig
from lead.expert.decision import Memory
from lead.expert.driver import drive
from lead.expert.facts import ScenarioFact
from lead.expert.scene import LANE_POINTS, Actors, Ego, LightState, Neighbour, Route, Scene, Signals
from lead.kinds import Kind

SPACING_M = 0.5
HOUSES = 60


def route() -> Route:
    """A gentle bend with a junction in it."""
    s = np.arange(60.0, 240.0, SPACING_M)
    yaw = 0.004 * (s - 100.0)
    points = np.column_stack([np.cumsum(np.cos(yaw)), np.cumsum(np.sin(yaw)), np.zeros(len(s))])
    points[:, :2] = SPACING_M * (points[:, :2] - points[80, :2])
    ones = np.ones(len(s))
    return Route(
        s=s,
        points=points,
        yaw=yaw,
        turn_speed=15.0 * ones,
        width=3.5 * ones,
        in_junction=(s > 130.0) & (s < 155.0),
        left=np.full(len(s), int(Neighbour.ONCOMING)),
        right=np.full(len(s), int(Neighbour.NONE)),
        left_offset=3.5 * ones,
        right_offset=3.5 * ones,
        lane=np.zeros(len(s), dtype=np.int64),
        length=1000.0,
    )


def traffic(rng: np.random.Generator, count: int) -> Actors:
    """Cars in all directions, every fifth a walker, none of them within 8 m of the ego."""
    walks = np.arange(count) % 5 == 0
    yaw = rng.uniform(-np.pi, np.pi, count)
    speed = np.where(walks, 1.3, rng.uniform(0.0, 12.0, count))
    bearing, distance = rng.uniform(-np.pi, np.pi, count), rng.uniform(8.0, 70.0, count)
    extent = np.where(walks[:, None], (0.3, 0.3, 0.9), (2.3, 1.0, 0.8))
    return Actors(
        id=np.arange(count) + 1,
        kind=np.where(walks, int(Kind.WALKER), int(Kind.VEHICLE)),
        centre=np.column_stack([distance * np.cos(bearing), distance * np.sin(bearing), extent[:, 2]]),
        extent=extent,
        yaw=yaw,
        velocity=np.stack([speed * np.cos(yaw), speed * np.sin(yaw)], axis=1),
        yaw_rate=rng.normal(0.0, 0.1, count),
        acceleration=rng.normal(0.0, 1.0, count),
        standing_s=np.zeros(count),
        has_moved=np.ones(count, dtype=bool),
        is_emergency=np.zeros(count, dtype=bool),
        on_lane=np.zeros(count, dtype=bool),
        lane=np.zeros((count, LANE_POINTS, 2)),
    )


def houses(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Boxes beside the road, as `Scene.walls`."""
    x, side = rng.uniform(-30.0, 70.0, count), rng.choice([-1.0, 1.0], count)
    y = side * rng.uniform(22.0, 45.0, count)
    sizes = rng.uniform(2.0, 8.0, (count, 2))
    return np.column_stack([x, y, rng.uniform(-np.pi, np.pi, count), sizes, np.zeros(count), np.full(count, 8.0)])


def scenes(actors: int, ticks: int) -> list[Scene]:
    """Unlike scenes at 20 Hz."""
    rng = np.random.default_rng(0)
    around = houses(rng, HOUSES)
    lights = Signals(
        light_id=np.array([1]),
        light_s=np.array([129.0]),
        light_position=np.array([[60.0, 5.0, 5.0]]),
        light_state=np.array([int(LightState.GREEN)]),
        stop_id=np.zeros(0, dtype=np.int64),
        stop_s=np.zeros(0),
    )
    fact = ScenarioFact("turn", "SignalizedJunctionLeftTurn", True, (2, 3, 4))
    road = route()
    ego = Ego(np.zeros(3), 0.0, 8.0, 100.0)
    return [
        Scene(0.05 * n, ego, traffic(rng, actors), road, lights, np.zeros((3, 2)), walls=around, facts=(fact,))
        for n in range(ticks)
    ]


def plan_all(made: list[Scene]) -> list[float]:
    """Milliseconds of processor time of each tick."""
    memory, config, spent = Memory(), ExpertConfig(), []
    for scene in made:
        begin = time.thread_time()
        _, memory = drive(scene, memory, config)
        spent.append(1e3 * (time.thread_time() - begin))
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actors", type=int, default=80)
    parser.add_argument("--ticks", type=int, default=1000)
    options = parser.parse_args()
    made = scenes(options.actors, options.ticks)
    plan_all(made[:20])
    spent = np.array(plan_all(made))
    print(machine())
    print(f"{options.actors} actors: median {np.median(spent):.2f} ms, 99 % below {np.percentile(spent, 99):.2f} ms")
    with cProfile.Profile() as profile:
        plan_all(made)
    pstats.Stats(profile).sort_stats("tottime").print_stats(10)


if __name__ == "__main__":
    main()
