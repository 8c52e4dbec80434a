import json

import pytest

from lead.evaluation.checkpoint import Checkpoint, CheckpointError, RunIdentity, count_finished, resume, save, to_json
from lead.evaluation.infractions import Event, Infraction
from lead.evaluation.protocol import find_protocol
from lead.evaluation.records import Drive, Names, RouteKey, RouteRecord, RouteStatus, make_record

BOARD, BENCH = find_protocol("leaderboard@2.0"), find_protocol("bench2drive@0.0.3")
RED = Event(Infraction.RED_LIGHT, 100, 5.0, "Agent ran a red light 3 at (x=1.0, y=2.0, z=3.0)")
OUTSIDE_TEXT = "Agent went outside its route lanes for about 50.0 meters (10.0% of the completed route)"
OUTSIDE = Event(Infraction.OUTSIDE_LANES, 200, 10.0, OUTSIDE_TEXT, 10.0)
STUCK = Event(Infraction.BLOCKED, 300, 15.0, "Agent got blocked at (x=1.0, y=2.0, z=3.0)")
IDENTITY = RunIdentity("leaderboard@2.0", "aaaa", "bbbb", 0)


def record(index=0, completion=100.0, events=(), length=1000.0, failure=None, protocol=BOARD, names=None):
    drive = Drive(completion, tuple(events), length, 60.0, 30.0, failure)
    return make_record(RouteKey(index, str(index + 7), 0, names), drive, protocol)


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
    assert list(data["infractions"]) == [kind.value for kind in Infraction]
    assert data["infractions"]["red_light"] == [RED.message]
    assert data["scores"] == {"score_route": 50.0, "score_penalty": 0.63, "score_composed": 31.5}
    assert data["meta"] == {"route_length": 1000.0, "duration_game": 60.0, "duration_system": 30.0}
    assert "town_name" not in data


def test_bench2drives_records_have_names():
    names = Names("Accident_1", "3", "RouteScenario_7", "Town12")
    data = record(protocol=BENCH, names=names).to_json()
    assert (data["scenario_name"], data["weather_id"], data["town_name"]) == ("Accident_1", "3", "Town12")
    assert RouteRecord.from_json(data) == record(protocol=BENCH, names=names)
    assert "scenario_name" not in record(names=names).to_json()


def test_the_summary_of_two_routes():
    results = Checkpoint(IDENTITY, 2, (record(0, 100.0, (RED, RED)), record(1, 50.0, (OUTSIDE, STUCK))), ("carla_imu",))
    data = to_json(results)
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
    assert len(data["labels"]) == 15


def test_a_summary_of_perfect_and_completed_routes():
    perfect, completed = record(0), record(1, events=(RED,))
    assert to_json(Checkpoint(IDENTITY, 1, (perfect,)))["_checkpoint"]["global_record"]["status"] == "Perfect"
    both = Checkpoint(IDENTITY, 2, (perfect, completed))
    assert to_json(both)["_checkpoint"]["global_record"]["status"] == "Completed"


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
    assert Checkpoint(IDENTITY, 2, tuple(records)).entry_status == status


def test_a_saved_file_is_continued(tmp_path):
    path = tmp_path / "results" / "checkpoint_endpoint.json"
    assert resume(path, IDENTITY, 3).records == ()
    results = Checkpoint(IDENTITY, 3).with_record(record(2)).with_record(record(0, events=(RED,)), "bad luck")
    save(path, results.with_sensors(["carla_gnss"]))
    assert resume(path, IDENTITY, 3) == results.with_sensors(["carla_gnss"])
    assert resume(path, IDENTITY, 3).finished == {0, 2}
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert count_finished(path) == 2


def test_routes_that_the_simulator_spoiled_are_driven_again():
    spoiled = record(1, 30.0, failure=RouteStatus.SIMULATION_CRASHED)
    results = Checkpoint(IDENTITY, 2, (record(0), spoiled))
    assert results.finished == {0}
    again = results.with_record(record(1))
    assert again.finished == {0, 1}
    assert len(again.records) == 2


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (RunIdentity("leaderboard@2.1", "aaaa", "bbbb", 0), "differs in protocol"),
        (RunIdentity("leaderboard@2.0", "cccc", "bbbb", 0), "differs in routes"),
        (RunIdentity("leaderboard@2.0", "aaaa", "cccc", 0), "differs in agent"),
        (RunIdentity("leaderboard@2.0", "aaaa", "bbbb", 1), "differs in seed"),
    ],
)
def test_results_of_another_run_are_not_mixed_in(tmp_path, other, what):
    path = tmp_path / "checkpoint_endpoint.json"
    save(path, Checkpoint(IDENTITY, 1, (record(),)))
    with pytest.raises(CheckpointError, match=what):
        resume(path, other, 1)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"_checkpoint": {"records": [', "is damaged"),
        ("\x00\x01", "is damaged"),
        ("[]", "was not written by lead"),
        ('{"_checkpoint": {"records": []}}', "was not written by lead"),
        (json.dumps({"lead": {"protocol": "x"}}), "is no result file"),
        (
            json.dumps({"lead": {"identity": vars(IDENTITY), "errors": {}}, "_checkpoint": {"records": [{}]}}),
            "is no result file",
        ),
    ],
)
def test_a_damaged_file_is_named_and_left_alone(tmp_path, text, complaint):
    path = tmp_path / "checkpoint_endpoint.json"
    path.write_text(text)
    with pytest.raises(CheckpointError, match=complaint):
        resume(path, IDENTITY, 1)
    assert path.read_text() == text
    assert count_finished(path) <= 1
    assert count_finished(tmp_path / "none.json") == 0
