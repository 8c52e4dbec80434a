"""Real-time factor of a drive with a student on board: simulator, sensors, traffic, criteria and the model.

python benchmarks/student.py                       # tfv6_nano as it begins, in Town03
python benchmarks/student.py --checkpoint FOLDER --ways "threads=2" "inference_ticks=2 precision=bfloat16"

The route follower drives, so that all ways of running the model meet the same traffic; the student is asked every tick.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import torch
from server import machine

from lead.agents import SensorInterface
from lead.agents.sensor.config import parse_config
from lead.agents.sensor.student import Student
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.records import RouteRecord
from lead.evaluation.runner import evaluate
from lead.models.tfv6.checkpoint import save_pretrained
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.recipes import find_recipe
from lead.simulator import ServerConfig

ROUTE = Path(__file__).parent.parent / "examples" / "demo_town03.xml"
WARM_TICKS = 20
ROUND_TICKS = 50
TICK_S = 0.05


class Passenger:
    """Lets the student see and plan in every tick, and takes the times."""

    def __init__(self, checkpoint: Path, settings: str, ticks: int):
        self.checkpoint, self.settings, self.ticks = checkpoint, settings, ticks
        self.walls: list[float] = []
        self.shares: dict[str, list[float]] = {"sensors": [], "student": []}
        self.cpu: tuple[float, float] = (0.0, 0.0)

    def on_route_start(self, context: RouteContext) -> None:
        agent = context.agent
        plan = agent._global_plan or (), agent._global_plan_world_coord or ()
        self.student = Student(self.checkpoint, parse_config(self.settings), *plan)
        self.interface = SensorInterface()
        self.interface.attach(context.world, context.ego, self.student.rig.agent_sensors())
        self.interface.warm_up(context.world, context.tick)
        self.me = psutil.Process()
        self.server = max(self.me.children(recursive=True), key=lambda process: process.memory_info().rss)
        self.last = time.perf_counter()

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        with self.timed("sensors"):
            data = self.interface.get_data(seen.frame, 60.0)
        with self.timed("student"):
            self.student.step({name: reading for name, (_, reading) in data.items()})
        now = time.perf_counter()
        self.walls.append(now - self.last)
        self.last = now
        if len(self.walls) == WARM_TICKS:
            self.begun = self.cpu_times()
        if len(self.walls) == WARM_TICKS + self.ticks:
            self.report()
            self.interface.detach()
            raise KeyboardInterrupt

    def on_route_end(self, record: RouteRecord) -> None: ...

    def cpu_times(self) -> tuple[float, float]:
        return tuple(sum(process.cpu_times()[:2]) for process in (self.me, self.server))  # type: ignore[return-value]

    def report(self) -> None:
        walls = self.walls[WARM_TICKS:]
        rounds = [sum(walls[i : i + ROUND_TICKS]) / ROUND_TICKS for i in range(0, len(walls), ROUND_TICKS)]
        both = zip(self.begun, self.cpu_times(), strict=True)
        driver, simulator = (1000.0 * (after - before) / len(walls) for before, after in both)
        parts = ", ".join(f"{name} {1000 * statistics.median(times):.0f}" for name, times in self.shares.items())
        print(
            f"{self.settings or 'as it is'}: {TICK_S / statistics.median(rounds):.2f} x real time"
            f" ({TICK_S / max(rounds):.2f} to {TICK_S / min(rounds):.2f} in rounds of {ROUND_TICKS} ticks);"
            f" ms a tick: {parts}; CPU ms a tick: driver {driver:.0f}, simulator {simulator:.0f}",
            flush=True,
        )

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        self.shares[name].append(time.perf_counter() - begin)


def measure(checkpoint: Path, settings: str, options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, suppress(KeyboardInterrupt):
        config = EvaluationConfig("route_follower", options.routes, Path(folder), server=ServerConfig(town="Town03"))
        evaluate(config, [Passenger(checkpoint, settings, options.ticks)])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--routes", type=Path, default=ROUTE)
    parser.add_argument("--ticks", type=int, default=200)
    parser.add_argument("--ways", nargs="*", default=["", "threads=2", "threads=2 inference_ticks=2"])
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = options.checkpoint
        if checkpoint is None:
            torch.manual_seed(0)
            checkpoint = Path(folder)
            save_pretrained(TFv6(find_recipe("tfv6_nano")), checkpoint)
        for settings in options.ways:
            measure(checkpoint, settings, options)


if __name__ == "__main__":
    main()
