"""What people see of a run: a line for every worker, one for all, and what ended."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from lead.commands.progress import ProgressView
from lead.evaluation.attempt import Attempt, RunIdentity, Timing, Versions
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.protocol import find_protocol
from lead.evaluation.records import Drive, RouteKey, make_record
from lead.evaluation.route_drive import Task
from lead.evaluation.worker import Moved
from lead.routes import Route
from lead.simulator import Outcome

PROTOCOL = find_protocol("leaderboard@2.0")
CURSOR_MOVES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
RUN = RunIdentity(PROTOCOL.name, "aaaa", "bbbb", "cccc", 0)


class Watched:
    """A view on a terminal without colours, and a clock that we turn."""

    def __init__(self, todo: list[Task], total: int, workers: int) -> None:
        self.now = 100.0
        self._file = io.StringIO()
        console = Console(file=self._file, force_terminal=True, color_system=None, width=150, legacy_windows=False)
        self.view = ProgressView(console, todo, total, workers, clock=lambda: self.now)

    def text(self) -> str:
        """What was written since the last time, drawn lines included."""
        self._file.seek(0)
        self._file.truncate()
        self.view.refresh()
        return self._read()

    def line_of(self, what: str) -> str:
        """The one line that says `what`, with single spaces."""
        (line,) = (line for line in self.text().splitlines() if what in line)
        return " ".join(line.split())

    @contextmanager
    def said(self) -> Iterator[list[str]]:
        """The lines that come while this is open."""
        self.text()
        lines: list[str] = []
        yield lines
        lines += self._read().splitlines()

    def _read(self) -> str:
        return CURSOR_MOVES.sub("", self._file.getvalue())


def task(index: int, length_m: float = 1000.0) -> Task:
    route = Route(str(index + 7), "Town01", np.array([[0.0, 0.0, 0.0], [length_m, 0.0, 0.0]]))
    config = EvaluationConfig("route_follower", Path("routes.xml"), Path("out"))
    return Task(RouteKey(index, route.id, 0), 3, route, PROTOCOL, config, RUN)


def attempt(of: Task, game_s: float, outcome: Outcome = Outcome.COMPLETED) -> Attempt:
    record = make_record(of.key, Drive(100.0, (), 1000.0, game_s, 10.0), PROTOCOL)
    timing, versions = Timing("2026-01-02T03:04:05+00:00", 10.0), Versions("0.1.0", "0.9.16")
    return Attempt(RUN, 1, of.route.id, 0, "Town01", record, timing, versions, outcome)


@pytest.fixture
def two() -> Iterator[Watched]:
    """Two workers who drive the last two of three routes, of 1 km each, for ten seconds."""
    watched = Watched([task(1), task(2)], 3, 2)
    with watched.view:
        for worker in (1, 2):
            watched.view.on_start(worker, task(worker))
        watched.now += 10.0
        watched.view.on_move(1, Moved(share=0.5, speed=8.25, time_s=40.0, infractions=0))
        watched.view.on_move(2, Moved(share=0.25, speed=4.0, time_s=20.0, infractions=2))
        yield watched


def test_every_worker_has_a_line(two: Watched):
    first, second = two.line_of("worker 1: "), two.line_of("worker 2: ")
    assert first.startswith("worker 1: RouteScenario_8_rep0 Town01 ")
    assert first.endswith("50.0 % 4.0 x real time 8.2 m/s")
    assert second.endswith("25.0 % 2.0 x real time 4.0 m/s 2 infractions")


def test_the_sum_counts_metres_and_the_game_time_of_all(two: Watched):
    assert two.line_of("of 3 routes").startswith("1 of 3 routes ")
    # 750 of 2000 m took 10 s, so 1250 m take 17 s more; 60 s were driven in 10 s.
    assert two.line_of("of 3 routes").endswith("37.5 % 6.0 x real time 0:00:17 left")


def test_a_finished_route_is_told_and_counted(two: Watched):
    with two.said() as lines:
        two.view.on_end(1, attempt(task(1), 80.0), is_settled=True)
    assert "[2/3] RouteScenario_8_rep0 Town01: Perfect, driving score 100.0, 80 s" in "".join(lines)
    assert "worker 1: " not in two.text()
    # Worker 2's 250 m and 20 s are still under way.
    assert two.line_of("of 3 routes").endswith("62.5 % 10.0 x real time 0:00:06 left")
    assert two.line_of("of 3 routes").startswith("2 of 3 routes ")


def test_a_spoiled_route_is_not_counted(two: Watched):
    spoiled = attempt(task(2), 20.0, Outcome.SERVER_DIED)
    with two.said() as lines:
        two.view.on_end(2, spoiled, is_settled=False)
    assert "[1/3] RouteScenario_9_rep0 Town01: Perfect, will be driven again, 20 s" in "".join(lines)
    assert two.line_of("of 3 routes").startswith("1 of 3 routes ")
    assert " 25.0 % " in two.line_of("of 3 routes")
    two.view.on_start(2, task(2))
    assert two.line_of("worker 2: ").endswith("0.0 % 0.0 x real time")


def test_a_worker_that_begins_again_has_one_line(two: Watched):
    two.view.on_start(1, task(0))
    assert "RouteScenario_7_rep0" in two.line_of("worker 1: ")


@pytest.mark.parametrize(("workers", "prefix"), [(1, ""), (2, "worker 1: ")])
def test_what_a_worker_prints_is_shown_as_it_is(workers: int, prefix: str):
    watched = Watched([task(0)], 1, workers)
    with watched.view, watched.said() as lines:
        watched.view.on_line(1, "[red]loss[/red] = 0.5")
    assert any(line.endswith(f"{prefix}[red]loss[/red] = 0.5") for line in lines)


def test_nothing_to_drive_is_all_of_it():
    watched = Watched([], 3, 1)
    with watched.view:
        assert watched.line_of("of 3 routes").startswith("3 of 3 routes ")
        assert "100.0 %" in watched.line_of("of 3 routes")


def test_before_anything_moved_no_time_is_told():
    watched = Watched([task(0)], 1, 1)
    with watched.view:
        watched.view.on_start(1, task(0))
        assert "left" not in watched.text()
