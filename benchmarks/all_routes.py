"""Drives every route of the benchmarks with a privileged driver, and lists what came of routes and scenarios.

python benchmarks/all_routes.py ROUTES/fail2drive ROUTES/longest6 --output FOLDER [--protocol NAME] [--part 1/2]
python benchmarks/all_routes.py --output FOLDER --summary      # what is there so far, as tables

One line of `routes.jsonl` in FOLDER is one route; routes that have one are not driven again. Two processes may share a
folder, a part each.
"""

import argparse
import dataclasses
import json
import multiprocessing
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import carla
from server import machine

from lead.agents import LoadedAgent, load_agent
from lead.evaluation.attempt import Attempt
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.records import RouteRecord, RouteStatus
from lead.evaluation.route_drive import Task, drive_route
from lead.evaluation.run import prepare
from lead.evaluation.stage import Stage, open_stage
from lead.routes import read_routes
from lead.simulator import ServerConfig

_LIVING = ("vehicle.*", "walker.*", "controller.*", "sensor.*", "static.*")
_STANDING = 0.1
_ROUTE_COLUMNS = ("real-time factor", "stood", "not played", "left over", "error")
_TOWN_COLUMNS = ("real-time factor", "scenarios not played", "left over")
_DONE = (RouteStatus.PERFECT.value, RouteStatus.COMPLETED.value)


@dataclass(frozen=True)
class Line:
    """What came of a route; lengths in metres, times in seconds. `stood`: the longest stand, where and why."""

    benchmark: str
    route: str
    town: str
    scenarios: tuple[str, ...]
    status: str
    route_completion: float
    driving_score: float
    infractions: dict[str, list[str]]
    length: float
    game: float
    real_time_factor: float
    wall: float
    not_played: dict[str, str]
    left_over: list[str]
    stood: str
    error: str


class Onlooker:
    """Keeps the drive's world, and the longest time that the ego stood."""

    def __init__(self) -> None:
        self.world: carla.World | None = None
        self.longest = (0.0, "")
        self._since = 0.0

    def on_route_start(self, context: RouteContext) -> None:
        """Begin anew."""
        self.world, self.longest, self._since = context.world, (0.0, ""), 0.0

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        """See whether the ego stands, and why."""
        if seen.ego.speed >= _STANDING:
            self._since = seen.time_s
        elif seen.time_s - self._since > self.longest[0]:
            decision = getattr(context.agent, "decision", None)
            actor = context.world.get_actor(getattr(decision, "actor", 0))
            kind = f" {actor.type_id} ({actor.attributes.get('role_name', '')})" if actor else ""
            x, y, _ = seen.ego.location
            share, reason = 100.0 * seen.progress.share, getattr(decision, "reason", "")
            self.longest = (seen.time_s - self._since, f"{reason}{kind} at {share:.0f} % ({x:.0f}, {y:.0f})")

    def on_route_end(self, record: RouteRecord) -> None:
        """There is nothing to close."""


def left_over(stage: Stage, world: carla.World) -> list[str]:
    """Types of the actors that a drive has left behind."""
    stage.tick(world)
    actors = world.get_actors()
    return sorted(actor.type_id for pattern in _LIVING for actor in actors.filter(pattern))


def drive_one(stage: Stage, task: Task, agent: LoadedAgent, benchmark: str, name: str) -> tuple[Line, bool]:
    """Drive a route; what came of it, and whether the simulator is still good."""
    onlooker, begin = Onlooker(), time.perf_counter()
    result = drive_route(stage, task, 1, agent, [onlooker])
    is_good = not result.outcome.is_infrastructure
    left = left_over(stage, onlooker.world) if is_good and onlooker.world else []
    return _line(result, task, benchmark, name, onlooker.longest, left, time.perf_counter() - begin), is_good


def _line(
    result: Attempt,
    task: Task,
    benchmark: str,
    name: str,
    longest: tuple[float, str],
    left: list[str],
    wall: float,
) -> Line:
    record = result.record
    return Line(
        benchmark=benchmark,
        route=name,
        town=task.route.town,
        scenarios=tuple(scenario.type for scenario in task.route.scenarios),
        status=record.status.value,
        route_completion=record.score_route,
        driving_score=record.score_composed,
        infractions={kind: list(messages) for kind, messages in record.infractions.items() if messages},
        length=record.route_length,
        game=record.duration_game,
        real_time_factor=round(record.duration_game / max(record.duration_system, 1e-3), 2),
        wall=round(wall, 1),
        not_played=dict(result.scenarios.dropped),
        left_over=left,
        stood=f"{longest[0]:.0f} s {longest[1]}" if longest[0] > 20.0 else "",
        error=result.error,
    )


