"""Scripts: generators that yield what they wait for. A running script is called once a tick.

    def greet(scene, parameters):
        car = ...
        yield near(scene, car)            # a condition: a function without arguments, true when it is over
        yield first_of(wave(car), seconds(scene, 5.0))

Whatever follows in a script happens in the tick in which its wait is over. A script that is given up is closed: its
`finally` clauses and context managers clean up.
"""

from collections.abc import Callable, Generator, Iterable
from typing import Any, Union

Condition = Callable[[], bool]
Script = Generator[Union[Condition, "Script"], None, None]
Part = Union[Condition, "Script"]


class Running:
    """A script under way. Calling it lets it go on; true once it is over."""

    def __init__(self, script: Script):
        self._script = script
        self._wait: Condition | None = None
        self.over = False

    def __call__(self) -> bool:
        """Go on as far as the waits allow; whether the end is reached."""
        while not self.over:
            if self._wait is not None and not self._wait():
                return False
            try:
                self._wait = started(next(self._script))
            except StopIteration:
                self.over = True
        return True

    def close(self) -> None:
        """Give the script up, and what it waits for."""
        if isinstance(self._wait, Running):
            self._wait.close()
        self._script.close()
        self.over = True


def started(part: Part) -> Condition:
    """A condition as it is, a script as one."""
    return part if callable(part) else Running(part)


def first_of(*parts: Part) -> Script:
    """Until the first of several is over; the others are given up. All are called in every tick."""
    return _together(parts, any)


def all_of(*parts: Part) -> Script:
    """Until all of several are over; none is called again after that."""
    return _together(parts, all)


def in_turn(*parts: Part) -> Script:
    """One after the other."""
    yield from parts


def every_tick(action: Callable[[], Any]) -> Script:
    """Act in every tick, without end."""
    while True:
        action()
        yield next_tick()


def once(action: Callable[[], Any]) -> Script:
    """Act, and be over."""
    action()
    yield from ()


def next_tick() -> Condition:
    """Over in the tick after the one that began to wait."""
    calls = iter((False,))
    return lambda: next(calls, True)


def forever() -> bool:
    """A condition that never is over."""
    return False


def _together(parts: Iterable[Part], enough: Callable[[Iterable[bool]], bool]) -> Script:
    waits = [started(part) for part in parts]
    over = [False] * len(waits)
    try:
        while True:
            over = [done or wait() for done, wait in zip(over, waits, strict=True)]
            if enough(over):
                return
            yield next_tick()
    finally:
        for wait in waits:
            if isinstance(wait, Running):
                wait.close()
