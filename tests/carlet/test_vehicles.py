"""How vehicles answer what a client can ask of them."""

import math
from itertools import pairwise

import carla
import pytest
from scenes import DT, MKZ, distance_in, numbers, open_space, run, settled, spawn, speed


def forward_speed(car: carla.Vehicle) -> float:
    velocity, ahead = car.get_velocity(), car.get_transform().get_forward_vector()
    return velocity.dot(ahead)


@pytest.fixture
def car(world: carla.World) -> carla.Vehicle:
    return settled(world, MKZ, open_space(world))


# -- pedals, steering, gears


def test_throttle_drives_and_brakes_stop(world: carla.World, car: carla.Vehicle):
    assert speed(car) < 1e-3
    car.apply_control(carla.VehicleControl(throttle=0.6))
    speeds = []
    for _ in range(40):
        world.tick()
        speeds.append(forward_speed(car))
    assert all(a < b for a, b in pairwise(speeds))
    assert 3.0 < speeds[-1] < 20.0
    car.apply_control(carla.VehicleControl(brake=1.0))
    run(world, 40)
    assert speed(car) < 0.01
    assert car.get_control().brake == 1.0


def test_a_released_car_rolls_on(world: carla.World, car: carla.Vehicle):
    car.apply_control(carla.VehicleControl(throttle=0.7))
    run(world, 40)
    before = forward_speed(car)
    car.apply_control(carla.VehicleControl())
    run(world, 20)
    assert 0.3 * before < forward_speed(car) <= before


@pytest.mark.parametrize("steer", [-0.4, 0.4])
def test_a_positive_steer_turns_right(world: carla.World, car: carla.Vehicle, steer: float):
    start = car.get_transform()
    car.apply_control(carla.VehicleControl(throttle=0.5, steer=steer))
    run(world, 30)
    assert car.get_angular_velocity().z * steer > 0.0
    moved = car.get_location() - start.location
    assert moved.dot(start.get_right_vector()) * steer > 0.0
    left, right = (car.get_wheel_steer_angle(wheel) for wheel in (_FL, _FR))
    assert left * steer > 0.0
    assert right * steer > 0.0
    assert car.get_wheel_steer_angle(carla.VehicleWheelLocation.BL_Wheel) == 0.0
    car.apply_control(carla.VehicleControl())
    run(world, 5)
    assert abs(car.get_wheel_steer_angle(_FL)) < 1.0


_FL, _FR = carla.VehicleWheelLocation.FL_Wheel, carla.VehicleWheelLocation.FR_Wheel


def test_reverse_drives_backwards_and_shows_its_gear(world: carla.World, car: carla.Vehicle):
    car.apply_control(carla.VehicleControl(throttle=0.5, reverse=True))
    run(world, 30)
    assert forward_speed(car) < -1.0
    control = car.get_control()
    assert control.reverse
    assert control.gear == -1


def test_the_hand_brake_holds_against_the_throttle(world: carla.World, car: carla.Vehicle):
    car.apply_control(carla.VehicleControl(throttle=1.0, hand_brake=True))
    assert distance_in(world, car, 30) < 1.0
    assert car.get_control().hand_brake


def test_a_manual_gear_stays_and_neutral_does_not_drive(world: carla.World, car: carla.Vehicle):
    car.apply_control(carla.VehicleControl(throttle=1.0, manual_gear_shift=True, gear=0))
    assert distance_in(world, car, 20) < 0.1
    car.apply_control(carla.VehicleControl(throttle=1.0, manual_gear_shift=True, gear=2))
    run(world, 20)
    assert forward_speed(car) > 1.0
    assert car.get_control().gear == 2


@pytest.mark.parametrize("goal", [4.0, 12.0, -2.0])
def test_an_ackermann_control_reaches_its_speed(world: carla.World, car: carla.Vehicle, goal: float):
    car.apply_ackermann_control(carla.VehicleAckermannControl(speed=goal))
    run(world, 200)
    assert forward_speed(car) == pytest.approx(goal, abs=0.35)


