"""One server for all evaluations that tests make, and attempts that nobody drove."""

from collections.abc import Callable

import pytest

from lead.evaluation.attempt import Attempt, Bill, RunIdentity, Timing, Versions
from lead.evaluation.infractions import Event, Infraction, Place
from lead.evaluation.protocol import find_protocol
from lead.evaluation.records import Drive, Names, RouteKey, RouteStatus, make_record
from lead.simulator import Outcome

IDENTITY = RunIdentity("leaderboard@2.0", "aaaa", "bbbb", "cccc", 0)
RED = Event(
    Infraction.RED_LIGHT,
    5.0,
    "Agent ran a red light 3 at (x=1.0, y=2.0, z=3.0)",
    place=Place(100, (1.0, 2.0, 3.0), 42.5),
)


@pytest.fixture(scope="session")
def port(launch) -> int:
    """RPC port of a running carlet."""
    return launch("--town", "Town01").port


@pytest.fixture
def attempt() -> Callable[..., Attempt]:
    """Makes an attempt at a route of 1 km."""

    def make(
        index: int = 0,
        completion: float = 100.0,
        events: tuple[Event, ...] = (),
        outcome: Outcome = Outcome.COMPLETED,
        failure: RouteStatus | None = None,
        number: int = 1,
        run: RunIdentity = IDENTITY,
        names: Names | None = None,
        **values,
    ) -> Attempt:
        spoiled = RouteStatus.SIMULATION_CRASHED if outcome.is_infrastructure else failure
        drive = Drive(completion, events, 1000.0, 60.0, 30.0, spoiled)
        key = RouteKey(index, str(index + 7), 0, names)
        return Attempt(
            run=run,
            number=number,
            route=key.id,
            repetition=0,
            town="Town01",
            record=make_record(key, drive, find_protocol(run.protocol)),
            timing=Timing("2026-01-02T03:04:05+00:00", 31.5, 500),
            versions=Versions("0.1.0", "0.9.16", "carlet 0.9.16"),
            outcome=outcome,
            infractions=events,
            scenarios=Bill(("Accident_1",), {"Parade_1": "no room"}, {"Zoo_1": ("a dog for a moose",)}),
            sensors=("carla_gnss",),
            **values,
        )

    return make
