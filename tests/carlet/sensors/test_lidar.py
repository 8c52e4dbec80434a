"""LiDARs on a stage of known shape: where points lie, how many, how bright, in what order, and what they are."""

import math
from typing import Any

import numpy as np
import pytest
from ranged_stage import (
    CAR_HALF,
    CAR_ID,
    CAR_TAG,
    GROUND_TAG,
    LIFT,
    PAINT_TAG,
    STRIPE_Y,
    WALL_TAG,
    Cloud,
    RangedStage,
    ask,
    cloud,
    semantic_cloud,
)

from carlet.actors.blueprints import library
from carlet.geometry import rotation_matrices, to_world
from carlet.sensors.lidar import RIBBON, Lidar, RayCast, SemanticRayCast, ribbons

KINDS = {"sensor.lidar.ray_cast": RayCast, "sensor.lidar.ray_cast_semantic": SemanticRayCast}
ALL_POINTS = {"dropoff_general_rate": "0", "dropoff_intensity_limit": "0"}
DENSE = {"channels": "64", "range": "100", "points_per_second": "600000", "rotation_frequency": "10"}
POSE = (3.0, 1.0, 2.4, 0.1, 0.7, -0.05)
ROOM = [(30, 0, 20, 1, 31, 21), (-30, 0, 20, 1, 31, 21), (0, 30, 20, 31, 1, 21), (0, -30, 20, 31, 1, 21)]


def make(kind: str = "sensor.lidar.ray_cast", **given: str) -> Any:
    return KINDS[kind]({**{one.id: one.default for one in library()[kind].attributes}, **given})


def world_points(points: Cloud, pose: Any = POSE) -> np.ndarray:
    return to_world(np.asarray(pose, np.float64), points.xyz)


@pytest.fixture
def room() -> RangedStage:
    """Walls all around at 29 m."""
    return RangedStage(ROOM)


def test_points_of_a_box_lie_on_the_box() -> None:
    pose = (9.0, -2.0, 1.1, 0.1, 0.4, 0.2)
    stage = RangedStage(pose=pose, ground=False)
    [body] = ask(make(**DENSE, **ALL_POINTS, horizontal_fov="360", lower_fov="-40"), stage, POSE)
    [other] = ask(make(**DENSE, **ALL_POINTS), stage, (*POSE[:4], POSE[4] + math.pi, POSE[5]))
    on_box = np.concatenate(
        [world_points(cloud(body)), world_points(cloud(other), (*POSE[:4], POSE[4] + math.pi, POSE[5]))]
    )
    local = (on_box - pose[:3]) @ rotation_matrices(np.array(pose[3:]))
    assert len(local) > 300
    outside = np.abs(np.abs(local) - CAR_HALF).min(axis=1)
    assert outside.max() < 1e-3
    assert (np.abs(local) < np.array(CAR_HALF) + 1e-3).all()


def test_counts_per_channel_and_order(room: RangedStage) -> None:
    lidar = make(channels="16", range="100", points_per_second="32000", lower_fov="-30", upper_fov="10", **ALL_POINTS)
    [body] = ask(lidar, room, POSE)
    seen = cloud(body)
    assert seen.per_channel.tolist() == [100] * 16
    x, y, z = seen.xyz.T
    elevation = np.degrees(np.arctan2(z, np.hypot(x, y)))
    np.testing.assert_allclose(elevation, np.repeat(np.linspace(10, -30, 16), 100), atol=1e-3)
    azimuth = np.degrees(np.arctan2(y, x)).reshape(16, 100)
    np.testing.assert_allclose(azimuth, np.tile(-180 + 1.8 * np.arange(100), (16, 1)), atol=1e-3)
    assert seen.angle == pytest.approx(math.pi, abs=1e-6)


def test_one_channel_looks_up_to_its_upper_bound(room: RangedStage) -> None:
    [body] = ask(make(channels="1", range="100", upper_fov="-20", lower_fov="5", points_per_second="4000"), room, POSE)
    x, y, z = cloud(body).xyz.T
    np.testing.assert_allclose(np.arctan2(z, np.hypot(x, y)), math.radians(-20), atol=1e-5)


def test_sweeps_go_on_where_they_stopped(room: RangedStage) -> None:
    """10 Hz and 20 ticks a second: half a turn each, for as long as one likes."""
    lidar = make(channels="2", points_per_second="8000", range="100", **ALL_POINTS)
    for tick in range(200):
        [body] = ask(lidar, room, POSE, age=tick)
        seen = cloud(body)
        x, y, _ = seen.xyz[: seen.per_channel[0]].T
        azimuth = np.degrees(np.arctan2(y, x))
        assert len(azimuth) == 200
        np.testing.assert_allclose(azimuth, (0.0 if tick % 2 else -180.0) + 0.9 * np.arange(200), atol=1e-3)
        assert seen.angle == pytest.approx(0.0 if tick % 2 else math.pi, abs=1e-5)