def test_an_ackermann_control_steers_by_radians(world: carla.World, car: carla.Vehicle):
    car.apply_ackermann_control(carla.VehicleAckermannControl(steer=math.radians(20.0), speed=3.0))
    run(world, 40)
    lock = math.radians(car.get_physics_control().wheels[0].max_steer_angle)
    assert car.get_control().steer == pytest.approx(math.radians(20.0) / lock, abs=1e-3)


def test_ackermann_gains_can_be_read_back(world: carla.World, car: carla.Vehicle):
    default = car.get_ackermann_controller_settings()
    assert (default.speed_kp, default.speed_kd, default.accel_kp) == pytest.approx((0.15, 0.25, 0.01))
    car.apply_ackermann_controller_settings(carla.AckermannControllerSettings(0.3, 0.01, 0.2, 0.02, 0.03, 0.04))
    world.tick()
    found = car.get_ackermann_controller_settings()
    assert found.speed_ki == pytest.approx(0.01)
    assert found.accel_kd == pytest.approx(0.04)


def test_two_wheelers_and_trucks_drive_too(world: carla.World):
    start = open_space(world)
    speeds = {}
    for type_id in ("vehicle.diamondback.century", "vehicle.carlamotors.firetruck", "vehicle.kawasaki.ninja"):
        vehicle = settled(world, type_id, start)
        vehicle.apply_control(carla.VehicleControl(throttle=1.0))
        run(world, 40)
        speeds[type_id] = forward_speed(vehicle)
        assert abs(vehicle.get_transform().rotation.roll) < 5.0
        vehicle.destroy()
        world.tick()
    assert min(speeds.values()) > 1.0
    assert speeds["vehicle.kawasaki.ninja"] > speeds["vehicle.carlamotors.firetruck"]
    assert speeds["vehicle.kawasaki.ninja"] > speeds["vehicle.diamondback.century"]


# -- velocities, impulses, forces


def test_a_target_velocity_is_in_the_next_snapshot(world: carla.World, car: carla.Vehicle):
    ahead = car.get_transform().get_forward_vector()
    car.set_target_velocity(10.0 * ahead)
    frame = world.tick()
    snapshot = world.get_snapshot()
    assert snapshot.frame == frame
    velocity = snapshot.find(car.id).get_velocity()
    assert velocity.dot(ahead) == pytest.approx(10.0, abs=0.3)


def in_the_air(world: carla.World) -> carla.Vehicle:
    """A car that nothing holds."""
    point = open_space(world)
    point.location.z += 20.0
    car = spawn(world, MKZ, point)
    car.set_enable_gravity(False)
    world.tick()
    return car


def test_a_target_angular_velocity_turns(world: carla.World):
    car = in_the_air(world)
    before = car.get_transform().rotation.yaw
    car.set_target_angular_velocity(carla.Vector3D(z=60.0))
    world.tick()
    assert car.get_angular_velocity().z == pytest.approx(60.0)
    assert (car.get_transform().rotation.yaw - before) % 360.0 == pytest.approx(60.0 * DT, abs=1e-3)


def test_a_constant_velocity_lasts_until_it_is_switched_off(world: carla.World, car: carla.Vehicle):
    car.enable_constant_velocity(carla.Vector3D(x=8.0))
    for _ in range(20):
        world.tick()
        assert forward_speed(car) == pytest.approx(8.0, abs=1e-3)
    car.disable_constant_velocity()
    car.apply_control(carla.VehicleControl(brake=1.0))
    run(world, 30)
    assert speed(car) < 0.1


@pytest.mark.parametrize("push", ["impulse", "force"])
def test_impulse_and_force_lift_alike(world: carla.World, car: carla.Vehicle, push: str):
    mass = car.get_physics_control().mass
    if push == "impulse":
        car.add_impulse(carla.Vector3D(z=10.0 * mass))
    else:
        car.add_force(carla.Vector3D(z=10.0 * mass / DT))
    world.tick()
    assert car.get_velocity().z == pytest.approx(10.0 - 9.81 * DT, abs=0.06)
    before = car.get_velocity().z
    world.tick()
    assert car.get_velocity().z == pytest.approx(before - 9.81 * DT, abs=0.01)
    run(world, 60)
    assert abs(car.get_location().z) < 0.2


