"""Rigs, their twins, projections."""

import numpy as np
import pytest

from lead.agents.rules import COLLECTING, validate_sensors
from lead.sensors import RIGS, Camera, Rig, RigError, find_rig
from lead.sensors.perturbation import (
    Perturbation,
    draw_perturbation,
    largest_shift,
    perturb_rig,
    to_perturbed,
    turn_interval_deg,
)
from lead.sensors.projection import project, unproject

OWN = """
name = "mine"
[[camera]]
position = [0.3, 0, 2.2]
rotation_deg = [0, 0, 10]
width = 640
height = 360
fov_deg = 90
[[lidar]]
position = [0.0, 0.0, 2.5]
rotation_deg = [0.0, 0.0, -90.0]
"""


@pytest.mark.parametrize("name", RIGS)
def test_every_rig_is_allowed_for_recording_and_driving(name):
    rig = RIGS[name]
    validate_sensors(rig.agent_sensors(), "SENSORS")
    labels = rig.camera_sensors() + rig.camera_sensors(suffix="_perturbated") + rig.lidar_sensors()
    validate_sensors(labels + rig.radar_sensors(), "MAP", COLLECTING)
    assert len({sensor["id"] for sensor in labels}) == 8 * len(rig.cameras) + len(rig.lidars)


def test_strips_of_leads_rigs():
    shapes = {name: rig.strip_shape for name, rig in RIGS.items()}
    assert shapes["lead_3cameras"] == (384, 1152)
    assert shapes["lead_4cameras"] == (384, 1536)
    assert shapes["lead_6cameras"] == (384, 2304)
    assert shapes["navsim"] == (280, 1920)
    assert shapes["py123d"] == (512, 1024)
    assert [camera.rotation_deg[2] for camera in RIGS["lead_4cameras"].cameras] == [-57.5, 0.0, 57.5, 180.0]


def test_a_point_ahead_is_in_the_middle_and_one_to_the_right_is_right_of_it():
    camera = RIGS["lead_3cameras"].cameras[1]
    seen = project(camera, [[10.35, 0.0, 2.25], [10.35, 2.0, 1.25], [-5.0, 0.0, 2.0]])
    assert np.allclose(seen.pixel[0], [192.0, 192.0])
    assert seen.pixel[1, 0] == pytest.approx(192.0 + camera.focal_px * 0.2)
    assert seen.pixel[1, 1] == pytest.approx(192.0 + camera.focal_px * 0.1)
    assert seen.visible.tolist() == [True, True, False]
    assert np.allclose(seen.depth, [10.0, 10.0, -5.35])
    assert np.allclose(camera.intrinsics @ [2.0, 1.0, 10.0] / 10.0, [*seen.pixel[1], 1.0])


@pytest.mark.parametrize("camera", [camera for rig in RIGS.values() for camera in rig.cameras])
def test_pixels_go_out_and_come_back(camera):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, [camera.width, camera.height], (200, 2))
    depth = rng.uniform(1.0, 80.0, 200)
    seen = project(camera, unproject(camera, pixels, depth))
    assert np.allclose(seen.pixel, pixels + 0.5) and np.allclose(seen.depth, depth)
    assert seen.visible.all()


@pytest.mark.parametrize(
    ("lane", "limit", "reach"), [(3.5, 20.0, 0.9679), (2.75, 20.0, 0.5929), (3.5, 10.0, 0.8179), (2.0, 10.0, 0.4429)]
)
def test_how_far_a_twin_is_shifted(lane, limit, reach):
    assert largest_shift(lane, limit) == pytest.approx(reach, abs=1e-4)


@pytest.mark.parametrize(
    ("shift", "reach", "interval"),
    [
        (-1.0, 1.0, (-5.0, 12.5)),
        (0.5, 1.0, (-10.625, 6.875)),
        (-0.3, 0.6, (-4.575, 5.925)),
        (1.0, 1.0, (-12.5, 5.0)),
    ],
)
def test_how_far_a_twin_is_turned(shift, reach, interval):
    assert turn_interval_deg(shift, reach) == pytest.approx(interval)


def test_drawn_twins_stay_within_bounds_and_turn_back_more_often():
    rng = np.random.default_rng(1)
    drawn = [draw_perturbation(rng, 3.5, 20.0) for _ in range(400)]
    shifts, turns = np.array([(one.shift_m, one.turn_deg) for one in drawn]).T
    assert np.abs(shifts).min() >= 0.1 and np.abs(shifts).max() <= 0.9679
    assert np.abs(turns).min() >= 0.5
    assert np.corrcoef(shifts, turns)[0, 1] < -0.2


def test_a_twin_sees_the_world_as_the_moved_ego_would():
    rig, moved = RIGS["lead_3cameras"], Perturbation(0.7, -6.0)
    twin = perturb_rig(rig, moved)
    points = np.random.default_rng(2).uniform([5.0, -10.0, 0.0], [40.0, 10.0, 3.0], (50, 3))
    for camera, other in zip(rig.cameras, twin.cameras, strict=True):
        seen, expected = project(other, points), project(camera, to_perturbed(points, moved))
        assert np.allclose(seen.pixel[seen.depth > 0], expected.pixel[expected.depth > 0])
    assert twin.lidars == rig.lidars


def test_an_own_rig_comes_from_a_file(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(OWN)
    rig = find_rig(str(file))
    assert rig == Rig("mine", (Camera((0.3, 0.0, 2.2), (0.0, 0.0, 10.0), 640, 360, 90.0),), RIGS["py123d"].lidars[:1])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("width = 640", "width = 640.5"), "camera 1: 'width' must be a whole number"),
        (("width = 640\n", ""), "camera 1: 'width' is missing"),
        (("fov_deg = 90", "fov = 90"), "camera 1: unknown key 'fov'"),
        (("fov_deg = 90", "fov_deg = 190"), "camera 1: a camera's fov_deg must be between 1 and 180"),
        (("[0.0, 0.0, 2.5]", "[0.0, 0.0, 250.0]"), "lidar 1: a sensor at .* is more than 50 m"),
        (("[[lidar]]", "[lidar]"), r"write \[\[lidar\]\]"),
        (("name =", "title ="), "unknown key 'title'"),
        (('name = "mine"', "name = mine"), "is no TOML file"),
    ],
)
def test_what_is_wrong_with_a_rig_file_is_said(tmp_path, change, sentence):
    file = tmp_path / "mine.toml"
    file.write_text(OWN.replace(*change))
    with pytest.raises(RigError, match=sentence) as error:
        find_rig(str(file))
    assert "mine.toml" in str(error.value)


def test_an_unknown_rig_gets_a_suggestion():
    with pytest.raises(RigError, match="did you mean lead_3cameras"):
        find_rig("lead_3camera")
    with pytest.raises(RigError, match=r"no readable rig file nowhere\.toml"):
        find_rig("nowhere.toml")
