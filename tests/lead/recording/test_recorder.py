"""Drives recorded from a real server, and what becomes of recordings that go wrong."""

import re
import shutil
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest

from lead.evaluation.runner import evaluate
from lead.recording.config import RecorderConfig
from lead.recording.layout import depth, pickles
from lead.recording.layout.route import RouteFolder, find_routes
from lead.recording.recorder import Recorder
from lead.recording.stats import count_routes, total
from lead.recording.verify import verify_route
from lead.recording.writer import Background, RecordingError
from lead.sensors import Camera
from lead.sensors.projection import project
from lead.simulator import Outcome, SensorTimeout


def frames_of(route: RouteFolder, folder: str) -> list:
    return [route.read(folder, name) for name in route.frames(folder)]


def test_a_recorded_route_is_whole_and_named_as_leads(recorded):
    assert recorded.is_complete
    assert list(verify_route(recorded)) == []
    assert recorded.path.parent.name == "noScenarios" and recorded.path.parent.parent.name == "data"
    assert recorded.path.name.startswith("Town01_Rep0_routes_route0_")
    folders = {kind.folder for kind in recorded.kinds}
    twins = {f"{name}_perturbated" for name in ("rgb", "semantics", "depth", "hdmap", "instance", "radar")}
    assert folders == {name.removesuffix("_perturbated") for name in twins} | twins | {
        "lidar", "bboxes", "metas", "camera_pc",
    }  # fmt: skip
    record = recorded.results()
    assert record["status"] in ("Perfect", "Completed") and record["route_id"] == "RouteScenario_7_rep0"
    (one,) = count_routes([recorded])
    assert (one.routes, one.complete, one.accepted, one.frames) == (1, 1, 1, len(recorded.frames()))
    assert total([one, one]).frames == 2 * one.frames


def test_metas_have_all_of_leads_fields(recorded, sample):
    ours, leads = recorded.read("metas", "0003"), sample.read("metas", "0003")
    assert ours.keys() >= leads.keys()
    for name, value in leads.items():
        if isinstance(value, np.ndarray):
            assert ours[name].dtype == value.dtype and ours[name].ndim == value.ndim, name


def test_boxes_have_all_of_leads_fields(recorded, sample):
    def of_kind(route, kind):
        return next(box for boxes in frames_of(route, "bboxes") for box in boxes if box["class"] == kind)

    for kind in ("ego_car", "car"):
        assert of_kind(recorded, kind).keys() >= of_kind(sample, kind).keys()


def test_time_passes_by_a_quarter_of_a_second_a_frame(recorded):
    metas = frames_of(recorded, "metas")
    for now, then in pairwise(metas):
        moved = np.linalg.norm(np.subtract(then["pos_global"], now["pos_global"]))
        assert moved == pytest.approx(0.25 * (now["speed"] + then["speed"]) / 2.0, abs=0.08)
        assert np.allclose(then["past_speeds"][5], now["speed"], atol=1e-5)
    assert len(metas[0]["future_positions"]) == min(61, 5 * len(metas)) or len(metas[0]["future_positions"]) == 61
    assert np.allclose(metas[2]["privileged_past_positions"][0], 0.0)


def test_the_way_ahead_begins_two_and_a_half_metres_ahead(recorded):
    for meta in frames_of(recorded, "metas"):
        route = meta["route"]
        assert route.shape == (50, 2)
        assert np.allclose(np.hypot(*np.diff(route, axis=0).T), 1.0, atol=0.02)
        assert route[0, 0] == pytest.approx(2.5, abs=0.2) and abs(route[0, 1]) < 0.5


def test_the_ego_knows_where_it_is(recorded):
    for meta in frames_of(recorded, "metas"):
        assert np.linalg.norm(np.subtract(meta["noisy_pos_global"], meta["pos_global"])[:2]) < 4.0
        assert np.linalg.norm(np.subtract(meta["filtered_pos_global"], meta["pos_global"][:2])) < 3.0
        assert meta["theta"] == pytest.approx(meta["privileged_yaw"], abs=0.02)
        assert meta["next_target_points_3.25"][-1] == pytest.approx([200.0, 59.6, 0.0], abs=2.1)