def test_angular_impulse_and_torque_spin_alike(world: carla.World, raw):
    spins = []
    for method, strength in (("add_actor_angular_impulse", 2e3), ("add_actor_torque", 2e3 / DT)):
        car = in_the_air(world)
        assert raw.call(method, car.id, [0.0, 0.0, strength])[3] == [[False]]
        world.tick()
        spins.append(car.get_angular_velocity().z)
        car.destroy()
        world.tick()
    assert spins[0] == pytest.approx(spins[1], rel=1e-4)
    assert 10.0 < spins[0] < 90.0


def test_an_impulse_off_centre_pushes_and_turns(world: carla.World, raw):
    car = in_the_air(world)
    pose = car.get_transform()
    push, place = (
        car.get_physics_control().mass * 2.0 * pose.get_right_vector(),
        pose.transform(carla.Location(x=2.0)),
    )
    raw.call("add_actor_impulse_at_location", car.id, [push.x, push.y, push.z], [place.x, place.y, place.z])
    world.tick()
    assert car.get_velocity().dot(pose.get_right_vector()) == pytest.approx(2.0, abs=0.01)
    assert car.get_angular_velocity().z > 10.0


# -- switches


def test_without_gravity_a_car_stays_in_the_air(world: carla.World):
    point = open_space(world)
    point.location.z += 10.0
    car = spawn(world, MKZ, point)
    car.set_enable_gravity(False)
    run(world, 20)
    assert car.get_location().z == pytest.approx(point.location.z, abs=1e-3)
    car.set_enable_gravity(True)
    run(world, 60)
    assert car.get_location().z == pytest.approx(point.location.z - 10.3, abs=0.3)


def test_a_car_dropped_from_three_metres_settles(world: carla.World):
    point = open_space(world)
    point.location.z += 3.0
    car = spawn(world, MKZ, point)
    run(world, 40)
    ground = world.ground_projection(car.get_location() + carla.Location(z=0.2), 20.0).location.z
    assert car.get_location().z == pytest.approx(ground, abs=0.01)
    assert speed(car) < 1e-3


def test_without_physics_a_car_goes_where_it_is_put(world: carla.World, car: carla.Vehicle):
    car.set_simulate_physics(False)
    car.apply_control(carla.VehicleControl(throttle=1.0))
    waypoint = world.get_map().get_waypoint(car.get_location())
    for _ in range(10):
        waypoint = waypoint.next(1.5)[0]
        car.set_transform(waypoint.transform)
        world.tick()
        assert numbers(car.get_transform()) == pytest.approx(numbers(waypoint.transform), abs=1e-4)
    car.set_simulate_physics(True)
    run(world, 20)
    assert forward_speed(car) > 1.0


def test_a_teleport_is_in_the_next_snapshot(world: carla.World, car: carla.Vehicle):
    goal = world.get_map().get_spawn_points()[60]
    car.set_transform(goal)
    world.tick()
    assert numbers(car.get_transform())[:2] == pytest.approx(numbers(goal)[:2], abs=1e-3)
    beyond = goal.location + 8.0 * goal.get_forward_vector()
    car.set_location(beyond)
    world.tick()
    assert car.get_location().distance(beyond) < 0.35
    assert car.get_transform().rotation.yaw == pytest.approx(goal.rotation.yaw, abs=0.01)


def test_cars_without_collisions_pass_through_each_other(world: carla.World):
    start = open_space(world)
    ahead = carla.Transform(start.location + 15.0 * start.get_forward_vector(), start.rotation)
    cars = [settled(world, MKZ, start), settled(world, MKZ, ahead)]
    cars[0].set_collisions(False)
    standing = cars[1].get_location()
    cars[0].enable_constant_velocity(carla.Vector3D(x=10.0))
    run(world, 60)
    assert cars[1].get_location().distance(standing) < 0.05
    assert (cars[0].get_location() - standing).dot(start.get_forward_vector()) > 5.0


def test_a_dead_vehicle_obeys_no_more(world: carla.World, car: carla.Vehicle, raw):
    car.apply_control(carla.VehicleControl(throttle=1.0))
    run(world, 10)
    assert raw.call("set_actor_dead", car.id)[2] is None
    car.apply_control(carla.VehicleControl(throttle=1.0))
    world.tick()
    assert car.get_control().throttle == 0.0


# -- doors, lamps, wheels, telemetry


