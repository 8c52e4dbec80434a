"""Physics controls: what is read back, and what friction, drag and sticky controls do."""

import carla
import pytest
from scenes import MKZ, distance_in, numbers, open_space, run, settled, spawn, speed

KMH_100 = 100.0 / 3.6


@pytest.fixture
def car(world: carla.World) -> carla.Vehicle:
    return settled(world, MKZ, open_space(world))


def gaps(found: object, sent: object, skip: tuple[str, ...] = ()) -> dict[str, float]:
    """Differences of all numeric fields."""
    names = [n for n in dir(sent) if not n.startswith("_") and n not in skip]
    values = {n: (getattr(found, n), getattr(sent, n)) for n in names}
    return {n: abs(a - b) for n, (a, b) in values.items() if isinstance(a, int | float)}


@pytest.mark.parametrize("count", [1, 10])
def test_a_physics_control_reads_back_as_sent(world: carla.World, count: int):
    cars = [spawn(world, MKZ if i % 2 else "vehicle.dodge.charger_2020", i) for i in range(count)]
    world.tick()
    sent = []
    for car in cars:
        physics = car.get_physics_control()
        physics.drag_coefficient = 5.0
        physics.torque_curve = [carla.Vector2D(0.0, 400.0), carla.Vector2D(5000.0, 200.0)]
        wheels = physics.wheels
        for wheel in wheels:
            wheel.tire_friction = 5.0
            wheel.long_stiff_value = 987.0
        physics.wheels = wheels
        car.apply_physics_control(physics)
        sent.append(physics)
    run(world, 2)
    for car, wanted in zip(cars, sent, strict=True):
        found = car.get_physics_control()
        assert max(gaps(found, wanted).values()) < 1e-3
        assert found.drag_coefficient == pytest.approx(5.0)
        assert len(found.wheels) == len(wanted.wheels) == 4
        for wheel, wheel_sent in zip(found.wheels, wanted.wheels, strict=True):
            assert max(gaps(wheel, wheel_sent).values()) < 1e-3
        curve = [(point.x, point.y) for point in found.torque_curve]
        assert curve == [(0.0, 400.0), (5000.0, 200.0)]
        for gear, gear_sent in zip(found.forward_gears, wanted.forward_gears, strict=True):
            assert max(gaps(gear, gear_sent).values()) < 1e-3


def test_wheels_stand_in_the_world_in_centimetres(car: carla.Vehicle):
    pose, places = car.get_transform(), [wheel.position / 100.0 for wheel in car.get_physics_control().wheels]
    for place, (ahead, aside) in zip(places, [(1, -1), (1, 1), (-1, -1), (-1, 1)], strict=True):
        gap = place - pose.location
        assert gap.dot(pose.get_forward_vector()) * ahead > 1.0
        assert gap.dot(pose.get_right_vector()) * aside > 0.5


def test_without_friction_and_drag_nothing_slows_a_car(world: carla.World):
    start = open_space(world)
    beside = carla.Transform(start.location - 4.0 * start.get_right_vector(), start.rotation)
    cars = [settled(world, MKZ, start), settled(world, MKZ, beside)]
    for car, friction in zip(cars, (0.0, 3.5), strict=True):
        physics = car.get_physics_control()
        physics.drag_coefficient = 0.0
        wheels = physics.wheels
        for wheel in wheels:
            wheel.tire_friction = friction
        physics.wheels = wheels
        car.apply_physics_control(physics)
    cars[1].set_enable_gravity(False)
    run(world, 2)
    for car in cars:
        car.set_target_velocity(KMH_100 * start.get_forward_vector())
    world.tick()
    assert speed(cars[0]) == pytest.approx(speed(cars[1]), abs=1e-3)
    run(world, 100)
    assert speed(cars[0]) == pytest.approx(speed(cars[1]), abs=0.1)


