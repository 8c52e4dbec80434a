"""How commands end: exit codes, and one sentence for what went wrong."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console

FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130


class BadInputError(Exception):
    """The user asked for something that cannot be; the message says what and what to do."""


def fail(error: Exception, code: int) -> int:
    """Say in one sentence what went wrong and return the exit code."""
    Console(stderr=True).print(f"lead: {error}", style="red", highlight=False, soft_wrap=True, markup=False)
    return code


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM end things as cleanly as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