@pytest.mark.parametrize("door", list(carla.VehicleDoor.values.values()))
def test_doors_open_and_close(world: carla.World, car: carla.Vehicle, raw, door: carla.VehicleDoor):
    car.open_door(door)
    car.close_door(door)
    world.tick()
    assert raw.call("open_vehicle_door", car.id, int(door))[2:] == [None, [[False]]]
    assert raw.call("close_vehicle_door", car.id, 7)[2] is not None


def test_lamps_are_what_was_set(world: carla.World, car: carla.Vehicle, raw):
    lamps = carla.VehicleLightState(carla.VehicleLightState.LowBeam | carla.VehicleLightState.Special2)
    car.set_light_state(lamps)
    world.tick()
    assert car.get_light_state() == lamps
    assert dict(raw.value("get_vehicle_light_states"))[car.id] == 2 | 1024


def test_wheels_of_a_car_without_physics_turn_by_hand(world: carla.World, car: carla.Vehicle):
    car.set_simulate_physics(False)
    car.set_wheel_steer_direction(_FL, 25.0)
    car.set_wheel_steer_direction(_FR, -12.5)
    car.set_wheel_pitch_angle(_FR, 90.0)
    world.tick()
    assert car.get_wheel_steer_angle(_FL) == pytest.approx(25.0)
    assert car.get_wheel_steer_angle(_FR) == pytest.approx(-12.5)
    assert car.get_wheel_pitch_angle(_FR) == pytest.approx(90.0)
    assert car.get_wheel_pitch_angle(_FL) == 0.0
    car.set_simulate_physics(True)
    world.tick()
    assert car.get_wheel_steer_angle(_FL) == 0.0


def test_telemetry_is_finite_and_true(world: carla.World, car: carla.Vehicle):
    car.apply_control(carla.VehicleControl(throttle=1.0))
    run(world, 30)
    found = car.get_telemetry_data()
    assert found.throttle == 1.0
    assert found.engine_rpm > 100.0
    assert found.speed == pytest.approx(speed(car), rel=0.01)
    assert len(found.wheels) == len(car.get_physics_control().wheels)
    for wheel in found.wheels:
        values = [getattr(wheel, name) for name in dir(wheel) if not name.startswith("_")]
        assert all(math.isfinite(value) for value in values)
        assert wheel.omega > 1.0


def test_the_speed_limit_is_that_of_the_road(world: carla.World):
    town = world.get_map()
    found = set()
    for i in range(0, 180, 30):
        car = spawn(world, MKZ, i)
        world.tick()
        assert car.get_speed_limit() > 0.0
        marks = town.get_waypoint(car.get_location()).get_landmarks_of_type(1.0, "274")
        assert not marks or car.get_speed_limit() == pytest.approx(marks[0].value)
        found.add(car.get_speed_limit())
    assert found <= {30.0, 60.0, 90.0}


def test_a_fresh_car_is_active_and_has_not_failed(car: carla.Vehicle):
    assert car.actor_state == carla.ActorState.Active
    assert car.get_failure_state() == carla.VehicleFailureState.NONE


def test_the_bounding_box_holds_the_car(world: carla.World, car: carla.Vehicle):
    box = car.bounding_box
    assert (box.extent.x, box.extent.y, box.extent.z) == pytest.approx((2.45, 0.92, 0.75), abs=0.15)
    corners = box.get_world_vertices(car.get_transform())
    assert min(corner.z for corner in corners) > -0.3
    assert len(corners) == 8


@pytest.mark.parametrize("question", ["get_light_state_of", "get_physics_control", "get_telemetry_data"])
def test_what_only_vehicles_know_is_an_error_for_others(world: carla.World, raw, question: str):
    walker = spawn(world, "walker.pedestrian.0001", 3)
    world.tick()
    method = {"get_light_state_of": "get_vehicle_light_state"}.get(question, question)
    light = next(actor for actor in world.get_actors() if actor.type_id == "traffic.traffic_light")
    for actor_id, answer in (
        (walker.id, "Actor is not a Vehicle"),
        (light.id, "Actor is not a Vehicle"),
        (4_000_000, "Actor could not be found in the registry"),
    ):
        assert raw.call(method, actor_id)[2:] == [None, [[0, [answer]]]]
