"""Drives recorded as py123d's logs and read back through its Scene and Map API."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from py123d.api.scene.arrow.arrow_scene_builder import ArrowSceneBuilder
from py123d.api.scene.scene_filter import SceneFilter
from py123d.common.execution.sequential_executor import SequentialExecutor
from py123d.datatypes import MapLayer
from py123d.datatypes.detections.box_detection_label import DefaultBoxDetectionLabel
from py123d.datatypes.sensors.base_camera import CameraID
from py123d.datatypes.sensors.lidar import LidarID
from shapely import Point

from lead.cli import main
from lead.evaluation.runner import evaluate
from lead.recording.arrow_recorder import ArrowRecorder


@pytest.fixture(scope="module")
def folder(tmp_path_factory, make_evaluation, small_rig) -> Path:
    folder = tmp_path_factory.mktemp("py123d")
    with ArrowRecorder(folder, small_rig) as recorder:
        evaluate(make_evaluation(), [recorder])
    return folder


@pytest.fixture(scope="module")
def scene(folder):
    builder = ArrowSceneBuilder(folder / "logs", folder / "maps")
    (scene,) = builder.get_scenes(SceneFilter(split_names=["carla_train"]), SequentialExecutor())
    return scene


def test_the_drive_comes_back_ten_times_a_second(scene):
    count = scene.number_of_iterations
    stamps = [scene.get_timestamp_at_iteration(i).time_us for i in range(count)]
    assert count > 30 and set(np.diff(stamps)) == {100_000}
    states = [scene.get_ego_state_se3_at_iteration(i) for i in range(count)]
    places = np.array([state.center_se3.array[:3] for state in states])
    assert places[0] == pytest.approx([170.0, -59.6, 0.7], abs=0.6)
    moved = np.diff(places[:, 0]) / 0.1
    speeds = np.array([state.dynamic_state_se3.velocity_3d.array[0] for state in states])
    assert np.allclose(moved, 0.5 * (speeds[1:] + speeds[:-1]), atol=0.3)
    assert np.allclose(places[:, 1], -59.6, atol=0.4)


def test_the_ego_is_on_a_lane_of_the_map(scene):
    town = scene.get_map_api()
    for i in (0, scene.number_of_iterations - 1):
        x, y = scene.get_ego_state_se3_at_iteration(i).center_se3.array[:2]
        assert town.query(Point(x, y), [MapLayer.LANE], predicate="intersects")[MapLayer.LANE]


def test_cars_stand_on_lanes_and_have_points(scene):
    i = scene.number_of_iterations - 1
    boxes = scene.get_box_detections_se3_at_iteration(i).box_detections
    cars = [box for box in boxes if box.attributes.label == DefaultBoxDetectionLabel.VEHICLE]
    assert cars
    town = scene.get_map_api()
    for car in cars:
        x, y = car.bounding_box_se3.center_se3.array[:2]
        assert town.query(Point(x, y), [MapLayer.LANE], predicate="intersects")[MapLayer.LANE]


def test_lidar_and_cameras_are_there(scene, small_rig):
    lidar = scene.get_lidar_at_iteration(3, LidarID.LIDAR_TOP)
    assert len(lidar.point_cloud_3d) > 3000
    ground = lidar.point_cloud_3d[np.hypot(*lidar.point_cloud_3d[:, :2].T) < 15.0]
    assert np.percentile(ground[:, 2], 20) == pytest.approx(-0.35, abs=0.15)
    front = scene.get_camera_at_iteration(3, CameraID.PCAM_F0)
    assert front.image.shape == (96, 128, 3)
    assert scene.get_camera_at_iteration(3, CameraID.PCAM_R0).image.shape == (96, 96, 3)


def test_the_record_is_beside_the_log(folder):
    (log,) = (folder / "logs" / "carla_train").glob("*/")
    assert log.with_suffix(".json").is_file()


@pytest.mark.slow
def test_the_viewer_serves_a_log_and_ends_on_ctrl_c(folder, free_port):
    (log,) = (folder / "logs" / "carla_train").glob("*/")
    command = [sys.executable, "-m", "lead", "view", "3d", str(log), "--port", str(free_port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert f"http://127.0.0.1:{free_port}/ (1 logs" in process.stdout.readline()
    deadline = time.monotonic() + 60.0
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/", timeout=10) as answer:
                assert b"<html" in answer.read(4000).lower()
                break
        except OSError:
            time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("place", "sentence"), (("", "is no 123D log"), ("nowhere", "is no folder"), ("logs/..", "port {port} is taken"))
)
def test_what_cannot_be_viewed_is_told_in_a_sentence(folder, capsys, place, sentence):
    path = folder / place if place.startswith("logs") else folder / "maps" / place
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["view", "3d", str(path), "--port", str(port)]) == 2
    assert sentence.format(port=port) in capsys.readouterr().err
