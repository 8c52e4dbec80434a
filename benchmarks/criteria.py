"""Milliseconds a tick that the evaluator itself takes: `python benchmarks/criteria.py [--routes FILE]`.

A route is driven in carlet with background traffic; reading the tick, judging it, keeping scenarios, traffic and
weather are timed apart from the simulator and the agent.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from server import machine

from lead.evaluation.config import EvaluationConfig
from lead.evaluation.observe import TickReader
from lead.evaluation.play import Play
from lead.evaluation.route_drive import Panel
from lead.evaluation.runner import evaluate
from lead.evaluation.weather import RouteWeather
from lead.routes import read_routes
from lead.simulator import ServerConfig

ROUTE = Path(__file__).parent.parent / "examples" / "town12.xml"
BUDGET_MS = 1.5
PARTS = ((TickReader, "read"), (Panel, "judge"), (Play, "step"), (RouteWeather, "apply"))


def timed(function: Callable, times: list[float]) -> Callable:
    def wrapper(*arguments, **keywords):
        begin = time.perf_counter()
        result = function(*arguments, **keywords)
        times.append(1e3 * (time.perf_counter() - begin))
        return result

    return wrapper


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--routes", type=Path, default=ROUTE)
    routes = parser.parse_args().routes
    times: dict[str, list[float]] = defaultdict(list)
    for kind, name in PARTS:
        setattr(kind, name, timed(getattr(kind, name), times[f"{kind.__name__}.{name}"]))
    server = ServerConfig(town=read_routes(routes)[0].town)
    with tempfile.TemporaryDirectory() as folder:
        attempt = evaluate(EvaluationConfig("route_follower", routes, Path(folder), server=server)).attempts[0]
    print(f"{machine()}; {attempt.town}, {attempt.ticks} ticks")
    for name, spent in times.items():
        print(
            f"{name:26} mean {np.mean(spent):.3f} ms, 99 % {np.percentile(spent, 99):.3f} ms, most {max(spent):.1f} ms"
        )
    judged = np.mean(times["TickReader.read"]) + np.mean(times["Panel.judge"])
    print(f"observation and criteria: {judged:.2f} ms a tick, budget {BUDGET_MS} ms: {judged <= BUDGET_MS}")


if __name__ == "__main__":
    main()
