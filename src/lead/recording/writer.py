"""Work that is done beside the drive: a few threads, a bounded queue, and errors that are noticed at once."""

import errno
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import ParamSpec, TypeVar

from lead.evaluation.observers import ObserverError

P = ParamSpec("P")
T = TypeVar("T")


_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


class RecordingError(ObserverError):
    """A recording cannot go on; the message says which folder and why."""

    @property
    def ends_run(self) -> bool:
        """Whether the disk is full or read-only, so that no other recording can go on either."""
        return isinstance(self.__cause__, OSError) and self.__cause__.errno in _NO_ROOM


class Background:
    """Runs jobs in threads. `submit` waits while too many are pending, and raises what an earlier one raised."""

    def __init__(self, threads: int, waiting: int, name: str):
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="recording")
        self._waiting = waiting
        self._name = name
        self._pending: set[Future] = set()
        self._failure: BaseException | None = None
        self._lock = threading.Lock()

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Have work done. RecordingError when any has failed."""
        while len(self._pending) >= self._waiting:
            _, self._pending = wait(self._pending, return_when=FIRST_COMPLETED)
        self.check()
        self._pending = {future for future in self._pending if not future.done()}
        future = self._pool.submit(work, *args, **kwargs)
        future.add_done_callback(self._note)
        self._pending.add(future)
        return future

    def check(self) -> None:
        """RecordingError when any work has failed."""
        if self._failure is not None:
            raise RecordingError(f"recording {self._name} failed: {_reason(self._failure)}") from self._failure

    def finish(self) -> None:
        """Wait for all work and end the threads. RecordingError when any has failed."""
        self._pool.shutdown(wait=True)
        self.check()

    def abandon(self) -> None:
        """End the threads after what they are at; the rest is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _note(self, future: Future) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            with self._lock:
                self._failure = self._failure or error


def _reason(error: BaseException) -> str:
    """What went wrong, in a few words."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error) or type(error).__name__
