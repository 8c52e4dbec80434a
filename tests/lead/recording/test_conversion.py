"""LEAD's own route as a log of 123D's, and that log as a route of LEAD's layout."""

import shutil

import numpy as np
import pytest

from lead.cli import main
from lead.recording.layout import RouteFolder
from lead.recording.layout.route import find_routes
from lead.recording.verify import verify_route

FRAMES = 14


@pytest.fixture(scope="module")
def short(sample, tmp_path_factory) -> RouteFolder:
    """The first seconds of LEAD's route."""
    folder = tmp_path_factory.mktemp("sample") / "data" / "Accident" / sample.path.name

    def later(_: str, names: list[str]) -> list[str]:
        return [name for name in names if name[:4].isdecimal() and int(name[:4]) >= FRAMES]

    shutil.copytree(sample.path, folder, ignore=later)
    return RouteFolder(folder)


@pytest.fixture(scope="module")
def logs(short, tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    assert main(["data", "convert", str(short.path), "--to", "123d", "--output", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def back(logs, tmp_path_factory) -> RouteFolder:
    folder = tmp_path_factory.mktemp("back")
    assert main(["data", "convert", str(logs), "--to", "lead", "--output", str(folder)]) == 0
    (route,) = find_routes(folder)
    return route


def test_a_log_has_the_frames_and_the_record_of_its_route(short, logs):
    from lead.recording.conversion.logs import find_logs, open_log, record_of

    (log,) = find_logs(logs)
    scene = open_log(log, logs / "maps")
    assert scene.log_name == short.path.name and scene.number_of_iterations == FRAMES
    assert record_of(log).read_bytes() and scene.get_map_api() is not None
    stamps = [scene.get_timestamp_at_iteration(index).time_us for index in range(FRAMES)]
    assert set(np.diff(stamps)) == {250_000}
    lights = [scene.get_traffic_light_detections_at_iteration(index).detections for index in range(FRAMES)]
    shown = [any(box["class"] == "traffic_light" for box in short.read("bboxes", name)) for name in short.frames()]
    assert [bool(one) for one in lights] == shown
    assert not list(logs.glob("logs/*/*.incomplete"))


def test_a_route_that_went_through_a_log_is_whole(short, back):
    assert back.is_complete and list(verify_route(back)) == []
    assert back.frames() == short.frames()
    assert back.results()["scores"] == short.results()["scores"]


def test_the_ego_drives_as_it_did(short, back):
    for name in short.frames():
        was, now = short.read("metas", name), back.read("metas", name)
        assert np.allclose(now["pos_global"], was["pos_global"], atol=1e-3)
        assert np.allclose(now["ego_matrix"], was["ego_matrix"], atol=1e-4)
        for field in ("speed", "accel_x", "accel_y", "accel_z", "angular_velocity_z"):
            assert now[field] == pytest.approx(was[field], abs=2e-3), field
        count = min(len(now["future_positions"]), len(was["future_positions"]))
        assert np.allclose(now["future_positions"][:count, :2], was["future_positions"][:count, :2], atol=0.15)
        assert now["target_speed"] >= 0.0 and now["converted_from"] == "123D" and now["town"] == "Town10HD"


def test_boxes_cameras_and_pictures_come_back(short, back):
    name = short.frames()[-1]
    was, now = ({box["id"]: box for box in route.read("bboxes", name)} for route in (short, back))
    others = {key for key, box in was.items() if box["class"] in ("car", "walker", "static")}
    assert len(others) > 3 and others <= now.keys()
    for key in others:
        assert now[key]["class"] == was[key]["class"]
        for field in ("position", "extent", "yaw", "speed"):
            assert np.allclose(now[key][field], was[key][field], atol=2e-3), field
    cars = [key for key in others if was[key]["class"] == "car"]
    assert all(np.allclose(now[key]["ego_velocity"], was[key]["ego_velocity"], atol=1e-3) for key in cars)
    calibrations = [route.read("metas", name)["sensor_information"]["camera_calibration"] for route in (short, back)]
    for number, camera in calibrations[0].items():
        for field, value in camera.items():
            assert np.allclose(calibrations[1][number][field], value, atol=1e-3), field
    pictures = [route.read("rgb", name).astype(int) for route in (short, back)]
    assert np.abs(pictures[1] - pictures[0]).mean() < 4.0
    roads = [route.read("hdmap", name) for route in (short, back)]
    assert (roads[0] == roads[1]).mean() > 0.9


def test_points_lie_where_they_lay(short, back):
    name = short.frames()[-1]
    was, now = (route.read("lidar", name).points for route in (short, back))
    cells = [{tuple(cell) for cell in np.floor(points / 0.5 + 0.1).astype(int).tolist()} for points in (was, now)]
    near = [{cell for cell in one if abs(cell[0]) < 40 and abs(cell[1]) < 40} for one in cells]
    assert near[1] and len(near[1] & near[0]) > 0.5 * len(near[1])


def test_what_cannot_be_converted_is_named_and_the_rest_goes_on(short, logs, tmp_path, capsys):
    bad = RouteFolder(shutil.copytree(short.path, tmp_path / "in" / "data" / "Accident" / "Town10HD_Rep0_bad_route1"))
    bad.file("metas", "0002").write_bytes(b"nothing")
    shutil.copytree(short.path, tmp_path / "in" / "data" / "Accident" / "Town10HD_Rep0_good_route2")
    shutil.copytree(logs / "maps", tmp_path / "out" / "maps")
    command = ["data", "convert", str(tmp_path / "in"), "--to", "123d", "--output", str(tmp_path / "out")]
    assert main(command) == 1
    said = capsys.readouterr().out
    assert str(bad.file("metas", "0002")) in said.replace("\n", "") and "1 of 2 converted" in said
    assert [path.name for path in (tmp_path / "out" / "logs" / "carla_train").glob("*/sync.arrow")] == ["sync.arrow"]
    assert main(["data", "convert", str(tmp_path / "out" / "maps"), "--to", "lead", "--output", str(tmp_path)]) == 2
    assert "there are no logs in" in capsys.readouterr().err
