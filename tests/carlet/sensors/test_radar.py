"""Radar on a stage of known shape: velocities, angles, and where its rays go."""

import math
from typing import Any

import numpy as np
import pytest
from ranged_stage import DT, RangedStage, ask, detections

from carlet.actors.blueprints import library
from carlet.geometry import to_world
from carlet.sensors.radar import Radar

WALL = [(41, 0, 5, 1, 100, 30)]
LEVEL = (0.0, 0.0, 3.0, 0.0, 0.0, 0.0)


def make(**given: str) -> Radar:
    return Radar({**{one.id: one.default for one in library()["sensor.other.radar"].attributes}, **given})


def points(found: np.ndarray) -> np.ndarray:
    """Detections (k, 3) in the sensor's frame."""
    along = np.cos(found["altitude"])
    x, y = along * np.cos(found["azimuth"]), along * np.sin(found["azimuth"])
    return np.stack([x, y, np.sin(found["altitude"])], axis=1) * found["depth"][:, None]


def read(sensor: Radar, stage: RangedStage, pose: Any = LEVEL, **given: Any) -> np.ndarray:
    [body] = ask(sensor, stage, pose, **given)
    return detections(body)


def test_detections_lie_where_they_say() -> None:
    pose = (5.0, 3.0, 3.0, 0.05, 0.4, 0.0)
    found = read(make(points_per_second="20000"), RangedStage(WALL, ground=False), pose)
    assert len(found) == 1000
    world = to_world(np.array(pose), points(found).astype(np.float64))
    assert np.abs(world[:, 0] - 40).max() < 1e-3


def test_rays_fill_an_ellipse_denser_in_its_middle() -> None:
    radar = make(points_per_second="200000", horizontal_fov="60", vertical_fov="20")
    found = read(radar, RangedStage(WALL, ground=False), (0.0, 0.0, 5.0, 0.0, 0.0, 0.0))
    x, y, z = points(found).T
    across, up = y / x / math.tan(math.radians(30)), z / x / math.tan(math.radians(10))
    radius = np.hypot(across, up)
    assert 0.99 < radius.max() <= 1.0 + 1e-4
    np.testing.assert_allclose(np.histogram(radius, 10, (0, 1))[0] / len(radius), 0.1, atol=0.015)
    np.testing.assert_allclose(
        np.histogram(np.arctan2(up, across), 8, (-np.pi, np.pi))[0] / len(radius), 0.125, atol=0.015
    )


@pytest.mark.parametrize(("since", "count"), [(0.05, 75), (0.05 - 1e-12, 75), (0.1, 150), (0.0333, 49)])
def test_rays_in_a_turn(since: float, count: int) -> None:
    assert len(read(make(), RangedStage(WALL, ground=False), since=since)) == count


def test_misses_are_left_out() -> None:
    stage = RangedStage([(41, 0, 5, 1, 5, 30)], ground=False)
    found = read(make(points_per_second="20000"), stage)
    assert 100 < len(found) < 900
    assert np.abs(points(found)[:, 1]).max() < 5.0 + 1e-3


def test_velocity_of_a_moving_target() -> None:
    """The car crosses and comes nearer; the radar stands."""
    velocity = np.array([-12.0, 5.0, 0.0])
    stage = RangedStage(pose=(15, 0, 0.75, 0, 0.2, 0), velocity=velocity, ground=False)
    found = read(make(points_per_second="20000"), stage, (0, 0, 0.8, 0, 0, 0))
    assert len(found) > 50
    place = points(found)
    along = place / np.linalg.norm(place, axis=1, keepdims=True)
    np.testing.assert_allclose(found["velocity"], along @ velocity, atol=1e-3)
    assert found["velocity"].max() < -8.0


def test_own_motion_is_taken_off() -> None:
    radar, stage = make(points_per_second="2000"), RangedStage(WALL, ground=False)
    step = np.array([10.0, 2.0, 0.0]) * DT
    first = read(radar, stage, velocity=(10.0, 2.0, 0.0))
    second = read(radar, stage, np.add(LEVEL, (*step, 0, 0, 0)), age=1)
    for found in (first, second):
        along = points(found) / found["depth"][:, None]
        np.testing.assert_allclose(found["velocity"], -(along @ (10.0, 2.0, 0.0)), atol=1e-3)


def test_a_target_as_fast_as_the_radar_stands() -> None:
    radar = make()
    for tick in range(3):
        x = 8.0 * DT * tick
        stage = RangedStage(pose=(10 + x, 0, 0.75, 0, 0, 0), velocity=(8, 0, 0), ground=False)
        found = read(radar, stage, (x, 0, 0.8, 0, 0, 0), age=tick, velocity=(8, 0, 0))
        assert len(found)
        np.testing.assert_allclose(found["velocity"], 0.0, atol=1e-3)


def test_range() -> None:
    stage = RangedStage(WALL, ground=False)
    assert len(read(make(range="39"), stage)) == 0
    assert len(read(make(range="40.5"), stage)) == 75


def test_same_seed_and_age_same_bytes() -> None:
    stage = RangedStage(WALL)
    bodies = [
        ask(make(noise_seed=seed), stage, LEVEL, age=age) for seed, age in (("1", 4), ("1", 4), ("2", 4), ("1", 5))
    ]
    assert bodies[0] == bodies[1]
    assert bodies[0] != bodies[2]
    assert bodies[0] != bodies[3]


def test_no_rays_due_is_an_empty_message() -> None:
    assert ask(make(points_per_second="10"), RangedStage(WALL), LEVEL) == [b""]


@pytest.mark.parametrize(("name", "value"), [("horizontal_fov", "180"), ("range", "-3"), ("points_per_second", "x")])
def test_attributes_that_cannot_be(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        make(**{name: value})
