"""What a hub sends, as the official client reads it."""

import carla
import pytest
import scene_server as server

T = carla.Transform(carla.Location(1, 2, 3), carla.Rotation(10, 20, 30))


def xyz(vector):
    return vector.x, vector.y, vector.z


def angles(rotation):
    return rotation.pitch, rotation.yaw, rotation.roll


def test_version_and_settings(client, world):
    assert client.get_server_version() == "0.9.16"
    assert world.id == 7
    settings = world.get_settings()
    assert (settings.synchronous_mode, settings.no_rendering_mode) == (True, False)
    assert settings.fixed_delta_seconds == 0.05
    assert (settings.substepping, settings.max_substep_delta_time, settings.max_substeps) == (True, 0.01, 10)
    assert (settings.max_culling_distance, settings.deterministic_ragdolls) == (0, True)
    assert (settings.tile_stream_distance, settings.actor_active_distance) == (3000, 2000)
    assert settings.spectator_as_ego


def test_failures_carry_their_message(client, world, actors):
    blueprint = world.get_blueprint_library()[0]
    vehicle = actors[server.VEHICLE]
    with pytest.raises(RuntimeError, match=r"^Spawn failed because of collision at spawn position$"):
        world.spawn_actor(blueprint, T, attach_to=vehicle)
    assert world.try_spawn_actor(blueprint, T, attach_to=vehicle) is None
    with pytest.raises(RuntimeError, match="Actor could not be found in the registry"):
        vehicle.set_collisions(True)
    with pytest.raises(RuntimeError, match="rpc_error during call in function get_available_maps"):
        client.get_available_maps()


# -- the snapshot


def test_poses_and_motion_of_all_actors(world, actors):
    snapshot = world.get_snapshot()
    assert snapshot.timestamp.elapsed_seconds == pytest.approx(snapshot.frame * 0.05)
    assert snapshot.timestamp.delta_seconds == pytest.approx(0.05)
    assert snapshot.timestamp.platform_timestamp == 4.5
    assert set(actors) == set(server.TYPES)
    for actor, type_id in server.TYPES.items():
        state = snapshot.find(actor)
        step = pytest.approx((actor, 2 * actor, 3 * actor), rel=1e-5)
        assert xyz(state.get_transform().location) == step
        assert angles(state.get_transform().rotation) == step
        assert xyz(2 * state.get_velocity()) == step
        assert xyz(4 * state.get_angular_velocity()) == step
        assert xyz(8 * state.get_acceleration()) == step
        assert actors[actor].type_id == type_id
        assert actors[actor].actor_state == carla.ActorState.Active


def test_the_vehicle_record(actors):
    vehicle = actors[server.VEHICLE]
    control = vehicle.get_control()
    assert (control.throttle, control.steer, control.brake) == (0.5, -0.25, 0.125)
    assert (control.hand_brake, control.reverse, control.manual_gear_shift, control.gear) == (True, False, True, 3)
    assert vehicle.get_speed_limit() == 90.0
    assert vehicle.is_at_traffic_light()
    assert vehicle.get_traffic_light_state() == carla.TrafficLightState.Yellow
    assert vehicle.get_traffic_light().id == server.LIGHT
    assert vehicle.get_failure_state() == carla.VehicleFailureState.Rollover


def test_the_walker_record(actors):
    control = actors[server.WALKER].get_control()
    assert xyz(control.direction) == (0, 1, 0)
    assert (control.speed, control.jump) == (1.5, True)


def test_the_light_record(actors):
    light = actors[server.LIGHT]
    assert light.get_opendrive_id() == "947"
    assert light.get_state() == carla.TrafficLightState.Yellow
    assert (light.get_green_time(), light.get_yellow_time(), light.get_red_time()) == (10.0, 3.0, 2.0)
    assert (light.get_elapsed_time(), light.get_pole_index(), light.is_frozen()) == (1.25, 3, True)


def test_frames_follow_ticks(world):
    before = world.get_snapshot().frame
    assert [world.tick() for _ in range(20)] == [before + 1 + i for i in range(20)]
    assert world.get_snapshot().frame == before + 20


# -- values


def test_what_an_actor_says_of_itself(actors):
    vehicle = actors[server.VEHICLE]
    assert vehicle.attributes == {"role_name": "hero"}
    assert vehicle.semantic_tags == [14]
    for box in (vehicle.bounding_box, actors[server.LIGHT].trigger_volume):
        assert xyz(box.location) == (1, 2, 3)
        assert xyz(box.extent) == (4, 5, 6)
        assert angles(box.rotation) == pytest.approx((0, 90, 0))


def test_destroying(scene_port):
    other = carla.Client("localhost", scene_port)
    sign = other.get_world().get_actor(server.SIGN)
    assert sign.destroy()
    assert not sign.is_alive


def test_the_blueprint_library(world):
    (blueprint,) = world.get_blueprint_library()
    assert blueprint.id == server.TYPES[server.VEHICLE]
    assert sorted(blueprint.tags) == ["lincoln", "vehicle"]
    role = blueprint.get_attribute("role_name")
    assert role.type == carla.ActorAttributeType.String
    assert (role.as_str(), role.recommended_values) == ("autopilot", ["autopilot", "hero"])
    assert role.is_modifiable


