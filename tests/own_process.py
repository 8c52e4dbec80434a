"""Calls in processes of their own: CARLA's wheel may crash or stop for ever where Traffic Managers and worlds change.

In the 0.9.16 wheel, `load_world` resets the Traffic Managers of its whole process, also those of other servers, while
their threads run; and a tick may wait for ever for the thread of a synchronous one, which was woken before it slept.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

LIMIT_S = 90.0
ATTEMPTS = 4

_SPAWN = multiprocessing.get_context("spawn")


def in_a_process_of_its_own(call: Callable, arguments: Callable[[], tuple], limit_s: float = LIMIT_S) -> Any:
    """What `call(*arguments())` returns or raises; when its process dies or takes too long, another one tries again.

    `arguments` is asked anew for every try: what a process that died has left in a server must not meet the next.
    """
    for _ in range(ATTEMPTS):
        ours, theirs = _SPAWN.Pipe(duplex=False)
        process = _SPAWN.Process(target=_answer, args=(theirs, call, arguments()), daemon=True)
        process.start()
        theirs.close()
        answer = _received(ours, limit_s)
        process.kill()
        process.join()
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            return answer[0]
    raise AssertionError(f"{call.__name__} ended in none of {ATTEMPTS} processes")


def _received(ours: Connection, limit_s: float) -> tuple[Any] | Exception | None:
    try:
        return ours.recv() if ours.poll(limit_s) else None
    except EOFError:
        return None


def _answer(theirs: Connection, call: Callable, arguments: tuple) -> None:
    try:
        theirs.send((call(*arguments),))
    except (AssertionError, RuntimeError) as error:
        theirs.send(error)
