"""Every remote method answers what it must, refuses what it cannot take, and the server goes on."""

import socket
import struct
from collections.abc import Iterator
from typing import Any

import carla
import pytest
from plain_clients import PlainClient, encoded
from scenes import MKZ, settings, spawn

from carlet.api.method import Offer
from carlet.server import METHODS

POSE = [[30.0, 2.0, 5.0], [0.0, 90.0, 0.0]]
VECTOR = [1.0, 2.0, 3.0]
BOX = [VECTOR, VECTOR, VECTOR]
SETTINGS = [True, False, [True, 0.05], True, 0.01, 10, 0.0, True, 3000.0, 2000.0, True]
ACTOR, WALKER, LIGHT, NOBODY = "<vehicle>", "<walker>", "<light>", 4_000_000
VALUE, VOID, BARE = "value", "void", "bare"
ANYTHING, ERROR = object(), "<error>"

#: method -> arguments, kind of answer, and the answer where it is known; `ERROR`: it is refused in words.
CALLS: dict[str, tuple[list[Any], str, Any]] = {
    # session and world
    "version": ([], VALUE, "0.9.16"),
    "get_available_maps": ([], VALUE, ANYTHING),
    "load_new_episode": (["Atlantis", True, 0xFFFF], VOID, ERROR),
    "unload_map_layer": ([1], VOID, None),
    "load_map_layer": ([0xFFFF], VOID, None),
    "copy_opendrive_to_file": (["<broken", [2.0, 50.0, 1.0, 0.6, True, True, True]], VOID, ERROR),
    "get_episode_info": ([], VALUE, ANYTHING),
    "get_map_info": ([], VALUE, ANYTHING),
    "get_map_data": ([], VALUE, ANYTHING),
    "get_navigation_mesh": ([], VALUE, ANYTHING),
    "get_required_files": (["TM"], VALUE, []),
    "request_file": (["no/such/file"], VALUE, ERROR),
    "get_episode_settings": ([], VALUE, ANYTHING),
    "set_episode_settings": ([SETTINGS], VALUE, ANYTHING),
    "tick_cue": ([], VALUE, ANYTHING),
    "get_weather_parameters": ([], VALUE, ANYTHING),
    "set_weather_parameters": ([[0.0] * 14], VOID, None),
    "get_imui_gravity": ([], VALUE, 9.81),
    "set_imui_gravity": ([9.81], VOID, None),
    "get_actor_definitions": ([], VALUE, ANYTHING),
    "get_spectator": ([], VALUE, ANYTHING),
    "get_actors_by_id": ([[1, NOBODY]], VALUE, ANYTHING),
    "get_all_level_BBs": ([14], VALUE, ANYTHING),
    "get_environment_objects": ([3], VALUE, ANYTHING),
    "enable_environment_objects": ([[2**63], True], VOID, None),
    "get_names_of_all_objects": ([], VALUE, ANYTHING),
    "apply_color_texture_to_objects": ([["house"], 0, [1, 1, [[1, 2, 3, 4]]]], VOID, ERROR),
    "apply_float_color_texture_to_objects": ([["house"], 0, [1, 1, [[1.0, 2.0, 3.0, 4.0]]]], VOID, ERROR),
    "set_annotations_traverse_translucency": ([True], VOID, None),
    "project_point": ([VECTOR, [0.0, 0.0, -1.0], 10.0], VALUE, ANYTHING),
    "cast_ray": ([VECTOR, [0.0, 0.0, 50.0]], VALUE, ANYTHING),
    "query_lights_state": (["127.0.0.1:1"], VALUE, ANYTHING),
    "update_lights_state": (["127.0.0.1:1", [[1, VECTOR, 1.0, 2, [1, 2, 3], True]], False], VOID, None),
    "update_day_night_cycle": (["127.0.0.1:1", True], VOID, None),
    "console_command": (["stat fps"], VALUE, False),
    "draw_debug_shape": ([[[0, [VECTOR, 0.1]], [255, 0, 0], 1.0, False]], VOID, None),
    "clear_debug_shape": ([], VOID, None),
    "clear_debug_string": ([], VOID, None),
    "start_recorder": (["/proc/x.log", False], VALUE, ""),
    "stop_recorder": ([], VOID, None),
    "stop_replayer": ([True], VOID, None),
    "show_recorder_file_info": (["/no/such/file.log", True], VALUE, ANYTHING),
    "show_recorder_collisions": (["/no/such/file.log", 97, 97], VALUE, ANYTHING),
    "show_recorder_actors_blocked": (["/no/such/file.log", 30.0, 10.0], VALUE, ANYTHING),
    "replay_file": (["/no/such/file.log", 0.0, 0.0, 0, False, POSE], VALUE, ANYTHING),
    "set_replayer_time_factor": ([1.0], VOID, None),
    "set_replayer_ignore_hero": ([False], VOID, None),
    "set_replayer_ignore_spectator": ([True], VOID, None),
    "is_traffic_manager_running": ([1], VALUE, False),
    "get_traffic_manager_running": ([1], VALUE, ["", 0]),
    "add_traffic_manager_running": ([["127.0.0.1", 1]], VALUE, True),
    "destroy_traffic_manager": ([1], VALUE, True),
    # actors
    "spawn_actor": ([[0, "vehicle.no.such", []], POSE], VALUE, ERROR),
    "spawn_actor_with_parent": ([[0, "sensor.other.imu", []], POSE, NOBODY, 0, ""], VALUE, ERROR),
    "destroy_actor": ([NOBODY], VALUE, False),
    "set_actor_location": ([ACTOR, VECTOR], VOID, None),
    "set_actor_transform": ([ACTOR, POSE], VOID, None),
    "set_actor_target_velocity": ([ACTOR, VECTOR], VOID, None),
    "set_actor_target_angular_velocity": ([ACTOR, VECTOR], VOID, None),
    "enable_actor_constant_velocity": ([ACTOR, VECTOR], VOID, None),
    "disable_actor_constant_velocity": ([ACTOR], VOID, None),
    "add_actor_impulse": ([ACTOR, VECTOR], VOID, None),
    "add_actor_force": ([ACTOR, VECTOR], VOID, None),
    "add_actor_angular_impulse": ([ACTOR, VECTOR], VOID, None),
    "add_actor_torque": ([ACTOR, VECTOR], VOID, None),
    "add_actor_impulse_at_location": ([ACTOR, VECTOR, VECTOR], VOID, None),
    "add_actor_force_at_location": ([ACTOR, VECTOR, VECTOR], VOID, None),
    "set_actor_simulate_physics": ([NOBODY, True], VOID, None),
    "set_actor_collisions": ([ACTOR, True], VOID, None),
    "set_actor_enable_gravity": ([ACTOR, True], VOID, None),
    "set_actor_dead": ([NOBODY], VOID, ERROR),
    "set_actor_autopilot": ([ACTOR, False], VOID, None),
    "get_actor_bounding_box": ([ACTOR], VALUE, ANYTHING),
    "get_actor_component_world_transform": ([ACTOR, "Mesh"], VALUE, ANYTHING),
    "get_actor_component_relative_transform": ([ACTOR, "Mesh"], VALUE, ANYTHING),
    "get_actor_component_names": ([ACTOR], VALUE, ["Mesh"]),
    "get_actor_bone_names": ([WALKER], VALUE, ANYTHING),
    "get_actor_bone_world_transforms": ([WALKER], VALUE, ANYTHING),
    "get_actor_bone_relative_transforms": ([WALKER], VALUE, ANYTHING),
    "get_vehicle_bone_world_transforms": ([ACTOR], VALUE, []),
    "get_actor_socket_names": ([ACTOR], VALUE, []),
    "get_actor_socket_world_transforms": ([ACTOR], VALUE, []),
    "get_actor_socket_relative_transforms": ([ACTOR], VALUE, []),
    # vehicles
    "apply_control_to_vehicle": ([ACTOR, [0.0, 0.0, 0.0, False, False, False, 0]], VOID, None),
    "apply_ackermann_control_to_vehicle": ([ACTOR, [0.0] * 5], VOID, None),
    "get_ackermann_controller_settings": ([ACTOR], VALUE, [0.15, 0.0, 0.25, 0.01, 0.0, 0.01]),
    "apply_ackermann_controller_settings": ([ACTOR, [0.15, 0.0, 0.25, 0.01, 0.0, 0.01]], VOID, None),
    "get_physics_control": ([ACTOR], VALUE, ANYTHING),
    "apply_physics_control": ([ACTOR, "<physics>"], VOID, None),
    "get_telemetry_data": ([ACTOR], VALUE, ANYTHING),
    "get_vehicle_light_state": ([ACTOR], VALUE, [0]),
    "set_vehicle_light_state": ([ACTOR, [0]], VOID, None),
    "get_vehicle_light_states": ([], VALUE, ANYTHING),
    "open_vehicle_door": ([ACTOR, 0], VOID, None),
    "close_vehicle_door": ([ACTOR, 6], VOID, None),
    "set_wheel_steer_direction": ([ACTOR, 0, 10.0], VOID, ERROR),
    "set_wheel_pitch_angle": ([ACTOR, 0, 10.0], VOID, ERROR),
    "get_wheel_steer_angle": ([ACTOR, 0], VALUE, 0.0),
    "get_wheel_pitch_angle": ([ACTOR, 0], VALUE, 0.0),
    "show_vehicle_debug_telemetry": ([ACTOR, True], VOID, None),
    "enable_carsim": ([ACTOR, "file"], VOID, ERROR),
    "use_carsim_road": ([ACTOR, True], VOID, ERROR),
    "enable_chrono_physics": ([ACTOR, 1, 0.1, "a", "b", "c", "d"], VOID, ERROR),
    "restore_physx_physics": ([ACTOR], VOID, None),
    # walkers
    "apply_control_to_walker": ([WALKER, [VECTOR, 0.0, False]], VOID, None),
    "get_bones_transform": ([WALKER], VALUE, ANYTHING),
    "set_bones_transform": ([WALKER, [[["crl_Head__C", POSE]]]], VOID, None),
    "blend_pose": ([WALKER, 0.0], VOID, None),
    "get_pose_from_animation": ([WALKER], VOID, None),
    # traffic lights
    "set_traffic_light_state": ([LIGHT, 0], VOID, None),
    "set_traffic_light_green_time": ([LIGHT, 10.0], VOID, None),
    "set_traffic_light_yellow_time": ([LIGHT, 3.0], VOID, None),
    "set_traffic_light_red_time": ([LIGHT, 2.0], VOID, None),
    "freeze_traffic_light": ([LIGHT, False], VOID, None),
    "freeze_all_traffic_lights": ([False], VOID, None),
    "reset_traffic_light_group": ([LIGHT], VOID, None),
    "reset_all_traffic_lights": ([], VOID, None),
    "get_group_traffic_lights": ([LIGHT], VALUE, ANYTHING),
    "get_light_boxes": ([LIGHT], VALUE, ANYTHING),
    # sensors
    "get_sensor_token": ([3], VALUE, ERROR),
    "enable_sensor_for_ros": ([3], VOID, ERROR),
    "disable_sensor_for_ros": ([3], VOID, ERROR),
    "is_sensor_enabled_for_ros": ([3], VALUE, False),
    "send": ([ACTOR, [2, b"hi"]], VOID, ERROR),
    "set_ignored_vehicles": ([ACTOR, [ACTOR]], VOID, None),
    "enable_gbuffers": ([ACTOR, True], VOID, ERROR),
    "are_gbuffers_enabled": ([ACTOR], VALUE, False),
    "get_gbuffer_token": ([ACTOR, 3], VALUE, ERROR),
    # batches
    "apply_batch": ([[[[1, [NOBODY]]]], False], BARE, [[[0, ["unable to destroy actor: not found"]]]]),
}


