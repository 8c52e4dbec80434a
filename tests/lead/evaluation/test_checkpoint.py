"""The official result file, field by field."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead.evaluation.attempt import Attempt, RunIdentity, Timing, Versions
from lead.evaluation.checkpoint import LABELS, global_record, to_json
from lead.evaluation.infractions import Event, Infraction
from lead.evaluation.protocol import find_protocol
from lead.evaluation.records import Drive, Names, RouteKey, RouteRecord, RouteStatus, make_record
from lead.evaluation.results import Results, collect
from lead.simulator import Outcome

BOARD, BENCH = find_protocol("leaderboard@2.0"), find_protocol("bench2drive@0.0.3")
RED = Event(Infraction.RED_LIGHT, 5.0, "Agent ran a red light 3 at (x=1.0, y=2.0, z=3.0)")
OUTSIDE_TEXT = "Agent went outside its route lanes for about 50.0 meters (10.0% of the completed route)"
OUTSIDE = Event(Infraction.OUTSIDE_LANES, 10.0, OUTSIDE_TEXT, 10.0)
STUCK = Event(Infraction.BLOCKED, 15.0, "Agent got blocked at (x=1.0, y=2.0, z=3.0)")
SLOW = Event(Infraction.MIN_SPEED, 9.0, "Average speed is 87.12% of the surrounding traffic's one", 87.12)
IDENTITY = RunIdentity("leaderboard@2.0", "aaaa", "bbbb", "cccc", 0)
INFRACTIONS = [
    "collisions_layout",
    "collisions_pedestrian",
    "collisions_vehicle",
    "red_light",
    "stop_infraction",
    "outside_route_lanes",
    "min_speed_infractions",
    "yield_emergency_vehicle_infractions",
    "scenario_timeouts",
    "route_dev",
    "vehicle_blocked",
    "route_timeout",
]
DRIVES = st.builds(
    Drive,
    completion=st.floats(0.0, 100.0),
    events=st.lists(st.sampled_from([RED, OUTSIDE, STUCK, SLOW]), max_size=6).map(tuple),
    route_length=st.floats(1.0, 20000.0),
    duration_game=st.floats(0.0, 5000.0),
    duration_system=st.floats(0.0, 5000.0),
    failure=st.sampled_from([None, *RouteStatus]),
)


def record(index=0, completion=100.0, events=(), length=1000.0, failure=None, protocol=BOARD, names=None):
    drive = Drive(completion, tuple(events), length, 60.0, 30.0, failure)
    return make_record(RouteKey(index, str(index + 7), 0, names), drive, protocol)


def results(*records: RouteRecord, total: int | None = None) -> Results:
    """The results of a run of `total` routes with these records."""
    keys = [RouteKey(index, str(index + 7)) for index in range(len(records) if total is None else total)]
    attempts = [
        Attempt(
            IDENTITY, 1, str(one.index + 7), 0, "Town01", one, Timing("", 0.0), Versions("", ""), sensors=("carla_imu",)
        )
        for one in records
    ]
    return collect(IDENTITY, keys, attempts)


@pytest.mark.parametrize(
    ("completion", "events", "failure", "status"),
    [
        (100.0, (), None, RouteStatus.PERFECT),
        (100.0, (RED,), None, RouteStatus.COMPLETED),
        (60.0, (), None, RouteStatus.FAILED),
        (60.0, (RED, STUCK), None, RouteStatus.BLOCKED),
        (60.0, (), RouteStatus.TICKS_EXCEEDED, RouteStatus.TICKS_EXCEEDED),
        (60.0, (RED,), RouteStatus.AGENT_CRASHED, RouteStatus.AGENT_CRASHED),
        (100.0, (), RouteStatus.AGENT_CRASHED, RouteStatus.PERFECT),
    ],
)
def test_status(completion, events, failure, status):
    assert record(completion=completion, events=events, failure=failure).status is status


def test_a_record_in_the_official_schema():
    data = record(completion=50.0, events=(RED, OUTSIDE)).to_json()
    assert data["route_id"] == "RouteScenario_7_rep0"
    assert data["num_infractions"] == 2
    assert data["infractions"]["red_light"] == [RED.message]
    assert data["scores"] == {"score_route": 50.0, "score_penalty": 0.63, "score_composed": 31.5}
    assert data["meta"] == {"route_length": 1000.0, "duration_game": 60.0, "duration_system": 30.0}
    assert "town_name" not in data


def test_bench2drives_records_have_names():
    names = Names("Accident_1", "3", "RouteScenario_7", "Town12")
    data = record(protocol=BENCH, names=names).to_json()
    assert (data["scenario_name"], data["weather_id"], data["town_name"]) == ("Accident_1", "3", "Town12")
    assert list(data)[-4:] == ["scenario_name", "weather_id", "save_name", "town_name"]
    assert RouteRecord.from_json(data) == record(protocol=BENCH, names=names)
    assert "scenario_name" not in record(names=names).to_json()


def test_the_summary_of_two_routes():
    data = to_json(results(record(0, 100.0, (RED, RED)), record(1, 50.0, (OUTSIDE, STUCK))))
    summary = data["_checkpoint"]["global_record"]
    assert data["_checkpoint"]["progress"] == [2, 2]
    assert (data["entry_status"], data["eligible"], data["sensors"]) == ("Finished", True, ["carla_imu"])
    assert summary["status"] == "Failed"
    assert summary["scores_mean"] == {"score_composed": 47.0, "score_route": 75.0, "score_penalty": 0.695}
    assert summary["scores_std_dev"]["score_route"] == pytest.approx(35.355)
    # 1.5 km were driven.
    assert summary["infractions"]["red_light"] == pytest.approx(1.333)
    assert summary["infractions"]["outside_route_lanes"] == 0.05
    assert summary["meta"]["exceptions"] == [["RouteScenario_8_rep0", 1, "Failed - Agent got blocked"]]
    assert (data["labels"][0], data["values"][0]) == ("Avg. driving score", "47.0")
    assert dict(zip(data["labels"], data["values"], strict=True))["Agent blocked"] == "0.667"
    assert data["lead"]["identity"]["protocol"] == "leaderboard@2.0"


def test_a_summary_of_perfect_and_completed_routes():
    perfect, completed = record(0), record(1, events=(RED,))
    assert global_record([perfect])["status"] == "Perfect"
    assert global_record([perfect, completed])["status"] == "Completed"


@pytest.mark.parametrize(
    ("records", "status"),
    [
        ([record(0)], "Started"),
        ([record(0), record(1, 0.0, failure=RouteStatus.SIMULATION_CRASHED)], "Crashed"),
        ([record(0), record(1, 0.0, failure=RouteStatus.SENSORS_INVALID)], "Rejected"),
        ([record(0), record(1, 0.0, failure=RouteStatus.AGENT_CRASHED)], "Finished"),
    ],
)
def test_entry_status(records, status):
    data = to_json(results(*records, total=2))
    assert data["entry_status"] == status
    assert data["eligible"] is (status == "Finished")


def is_rounded(value: float, digits: int) -> bool:
    return type(value) is float and round(value, digits) == value


@given(st.lists(DRIVES, min_size=1, max_size=4), st.integers(0, 2))
def test_every_field_of_the_official_file(drives, missing):
    """Keys in their order, types, and digits of all numbers; read back from text, as everybody else does."""
    records = [make_record(RouteKey(index, str(index + 7)), drive, BOARD) for index, drive in enumerate(drives)]
    data = json.loads(json.dumps(to_json(results(*records, total=len(records) + missing))))
    assert list(data) == ["_checkpoint", "entry_status", "eligible", "sensors", "values", "labels", "lead"]
    assert list(data["_checkpoint"]) == ["global_record", "progress", "records"]
    assert data["_checkpoint"]["progress"] == [len(records), len(records) + missing]
    assert data["entry_status"] in ("Started", "Finished", "Rejected", "Crashed", "Invalid")
    assert [label for label, _ in LABELS] == data["labels"]
    assert len(data["values"]) == 15
    assert all(value == str(float(value)) and float(value) >= 0.0 for value in data["values"])
    check_summary(data["_checkpoint"]["global_record"], records)
    for index, one in enumerate(data["_checkpoint"]["records"]):
        check_record(one, index)


def check_record(data: dict, index: int) -> None:
    keys = ["index", "route_id", "status", "num_infractions", "infractions", "scores", "meta"]
    assert list(data) == keys
    assert data["index"] == index
    assert re.fullmatch(r"RouteScenario_\d+_rep\d+", data["route_id"])
    assert data["status"] in [status.value for status in RouteStatus]
    assert list(data["infractions"]) == INFRACTIONS
    messages = [text for texts in data["infractions"].values() for text in texts]
    assert all(type(text) is str for text in messages)
    assert data["num_infractions"] == len(messages)
    assert list(data["scores"]) == ["score_route", "score_penalty", "score_composed"]
    assert all(is_rounded(value, 6) for value in data["scores"].values())
    product = data["scores"]["score_route"] * data["scores"]["score_penalty"]
    assert data["scores"]["score_composed"] == pytest.approx(product, abs=1e-4)
    assert list(data["meta"]) == ["route_length", "duration_game", "duration_system"]
    assert all(is_rounded(value, 3) for value in data["meta"].values())


def check_summary(data: dict, records: list[RouteRecord]) -> None:
    keys = ["index", "route_id", "status", "infractions", "scores_mean", "scores_std_dev", "meta"]
    assert list(data) == keys
    assert (data["index"], data["route_id"]) == (-1, -1)
    assert data["status"] in ("Perfect", "Completed", "Failed")
    assert list(data["infractions"]) == INFRACTIONS
    assert all(is_rounded(value, 3) for value in data["infractions"].values())
    for part in ("scores_mean", "scores_std_dev"):
        assert list(data[part]) == ["score_composed", "score_route", "score_penalty"]
        assert all(is_rounded(value, 6) for value in data[part].values())
    mean = sum(one.score_composed for one in records) / len(records)
    assert data["scores_mean"]["score_composed"] == pytest.approx(mean, abs=1e-6)
    assert list(data["meta"]) == ["total_length", "duration_game", "duration_system", "exceptions"]
    assert all(is_rounded(data["meta"][key], 3) for key in ("total_length", "duration_game", "duration_system"))
    for route_id, index, status in data["meta"]["exceptions"]:
        assert (route_id, status) == (records[index].route_id, records[index].status.value)
        assert status.startswith("Failed")


def test_what_the_simulator_spoiled_is_kept_apart(attempt):
    keys = [RouteKey(index, str(index + 7)) for index in range(3)]
    spoiled = attempt(0, 20.0, outcome=Outcome.SERVER_DIED)
    made_up = attempt(0, 100.0, number=2)
    lost = attempt(1, 30.0, outcome=Outcome.CLIENT_CRASHED)
    found = collect(IDENTITY, keys, [made_up, lost, spoiled])
    assert found.final == (made_up, lost)
    assert found.driven == (made_up,)
    assert found.failures == (spoiled, lost)
    assert found.finished == {("7", 0)}
    assert [one.status for one in found.records] == [RouteStatus.PERFECT, RouteStatus.SIMULATION_CRASHED]


def test_records_get_the_index_of_the_run_and_strange_routes_are_left_out(attempt):
    keys = [RouteKey(0, "8"), RouteKey(1, "7")]
    found = collect(IDENTITY, keys, [attempt(0), attempt(1), attempt(2)])
    assert [(one.index, one.route_id) for one in found.records] == [
        (0, "RouteScenario_8_rep0"),
        (1, "RouteScenario_7_rep0"),
    ]
