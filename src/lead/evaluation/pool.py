"""Worker processes that drive the routes of a run side by side, each with a simulator of its own.

Workers that CARLA's client takes down are started again; the route that they were driving counts as spoiled by the
simulator. Start a pool before any thread is started: workers are forks.
"""

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from typing import Protocol

from lead.evaluation.attempt import Attempt
from lead.evaluation.route_drive import Task, lost_attempt
from lead.evaluation.run import Run
from lead.evaluation.schedule import Schedule
from lead.evaluation.worker import WORN_OUT, Channel, Moved, Observe, WorkerError, work
from lead.simulator import Outcome, SimulatorError

logger = logging.getLogger(__name__)

_REFRESH_S = 0.2
_END_S = 20.0
_READ_BYTES = 1 << 16
_REACH = 20


class View(Protocol):
    """Who shows how a pool gets on; workers are numbered from 1."""

    def on_start(self, worker: int, task: Task) -> None:
        """A worker began a route."""
        ...

    def on_move(self, worker: int, moved: Moved) -> None:
        """A worker got on."""
        ...

    def on_end(self, worker: int, attempt: Attempt, is_settled: bool) -> None:
        """An attempt ended; `is_settled`: the route will not be driven again."""
        ...

    def on_line(self, worker: int, line: str) -> None:
        """A worker printed something."""
        ...

    def refresh(self) -> None:
        """Time passed."""
        ...


def drive_in_workers(run: Run, count: int, observe: Observe, view: View, in_turn: bool = False) -> list[Attempt]:
    """Drive all that is not finished in `count` processes; the attempts made, in the order of their ends.

    Several begin with the longest routes, or with `in_turn` with the first ones, but for a few that spare them changes
    of towns.

    `observe` is called in every worker. However this ends, the workers and their simulators end with it, and what was
    finished is kept. Raises what a worker raised: RouteError, TownError or AgentLoadError at once; SimulatorError or
    WorkerError when no worker is left that could go on.
    """
    todo = run.todo
    if not todo:
        return []
    longest_first = count > 1 and not in_turn
    pool = _Pool(run, observe, view, Schedule(todo, run.config.attempts, longest_first, _REACH if count > 1 else 1))
    try:
        return pool.drive(min(count, len(todo)))
    finally:
        pool.end()


class _Worker:
    """The parent's end of a worker."""

    def __init__(self, number: int, run: Run, observe: Observe):
        self.number = number
        self.task: Task | None = None
        self.attempt = 0
        self.town = ""
        self.error: Exception | None = None
        self.connection, theirs = multiprocessing.Pipe()
        self.output, their_output = os.pipe()
        self._printed = b""
        context = multiprocessing.get_context("fork")
        channel = Channel(theirs, their_output)
        self.process = context.Process(target=_main, args=(os.getpid(), run, observe, channel))
        self.process.start()
        theirs.close()
        os.close(their_output)

    @property
    def sources(self) -> list[Connection | int]:
        """What there is to wait for."""
        return [self.connection, self.output, self.process.sentinel]

    def begin(self, task: Task, attempt: int) -> None:
        """Hand over a task."""
        self.task, self.attempt, self.town = task, attempt, task.route.town
        self._send((task.key.index, attempt))

    def messages(self) -> list[Moved | Attempt | Exception]:
        """What it has sent and we have not read."""
        found = []
        try:
            while self.connection.poll():
                found.append(self.connection.recv())
        except (EOFError, ConnectionResetError):
            pass
        return found

    def lines(self, to_the_end: bool = False) -> list[str]:
        """What it has printed since; with `to_the_end` the unfinished last line too."""
        while wait([self.output], 0.0) and (data := os.read(self.output, _READ_BYTES)):
            self._printed += data
            if not to_the_end:
                break
        *whole, self._printed = self._printed.split(b"\n")
        if to_the_end and self._printed:
            whole, self._printed = [*whole, self._printed], b""
        return [line.decode(errors="replace") for line in whole]

    def ask_to_end(self, now: bool) -> None:
        """Let it end after its task, or `now`."""
        if not now:
            self._send(None)
        elif self.process.is_alive() and self.process.pid is not None:
            os.kill(self.process.pid, signal.SIGINT)

    def close(self) -> None:
        """Wait for the process, which has ended, and give back what it took."""
        self.process.join()
        self.connection.close()
        os.close(self.output)

    def _send(self, message: tuple[int, int] | None) -> None:
        try:
            self.connection.send(message)
        except BrokenPipeError:
            logger.debug("worker %d is gone; its end will be noticed", self.number)