def test_physics_and_telemetry(actors):
    physics = actors[server.VEHICLE].get_physics_control()
    assert [(point.x, point.y) for point in physics.torque_curve] == list(server.PHYSICS.torque_curve)
    assert [(point.x, point.y) for point in physics.steering_curve] == list(server.PHYSICS.steering_curve)
    assert (physics.max_rpm, physics.mass, physics.drag_coefficient) == (5800, 1845, 0.25)
    assert (physics.final_ratio, physics.use_gear_autobox, physics.use_sweep_wheel_collision) == (4, True, False)
    assert xyz(physics.center_of_mass) == (0.5, 0, -0.25)
    gear, wheel = physics.forward_gears[1], physics.wheels[3]
    assert (gear.ratio, gear.down_ratio, gear.up_ratio) == (2, 0.25, 0.625)
    assert (wheel.tire_friction, wheel.max_steer_angle, wheel.radius) == (2, 70, 30)
    assert (wheel.max_brake_torque, wheel.max_handbrake_torque, wheel.long_stiff_value) == (1500, 3000, 1000)
    assert xyz(wheel.position) == (1, 2, 3)
    telemetry = actors[server.VEHICLE].get_telemetry_data()
    assert (telemetry.speed, telemetry.steer, telemetry.throttle, telemetry.brake) == (10, 0.25, 0.5, 0)
    assert (telemetry.engine_rpm, telemetry.gear, telemetry.drag, len(telemetry.wheels)) == (3000, 3, 0.25, 4)
    tyre = telemetry.wheels[2]
    assert (tyre.tire_friction, tyre.lat_slip, tyre.long_slip, tyre.omega, tyre.tire_load) == (0, 1, 2, 3, 4)
    assert (tyre.normalized_tire_load, tyre.torque, tyre.long_force, tyre.lat_force) == (5, 6, 7, 8)
    assert (tyre.normalized_long_force, tyre.normalized_lat_force) == (9, 10)


def test_lamps_of_vehicles(world, actors):
    expected = carla.VehicleLightState.Position | carla.VehicleLightState.Brake
    assert actors[server.VEHICLE].get_light_state() == expected
    assert world.get_vehicles_light_states() == {server.VEHICLE: expected}


def test_weather_is_that_of_a_level(world):
    weather = world.get_weather()
    assert (weather.cloudiness, weather.sun_altitude_angle) == (0, 75)
    assert weather.rayleigh_scattering_scale == pytest.approx(0.0331)


def test_ackermann_settings(actors):
    settings = actors[server.VEHICLE].get_ackermann_controller_settings()
    assert (settings.speed_kp, settings.speed_kd, settings.accel_kd) == pytest.approx((0.15, 0.25, 0.01))


def test_bones(actors):
    (bone,) = actors[server.WALKER].get_bones().bone_transforms
    assert bone.name == "spine"
    assert [xyz(pose.location) for pose in (bone.world, bone.component, bone.relative)] == [
        (1, 2, 3),
        (2, 4, 6),
        (3, 6, 9),
    ]
    assert bone.world.rotation.yaw == pytest.approx(90)


def test_lamps_of_the_level(world):
    (lamp,) = world.get_lightmanager().get_all_lights()
    assert (lamp.id, lamp.intensity, lamp.is_on) == (5, 2.0, True)
    assert xyz(lamp.location) == (1, 2, 3)
    assert lamp.light_group == carla.LightGroup.Street
    assert (lamp.color.r, lamp.color.g, lamp.color.b) == (10, 20, 30)


def test_rays_and_level_objects(world):
    (hit,) = world.cast_ray(carla.Location(), carla.Location(1, 2, 3))
    assert (xyz(hit.location), hit.label) == ((1, 2, 3), carla.CityObjectLabel.Roads)
    hit = world.project_point(carla.Location(), carla.Vector3D(0, 0, -1), 5.0)
    assert (xyz(hit.location), hit.label) == ((1, 2, 3), carla.CityObjectLabel.RoadLines)
    boxes = world.get_level_bbs(carla.CityObjectLabel.Car)
    assert [(xyz(box.location), xyz(box.extent)) for box in boxes] == [((1, 1, 1), (2, 2, 2))] * 2
    assert angles(boxes[0].rotation) == pytest.approx((30, 30, 30))
    (thing,) = world.get_environment_objects(carla.CityObjectLabel.Buildings)
    assert (thing.id, thing.name, thing.type) == (2**63, "Building_12_SM_0", carla.CityObjectLabel.Buildings)
    assert thing.transform.rotation.yaw == pytest.approx(180)


def test_responses_of_a_batch(client):
    destroy = carla.command.DestroyActor
    good, bad = client.apply_batch_sync([destroy(1), destroy(2)], True)
    assert (good.actor_id, good.has_error()) == (9, False)
    assert (bad.error, bad.has_error()) == ("no such actor", True)
