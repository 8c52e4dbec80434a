"""The files that are made from a run's store."""

import json

from lead.evaluation.infractions import Event, Infraction, Place
from lead.evaluation.outputs import write_outputs
from lead.evaluation.records import RouteKey
from lead.evaluation.results import collect
from lead.simulator import Outcome

HIT = Event(
    Infraction.COLLISION_VEHICLE,
    40.6,
    "Agent collided against object with type=vehicle.audi.tt and id=91 at (x=1.0, y=2.0, z=3.0)",
    place=Place(812, (1.0, 2.0, 3.0), 153.27),
)
SLOW_TEXT = "Average speed is 80.0% of the surrounding traffic's one"
SLOW = Event(Infraction.MIN_SPEED, 50.0, SLOW_TEXT, 80.0, Place(1000, (0.0, 0.0, 0.0), 200.0))


def test_incidents_in_leads_schema(tmp_path, attempt):
    driven = attempt(0, 100.0, (HIT, SLOW))
    write_outputs(tmp_path, collect(driven.run, [RouteKey(0, "7")], [driven]), [driven])
    data = json.loads((tmp_path / "RouteScenario_7_rep0" / "infractions.json").read_text())
    assert list(data) == ["infractions", "video_fps"]
    assert data["video_fps"] == 10.0
    first, second = data["infractions"]
    assert first == {
        "step": 812,
        "infraction": "CollisionTest",
        "frame": 1312,
        "message": HIT.message,
        "event_type": "TrafficEventType.COLLISION_VEHICLE",
        "meters_travelled": 153.27,
    }
    assert list(first) == ["step", "infraction", "frame", "message", "event_type", "meters_travelled"]
    assert second["infraction"] == "MinSpeedTest"


def test_the_report_keeps_the_simulators_failures_apart(tmp_path, attempt):
    keys = [RouteKey(index, str(index + 7)) for index in range(4)]
    attempts = [
        attempt(0, 20.0, outcome=Outcome.SERVER_DIED, error="carlet ended with code 1"),
        attempt(0, 100.0, (HIT,), number=2),
        attempt(1, 10.0, outcome=Outcome.CLIENT_CRASHED, error="a crash"),
        attempt(2, 50.0, error="IndexError: no waypoint left", outcome=Outcome.AGENT_ERROR),
    ]
    write_outputs(tmp_path, collect(attempts[0].run, keys, attempts), attempts)
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["done"], report["total"]) == (2, 4)
    assert [route["route_id"] for route in report["routes"]] == ["RouteScenario_7_rep0", "RouteScenario_9_rep0"]
    # The mean is of 60 and 50: the spoiled attempt at the first route and the second route do not count.
    assert report["driving_score"] == 55.0
    assert [(one["route_id"], one["outcome"], one["made_up_for"]) for one in report["simulator_failures"]] == [
        ("RouteScenario_7_rep0", "server_died", True),
        ("RouteScenario_8_rep0", "client_crashed", False),
    ]
    assert report["routes"][0]["scenarios_not_run"] == {"Parade_1": "no room"}
    assert report["routes"][0]["stand_ins"] == {"Zoo_1": ["a dog for a moose"]}
    text = (tmp_path / "report.txt").read_text()
    for line in (
        "2 of 4 routes",
        "RouteScenario_9_rep0: IndexError: no waypoint left",
        "RouteScenario_7_rep0: scenario Parade_1 did not run: no room",
        "RouteScenario_7_rep0: scenario Zoo_1: a dog for a moose",
        "RouteScenario_7_rep0, attempt 1, driven again: server_died: carlet ended with code 1",
        "RouteScenario_8_rep0, attempt 1, not driven: client_crashed: a crash",
    ):
        assert line in text