def test_cars_are_where_pixels_points_and_boxes_have_them(recorded):
    calibration = recorded.read("metas", "0000")["sensor_information"]["camera_calibration"][1]
    size = calibration["width"], calibration["height"]
    camera = Camera(tuple(calibration["pos"]), tuple(calibration["rot"]), *size, calibration["fov"])
    checked = 0
    for name in recorded.frames():
        semantics = recorded.read("semantics", name)
        metres = depth.metres(recorded.read("depth", name))
        for box in recorded.read("bboxes", name):
            if box["class"] != "car" or box["visible_pixels"] < 60 or not 0.0 < box["distance"] < 40.0:
                continue
            centre = np.array(box["position"]) + (0.0, 0.0, box["extent"][2])
            seen = project(camera, centre[None])
            if not seen.visible[0]:
                continue
            column, row = seen.pixel[0].astype(int)
            assert semantics[row, column] == 1
            assert metres[row // 4, column // 4] == pytest.approx(seen.depth[0] - box["extent"][0], abs=2.0)
            assert len(box["future_positions"]) == len(box["future_yaws"]) > 0
            assert np.allclose(box["future_positions"][0], box["position"][:2], atol=0.05)
            checked += 1
    assert checked > 0


def test_lidar_points_are_of_five_ticks_and_radar_points_of_ten(recorded):
    first, later = recorded.read("lidar", "0000"), recorded.read("lidar", "0004")
    assert set(first.age.tolist()) <= set(range(5))
    assert set(later.age.tolist()) == set(range(10))


def test_what_stands_lies_in_one_place_whatever_the_age(recorded):
    """Clouds of earlier ticks are moved by the ego's motion: walls beside the road do not smear."""
    sweep = recorded.read("lidar", recorded.frames()[-1])
    assert recorded.read("metas", recorded.frames()[-1])["speed"] > 3.0
    newest, oldest = (_cells(sweep.points[(sweep.age == age) & (sweep.points[:, 1] > 5.0)]) for age in (0, 4))
    assert len(newest & oldest) > 0.5 * min(len(newest), len(oldest))


def _cells(points: np.ndarray) -> set:
    return {tuple(cell) for cell in np.floor(points[:, :2] / 0.5).astype(int).tolist()}


def test_the_twin_sees_something_else(recorded):
    meta = recorded.read("metas", "0000")
    assert 0.1 <= abs(meta["perturbation_translation"]) <= 1.0
    assert 0.5 <= abs(meta["perturbation_rotation"]) <= 12.5
    for folder in ("rgb", "semantics", "depth", "hdmap"):
        one, other = recorded.read(folder, "0002"), recorded.read(f"{folder}_perturbated", "0002")
        assert one.shape == other.shape and not np.array_equal(one, other)


class _StoppedClock(datetime):
    """Attempts that take no time."""

    @classmethod
    def now(cls, tz=None):
        return cls(2026, 11, 27, 8, 48, 9, tzinfo=tz)


class _Vandal:
    """Stops or spoils a recording after some ticks."""

    def __init__(self, folder, ticks: int, error: Exception | None = None):
        self.folder, self.ticks, self.error = folder, ticks, error

    def on_route_start(self, context):
        pass

    def on_tick(self, context, seen):
        self.ticks -= 1
        if self.ticks == 0 and self.error is not None:
            raise self.error
        if self.ticks == 0:
            shutil.rmtree(next(self.folder.glob("data/*/*")))

    def on_route_end(self, record):
        pass


def test_an_interrupted_recording_is_marked(tmp_path, make_evaluation, small_rig):
    with pytest.raises(KeyboardInterrupt), Recorder(RecorderConfig(tmp_path, small_rig)) as recorder:
        evaluate(make_evaluation(), [recorder, _Vandal(tmp_path, 12, KeyboardInterrupt())])
    (route,) = find_routes(tmp_path)
    assert route.path.name.endswith(".incomplete") and not route.is_complete
    (problem,) = verify_route(route)
    assert "did not come to an end" in str(problem)


def test_a_recording_that_cannot_be_written_spoils_its_route_alone(tmp_path, make_evaluation, small_rig):
    with Recorder(RecorderConfig(tmp_path, small_rig)) as recorder:
        (attempt,) = evaluate(make_evaluation(), [recorder, _Vandal(tmp_path, 12)]).attempts
    assert attempt.outcome is Outcome.OBSERVER_FAILED
    assert str(tmp_path) in attempt.error and "No such file or directory" in attempt.error
    assert not any(route.is_complete for route in find_routes(tmp_path))


def test_a_missing_sensor_frame_spoils_an_attempt_and_the_route_is_recorded_again_at_once(
    tmp_path, make_evaluation, small_rig, monkeypatch
):
    monkeypatch.setattr("lead.recording.recorder.datetime", _StoppedClock)
    missing = SensorTimeout("no data of frame 12 within 10 s from: rgb_1")
    with Recorder(RecorderConfig(tmp_path, small_rig)) as recorder:
        again = replace(make_evaluation(), attempts=2)
        attempts = evaluate(again, [recorder, _Vandal(tmp_path, 12, missing)]).attempts
    assert [one.outcome for one in attempts] == [Outcome.SENSOR_TIMEOUT, Outcome.COMPLETED]
    assert attempts[0].error == str(missing)
    whole = [route for route in find_routes(tmp_path) if route.is_complete]
    assert len(whole) == 1 and list(verify_route(whole[0])) == []


def test_work_waits_for_room_and_tells_of_errors():
    background = Background(1, 2, "somewhere")
    done = []
    for number in range(20):
        background.submit(done.append, number)
    background.submit(int, "x")
    with pytest.raises(RecordingError, match="recording somewhere failed: invalid literal"):
        background.finish()
    assert done == list(range(20))


@pytest.fixture
def copy(recorded, tmp_path) -> RouteFolder:
    return RouteFolder(shutil.copytree(recorded.path, tmp_path / recorded.path.name))


def _cut(route):
    file = route.file("rgb", "0001")
    file.write_bytes(file.read_bytes()[:500])


def _shift(route):
    meta = route.read("metas", "0002")
    meta["pos_global"][0] += 5.0
    route.file("metas", "0002").write_bytes(pickles.encode(meta))


def _swap(route):
    shutil.copy(route.file("hdmap", "0000"), route.file("depth", "0001"))


def _forget_ego(route):
    boxes = [box for box in route.read("bboxes", "0001") if box["class"] != "ego_car"]
    route.file("bboxes", "0001").write_bytes(pickles.encode(boxes))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_cut, r"rgb/0001.jpg: this is no whole JPEG"),
        (lambda route: route.file("lidar", "0003").unlink(), r"lidar/0003.laz: this file is missing"),
        (lambda route: (route.path / "results.json").write_text("{}"), r"results.json: .*no 'status'"),
        (_swap, r"depth/0001.png: its size is"),
        (_shift, r"metas/0002.pkl: it is 5.0 m from where frame 0001"),
        (_forget_ego, r"bboxes/0001.pkl: the ego is not among"),
    ],
)
def test_damage_is_found_and_named(copy, damage, sentence):
    damage(copy)
    problems = [str(problem) for problem in verify_route(copy)]
    assert len(problems) == 1
    assert re.search(sentence, problems[0])
