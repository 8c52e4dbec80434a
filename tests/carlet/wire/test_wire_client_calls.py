"""What the official client sends, decoded."""

import time

import carla
import numpy as np
import pytest
import scene_server as server

from carlet.wire import commands, controls, drawings, values
from carlet.wire.commands import CommandKind
from carlet.wire.drawings import ShapeKind

T = carla.Transform(carla.Location(1, 2, 3), carla.Rotation(10, 20, 30))
POSE = pytest.approx(np.array([1, 2, 3, *np.radians([10, 20, 30])]))
V = carla.Vector3D(1, 2, 3)
A, B = carla.Location(1, 2, 3), carla.Location(4, 5, 6)
COLOR = carla.Color(10, 20, 30)


@pytest.fixture
def sent(scene, world):
    """`sent(method)`: the arguments of its last call since the test began, waiting for it if need be."""
    scene.value("recorded")

    def last(method):
        end = time.monotonic() + 5.0
        while time.monotonic() < end:
            for name, args, _ in reversed(scene.value("recorded")):
                if name == method:
                    return args
        raise AssertionError(f"the client never called {method}")

    return last


@pytest.fixture
def vehicle(actors):
    return actors[server.VEHICLE]


def test_vehicle_control(vehicle, sent):
    vehicle.apply_control(carla.VehicleControl(0.5, -0.25, 0.125, True, False, True, -1))
    actor, control = sent("apply_control_to_vehicle")
    assert values.actor_id(actor) == server.VEHICLE
    assert controls.vehicle_control(control) == (0.5, -0.25, 0.125, True, False, True, -1)


def test_nan_pedals(vehicle, sent):
    vehicle.apply_control(carla.VehicleControl(float("nan"), 0, float("nan")))
    assert controls.vehicle_control(sent("apply_control_to_vehicle")[1])[:3] == (0, 0, 1)


def test_ackermann(vehicle, sent):
    vehicle.apply_ackermann_control(carla.VehicleAckermannControl(0.5, 1, 2, 3, 4))
    assert controls.ackermann_control(sent("apply_ackermann_control_to_vehicle")[1]) == (0.5, 1, 2, 3, 4)
    vehicle.apply_ackermann_controller_settings(carla.AckermannControllerSettings(1, 2, 3, 4, 5, 6))
    assert controls.ackermann_settings(sent("apply_ackermann_controller_settings")[1]) == (1, 2, 3, 4, 5, 6)


def test_physics_comes_back_as_it_went(vehicle, sent):
    vehicle.apply_physics_control(vehicle.get_physics_control())
    decoded = controls.physics_control(sent("apply_physics_control")[1])
    assert controls.encode_physics_control(decoded) == rounded(controls.encode_physics_control(server.PHYSICS))


def rounded(value):
    """Numbers as the client keeps them, in single precision."""
    if isinstance(value, list | tuple):
        return type(value)(rounded(part) for part in value)
    return float(np.float32(value)) if type(value) is float else value


def test_lamps_doors_and_wheels(vehicle, sent):
    vehicle.set_light_state(carla.VehicleLightState.Brake)
    assert controls.light_bits(sent("set_vehicle_light_state")[1]) == 8
    vehicle.open_door(carla.VehicleDoor.All)
    assert controls.door(sent("open_vehicle_door")[1]) == 6
    vehicle.set_wheel_steer_direction(carla.VehicleWheelLocation.BR_Wheel, 10.0)
    assert controls.wheel_index(sent("set_wheel_steer_direction")[1]) == 3


def test_motion(vehicle, sent):
    vehicle.set_transform(T)
    assert values.transform(sent("set_actor_transform")[1]) == POSE
    vehicle.set_location(A)
    assert values.vec3(sent("set_actor_location")[1]).tolist() == [1, 2, 3]
    vehicle.set_target_angular_velocity(carla.Vector3D(180, 0, 90))
    assert values.rates(sent("set_actor_target_angular_velocity")[1]) == pytest.approx([np.pi, 0, np.pi / 2])


def test_walkers(actors, sent):
    walker = actors[server.WALKER]
    walker.apply_control(carla.WalkerControl(V, 1.5, True))
    control = controls.walker_control(sent("apply_control_to_walker")[1])
    assert (control.direction.tolist(), control.speed, control.jump) == ([1, 2, 3], 1.5, True)
    walker.set_bones(carla.WalkerBoneControlIn([("spine", T), ("neck", T)]))
    (first, pose), (second, _) = controls.bone_transforms(sent("set_bones_transform")[1])
    assert (first, second) == ("spine", "neck")
    assert pose == POSE


@pytest.mark.parametrize("delta", [0.05, None])
def test_settings(world, sent, delta):
    given = world.get_settings()
    given.fixed_delta_seconds, given.no_rendering_mode, given.max_substeps = delta, True, 16
    world.apply_settings(given)
    assert values.episode_settings(sent("set_episode_settings")[0]) == values.EpisodeSettings(
        synchronous=True, no_rendering=True, fixed_delta_s=delta, max_substeps=16
    )


