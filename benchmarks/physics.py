"""Time of a physics step: `python benchmarks/physics.py [--ticks 2000]` prints milliseconds a tick.

Cars drive in circles on a plane; a box stands in the way of every tenth of them, thousands stand around.
"""

import argparse
import time

import numpy as np

from carlet.actors.table import ActorTable, Kind
from carlet.physics import Obstacles, Surroundings, step

DT = 0.05
SIZE = 400.0
SPACING = 40.0
BUDGET_MS = {30: 0.25, 100: 0.6}


def flat(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ground at z = 0."""
    normals = np.zeros((len(points), 3))
    normals[:, 2] = 1.0
    return np.zeros(len(points)), normals


def surroundings(rng: np.random.Generator, places: np.ndarray, count: int = 5000) -> Surroundings:
    """A plane with boxes of the size of poles and walls, clear of most of the circles at `places` (n, 2)."""
    middle = rng.uniform(-SIZE, SIZE, (count, 2))
    gaps = np.hypot(*(middle[:, None] - places[None]).transpose(2, 0, 1)).min(axis=1)
    middle = np.concatenate([middle[gaps > 0.4 * SPACING], places[::10] + (6.0, 6.0)])
    centre = np.column_stack([middle, np.ones(len(middle))])
    extent = np.column_stack([rng.uniform(0.1, 1.0, (len(middle), 2)), np.full(len(middle), 2.0)])
    solid = Obstacles.build(centre, extent, rng.uniform(-3, 3, len(middle)))
    return Surroundings(flat, solid, (-SIZE, -SIZE, SIZE, SIZE))


def traffic(rng: np.random.Generator, places: np.ndarray) -> ActorTable:
    """Cars at `places` (n, 2) with pedals and steering that stay as they are."""
    table = ActorTable()
    for actor, (x, y) in enumerate(places, start=1):
        table.add(
            actor,
            kind=Kind.VEHICLE,
            simulates=True,
            collides=True,
            mass=1696.0,
            location=(x, y, 0.3),
            box_centre=(0.0, 0.0, 0.75),
            box_extent=(2.4462, 0.9184, 0.7451),
            throttle=rng.uniform(0.3, 0.45),
            steer=0.6,
        )
    return table


def milliseconds(count: int, ticks: int) -> tuple[float, float, float]:
    """Median and 99th percentile of a tick in ms, and contacts a tick."""
    rng = np.random.default_rng(1)
    places = SPACING * (np.stack(np.divmod(np.arange(count), 10), axis=1) - 5.0)
    table, world = traffic(rng, places), surroundings(rng, places)
    for _ in range(20):
        step(table, world, DT)
    times, contacts = np.empty(ticks), 0
    for k in range(ticks):
        start = time.perf_counter()
        contacts += len(step(table, world, DT))
        times[k] = time.perf_counter() - start
    return 1e3 * float(np.median(times)), 1e3 * float(np.percentile(times, 99)), contacts / ticks


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=2000)
    ticks = parser.parse_args().ticks
    print("vehicles  median ms  p99 ms  contacts/tick  budget ms")
    for count, budget in BUDGET_MS.items():
        median, slow, contacts = milliseconds(count, ticks)
        print(f"{count:8d}  {median:9.3f}  {slow:6.3f}  {contacts:13.2f}  {budget:9.2f}")


if __name__ == "__main__":
    main()
