"""Ticks per second of a whole evaluation: carlet, Traffic Manager, criteria and the route follower.

python benchmarks/evaluation.py                # a route of our own in Town12 with 40 background cars
python benchmarks/evaluation.py --routes FILE
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from server import machine

from lead.evaluation.config import EvaluationConfig
from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.records import RouteRecord
from lead.evaluation.runner import evaluate
from lead.simulator import ServerConfig
from lead.traffic import BackgroundConfig

ROUTE = Path(__file__).parent.parent / "examples" / "town12.xml"
ROUND_TICKS = 200


class Stopwatch:
    """Counts ticks and cars of every route."""

    def on_route_start(self, context: RouteContext) -> None:
        self.cars: list[int] = []
        self.rates: list[float] = []
        self._begin, self._ticks = time.perf_counter(), 0

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        self._ticks += 1
        if self._ticks % ROUND_TICKS == 0:
            now = time.perf_counter()
            self.rates.append(ROUND_TICKS / (now - self._begin))
            self._begin = now
            self.cars.append(len(context.world.get_actors().filter("vehicle.*")) - 1)

    def on_route_end(self, record: RouteRecord) -> None:
        if not self.rates:
            print(f"{record.route_id}: {record.status}, too short to measure")
            return
        print(
            f"{record.route_id}: {record.status}, {self._ticks} ticks, {statistics.mean(self.cars):.0f} cars on "
            f"average: median {statistics.median(self.rates):.0f} ticks/s ({min(self.rates):.0f} to "
            f"{max(self.rates):.0f} in rounds of {ROUND_TICKS})",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--routes", type=Path, default=ROUTE)
    parser.add_argument("--cars", type=int, default=40)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        config = EvaluationConfig(
            agent="route_follower",
            routes=options.routes,
            output=Path(folder),
            server=ServerConfig(town="Town12"),
            background=BackgroundConfig(front_vehicles=options.cars // 4, back_vehicles=options.cars // 4),
        )
        evaluate(config, [Stopwatch()])


if __name__ == "__main__":
    main()
