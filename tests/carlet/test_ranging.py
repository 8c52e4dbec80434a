"""CARLA's own smoke tests of LiDAR and radar, through the official client."""

from typing import Any

import carla
import numpy as np
import pytest
from scenes import LIDAR, MKZ, RADAR, SEMANTIC, Ear, attach, blueprint, eventually, run, settings, spawn

WITHOUT_DROPOFF = {
    "dropoff_general_rate": "0.0",
    "dropoff_intensity_limit": "1.0",
    "dropoff_zero_intensity": "0.0",
}
FLOATS = {LIDAR: 4, SEMANTIC: 6, RADAR: 4}


def over_spawn_point(world: carla.World) -> carla.Transform:
    """Three metres over the first spawn point."""
    pose = world.get_map().get_spawn_points()[0]
    pose.location.z += 3.0
    return pose


def points(data: Any, type_id: str) -> np.ndarray:
    """What a measurement holds, one row a point."""
    return np.frombuffer(bytes(data.raw_data), np.float32).reshape(-1, FLOATS[type_id])


@pytest.mark.parametrize("synchronous", [True, False])
@pytest.mark.parametrize("dropoff", [True, False])
@pytest.mark.parametrize(("per_second", "turns"), [("100000", "5"), ("500000", "50")])
def test_points_are_as_many_as_the_channels_say(
    world: carla.World, synchronous: bool, dropoff: bool, per_second: str, turns: str
):
    if not synchronous:
        world.apply_settings(carla.WorldSettings(synchronous_mode=False, fixed_delta_seconds=0.05))
    given = {"channels": "64", "points_per_second": per_second, "rotation_frequency": turns}
    lost = {} if dropoff else WITHOUT_DROPOFF
    sensor = spawn(world, LIDAR, over_spawn_point(world), **given, **lost)
    ear = Ear(world, sensor) if synchronous else Ear(world, sensor, warm_up=False)
    for _ in range(5):
        if synchronous:
            world.tick()
        data = ear.next()
        counted = sum(data.get_point_count(channel) for channel in range(data.channels))
        assert data.channels == 64
        assert len(points(data, LIDAR)) == len(list(data)) == len(data) == counted > 100


def test_lidars_in_one_place_hit_the_same(world: carla.World):
    pose = over_spawn_point(world)
    same = {"channels": "64", "points_per_second": "200000", "rotation_frequency": "20", "range": "50"}
    sensors = [
        world.spawn_actor(blueprint(world, SEMANTIC, **same), pose),
        world.spawn_actor(blueprint(world, LIDAR, **same, **WITHOUT_DROPOFF), pose),
        world.spawn_actor(blueprint(world, LIDAR, **same), pose),
    ]
    ears = [Ear(world, sensor, warm_up=False) for sensor in sensors]
    eventually(lambda: world.tick() and not any(ear.messages.empty() for ear in ears))
    start = world.tick()
    for ear in ears:
        while ear.next(10.0).frame < start:
            pass
    for _ in range(15):
        frame = world.tick()
        meaning, all_hits, default = (ear.next(10.0) for ear in ears)
        assert meaning.frame == all_hits.frame == default.frame == frame
        assert len(meaning) == len(all_hits) > 1000
        assert len(default) <= 0.75 * len(meaning)
        assert np.array_equal(points(meaning, SEMANTIC)[:, :3], points(all_hits, LIDAR)[:, :3])


#: A whole turn a tick, so that it does not matter in which tick the client began to listen.
TURN_A_TICK = {"rotation_frequency": "20", "points_per_second": "100000", "range": "50"}
SEEDED = {
    "radar": (RADAR, {"noise_seed": "54283"}),
    "lidar": (LIDAR, {"noise_seed": "12134", "noise_stddev": "0.05", **TURN_A_TICK}),
    "other lidar": (LIDAR, {"noise_seed": "23135", "noise_stddev": "0.05", **TURN_A_TICK}),
    "semantic": (SEMANTIC, TURN_A_TICK),
}


def crashed(client: carla.Client, ticks: int) -> dict[tuple[str, int], np.ndarray]:
    """What four sensors measure, by sensor and age, while their car and another run into each other."""
    world = client.reload_world(False)
    world.tick()
    start = world.get_map().get_spawn_points()[40]
    ahead, cars = start.get_forward_vector(), []
    for metres, turn in ((0.0, 0.0), (60.0, 180.0)):
        pose = carla.Transform(start.location + metres * ahead, start.rotation)
        pose.location.z += 0.7
        pose.rotation.yaw += turn
        cars.append(spawn(world, MKZ, pose))
    sensors = {name: attach(world, type_id, cars[0], **given) for name, (type_id, given) in SEEDED.items()}
    birth = world.get_snapshot().frame
    ears = {name: Ear(world, sensor, warm_up=False) for name, sensor in sensors.items()}
    run(world, 20)
    for car, speed in zip(cars, (25.0, -25.0), strict=True):
        car.set_target_velocity(speed * ahead)
    run(world, ticks)
    heard = {name: [ear.next(15.0)] for name, ear in ears.items()}
    for name, ear in ears.items():
        while heard[name][-1].frame < birth + 20 + ticks:
            heard[name].append(ear.next(15.0))
    return {  # without the semantic LiDAR's ids and tags, which are no floats
        (name, data.frame - birth): points(data, SEEDED[name][0])[:, :4]
        for name, messages in heard.items()
        for data in messages
    }


def test_seeded_noise_repeats_itself_through_a_crash(solo: carla.Client):
    solo.get_world().apply_settings(settings())
    first, second = (crashed(solo, 60) for _ in range(2))
    both = first.keys() & second.keys()
    assert {name for name, _ in both} == set(SEEDED)
    assert len(both) >= 60 * len(SEEDED)
    for key in both:
        assert np.array_equal(first[key], second[key]), key
    age = 79
    assert len(first["lidar", age]) != len(first["other lidar", age])
