"""People: walking, jumping, standing on kerbs, being hit, and their bones."""

import math

import carla
import pytest
from scenes import DT, MKZ, numbers, run, settled, spawn

ADULT, CHILD = "walker.pedestrian.0001", "walker.pedestrian.0010"


def pavement(world: carla.World, k: int = 0) -> carla.Transform:
    """A place on a pavement."""
    town = world.get_map()
    found = []
    for point in town.get_spawn_points():
        waypoint = town.get_waypoint(point.location, lane_type=carla.LaneType.Sidewalk)
        if waypoint is not None:
            found.append(waypoint)
        if len(found) > k:
            break
    pose = found[k].transform
    pose.location.z += 1.2
    return pose


@pytest.fixture
def walker(world: carla.World) -> carla.Walker:
    found = spawn(world, ADULT, pavement(world))
    run(world, 20)
    return found


def test_a_walker_goes_where_it_is_told(world: carla.World, walker: carla.Walker):
    ahead = walker.get_transform().get_forward_vector()
    walker.apply_control(carla.WalkerControl(ahead, 1.5, False))
    start = walker.get_location()
    run(world, 40)
    assert walker.get_velocity().length() == pytest.approx(1.5, abs=0.02)
    assert (walker.get_location() - start).dot(ahead) == pytest.approx(1.5 * 40 * DT, abs=0.2)
    control = walker.get_control()
    assert control.speed == pytest.approx(1.5)
    assert control.direction.dot(ahead) == pytest.approx(1.0, abs=1e-3)
    walker.apply_control(carla.WalkerControl(ahead, 0.0, False))
    run(world, 10)
    assert walker.get_velocity().length() < 1e-3


def test_a_walker_turns_to_where_it_goes(world: carla.World, walker: carla.Walker):
    aside = walker.get_transform().get_right_vector()
    walker.apply_control(carla.WalkerControl(aside, 1.0, False))
    run(world, 40)
    assert walker.get_transform().get_forward_vector().dot(aside) > 0.99


def test_a_walker_stands_on_its_feet(world: carla.World, walker: carla.Walker):
    box = walker.bounding_box
    below = walker.get_location() - carla.Location(z=box.extent.z)
    ground = world.ground_projection(walker.get_location(), 10.0)
    assert below.z == pytest.approx(ground.location.z, abs=0.02)
    assert box.extent.z == pytest.approx(0.93, abs=0.01)
    assert walker.get_transform().get_up_vector().z == pytest.approx(1.0)


def test_children_are_smaller(world: carla.World):
    child = spawn(world, CHILD, pavement(world, 30))
    world.tick()
    assert child.bounding_box.extent.z == pytest.approx(0.55, abs=0.01)


def test_a_walker_jumps_twice_at_most_before_it_lands(world: carla.World, walker: carla.Walker):
    ground = walker.get_location().z
    walker.apply_control(carla.WalkerControl(carla.Vector3D(), 0.0, True))
    world.tick()
    assert walker.get_velocity().z == pytest.approx(5.0, abs=0.6)
    heights = []
    for _ in range(60):
        world.tick()
        heights.append(walker.get_location().z - ground)
    assert 1.0 < max(heights) < 1.5
    assert heights[-1] == pytest.approx(0.0, abs=1e-3)


def test_a_walker_steps_off_the_kerb(world: carla.World, walker: carla.Walker):
    road = world.get_map().get_waypoint(walker.get_location(), lane_type=carla.LaneType.Driving).transform.location
    way = road - walker.get_location()
    way.z = 0.0
    before = walker.get_location().z
    walker.apply_control(carla.WalkerControl(way.make_unit_vector(), 2.0, False))
    run(world, int(way.length() / 2.0 / DT))
    ground = world.ground_projection(walker.get_location(), 10.0).location.z
    assert walker.get_location().z - ground == pytest.approx(0.93, abs=0.03)
    assert walker.get_location().z < before + 0.01


def hit(world: carla.World, invincible: str) -> tuple[carla.Vehicle, carla.Walker]:
    """A walker that a car has driven into."""
    point = world.get_map().get_spawn_points()[40]
    car = settled(world, MKZ, point)
    pose = carla.Transform(car.get_location() + 8.0 * point.get_forward_vector())
    pose.location.z += 1.2
    person = spawn(world, ADULT, pose, is_invincible=invincible)
    run(world, 15)
    car.set_target_velocity(10.0 * point.get_forward_vector())
    run(world, 20)
    return car, person


def test_a_walker_that_is_hit_is_pushed(world: carla.World):
    _, person = hit(world, "true")
    assert person.get_velocity().length() > 1.0


