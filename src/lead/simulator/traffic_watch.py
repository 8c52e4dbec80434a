"""Ticking a world together with CARLA's Traffic Manager, without hanging on it.

In synchronous mode `world.tick` wakes the Traffic Manager's thread and waits for it, and so does the step that
`world.apply_settings` makes. CARLA's client sets the flag for that outside of the lock, so on a busy machine the
wake-up can get lost; both then wait for ever, and not even Ctrl-C gets through. Seen about once in ten thousand ticks
on two cores with a load of eight.

A step that never ends cannot be mended: a path that leads a car of the Traffic Manager round a block makes it add way
points to its plan until the memory is full. Nothing but the end of the process stops it.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn

import carla

from lead.simulator.client import call

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Wait:
    """A step that has begun: its world, the frame before it, and when that was (s, monotonic), also in CPU time."""

    world: carla.World
    frame: int
    since: float
    cpu: float


class TrafficWatch:
    """Ticks worlds, and wakes the Traffic Manager again when it has slept through a tick. A context manager."""

    def __init__(self, manager: carla.TrafficManager, patience: float = 5.0, limit: float = 60.0):
        """`patience`: seconds that the Traffic Manager may take for a step before it is woken.

        `limit`: seconds of CPU time that a step may cost before this process ends with EX_SOFTWARE, because it will
        not come back from it. The clock does not tell: a busy machine takes minutes for the map of the first step.
        """
        self._manager_port = manager.get_port()
        self._patience, self._limit = patience, limit
        self._wait: _Wait | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="traffic-watch", daemon=True)
        self.wakes = 0

    def tick(self, world: carla.World, timeout: float) -> carla.WorldSnapshot:
        """Let the world make one step; RuntimeError, CARLA's own, when it takes longer than `timeout` seconds."""
        with self._waiting(world):
            world.tick(timeout)
        return world.get_snapshot()

    def apply_settings(self, world: carla.World, settings: carla.WorldSettings) -> None:
        """Give a world its settings; if it is in synchronous mode, it makes a step for it."""
        with self._waiting(world):
            world.apply_settings(settings)

    @contextmanager
    def _waiting(self, world: carla.World) -> Iterator[None]:
        self._wait = _Wait(world, world.get_snapshot().frame, time.monotonic(), time.process_time())
        try:
            yield
        finally:
            self._wait = None

    def __enter__(self) -> "TrafficWatch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        last_wake = 0.0
        while not self._ended.wait(self._patience / 4.0):
            wait, now = self._wait, time.monotonic()
            if wait is None or now - max(wait.since, last_wake) < self._patience:
                continue
            # The server has made its step, so it is the Traffic Manager that the tick waits for.
            if wait.world.get_snapshot().frame > wait.frame and self._wait is wait:
                if time.process_time() - wait.cpu > self._limit:
                    self._give_up()
                self._wake()
                last_wake = now

    def _give_up(self) -> NoReturn:
        # The tick sits in CARLA's client and cannot be left by an exception; each second costs the memory of others.
        logger.critical("the Traffic Manager has not come back from a step for %g s; ending this process", self._limit)
        logging.shutdown()
        os._exit(os.EX_SOFTWARE)

    def _wake(self) -> None:
        # Leaving synchronous mode notifies the thread, which looks at the mode again only after its step. The request
        # goes through the Traffic Manager's own port, because Python's methods wait for the lock that the tick holds.
        try:
            for mode in (False, True):
                call("127.0.0.1", self._manager_port, "set_synchronous_mode", [mode], self._patience)
        except OSError as error:
            logger.warning("the Traffic Manager slept through a tick and cannot be woken: %s", error)
        else:
            self.wakes += 1
            logger.info("the Traffic Manager slept through a tick and was woken")
