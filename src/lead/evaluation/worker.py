"""A process that drives the routes it is told, one after the other, and tells how they go.

CARLA's client ends its process with SIGABRT when the simulator dies: the Traffic Manager's threads poll it, and nothing
in that process can prevent it. So whoever drives is a child, and what it has finished is on disk by then.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType

from lead.agents import AgentLoadError, load_agent
from lead.evaluation.driver import Driver
from lead.evaluation.observation import Observation
from lead.evaluation.observers import Observer, RouteContext
from lead.evaluation.records import RouteRecord
from lead.evaluation.run import Run
from lead.evaluation.store import StoreError
from lead.simulator import SimulatorError

#: Makes the observers of one worker; the context is left when the worker ends.
Observe = Callable[[], AbstractContextManager[Sequence[Observer]]]

INTERRUPTED = 130
#: Exit code of a worker that has grown by so much since its first route: CARLA's Traffic Manager never gives back the
#: map of a town that was left, some 230 MiB for Town12.
WORN_OUT, GROWTH_MIB = 75, 2048.0
_REPORT_TICKS = 10
_PR_SET_PDEATHSIG = 1


class WorkerError(Exception):
    """A worker that cannot go on, or one of its observers; the message is one sentence."""


@dataclass(frozen=True)
class Moved:
    """How a drive stands: share of the route driven, speed (m/s), game time (s) and infractions so far."""

    share: float
    speed: float
    time_s: float
    infractions: int


@dataclass(frozen=True)
class Channel:
    """A worker's line to its parent. In come tasks, each an index and the number of the attempt, and `None` to end;
    out go `Moved`, `Attempt` or an error. `output` is the file descriptor that takes all that is printed.
    """

    connection: Connection
    output: int


def work(parent: int, run: Run, observe: Observe, channel: Channel) -> int:
    """Drive until told to end; the exit code. What stands in the way is sent as an error."""
    try:
        _prepare(channel.output)
        # Should the parent be gone already, nobody would tell.
        if os.getppid() == parent:
            code = _serve(run, observe, channel.connection)
            # A signal to end that comes now would only be in the way of the end.
            _ignore_signals()
            return code
    except KeyboardInterrupt:
        _ignore_signals()
    return INTERRUPTED


def _serve(run: Run, observe: Observe, connection: Connection) -> int:
    try:
        agent = load_agent(run.config.agent)
        with observe() as observers, Driver(run.config, agent, [*observers, _Reporter(connection)]) as driver:
            usual_mib = 0.0
            while (order := connection.recv()) is not None:
                index, number = order
                attempt = driver.drive(run.tasks[index], number)
                run.store.add(attempt)
                connection.send(attempt)
                usual_mib = usual_mib or _peak_mib()
                if _peak_mib() > usual_mib + GROWTH_MIB:
                    return WORN_OUT
    except (AgentLoadError, StoreError, SimulatorError, WorkerError, ValueError) as error:
        connection.send(error)
        return 1
    return 0


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def _prepare(output: int) -> None:
    # In a group of its own it gets a terminal's Ctrl-C once, from its parent, and not twice.
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115


def _interrupt(number: int, frame: FrameType | None) -> None:
    """The first signal interrupts; while things are put in order, further ones are ignored."""
    del number, frame
    _ignore_signals()
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


class _Reporter:
    """Tells the parent every half a second of the game."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._ticks = 0

    def on_route_start(self, context: RouteContext) -> None:
        self._ticks = 0

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        self._ticks += 1
        if self._ticks % _REPORT_TICKS == 0:
            self._connection.send(Moved(seen.progress.share, seen.ego.speed, seen.time_s, len(context.events)))

    def on_route_end(self, record: RouteRecord) -> None: ...