def test_only_a_mortal_walker_dies_of_a_collision(world: carla.World, raw):
    control = [[1.0, 0.0, 0.0], 1.0, False]
    for invincible, answer in (("true", [[False]]), ("false", [[True, ["Walker is already dead"]]])):
        car, person = hit(world, invincible)
        assert raw.call("apply_control_to_walker", person.id, control)[3] == answer
        car.destroy()
        person.destroy()
        world.tick()


def test_a_walker_declared_dead_stops(world: carla.World, walker: carla.Walker, raw):
    walker.apply_control(carla.WalkerControl(walker.get_transform().get_forward_vector(), 2.0, False))
    run(world, 10)
    assert raw.call("set_actor_dead", walker.id)[3] == [[False]]
    run(world, 10)
    assert walker.get_velocity().length() < 1e-3
    assert raw.call("set_actor_dead", 4_000_000)[3][0][0] is True


def test_a_batch_can_place_walkers_with_a_speed(town01: carla.Client, world: carla.World, walker: carla.Walker):
    pose = walker.get_transform()
    pose.location.x += 0.5
    town01.apply_batch_sync([carla.command.ApplyWalkerState(walker.id, pose, 1.2)], True)
    assert walker.get_location().x == pytest.approx(pose.location.x, abs=0.1)
    assert walker.get_control().speed == pytest.approx(1.2)


# -- bones


def test_a_skeleton_stands_where_its_walker_stands(walker: carla.Walker):
    bones = {bone.name: bone for bone in walker.get_bones().bone_transforms}
    assert len(bones) > 30
    assert {"crl_root", "crl_hips__C", "crl_Head__C", "crl_handThumbEnd__L", "crl_toeEnd__R"} <= set(bones)
    at, height = walker.get_location(), walker.bounding_box.extent.z
    head, root = bones["crl_Head__C"], bones["crl_root"]
    assert head.world.location.z - at.z == pytest.approx(0.9 * height, abs=0.15)
    assert root.world.location.z - at.z == pytest.approx(-height, abs=1e-3)
    for bone in bones.values():
        mounted = walker.get_transform().transform(carla.Location(bone.component.location))
        assert mounted.distance(bone.world.location) < 1e-3
    arm = bones["crl_foreArm__L"].relative.location
    assert math.hypot(arm.x, arm.y, arm.z) < 0.5


def test_posed_bones_show_as_far_as_they_are_blended_in(world: carla.World, walker: carla.Walker):
    def head() -> tuple[float, ...]:
        return numbers(next(b for b in walker.get_bones().bone_transforms if b.name == "crl_Head__C").relative)

    rest = head()
    posed = carla.Transform(carla.Location(0.1, 0.2, 0.3), carla.Rotation(pitch=10.0, yaw=40.0, roll=-20.0))
    walker.set_bones(carla.WalkerBoneControlIn([("crl_Head__C", posed), ("no_such_bone", posed)]))
    world.tick()
    assert head() == pytest.approx(rest)
    walker.blend_pose(1.0)
    world.tick()
    assert head() == pytest.approx(numbers(posed), abs=1e-4)
    walker.blend_pose(0.5)
    world.tick()
    assert head() == pytest.approx([(a + b) / 2 for a, b in zip(rest, numbers(posed), strict=True)], abs=1e-4)
    walker.get_pose_from_animation()
    walker.show_pose()
    world.tick()
    assert head() == pytest.approx(rest, abs=1e-4)
    walker.set_bones(carla.WalkerBoneControlIn([("crl_Head__C", posed)]))
    walker.hide_pose()
    world.tick()
    assert head() == pytest.approx(rest, abs=1e-4)


def test_bones_and_components_by_name(world: carla.World, walker: carla.Walker):
    names = walker.get_bone_names()
    places = walker.get_bone_world_transforms()
    assert len(names) == len(places) == len(walker.get_bone_relative_transforms()) > 30
    assert len(walker.get_socket_names()) == len(walker.get_socket_world_transforms())
    assert any("Mesh" in name for name in walker.get_component_names())
    for name in walker.get_component_names():
        pose = walker.get_component_world_transform(name)
        assert pose.location.distance(walker.get_location()) < 5.0
    with pytest.raises(RuntimeError, match="no_such_part"):
        walker.get_component_world_transform("no_such_part")


def test_an_ai_controller_can_be_attached_and_removed(world: carla.World, walker: carla.Walker):
    found = world.get_blueprint_library().find("controller.ai.walker")
    controller = world.spawn_actor(found, carla.Transform(), attach_to=walker)
    world.tick()
    assert controller.parent.id == walker.id
    assert isinstance(controller, carla.WalkerAIController)
    assert controller.destroy()