def drive_all(options: argparse.Namespace) -> None:
    """Drive what is not in the file yet."""
    part, parts = map(int, options.part.split("/"))
    done = {(line["benchmark"], line["route"]) for line in read_lines(options.output)}
    files = [
        file for folder in options.routes for file in sorted(folder.glob("*.xml") if folder.is_dir() else [folder])
    ]
    mine = [file for file in files[part - 1 :: parts] if (file.parent.name, file.stem) not in done]
    # To load a town takes longer than many routes.
    todo = sorted(mine, key=lambda file: read_routes(file)[0].town)
    config = EvaluationConfig(options.agent, Path(), options.output / "runs", options.protocol, server=ServerConfig())
    agent = load_agent(options.agent)
    with (options.output / "routes.jsonl").open("a", encoding="utf-8") as out:
        while todo:
            with open_stage(config) as stage:
                for file in tuple(todo):
                    is_good = True
                    for task in prepare(dataclasses.replace(config, routes=file)).tasks:
                        line, is_good = drive_one(stage, task, agent, file.parent.name, file.stem)
                        out.write(json.dumps(dataclasses.asdict(line)) + "\n")
                        out.flush()
                    todo.remove(file)
                    if not is_good:
                        break


def drive_in_child(options: argparse.Namespace) -> int:
    """Drive in a child process, in another one when CARLA's client aborts it, until that does not help any more."""
    done = -1
    while len(read_lines(options.output)) > done:
        done = len(read_lines(options.output))
        child = multiprocessing.get_context("fork").Process(target=drive_all, args=(options,))
        child.start()
        child.join()
        if child.exitcode is not None and child.exitcode >= 0:
            return child.exitcode
    return 1


def read_lines(folder: Path) -> list[dict[str, Any]]:
    """What is in the folder so far; a route's last line counts."""
    file = folder / "routes.jsonl"
    if not file.exists():
        return []
    lines = [json.loads(text) for text in file.read_text(encoding="utf-8").splitlines()]
    return list({(line["benchmark"], line["route"]): line for line in lines}.values())


def tables(lines: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A row a route, then a row a benchmark and town."""
    yield from _head("route", "town", "scenarios", "status", "RC", "DS", "infractions", *_ROUTE_COLUMNS)
    for line in sorted(lines, key=lambda line: (line["benchmark"], line["route"])):
        scenarios = ", ".join(sorted(set(line["scenarios"])))
        infractions = ", ".join(f"{len(messages)} {kind}" for kind, messages in line["infractions"].items())
        not_played = "; ".join(f"{name}: {reason}" for name, reason in line["not_played"].items())
        cells = [f"{line['benchmark']}/{line['route']}", line["town"], scenarios, line["status"]]
        cells += [f"{line['route_completion']:.0f}", f"{line['driving_score']:.0f}", infractions]
        cells += [
            f"{line['real_time_factor']:.1f}",
            line["stood"],
            not_played,
            " ".join(line["left_over"]),
            line["error"],
        ]
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield from _head("benchmark", "town", "routes", "completed", "mean RC", "mean DS", *_TOWN_COLUMNS)
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        groups[line["benchmark"], line["town"]].append(line)
    for (benchmark, town), group in sorted(groups.items()):
        yield f"| {benchmark} | {town} | {' | '.join(_summary(group))} |"


def _head(*columns: str) -> tuple[str, str]:
    return f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)


def _summary(group: Sequence[dict[str, Any]]) -> list[str]:
    return [
        str(len(group)),
        str(sum(line["status"] in _DONE for line in group)),
        f"{statistics.mean(line['route_completion'] for line in group):.1f}",
        f"{statistics.mean(line['driving_score'] for line in group):.1f}",
        f"{statistics.median(line['real_time_factor'] for line in group):.1f}",
        str(sum(len(line["not_played"]) for line in group)),
        str(sum(len(line["left_over"]) for line in group)),
    ]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("routes", type=Path, nargs="*")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--protocol", default="leaderboard@2.0")
    parser.add_argument("--agent", default="route_follower")
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--summary", action="store_true")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    if not options.summary:
        code = drive_in_child(options)
        if code:
            return code
    print(machine())
    print("\n".join(tables(read_lines(options.output))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
