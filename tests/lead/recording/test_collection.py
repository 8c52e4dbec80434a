"""Which routes a collection drives, and what a run that was killed left."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lead.evaluation.attempt import Timing, Versions
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.route_drive import lost_attempt
from lead.evaluation.run import open_run
from lead.recording.collection import Folder, expect, forget_rejected, harvest, settle, yields
from lead.recording.layout import pickles, results
from lead.recording.route_choice import Choice, choose, gather, type_of, with_drawn_weathers, with_own_ids
from lead.routes import Route, ScenarioConfig, write_routes
from lead.sensors import RIGS
from lead.simulator import Outcome

GOOD = {
    "index": 0,
    "route_id": "RouteScenario_1_rep0",
    "status": "Perfect",
    "infractions": {},
    "scores": {"score_route": 100.0, "score_penalty": 1.0, "score_composed": 100.0},
    "meta": {"route_length": 50.0, "duration_game": 7.0, "duration_system": 9.0},
}


def route(name: str, kind: str | None = None, town: str = "Town01", x: float = 0.0, length: float = 50.0) -> Route:
    keypoints = np.array([[x, 0.0, 0.0], [x + length, 0.0, 0.0]])
    scenario = ScenarioConfig(f"{kind}_1", kind, (x, 0.0, 0.0, 0.0)) if kind else None
    return Route(name, town, keypoints, (), (scenario,) if scenario else ())


def test_every_type_has_its_turn_and_towns_of_a_type_too():
    routes = [route(f"a{number}", "Accident", f"Town0{number % 3 + 1}", 100.0 * number) for number in range(9)]
    routes += [route(f"c{number}", "ControlLoss", "Town02", 100.0 * number) for number in range(2)]
    routes += [route("n", None, "Town03")]
    chosen = choose(routes, Choice(per_type=6))
    assert [sorted(map(type_of, chosen[start:stop])) for start, stop in ((0, 3), (3, 5))] == [
        ["Accident", "ControlLoss", "noScenarios"],
        ["Accident", "ControlLoss"],
    ]
    accidents = [one for one in chosen if type_of(one) == "Accident"]
    assert len(accidents) == 6
    assert {one.town for one in accidents[:3]} == {one.town for one in accidents[3:]} == {"Town01", "Town02", "Town03"}
    assert [one.id for one in chosen] == [one.id for one in choose(routes, Choice(per_type=6))]
    assert [one.id for one in chosen] != [one.id for one in choose(routes, Choice(per_type=6, seed=1))]


def test_long_routes_and_those_kept_for_other_uses_are_left_out():
    routes = [route("1", "Accident"), route("2", "Accident", x=500.0), route("3", "Accident", x=900.0, length=700.0)]
    kept = [route("2"), route("77", "Accident", x=1.0)]
    assert [one.id for one in choose(routes, Choice(longest_m=600.0))] != []
    assert choose(routes, Choice(longest_m=600.0), kept) == []
    assert [one.id for one in choose(routes, Choice(), [route("77", "Accident", "Town02", x=1.0)])] != []
    with pytest.raises(ValueError, match="at least one route"):
        Choice(per_type=0)


def test_files_in_folders_are_gathered_and_bad_ones_named(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_routes(tmp_path / folder / "r.xml", [route("1"), route("2" if folder == "a" else "3")])
    (tmp_path / "a" / "bad.xml").write_text("<routes><route")
    found, complaints = gather(tmp_path)
    assert len(complaints) == 1 and str(tmp_path / "a" / "bad.xml") in complaints[0]
    named = with_own_ids(found, tmp_path)
    assert [one.id for one in named] == ["a-r-1", "2", "b-r-1", "3"]


def test_weathers_are_drawn_by_route_and_seed():
    routes = [route(str(number)) for number in range(40)]
    drawn = with_drawn_weathers(routes, 3)
    assert [one.weathers for one in with_drawn_weathers(routes[5:], 3)] == [one.weathers for one in drawn[5:]]
    assert drawn[0].weathers != with_drawn_weathers(routes, 4)[0].weathers
    heights = [one.weathers[0].parameters["sun_altitude_angle"] for one in drawn]
    assert min(heights) < 0.0 < 30.0 < max(heights) and len(set(heights)) > 30


def test_more_driving_and_more_pixels_need_more_room():
    rig = RIGS["lead_3cameras"]
    one, two = (expect([route("1", length=metres)], rig, True) for metres in (100.0, 900.0))
    assert 0.0 < one.size_bytes < two.size_bytes and one.hours < two.hours
    assert (
        expect([route("1")], RIGS["lead_6cameras"], True).size_bytes > expect([route("1")], rig, True).size_bytes * 1.3
    )
    assert 2e9 < two.size_bytes / two.hours < 4e9


@pytest.fixture
def collection(tmp_path):
    """A collection of three routes whose run was killed: nothing in the store."""
    folder = Folder(tmp_path)
    folder.run.mkdir(parents=True)
    write_routes(folder.routes, [route("1"), route("2"), route("3")])
    config = EvaluationConfig("route_follower", folder.routes, folder.run, passes_over_unfit=True)
    with open_run(config) as run:
        yield run, folder


def recording(folder: Folder, index: int, suffix: str = "", content: dict | None = None) -> Path:
    path = folder.path / "data" / "noScenarios" / f"Town01_Rep0_{index + 1}_route{index}_01_02_03_04_05{suffix}"
    (path / "metas").mkdir(parents=True)
    (path / "metas" / "0000.pkl").write_bytes(pickles.encode({}))
    if content is not None:
        (path / results.NAME).write_bytes(results.encode(content))
    return path


def every_kind(record: dict) -> dict:
    from lead.evaluation.infractions import Infraction

    return {**record, "infractions": {kind.value: [] for kind in Infraction} | record["infractions"]}


def test_complete_recordings_count_and_half_ones_are_gone(collection):
    run, folder = collection
    whole = recording(folder, 0, content=every_kind(GOOD))
    half = recording(folder, 1, ".incomplete")
    assert settle(run, folder) == []
    assert whole.exists() and not half.exists()
    assert [task.key.id for task in run.todo] == ["2", "3"]
    (attempt,) = run.store.read()
    assert (attempt.route, attempt.number, attempt.outcome) == ("1", 1, Outcome.COMPLETED)
    assert settle(run, folder) == [] and run.store.read() == (attempt,)
    (one,) = harvest(run, folder)
    assert one.accepted and one.seconds == 7.0 and folder.path / one.folder == whole


def test_a_record_that_cannot_be_read_is_named_and_the_route_driven_again(collection):
    run, folder = collection
    path = recording(folder, 0, content=every_kind(GOOD))
    (path / results.NAME).write_text('{"status": ')
    (complaint,) = settle(run, folder)
    assert str(path / results.NAME) in complaint and "driven again" in complaint
    assert len(run.todo) == 3


def test_what_is_not_accepted_can_be_driven_again(collection):
    run, folder = collection
    kept = recording(folder, 0, content=every_kind(GOOD))
    rejected = recording(folder, 1, content=every_kind({**GOOD, "status": "Failed - TickRuntime"}))
    settle(run, folder)
    assert [task.key.id for task in run.todo] == ["3"]
    assert forget_rejected(run, folder) == 1
    assert kept.exists() and not rejected.exists()
    assert [task.key.id for task in run.todo] == ["2", "3"]
    assert forget_rejected(run, folder) == 0


def test_the_yield_tells_what_is_accepted_and_what_is_not_and_why(collection):
    run, folder = collection
    recording(folder, 0, content=every_kind(GOOD))
    crash = {"collisions_vehicle": ["Agent collided against object"]}
    bad = {**GOOD, "status": "Completed", "infractions": crash, "scores": {**GOOD["scores"], "score_composed": 60.0}}
    recording(folder, 1, content=every_kind(bad))
    settle(run, folder)
    unfit = lost_attempt(run.tasks[2], 1, Outcome.ROUTE_UNFIT, "keypoint 0 is off the road")
    run.store.add(replace(unfit, timing=Timing("", 0.0), versions=Versions("", "")))
    good, rejected, failed = harvest(run, folder)
    assert (good.accepted, rejected.accepted, failed.accepted) == (True, False, False)
    assert rejected.why == "collisions_vehicle: Agent collided against object"
    assert failed.why == "keypoint 0 is off the road" and failed.folder == ""
    (row,) = yields(run, folder, [good, rejected, failed])
    assert (row.routes, row.driven, row.accepted, row.failed) == (3, 2, 1, 1)
    assert row.hours == pytest.approx(14.0 / 3600.0) and row.accepted_hours == pytest.approx(7.0 / 3600.0)
    assert row.size_bytes > 0