def _main(parent: int, run: Run, observe: Observe, channel: Channel) -> None:
    raise SystemExit(work(parent, run, observe, channel))


class _Pool:
    """The workers of a run and what is still to be driven."""

    def __init__(self, run: Run, observe: Observe, view: View, schedule: Schedule):
        self._run, self._observe, self._view, self._schedule = run, observe, view, schedule
        self._workers: list[_Worker] = []
        self._attempts: list[Attempt] = []
        self._idle_crashes = 0

    def drive(self, count: int) -> list[Attempt]:
        """Start so many workers and keep them busy until nothing is left."""
        for number in range(1, count + 1):
            self._start(number)
        while not self._schedule.is_done:
            self._hand_out()
            wait([source for worker in self._workers for source in worker.sources], _REFRESH_S)
            for worker in tuple(self._workers):
                self._hear(worker)
            self._view.refresh()
        return self._attempts

    def end(self) -> None:
        """End all workers: politely when they are through, at once when not, and by force when they do not listen."""
        through = self._schedule.is_done
        for worker in self._workers:
            worker.ask_to_end(now=not through)
        deadline = time.monotonic() + _END_S
        while (alive := [one for one in self._workers if one.process.is_alive()]) and time.monotonic() < deadline:
            wait([source for worker in alive for source in worker.sources], _REFRESH_S)
            for worker in alive:
                self._show(worker.number, worker.lines())
                worker.messages()
        for worker in self._workers:
            worker.process.kill()
            worker.close()

    def _start(self, number: int) -> None:
        self._workers.append(_Worker(number, self._run, self._observe))

    def _hand_out(self) -> None:
        for worker in self._workers:
            task = self._schedule.take(worker.town) if worker.task is None else None
            if task is not None:
                worker.begin(task, self._run.next_number(task))
                self._view.on_start(worker.number, task)

    def _hear(self, worker: _Worker) -> None:
        # Asked first, so that nothing comes after what is read below.
        is_over = not worker.process.is_alive()
        self._show(worker.number, worker.lines(to_the_end=is_over))
        for message in worker.messages():
            if isinstance(message, Moved):
                self._view.on_move(worker.number, message)
            elif isinstance(message, Attempt):
                self._settle(worker, message)
            else:
                worker.error = message
        if is_over:
            self._workers.remove(worker)
            worker.close()
            self._replace(worker)

    def _show(self, number: int, lines: Sequence[str]) -> None:
        for line in lines:
            self._view.on_line(number, line)

    def _settle(self, worker: _Worker, attempt: Attempt) -> None:
        task, worker.task = worker.task, None
        if task is None:
            return
        is_settled = self._schedule.settle(task, attempt)
        self._attempts.append(attempt)
        self._run.write([attempt])
        self._view.on_end(worker.number, attempt, is_settled)

    def _replace(self, worker: _Worker) -> None:
        """Start a worker again that is worn out or that CARLA's client took down; raise what another one told before it
        ended.
        """
        code = worker.process.exitcode or 0
        if worker.error is not None:
            self._do_without(worker, worker.error)
            return
        if code == WORN_OUT:
            if worker.task is not None:
                self._schedule.give_back(worker.task)
            self._start(worker.number)
            return
        if code >= 0:
            raise WorkerError(f"worker {worker.number} ended with code {code}; what it printed last says why")
        name = signal.Signals(-code).name
        if worker.task is not None:
            self._settle(worker, self._crashed(worker.task, worker.attempt, name))
        else:
            self._idle_crashes += 1
        if self._idle_crashes > self._run.config.attempts:
            raise WorkerError(f"workers are ended by {name} before they drive anything")
        self._start(worker.number)

    def _do_without(self, worker: _Worker, error: Exception) -> None:
        if not isinstance(error, SimulatorError) or not self._workers:
            raise error
        logger.warning("worker %d cannot go on: %s", worker.number, error)
        if worker.task is not None:
            self._schedule.give_back(worker.task)

    def _crashed(self, task: Task, number: int, name: str) -> Attempt:
        """The attempt of a worker that a signal ended: what it kept of it, or the note that it crashed."""
        key = (task.key.id, task.key.repetition)
        kept = next((one for one in self._run.store.read() if one.key == key and one.number == number), None)
        if kept is not None:
            return kept
        error = f"CARLA's client crashed ({name}), as it does when the simulator dies"
        logger.warning("route %s, attempt %d: %s", task.route.id, number, error)
        attempt = lost_attempt(task, number, Outcome.CLIENT_CRASHED, error)
        self._run.store.add(attempt)
        return attempt
