import json

import pytest
from drives import drive, event, write_results

from lead.evaluation.infractions import Infraction
from lead.evaluation.junctions import junction_share, junction_shares
from lead.evaluation.metric_info import MetricInfoError
from lead.evaluation.protocol import ProtocolError, find_protocol
from lead.evaluation.records import RouteStatus
from lead.evaluation.result_files import ResultError, merge, read_file, read_run
from lead.routes import RouteError, read_routes

BOARD = "leaderboard@2.0"
CAR = event(Infraction.COLLISION_VEHICLE)


def test_a_run_folder(tmp_path):
    records = [drive("1"), drive("2", events=(CAR,))]
    write_results(tmp_path / "checkpoint_endpoint.json", records, BOARD)
    (tmp_path / "config.json").write_text("{}")
    run = read_run(tmp_path)
    assert run.protocol is find_protocol(BOARD)
    assert run.records == tuple(records)


def test_somebody_elses_file_needs_a_protocol(tmp_path):
    file = write_results(tmp_path / "theirs.json", [drive("1")])
    with pytest.raises(ResultError, match="does not say its protocol: name it with --protocol"):
        read_run(file)
    assert read_run(file, "longest6@2").protocol.name == "longest6@2"


def test_a_file_that_says_another_protocol_is_refused(tmp_path):
    file = write_results(tmp_path / "ours.json", [drive("1")], BOARD)
    with pytest.raises(ProtocolError, match="results of different protocols cannot be put together"):
        read_run(file, "longest6@2")


def test_files_of_older_leaderboards_have_fewer_kinds(tmp_path):
    file = write_results(tmp_path / "old.json", [drive("1", events=(CAR,))])
    data = json.loads(file.read_text())
    del data["_checkpoint"]["records"][0]["infractions"]["yield_emergency_vehicle_infractions"]
    file.write_text(json.dumps(data))
    assert read_run(file, BOARD).records == (drive("1", events=(CAR,)),)


def test_a_folder_of_files_a_route_each(tmp_path):
    for number in range(3):
        write_results(tmp_path / "parts" / f"{number:04d}_res.json", [drive(str(number), scenario="Accident")])
    (tmp_path / "parts" / "metrics.json").write_text("[1, 2]")
    write_results(tmp_path / "parts" / "merged.json", [drive(str(number), scenario="Accident") for number in range(3)])
    run = read_run(tmp_path / "parts", "bench2drive@0.0.3")
    assert sorted(route.id for route in run.routes) == ["0", "1", "2"]


def test_seeds_in_folders_are_repetitions(tmp_path):
    write_results(tmp_path / "seed0" / "0001_res.json", [drive("1")])
    write_results(tmp_path / "seed1" / "0001_res.json", [drive("1", events=(CAR,))])
    run = read_run(tmp_path, "fail2drive")
    assert [route.id for route in run.routes] == ["1", "1"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "has no _checkpoint"),
        ('{"_checkpoint": {}}', r"is no result file \(KeyError: 'records'\)"),
        ('{"_checkpoint": {"records": [{"infractions": {"x": []}}]}}', "is no result file"),
        ('{"_checkpoint": {"records": []}}', "holds no record of a route"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path, content, sentence):
    (tmp_path / "file.json").write_text(content)
    with pytest.raises(ResultError, match=sentence):
        read_run(tmp_path / "file.json", BOARD)


def test_folders_without_results_are_refused(tmp_path):
    with pytest.raises(ResultError, match="holds no result file"):
        read_run(tmp_path, BOARD)
    with pytest.raises(ResultError, match="there is no result file or folder"):
        read_run(tmp_path / "nowhere", BOARD)


def test_a_route_twice_in_one_file_is_refused(tmp_path):
    file = write_results(tmp_path / "twice.json", [drive("1"), drive("1", events=(CAR,))], BOARD)
    with pytest.raises(ResultError, match="two records of RouteScenario_1_rep0"):
        read_run(file)


def test_drives_that_the_simulator_failed_say_nothing_of_the_agent(tmp_path):
    crashed = drive("2", 10.0, failure=RouteStatus.SIMULATION_CRASHED)
    file = write_results(
        tmp_path / "run.json", [drive("1"), crashed, drive("3", failure=RouteStatus.AGENT_CRASHED)], BOARD
    )
    run = read_run(file)
    assert ([route.id for route in run.routes], run.spoiled) == (["1", "3"], (crashed,))


