"""What recording costs: seconds of driving recorded per second, and size, with LEAD's full rig and its perturbed twin.

python benchmarks/recording.py                 # half a minute of a route in Town03
python benchmarks/recording.py --rig lead_6cameras --routes FILE --seconds 60

CPU seconds are those of the simulator and of the driving process, its writing threads included; they tell what a
machine that has other work to do cannot tell by the clock.
"""

import argparse
import tempfile
import time
from pathlib import Path

import psutil
from server import machine

from lead.evaluation.config import EvaluationConfig
from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.records import RouteRecord
from lead.evaluation.runner import evaluate
from lead.recording.config import RecorderConfig
from lead.recording.layout.route import find_routes
from lead.recording.recorder import Recorder
from lead.recording.stats import count_route
from lead.sensors import find_rig
from lead.simulator import ServerConfig

ROUTE = Path(__file__).parent.parent / "examples" / "demo_town03.xml"
LEAD_GB_PER_HOUR = 200.0 / 72.0
WARM_UP_S = 2.0


class EnoughError(Exception):
    """The part of the route that is measured is over."""


class Stopwatch:
    """Measures from a little after the start until enough was driven."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self.wall = self.driven = self.own = self.server = 0.0
        self._begin: tuple[float, float, float, float] | None = None

    def on_route_start(self, context: RouteContext) -> None:
        self._servers = psutil.Process().children(recursive=True)

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        if seen.time_s < WARM_UP_S:
            return
        now = (time.perf_counter(), seen.time_s, time.process_time(), self._server_cpu())
        if self._begin is None:
            self._begin = now
        self.wall, self.driven, self.own, self.server = (
            later - earlier for later, earlier in zip(now, self._begin, strict=True)
        )
        if self.driven >= self.seconds:
            raise EnoughError

    def on_route_end(self, record: RouteRecord) -> None:
        pass

    def _server_cpu(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._servers)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--routes", type=Path, default=ROUTE)
    parser.add_argument("--rig", default="lead_3cameras")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--agent", default="route_follower")
    options = parser.parse_args()
    print(machine(), f"load {psutil.getloadavg()[0]:.1f}")
    watch = Stopwatch(options.seconds)
    with tempfile.TemporaryDirectory() as folder:
        config = EvaluationConfig(
            options.agent, options.routes, Path(folder) / "out", server=ServerConfig(), attempts=1
        )
        try:
            with Recorder(RecorderConfig(Path(folder) / "data", find_rig(options.rig))) as recorder:
                evaluate(config, [recorder, watch])
        except EnoughError:
            pass
        (route,) = find_routes(Path(folder) / "data")
        one = count_route(route)
    print(
        f"{options.rig}: {watch.driven / watch.wall:.2f} s of driving recorded per second; CPU seconds per second of "
        f"driving: {watch.server / watch.driven:.2f} of the simulator, {watch.own / watch.driven:.2f} of the driver"
    )
    print(f"{one.frames} frames, {one.gb_per_hour:.2f} GB per hour (LEAD's: {LEAD_GB_PER_HOUR:.2f})")


if __name__ == "__main__":
    main()