def test_a_sweep_covers_what_is_due_since_the_last_one(room: RangedStage) -> None:
    [body] = ask(make(channels="4", points_per_second="8000", range="100", **ALL_POINTS), room, POSE, since=0.1)
    seen = cloud(body)
    assert seen.per_channel.tolist() == [200] * 4
    assert seen.angle == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("points", "since", "count"), [(56000, 0.05, 88), (56000, 0.05 - 1e-12, 88), (640, 0.025, 1)])
def test_rays_are_rounded_half_up(room: RangedStage, points: int, since: float, count: int) -> None:
    lidar = make(points_per_second=str(points), range="100", **ALL_POINTS)
    [body] = ask(lidar, room, (0, 0, 2, 0, 0, 0), since=since)
    assert cloud(body).per_channel.max() == count


def test_nothing_is_sent_when_no_ray_is_due(room: RangedStage) -> None:
    lidar = make(points_per_second="100")
    assert ask(lidar, room, POSE) == []
    assert ask(make(points_per_second="0"), room, POSE) == []


def test_narrow_fields_of_view(room: RangedStage) -> None:
    lidar = make(horizontal_fov="60", points_per_second="64000", range="100", **ALL_POINTS)
    angles = []
    for _ in range(3):
        [body] = ask(lidar, room, POSE)
        x, y, _ = cloud(body).xyz.T
        azimuth = np.degrees(np.arctan2(y, x))
        angles.append((azimuth.min(), azimuth.max()))
    np.testing.assert_allclose(angles, [(-30, -0.3), (0, 29.7), (-30, -0.3)], atol=1e-3)


def test_range_ends_points() -> None:
    stage = RangedStage(ROOM)
    near = make(range="20", **ALL_POINTS, **{name: DENSE[name] for name in ("channels", "points_per_second")})
    [body] = ask(near, stage, POSE)
    distance = np.linalg.norm(cloud(body).xyz, axis=1)
    assert 19.0 < distance.max() <= 20.0


def test_intensity_fades_with_distance(room: RangedStage) -> None:
    [body] = ask(make(**DENSE, **ALL_POINTS, atmosphere_attenuation_rate="0.03"), room, POSE)
    seen = cloud(body)
    distance = np.linalg.norm(seen.xyz, axis=1)
    np.testing.assert_allclose(seen.points["intensity"], np.exp(-0.03 * distance), rtol=1e-5)
    assert np.ptp(distance) > 20.0


def test_general_drop_off(room: RangedStage) -> None:
    pose = (0, 0, 2, 0, 0, 0)
    whole = cloud(ask(make(**DENSE, **ALL_POINTS), room, pose)[0])
    some = cloud(ask(make(**DENSE, dropoff_general_rate="0.45", dropoff_intensity_limit="0"), room, pose)[0])
    assert len(some.points) / len(whole.points) == pytest.approx(0.55, abs=0.015)
    everything = {row.tobytes() for row in whole.points}
    assert all(row.tobytes() in everything for row in some.points)