@pytest.mark.parametrize("name", ["agent", "config"])
def test_runs_of_different_agents_or_settings_make_no_run(tmp_path, name):
    for number in range(2):
        file = write_results(tmp_path / f"seed{number}" / "checkpoint_endpoint.json", [drive(str(number))], BOARD)
        data = json.loads(file.read_text())
        data["lead"]["identity"] |= {"seed": number, "agent": "a", "config": "c"}
        data["lead"]["identity"][name] += str(number)
        file.write_text(json.dumps(data))
    with pytest.raises(ResultError, match=f"are of runs that differ in {name}"):
        read_run(tmp_path)
    assert len(read_run(tmp_path / "seed0").routes) == 1


def test_a_merged_file_reads_like_its_parts(tmp_path):
    first = write_results(tmp_path / "first.json", [drive("10"), drive("9", events=(CAR,))])
    second = write_results(tmp_path / "second.json", [drive("9"), drive("10")])
    merged = merge([read_file(first), read_file(second)], "longest6@2")
    assert [record["route_id"] for record in merged["_checkpoint"]["records"]] == [
        "RouteScenario_9_rep0",
        "RouteScenario_9_rep1",
        "RouteScenario_10_rep0",
    ]
    assert merged["_checkpoint"]["progress"] == [3, 72]
    (tmp_path / "merged.json").write_text(json.dumps(merged))
    again = read_run(tmp_path / "merged.json")
    assert [record.score_composed for record in again.records] == [60.0, 100.0, 100.0]


def test_motion_files_are_found_by_the_names_of_the_records(tmp_path):
    write_results(tmp_path / "merged.json", [drive("1", scenario="Accident"), drive("2", scenario="Accident")])
    still = {"acceleration": [0, 0, 9.8], "angular_velocity": [0, 0, 0], "forward_vector": [1, 0, 0]}
    entries = {str(step): {**still, "right_vector": [0, 1, 0], "location": [0, 0, 0]} for step in range(40)}
    folder = tmp_path / "elsewhere" / "saved_2_0"
    folder.mkdir(parents=True)
    (folder / "metric_info.json").write_text(json.dumps(entries))
    run = read_run(tmp_path / "merged.json", "bench2drive@0.0.3", tmp_path / "elsewhere")
    assert [route.comfortable_share for route in run.routes] == [None, 1.0]
    (folder / "metric_info.json").write_text('{"0": {"acceleration": [0, 0]}}')
    with pytest.raises(MetricInfoError, match="saved_2_0 tells no motion"):
        read_run(tmp_path / "merged.json", "bench2drive@0.0.3", tmp_path / "elsewhere")


def test_where_a_junction_counts_as_passed():
    # The fifth of fifty points is the first inside; eight more are needed.
    assert junction_share([False] * 4 + [True] * 3 + [False] * 43) == pytest.approx(13 / 50)
    assert junction_share([False] * 50) is None


CROSSING = """<routes><route id="{id}" town="{town}">
<waypoints><position x="{x}" y="59.6" z="0"/><position x="320" y="59.6" z="0"/></waypoints>
<scenarios><scenario name="T_1" type="T_Junction"><trigger_point x="0" y="0" z="0" yaw="0"/></scenario></scenarios>
</route></routes>"""


def test_junctions_of_somebody_elses_run_are_looked_up_on_the_map(tmp_path):
    file = write_results(tmp_path / "theirs.json", [drive("1", scenario="T_Junction")])
    routes = tmp_path / "routes.xml"
    routes.write_text(CROSSING.format(id=1, town="Town01", x=120.0))
    (route,) = read_run(file, "bench2drive@0.0.3", routes=routes).routes
    # From x = 120 along the road to x = 320; a junction begins at x = 145.
    assert 0.1 < route.junction_share < 0.2
    assert junction_shares(read_routes(routes), {"Accident"}) == {}
    routes.write_text(CROSSING.format(id=1, town="Town99", x=120.0))
    with pytest.raises(RouteError, match="there is no map of Town99"):
        read_run(file, "bench2drive@0.0.3", routes=routes)
