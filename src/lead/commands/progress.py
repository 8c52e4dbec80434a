"""How a run gets on, for people: a line for every worker, and one for all."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from lead.evaluation.attempt import Attempt
from lead.evaluation.route_drive import Task
from lead.evaluation.worker import Moved

_SHORTEST_S = 1e-3


class ProgressView:
    """Shows where each worker is: route, percent driven, speed and how much faster than real time it runs; below, how
    many of `total` routes are done, the time that is left, and the game time of all workers per time on the wall.

    `todo`: what is to be driven now. What workers print goes above; with more than one, their numbers go before it.
    `clock`: seconds on the wall.
    """

    def __init__(
        self,
        console: Console,
        todo: Sequence[Task],
        total: int,
        workers: int,
        clock: Callable[[], float] = time.perf_counter,
    ):
        # Drawn by hand: a thread that draws would be there when workers are forked.
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>5.1f} %"),
            TextColumn("{task.fields[factor]:>5.1f} x real time"),
            TextColumn("{task.fields[note]}"),
            console=console,
            auto_refresh=False,
        )
        self._console, self._workers, self._total = console, workers, total
        self._done = total - len(todo)
        self._all_m = sum(task.length_m for task in todo)
        self._done_m = self._done_s = 0.0
        self._clock, self._begin = clock, clock()
        self._lines: dict[int, _Line] = {}
        self._sum: TaskID = self._progress.add_task("", total=100.0, factor=0.0, note="")

    def __enter__(self) -> "ProgressView":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.refresh()
        self._progress.stop()

    def on_start(self, worker: int, task: Task) -> None:
        """Begin a worker's line."""
        if worker in self._lines:
            self._progress.remove_task(self._lines[worker].row)
        name = f"{task.key.route_id} {task.route.town}"
        row = self._progress.add_task(f"{self._prefix(worker)}{name}", total=100.0, factor=0.0, note="")
        self._lines[worker] = _Line(row, task, self._clock())

    def on_move(self, worker: int, moved: Moved) -> None:
        """Bring a worker's line up to date."""
        line = self._lines[worker]
        line.moved = moved
        self._progress.update(
            line.row,
            completed=100.0 * moved.share,
            factor=moved.time_s / self._seconds_since(line.begin),
            note=f"{moved.speed:4.1f} m/s" + (f"  {moved.infractions} infractions" if moved.infractions else ""),
        )

    def on_end(self, worker: int, attempt: Attempt, is_settled: bool) -> None:
        """Say how a route ended."""
        line, record = self._lines.pop(worker), attempt.record
        self._progress.remove_task(line.row)
        self._done_s += record.duration_game
        end = f"driving score {record.score_composed:.1f}" if is_settled else "will be driven again"
        if is_settled:
            self._done += 1
            self._done_m += line.task.length_m
        seconds = f"{record.duration_game:.0f} s"
        text = f"[{self._done}/{self._total}] {record.route_id} {attempt.town}: {record.status.value}, {end}, {seconds}"
        self._progress.console.print(text, markup=False, highlight=False)

    def on_line(self, worker: int, line: str) -> None:
        """Show what a worker printed."""
        self._progress.console.print(f"{self._prefix(worker)}{line}", markup=False, highlight=False, soft_wrap=True)

    def refresh(self) -> None:
        """Bring the sum up to date and draw."""
        moving = [(line.moved, line.task) for line in self._lines.values() if line.moved is not None]
        metres = self._done_m + sum(moved.share * task.length_m for moved, task in moving)
        game_s = self._done_s + sum(moved.time_s for moved, _ in moving)
        seconds = self._seconds_since(self._begin)
        self._progress.update(
            self._sum,
            description=f"{self._done} of {self._total} routes",
            completed=100.0 * metres / self._all_m if self._all_m else 100.0,
            factor=game_s / seconds,
            note=_time_left(metres, self._all_m, seconds),
        )
        self._progress.refresh()

    def _seconds_since(self, begin: float) -> float:
        return max(self._clock() - begin, _SHORTEST_S)

    def _prefix(self, worker: int) -> str:
        return f"worker {worker}: " if self._workers > 1 else ""


@dataclass
class _Line:
    """A worker's line: the row that shows it, since when (s), and how the drive stands."""

    row: TaskID
    task: Task
    begin: float
    moved: Moved | None = None


def _time_left(done_m: float, all_m: float, seconds: float) -> str:
    if done_m <= 0.0:
        return ""
    return f"{timedelta(seconds=round((all_m - done_m) * seconds / done_m))} left"
