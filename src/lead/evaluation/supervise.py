"""An evaluation in a process of its own, which is started again when CARLA's client takes it down.

The Traffic Manager runs in threads of CARLA's client. They poll the simulator, and when it dies, they end the whole
process with SIGABRT; nothing inside that process can prevent it. What was finished is on disk by then.
"""

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from contextlib import contextmanager
from multiprocessing.context import ForkProcess

logger = logging.getLogger(__name__)

#: How CARLA's client ends a process.
CRASHES = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS)
_ENDING = (signal.SIGINT, signal.SIGTERM)
_PR_SET_PDEATHSIG = 1


def supervise(work: Callable[[int], int], finished: Callable[[], int], attempts: int = 3) -> int:
    """Run `work` in a child process and return its exit code.

    When it crashes (not when it fails), it runs again; it is given up after `attempts` crashes in a row between which
    `finished` did not grow. `work` gets the number of crashes so far. Signals that ask this process to end are passed
    on; the child does not outlive it. Call it before any thread is started.
    """
    crashes = futile = 0
    done = finished()
    while True:
        code = _run(lambda: work(crashes))  # noqa: B023
        if -code not in CRASHES:
            return code if code >= 0 else 128 - code
        crashes += 1
        before, done = done, finished()
        futile = 1 if done > before else futile + 1
        name = signal.Signals(-code).name
        if futile >= attempts:
            logger.error("CARLA's client crashed (%s) %d times on the same route; giving up", name, futile)
            return 128 - code
        logger.warning("CARLA's client crashed (%s), as it does when the simulator dies; trying again", name)


def _run(work: Callable[[], int]) -> int:
    """Exit code of `work` in a child; negative when a signal ended it."""
    parent = os.getpid()
    child = multiprocessing.get_context("fork").Process(target=lambda: sys.exit(_prepared(parent, work)))
    with _signals_passed_on(child):
        # A signal that comes before the child is known would be lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        child.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        child.join()
    code = child.exitcode
    return 1 if code is None else code


def _prepared(parent: int, work: Callable[[], int]) -> int:
    # In a group of its own it gets a terminal's Ctrl-C once, from its parent, and not twice.
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # Should the parent be gone already, nobody would tell.
    return work() if os.getppid() == parent else 1


@contextmanager
def _signals_passed_on(child: ForkProcess):
    def pass_on(number: int, frame: object) -> None:
        del frame
        if child.pid is not None and child.is_alive():
            os.kill(child.pid, number)

    before = {number: signal.signal(number, pass_on) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
