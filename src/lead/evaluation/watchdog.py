"""A limit on how long foreign code may take."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# Code that swallows the first interruption gets another one after so many seconds.
_AGAIN_S = 5.0


class TookTooLong(Exception):  # noqa: N818
    """Code ran past its limit; the message says which and how long."""


@contextmanager
def time_limit(seconds: float, what: str) -> Iterator[None]:
    """Raise TookTooLong inside the context once it has run for `seconds`.

    It works by an alarm signal, so no thread is needed and a traceback shows where the code hung. Outside the main
    thread, where Python has no alarms, there is no limit.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise TookTooLong(f"{what} took longer than {seconds:g} s")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
