from pathlib import Path

import numpy as np
import pytest

from lead.evaluation.attempt import RunIdentity
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.protocol import find_protocol
from lead.evaluation.records import RouteKey
from lead.evaluation.route_drive import Task
from lead.evaluation.schedule import Schedule
from lead.routes import Route
from lead.simulator import Outcome

IDENTITY = RunIdentity("leaderboard@2.0", "aaaa", "bbbb", "cccc", 0)
CONFIG = EvaluationConfig("route_follower", Path("routes.xml"), Path("out"))


def task(index: int, metres: float, town: str = "Town01") -> Task:
    route = Route(str(index + 7), town, np.array([[0.0, 0.0, 0.0], [metres, 0.0, 0.0]]))
    return Task(RouteKey(index, route.id), 9, route, find_protocol("leaderboard@2.0"), CONFIG, IDENTITY)


def order(schedule: Schedule, town: str = "") -> list[int]:
    taken = []
    while one := schedule.take(town):
        taken.append(one.key.index)
        town = one.route.town
    return taken


TASKS = [task(0, 50.0), task(1, 70.0, "Town02"), task(2, 90.0), task(3, 60.0, "Town02")]


def test_routes_come_in_their_order_or_the_longest_first():
    assert order(Schedule(TASKS, 1)) == [0, 1, 2, 3]
    assert order(Schedule(TASKS, 1, longest_first=True)) == [2, 0, 1, 3]


def test_a_worker_stays_in_its_town():
    assert order(Schedule(TASKS, 1, longest_first=True), "Town02") == [1, 3, 2, 0]
    assert order(Schedule(TASKS, 1, longest_first=True), "Town03")[0] == 2


def test_a_worker_reaches_only_so_far_ahead_for_a_route_in_its_town():
    assert order(Schedule(TASKS, 1, reach=3), "Town02") == [1, 3, 0, 2]
    assert order(Schedule(TASKS, 1, reach=1), "Town02") == [0, 1, 2, 3]


@pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.AGENT_ERROR])
def test_what_the_agent_did_is_never_driven_again(attempt, outcome):
    schedule = Schedule(TASKS[:1], 3)
    assert schedule.settle(schedule.take(), attempt(0, outcome=outcome))
    assert schedule.is_done


def test_what_the_simulator_spoiled_is_tried_again_and_then_given_up(attempt):
    schedule = Schedule(TASKS[:2], 3)
    spoiled = attempt(0, outcome=Outcome.SERVER_TIMEOUT)
    ends = []
    for _ in range(3):
        first = schedule.take()
        assert first is TASKS[0]
        ends.append(schedule.settle(first, spoiled))
    assert ends == [False, False, True]
    assert schedule.take() is TASKS[1]
    assert not schedule.is_done


def test_a_task_given_back_was_not_tried(attempt):
    schedule = Schedule(TASKS[:1], 1)
    schedule.give_back(schedule.take())
    assert schedule.metres_left == 50.0
    assert schedule.settle(schedule.take(), attempt(0, outcome=Outcome.SERVER_DIED))