def test_weather(world, sent):
    world.set_weather(carla.WeatherParameters.HardRainNight)
    weather = values.weather(sent("set_weather_parameters")[0])
    assert (weather.precipitation, weather.sun_azimuth_angle, weather.sun_altitude_angle) == (100, -1, -90)
    assert weather.rayleigh_scattering_scale == pytest.approx(0.0331)
    assert weather.wetness == 100


def test_worlds_from_opendrive(client, sent):
    client.set_timeout(0.2)
    with pytest.raises(RuntimeError):
        client.generate_opendrive_world("<OpenDRIVE/>", carla.OpendriveGenerationParameters(wall_height=2.5), False)
    client.set_timeout(10.0)
    text, parameters = sent("copy_opendrive_to_file")
    assert text == "<OpenDRIVE/>"
    assert values.opendrive_parameters(parameters) == values.OpendriveParameters(wall_height=2.5)


def test_spawning(world, sent):
    blueprint = world.get_blueprint_library()[0]
    blueprint.set_attribute("role_name", "hero")
    world.spawn_actor(blueprint, T)
    description, pose = sent("spawn_actor")
    assert values.transform(pose) == POSE
    decoded = values.actor_description(description)
    assert (decoded.uid, decoded.type_id) == (7, server.TYPES[server.VEHICLE])
    assert decoded.attributes == {"role_name": (values.AttributeType.STRING, "hero")}


def test_spawning_with_a_parent(world, vehicle, sent):
    blueprint = world.get_blueprint_library()[0]
    world.try_spawn_actor(blueprint, T, attach_to=vehicle, attachment_type=carla.AttachmentType.SpringArm)
    _, _, parent, attachment, socket = sent("spawn_actor_with_parent")
    assert (parent, values.attachment(attachment), socket) == (server.VEHICLE, values.Attachment.SPRING_ARM, "")


def test_lamps_of_the_level(world, sent):
    manager = world.get_lightmanager()
    lamps = manager.get_all_lights()
    manager.set_color(lamps, COLOR)
    manager.turn_off(lamps)
    world.tick()
    _, lamps, _ = sent("update_lights_state")
    assert values.lamp_records(lamps) == [values.LampRecord(5, (1, 2, 3), 2, 2, (10, 20, 30), False)]


def test_level_objects(world, sent):
    world.enable_environment_objects([1, 2**64 - 1], False)
    objects, enabled = sent("enable_environment_objects")
    assert sorted(values.object_ids(objects)) == [1, 2**64 - 1]
    assert enabled is False


def test_textures(world, sent):
    pixels = carla.TextureColor(2, 3)
    pixels.set(1, 2, carla.Color(1, 2, 3, 4))
    world.apply_color_texture_to_object("wall", carla.MaterialParameter.Diffuse, pixels)
    names, _, texture = sent("apply_color_texture_to_objects")
    assert values.strings(names) == ["wall"]
    decoded = values.texture(texture, floats=False)
    assert decoded.shape == (3, 2, 4)
    assert decoded[2, 1].tolist() == [1, 2, 3, 4]
    assert not decoded[:2].any()
    pixels = carla.TextureFloatColor(1, 1)
    world.apply_float_color_texture_to_object("wall", carla.MaterialParameter.Diffuse, pixels)
    assert values.texture(sent("apply_float_color_texture_to_objects")[2], floats=True).shape == (1, 1, 4)


# -- debug shapes


def shape(sent):
    return drawings.debug_shape(sent("draw_debug_shape")[0])


def test_debug_points_lines_and_arrows(world, sent):
    world.debug.draw_point(A, 0.5, COLOR, 2.0, False)
    assert shape(sent) == drawings.DebugShape(ShapeKind.POINT, (10, 20, 30), 2.0, False, ((1, 2, 3),), 0.5)
    world.debug.draw_line(A, B, 0.5, COLOR)
    assert shape(sent) == drawings.DebugShape(ShapeKind.LINE, (10, 20, 30), -1.0, True, ((1, 2, 3), (4, 5, 6)), 0.5)
    world.debug.draw_hud_arrow(A, B, 0.5, 0.25, COLOR)
    assert shape(sent) == drawings.DebugShape(
        ShapeKind.HUD_ARROW, (10, 20, 30), -1.0, True, ((1, 2, 3), (4, 5, 6)), 0.5, 0.25
    )