def test_drop_off_by_intensity(room: RangedStage) -> None:
    """Below the limit points are lost the more, the darker they are."""
    pose, fading = (0, 0, 2, 0, 0, 0), 0.05
    given = {**DENSE, "dropoff_general_rate": "0", "atmosphere_attenuation_rate": str(fading)}
    whole = cloud(ask(make(**given, dropoff_intensity_limit="0"), room, pose)[0])
    some = cloud(ask(make(**given, dropoff_intensity_limit="0.8", dropoff_zero_intensity="0.4"), room, pose)[0])
    edges = np.array([0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    before, after = (np.histogram(one.points["intensity"], edges)[0] for one in (whole, some))
    middle = 0.5 * (edges[1:] + edges[:-1])
    assert before.min() > 500
    np.testing.assert_allclose(after / before, 0.4 / 0.8 * middle + 0.6, atol=0.05)
    bright = [(one.points["intensity"] > 0.8).sum() for one in (whole, some)]
    assert bright[0] == bright[1]


def test_default_drop_off_loses_a_quarter_at_least(room: RangedStage) -> None:
    plain, semantic = make(**DENSE), make("sensor.lidar.ray_cast_semantic", **DENSE)
    counts = [len(cloud(ask(plain, room, POSE)[0]).points), len(semantic_cloud(ask(semantic, room, POSE)[0]).points)]
    assert 0.4 * counts[1] < counts[0] < 0.75 * counts[1]


def test_range_noise(room: RangedStage) -> None:
    pose = (0, 0, 2, 0, 0, 0)
    truth = cloud(ask(make(**DENSE, **ALL_POINTS), room, pose)[0])
    noisy = cloud(ask(make(**DENSE, **ALL_POINTS, noise_stddev="0.2", noise_seed="5"), room, pose)[0])
    error = np.linalg.norm(noisy.xyz, axis=1) - np.linalg.norm(truth.xyz, axis=1)
    assert error.std() == pytest.approx(0.2, rel=0.03)
    assert abs(error.mean()) < 0.01
    np.testing.assert_allclose(np.cross(noisy.xyz, truth.xyz), 0.0, atol=1e-3)
    np.testing.assert_array_equal(noisy.points["intensity"], truth.points["intensity"])


def test_same_seed_and_age_same_bytes(room: RangedStage) -> None:
    given = {**DENSE, "noise_stddev": "0.1"}
    bodies = [
        ask(make(**given, noise_seed=seed), room, POSE, age=age)
        for seed, age in (("1", 4), ("1", 4), ("2", 4), ("1", 5))
    ]
    assert bodies[0] == bodies[1]
    assert bodies[0] != bodies[2]
    assert bodies[0] != bodies[3]


def test_semantic_points_are_those_of_the_plain_lidar(room: RangedStage) -> None:
    plain = cloud(ask(make(**DENSE, **ALL_POINTS), room, POSE)[0])
    semantic = semantic_cloud(ask(make("sensor.lidar.ray_cast_semantic", **DENSE), room, POSE)[0])
    np.testing.assert_array_equal(plain.per_channel, semantic.per_channel)
    np.testing.assert_array_equal(plain.xyz, semantic.xyz)
    assert plain.angle == semantic.angle


def test_semantic_points_say_what_they_are() -> None:
    stage = RangedStage([(20, 0, 3, 1, 10, 3)], pose=(8, 4, 0.75, 0, 0.3, 0))
    pose = (0.0, 0.0, 2.0, 0.05, 0.3, 0.1)
    lidar = make("sensor.lidar.ray_cast_semantic", **DENSE)
    parts = [semantic_cloud(ask(lidar, stage, pose)[0]) for _ in range(2)]
    points = np.concatenate([part.points for part in parts])
    world = np.concatenate([world_points(part, pose) for part in parts])
    x, y, z = world.T
    tag = points["tag"]
    assert set(tag) == {GROUND_TAG, PAINT_TAG, WALL_TAG, CAR_TAG}
    np.testing.assert_array_equal(tag == PAINT_TAG, (np.abs(z - LIFT) < 1e-3) & (np.abs(y) < STRIPE_Y + 1e-3))
    assert np.abs(z[tag == GROUND_TAG]).max() < 1e-3
    assert np.abs(x[tag == WALL_TAG] - 19).max() < 1e-3
    np.testing.assert_array_equal(points["object_id"], np.where(tag == CAR_TAG, CAR_ID, 0))
    flat = (tag == GROUND_TAG) | (tag == PAINT_TAG)
    sine = (pose[2] - z[flat]) / np.linalg.norm(world[flat] - pose[:3], axis=1)
    np.testing.assert_allclose(points["cos_angle"][flat], sine, atol=1e-3)
    assert points["cos_angle"].min() > 0.0


def test_hidden_things_are_not_there() -> None:
    stage = RangedStage(ROOM)
    hidden = stage.triangles.tag == WALL_TAG
    stage.triangles.normal[hidden] = 0.0
    points = semantic_cloud(ask(make("sensor.lidar.ray_cast_semantic", **DENSE), stage, POSE)[0]).points
    assert len(points)
    assert WALL_TAG not in points["tag"]


def test_nothing_in_sight_is_an_empty_cloud() -> None:
    stage = RangedStage(ground=False)
    for kind in KINDS:
        seen = cloud(ask(make(kind, **DENSE), stage, POSE)[0])
        assert len(seen.points) == 0
        assert seen.per_channel.tolist() == [0] * 64


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"channels": "0"}, "channels"),
        ({"channels": "3.5"}, "channels"),
        ({"upper_fov": "91"}, "upper_fov"),
        ({"horizontal_fov": "400"}, "horizontal_fov"),
        ({"range": "-1"}, "range"),
        ({"points_per_second": "nan"}, "points_per_second"),
        ({"noise_stddev": "-1"}, "noise_stddev"),
    ],
)
def test_attributes_that_cannot_be(given: dict[str, str], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        make(**given)


@pytest.mark.parametrize(("channels", "columns"), [(64, 469), (1, 7), (5, 3), (6, 1)])
def test_ribbons_hold_every_ray_once(channels: int, columns: int) -> None:
    order = ribbons(channels, columns)
    assert sorted(order) == list(range(channels * columns))
    assert (np.diff(order // columns // RIBBON) >= 0).all()


def test_rays_are_bounded(room: RangedStage) -> None:
    lidar: Lidar = make(channels="64", points_per_second="1000000000", range="1")
    [body] = ask(lidar, room, (0, 0, 500, 0, 0, 0), since=10.0)
    assert len(cloud(body).points) == 0
