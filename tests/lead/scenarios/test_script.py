"""Scripts go on as far as their waits allow, and clean up."""

from collections.abc import Iterator
from contextlib import contextmanager

from lead.scenarios.script import (
    Running,
    Script,
    all_of,
    every_tick,
    first_of,
    forever,
    in_turn,
    next_tick,
    once,
)


class Countdown:
    """Over in its n-th tick."""

    def __init__(self, ticks: int):
        self.left = ticks

    def __call__(self) -> bool:
        self.left -= 1
        return self.left <= 0


def ticks_of(script: Script) -> int:
    """In which tick a script is over."""
    running, ticks = Running(script), 1
    while not running():
        ticks += 1
    return ticks


def noting(log: list[str], name: str, ticks: int) -> Script:
    try:
        yield Countdown(ticks)
        log.append(f"{name} done")
    finally:
        log.append(f"{name} gone")


def test_what_follows_a_wait_happens_in_the_same_tick():
    log: list[str] = []
    running = Running(in_turn(Countdown(2), once(lambda: log.append("after")), Countdown(1), Countdown(3)))
    assert not running() and log == []
    assert not running() and log == ["after"]
    assert [running() for _ in range(3)] == [False, True, True]


def test_the_first_ends_all_and_the_others_are_given_up():
    log: list[str] = []
    assert ticks_of(first_of(noting(log, "slow", 9), noting(log, "fast", 2), forever)) == 2
    assert sorted(log) == ["fast done", "fast gone", "slow gone"]


def test_all_wait_for_the_last():
    log: list[str] = []
    assert ticks_of(all_of(noting(log, "a", 1), noting(log, "b", 4))) == 4
    assert log == ["a done", "a gone", "b done", "b gone"]


def test_an_action_in_every_tick_ends_with_its_companion():
    count: list[int] = []
    assert ticks_of(first_of(every_tick(lambda: count.append(1)), Countdown(5))) == 5
    assert len(count) == 5


def test_closing_cleans_up_from_within():
    log: list[str] = []

    @contextmanager
    def actors() -> Iterator[None]:
        try:
            yield
        finally:
            log.append("actors gone")

    def scenario() -> Script:
        with actors():
            yield first_of(noting(log, "inner", 5), forever)

    running = Running(scenario())
    assert not running()
    running.close()
    assert log == ["inner gone", "actors gone"]
    assert running()


def test_the_next_tick_is_one_later():
    assert ticks_of(in_turn(next_tick(), next_tick())) == 3