def test_debug_boxes_and_texts(world, sent):
    world.debug.draw_box(carla.BoundingBox(A, V), carla.Rotation(0, 90, 0), 0.5, COLOR)
    drawn = shape(sent)
    assert (drawn.kind, drawn.size) == (ShapeKind.BOX, 0.5)
    assert drawn.box is not None
    assert drawn.box.centre.tolist() == drawn.box.extent.tolist() == [1, 2, 3]
    assert drawn.box.rotation == pytest.approx([0, np.pi / 2, 0])
    world.debug.draw_string(A, "hello", True, COLOR)
    drawn = shape(sent)
    assert (drawn.kind, drawn.text, drawn.shadow, drawn.points) == (ShapeKind.STRING, "hello", True, ((1, 2, 3),))


# -- batches

c = carla.command
ID = server.VEHICLE
BATCH = {
    CommandKind.DESTROY: c.DestroyActor(ID),
    CommandKind.VEHICLE_CONTROL: c.ApplyVehicleControl(ID, carla.VehicleControl(throttle=0.5)),
    CommandKind.ACKERMANN_CONTROL: c.ApplyVehicleAckermannControl(ID, carla.VehicleAckermannControl(speed=2)),
    CommandKind.WALKER_CONTROL: c.ApplyWalkerControl(ID, carla.WalkerControl(V, 1.5, False)),
    CommandKind.TRANSFORM: c.ApplyTransform(ID, T),
    CommandKind.WALKER_STATE: c.ApplyWalkerState(ID, T, 1.5),
    CommandKind.TARGET_VELOCITY: c.ApplyTargetVelocity(ID, V),
    CommandKind.TARGET_ANGULAR_VELOCITY: c.ApplyTargetAngularVelocity(ID, carla.Vector3D(180, 0, 0)),
    CommandKind.IMPULSE: c.ApplyImpulse(ID, V),
    CommandKind.FORCE: c.ApplyForce(ID, V),
    CommandKind.ANGULAR_IMPULSE: c.ApplyAngularImpulse(ID, V),
    CommandKind.TORQUE: c.ApplyTorque(ID, V),
    CommandKind.SIMULATE_PHYSICS: c.SetSimulatePhysics(ID, True),
    CommandKind.ENABLE_GRAVITY: c.SetEnableGravity(ID, False),
    CommandKind.LIGHT_STATE: c.SetVehicleLightState(ID, carla.VehicleLightState.Brake),
}
EXPECTED = {
    CommandKind.DESTROY: None,
    CommandKind.VEHICLE_CONTROL: controls.VehicleControl(throttle=0.5),
    CommandKind.ACKERMANN_CONTROL: controls.AckermannControl(speed=2),
    CommandKind.TRANSFORM: POSE,
    CommandKind.TARGET_VELOCITY: pytest.approx(np.array([1, 2, 3])),
    CommandKind.TARGET_ANGULAR_VELOCITY: pytest.approx(np.array([np.pi, 0, 0])),
    CommandKind.IMPULSE: pytest.approx(np.array([1, 2, 3])),
    CommandKind.FORCE: pytest.approx(np.array([1, 2, 3])),
    CommandKind.ANGULAR_IMPULSE: pytest.approx(np.array([1, 2, 3])),
    CommandKind.TORQUE: pytest.approx(np.array([1, 2, 3])),
    CommandKind.SIMULATE_PHYSICS: True,
    CommandKind.ENABLE_GRAVITY: False,
    CommandKind.LIGHT_STATE: 8,
}


def test_a_batch_of_every_command(client, sent):
    client.apply_batch(list(BATCH.values()))
    sent_commands, do_tick = sent("apply_batch")
    assert do_tick is False
    decoded = [commands.command(command) for command in sent_commands]
    assert [command.kind for command in decoded] == list(BATCH)
    assert {command.actor_id for command in decoded} == {ID}
    of_kind = {command.kind: command.value for command in decoded}
    for kind, value in EXPECTED.items():
        assert of_kind[kind] == value, kind
    assert of_kind[CommandKind.WALKER_STATE].pose == POSE
    assert of_kind[CommandKind.WALKER_CONTROL].speed == 1.5


def test_physics_in_a_batch(client, vehicle, sent):
    client.apply_batch([c.ApplyVehiclePhysicsControl(ID, vehicle.get_physics_control())])
    (command,) = sent("apply_batch")[0]
    assert commands.command(command).value.mass == 1845


def test_spawns_in_a_batch(client, world, vehicle, sent):
    blueprint = world.get_blueprint_library()[0]
    alone = c.SpawnActor(blueprint, T).then(c.SetSimulatePhysics(c.FutureActor, False)).then(c.ApplyTransform(0, T))
    attached = c.SpawnActor(blueprint, T, vehicle)
    client.apply_batch([alone, attached])
    first, second = (commands.command(command).value for command in sent("apply_batch")[0])
    assert first.pose == POSE
    assert first.description.type_id == server.TYPES[server.VEHICLE]
    assert (first.parent, second.parent) == (None, server.VEHICLE)
    assert [(command.kind, command.actor_id) for command in first.then] == [
        (CommandKind.SIMULATE_PHYSICS, 0),
        (CommandKind.TRANSFORM, 0),
    ]
