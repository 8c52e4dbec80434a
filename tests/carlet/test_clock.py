"""Frames and times: who may tick, what counts as a tick, and how long it is."""

import threading
import time
from collections.abc import Iterator

import carla
import pytest
from scenes import DT, MKZ, blueprint, run, settings

STEPS = [0.1, 0.066667, 0.05, 0.033333, 0.016667, 0.011112]


def test_a_tick_gives_its_frame_and_the_next_snapshot(world: carla.World):
    before = world.get_snapshot()
    for k in range(1, 6):
        frame = world.tick()
        snapshot = world.get_snapshot()
        assert frame == snapshot.timestamp.frame == snapshot.frame == before.frame + k
        assert snapshot.timestamp.delta_seconds == pytest.approx(DT, abs=1e-7)
        assert snapshot.timestamp.elapsed_seconds == pytest.approx(before.timestamp.elapsed_seconds + k * DT)


def test_a_fresh_batch_is_in_the_snapshot_of_its_tick(town01: carla.Client, world: carla.World):
    points = world.get_map().get_spawn_points()[:20]
    vehicles = [b for b in world.get_blueprint_library().filter("vehicle.*") if "fusorosa" not in b.id][:20]
    batch = [carla.command.SpawnActor(b, p) for b, p in zip(vehicles, points, strict=True)]
    results = town01.apply_batch_sync(batch, False)
    assert [r.error for r in results if r.error] == []
    frame = world.tick()
    snapshot = world.get_snapshot()
    assert frame == snapshot.timestamp.frame
    assert {actor.id for actor in world.get_actors()} <= {actor.id for actor in snapshot}
    for result, point in zip(results, points, strict=True):
        pose = snapshot.find(result.actor_id).get_transform()
        assert (pose.location.x, pose.location.y) == pytest.approx((point.location.x, point.location.y), abs=0.005)


def test_a_batch_ticks_when_it_is_asked_to_only(town01: carla.Client, world: carla.World):
    control = carla.command.ApplyVehicleControl
    car = world.spawn_actor(blueprint(world, MKZ), world.get_map().get_spawn_points()[0])
    frame = world.tick()
    town01.apply_batch_sync([control(car.id, carla.VehicleControl(throttle=0.5))], False)
    assert world.get_snapshot().frame == frame
    town01.apply_batch_sync([control(car.id, carla.VehicleControl(throttle=0.6))], True)
    assert world.get_snapshot().frame == frame + 1
    assert car.get_control().throttle == pytest.approx(0.6)
    assert world.tick() == frame + 2


def test_a_tick_right_after_new_settings_is_answered(world: carla.World):
    frames = []
    for step in (0.05, 0.1, 0.02):
        assert world.apply_settings(settings(fixed_delta_seconds=step)) <= world.get_snapshot().frame
        frames.append(world.tick())
        assert world.get_snapshot().timestamp.delta_seconds == pytest.approx(step)
    assert frames == sorted(set(frames))


def test_several_clients_may_tick(town01_port: int, world: carla.World):
    worlds = [world]
    clients = [carla.Client("127.0.0.1", town01_port) for _ in range(2)]
    for client in clients:
        client.set_timeout(10.0)
        worlds.append(client.get_world())
    start = world.get_snapshot().frame
    frames = [other.tick() for _ in range(5) for other in worlds]
    assert frames == list(range(start + 1, start + 16))


def test_a_waiting_client_is_woken_by_the_tick_of_another(town01_port: int, world: carla.World):
    client = carla.Client("127.0.0.1", town01_port)
    client.set_timeout(10.0)
    elsewhere = client.get_world()
    woken: list[carla.WorldSnapshot] = []
    waiting = threading.Thread(target=lambda: woken.append(elsewhere.wait_for_tick(10.0)))
    waiting.start()
    time.sleep(0.1)
    assert not woken
    frame = world.tick()
    waiting.join(10.0)
    assert woken[0].frame >= frame


def test_every_tick_calls_back(world: carla.World):
    frames: list[int] = []
    callback = world.on_tick(lambda snapshot: frames.append(snapshot.frame))
    last = run(world, 10)
    world.remove_on_tick(callback)
    run(world, 3)
    assert frames == list(range(last - 9, last + 1))


def test_synchronous_without_a_fixed_step_takes_the_time_that_passed(world: carla.World):
    world.apply_settings(carla.WorldSettings(synchronous_mode=True))
    world.tick()
    time.sleep(0.05)
    frame = world.tick()
    snapshot = world.get_snapshot()
    assert snapshot.frame == frame
    assert 0.05 <= snapshot.timestamp.delta_seconds <= 0.1


@pytest.fixture
def free_running(world: carla.World) -> Iterator[carla.World]:
    world.apply_settings(carla.WorldSettings(synchronous_mode=False))
    yield world
    world.apply_settings(settings())


@pytest.mark.parametrize("step", STEPS)
def test_a_fixed_step_is_what_every_snapshot_says(free_running: carla.World, step: float):
    free_running.apply_settings(carla.WorldSettings(fixed_delta_seconds=step))
    free_running.wait_for_tick(10.0)
    for _ in range(5):
        snapshot = free_running.wait_for_tick(10.0)
        assert snapshot.timestamp.delta_seconds == pytest.approx(step, abs=1e-7)


def test_without_a_fixed_step_time_runs_as_on_the_wall(free_running: carla.World):
    free_running.apply_settings(carla.WorldSettings(fixed_delta_seconds=0.02))
    free_running.wait_for_tick(10.0)
    varying = free_running.get_settings()
    varying.fixed_delta_seconds = None
    free_running.apply_settings(varying)
    free_running.wait_for_tick(10.0)
    snapshots = [free_running.wait_for_tick(10.0) for _ in range(20)]
    steps = {round(snapshot.timestamp.delta_seconds, 6) for snapshot in snapshots}
    assert len(steps) > 5
    wall = snapshots[-1].timestamp.platform_timestamp - snapshots[0].timestamp.platform_timestamp
    world = snapshots[-1].timestamp.elapsed_seconds - snapshots[0].timestamp.elapsed_seconds
    assert world == pytest.approx(wall, rel=0.5)


def test_settings_read_back_as_sent(world: carla.World):
    sent = settings(
        no_rendering_mode=True,
        fixed_delta_seconds=0.04,
        max_substep_delta_time=0.005,
        max_substeps=16,
        tile_stream_distance=1500.0,
        actor_active_distance=900.0,
        spectator_as_ego=False,
        deterministic_ragdolls=False,
    )
    world.apply_settings(sent)
    found = world.get_settings()
    assert found == sent
    assert found.max_substeps == 16
    assert found.tile_stream_distance == 1500.0