def with_wheels(world: carla.World, car: carla.Vehicle, **changes: float) -> None:
    physics = car.get_physics_control()
    wheels = physics.wheels
    for wheel in wheels:
        for name, value in changes.items():
            setattr(wheel, name, value)
    physics.wheels = wheels
    car.apply_physics_control(physics)
    run(world, 2)


def test_grip_shortens_the_braking_distance(world: carla.World):
    distances = []
    for friction in (0.0, 0.5, 3.0):
        car = settled(world, MKZ, open_space(world))
        with_wheels(world, car, tire_friction=friction)
        car.set_target_velocity(KMH_100 * car.get_transform().get_forward_vector())
        car.apply_control(carla.VehicleControl(brake=1.0))
        distances.append(distance_in(world, car, 50))
        car.destroy()
        world.tick()
    assert distances[0] > distances[1] > distances[2]


def test_stiffness_never_shortens_a_start(world: carla.World):
    distances = []
    for stiffness in (100.0, 2000.0):
        car = settled(world, MKZ, open_space(world))
        with_wheels(world, car, long_stiff_value=stiffness)
        car.apply_control(carla.VehicleControl(throttle=1.0))
        distances.append(distance_in(world, car, 100))
        car.destroy()
        world.tick()
    assert distances[1] >= distances[0]


def test_sweeping_wheels_drive_like_others(world: carla.World):
    ends = []
    for sweep in (False, True):
        car = settled(world, MKZ, open_space(world))
        physics = car.get_physics_control()
        physics.use_sweep_wheel_collision = sweep
        car.apply_physics_control(physics)
        run(world, 2)
        car.apply_control(carla.VehicleControl(throttle=0.5))
        run(world, 150)
        ends.append((*numbers(car.get_transform())[:3], speed(car)))
        assert car.get_physics_control().use_sweep_wheel_collision == sweep
        car.destroy()
        world.tick()
    assert ends[0] == pytest.approx(ends[1], abs=0.5)


def test_a_friction_trigger_acts_inside_only(world: carla.World):
    start = open_space(world)
    car = settled(world, "vehicle.dodge.charger_2020", start)
    other = carla.Transform(start.location + 40.0 * start.get_forward_vector(), start.rotation)
    extents = {"extent_x": "300.0", "extent_y": "4500.0", "extent_z": "700.0"}
    spawn(world, "static.trigger.friction", other, friction="5.0", **extents)
    original = car.get_physics_control().wheels[0].tire_friction
    assert original != 5.0
    car.enable_constant_velocity(carla.Vector3D(x=50.0 / 3.6))
    seen = []
    for _ in range(120):
        world.tick()
        wheels = car.get_physics_control().wheels
        ahead = (car.get_location() - other.location).dot(other.get_forward_vector())
        seen.append((round(ahead, 2), {wheel.tire_friction for wheel in wheels}))
    assert all(friction == {5.0} for ahead, friction in seen if abs(ahead) < 2.0)
    assert all(friction == {original} for ahead, friction in seen if abs(ahead) > 8.0)
    assert seen[-1][0] > 8.0


# -- control that sticks or not


def test_a_control_sticks_unless_told_otherwise(world: carla.World):
    drives: dict[str, list[float]] = {}
    start = open_space(world)
    for name, sticky, repeat in (("once", "true", False), ("repeated", "true", True), ("loose", "false", False)):
        car = settled(world, MKZ, start, sticky_control=sticky)
        drives[name] = []
        for tick in range(60):
            if tick == 0 or repeat:
                car.apply_control(carla.VehicleControl(throttle=0.7))
            world.tick()
            drives[name].append(speed(car))
        shown = car.get_control().throttle
        assert shown == pytest.approx(0.0 if sticky == "false" else 0.7)
        car.destroy()
        world.tick()
    assert drives["once"] == pytest.approx(drives["repeated"], abs=1e-5)
    assert drives["loose"][-1] < 0.2 * drives["once"][-1]