@pytest.fixture(scope="module")
def ids(town01: carla.Client) -> Iterator[dict[str, Any]]:
    """What the placeholders stand for; one world for all calls."""
    world = town01.get_world()
    world.apply_settings(settings())
    world.tick()
    car = spawn(world, MKZ, 0)
    walker = spawn(world, "walker.pedestrian.0001", 20)
    world.tick()
    light = next(a for a in world.get_actors() if a.type_id == "traffic.traffic_light")
    yield {ACTOR: car.id, WALKER: walker.id, LIGHT: light.id}
    town01.apply_batch_sync([carla.command.DestroyActor(actor.id) for actor in (car, walker)], True)
    world.reset_all_traffic_lights()
    world.apply_settings(carla.WorldSettings())


def filled(value: Any, ids: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [filled(part, ids) for part in value]
    return ids.get(value, value) if isinstance(value, str) else value


def arguments_of(raw: PlainClient, method: str, ids: dict[str, Any]) -> list[Any]:
    if method == "apply_physics_control":
        return [ids[ACTOR], raw.value("get_physics_control", ids[ACTOR])]
    return filled(CALLS[method][0], ids)


def test_the_table_holds_every_method():
    assert set(CALLS) - {"tick_cue", "apply_batch"} == set(METHODS)


@pytest.mark.parametrize("method", CALLS)
def test_a_method_answers(raw: PlainClient, ids: dict[str, Any], method: str):
    _, kind, wanted = CALLS[method]
    _, _, error, result = raw.call(method, *arguments_of(raw, method, ids))
    assert error is None
    if kind == BARE:
        assert result == wanted
    elif wanted == ERROR:
        failed, why = result[0]
        assert failed == (0 if kind == VALUE else 1)
        assert failed is not False
        assert isinstance(why[0], str)
        assert why[0]
        if METHODS[method].offer is Offer.REFUSED:
            assert why[0].startswith(f"carlet does not offer {method}: ")
    elif kind == VOID:
        assert result == [[False]]
    else:
        assert result[0][0] == 1
        assert wanted is ANYTHING or result[0][1] == wanted


@pytest.mark.parametrize("method", CALLS)
def test_wrong_arguments_are_rejected_and_the_server_goes_on(raw: PlainClient, ids: dict[str, Any], method: str):
    right = arguments_of(raw, method, ids)
    supported = method not in METHODS or METHODS[method].offer is not Offer.REFUSED
    wrong = [[*right, "surplus"], *([right[:-1]] if right else [])]
    wrong += [[*right[:i], bad, *right[i + 1 :]] for i in range(len(right)) for bad in (None, [[[]]], b"\xff")]
    for arguments in wrong:
        _, _, error, result = raw.call(method, *arguments)
        refused = isinstance(error, str) or (result is not None and result[0][0] in (0, True))
        assert refused, (method, arguments, result)
        if supported:
            assert isinstance(error, str), (method, arguments, result)
            assert len(error) < 200
    assert raw.value("version") == "0.9.16"


def test_an_unknown_method_is_named_in_the_error(raw: PlainClient):
    assert raw.call("make_coffee", 1)[2:] == ["carlet has no method 'make_coffee'", None]
    assert raw.value("version") == "0.9.16"


def test_strange_numbers_are_rejected(raw: PlainClient, ids: dict[str, Any]):
    for bad in (float("nan"), float("inf"), 1e400):
        assert raw.call("set_actor_location", ids[ACTOR], [bad, 0.0, 0.0])[2] is not None
        assert raw.call("set_actor_target_velocity", ids[ACTOR], [0.0, bad, 0.0])[2] is not None
    control = [0.5, 0.0, float("nan"), False, False, False, 0]
    assert raw.call("apply_control_to_vehicle", ids[ACTOR], control)[2:] == [None, [[False]]]


def test_calls_that_nobody_waits_for_are_answered_too(raw: PlainClient, ids: dict[str, Any]):
    request = encoded(77, "set_actor_location", ids[ACTOR], VECTOR).replace(b"\x91\xc2", b"\x91\xc3", 1)
    raw.send(request)
    assert raw.receive() == [1, 77, None, [[False]]]


def test_garbage_cuts_off_its_sender_only(raw: PlainClient, town01_port: int):
    for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\xc1" * 64, struct.pack(">BI", 0xDD, 2**32 - 1), b"\x94\x00\x01"):
        with socket.create_connection(("127.0.0.1", town01_port), timeout=10.0) as sock:
            sock.sendall(garbage)
            assert raw.value("version") == "0.9.16"
