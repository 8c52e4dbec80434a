"""Calls about the session and the world as a whole."""

from typing import Any

import numpy as np

from carlet.actors.blueprints import library
from carlet.api.decode import any_value, boolean, real, string, unsigned
from carlet.api.method import Method, unsupported, value, void
from carlet.debug import FOREVER_S, DebugShape
from carlet.episode import SPECTATOR_ID, EpisodeError
from carlet.simulator import Simulator
from carlet.town import available_towns
from carlet.town.navigation import navigation_file, navigation_mesh
from carlet.wire import values
from carlet.wire.checks import array, items

VERSION = "0.9.16"
OPT_TOWNS = ("Town01", "Town02", "Town03", "Town04", "Town05", "Town10HD")
LARGE_TOWNS = ("Town11", "Town12", "Town13")
MAP_ROOT = "/Game/Carla/Maps/"
NAVIGATION_FOLDER = "Nav"


def available_maps(sim: Simulator) -> list[str]:
    """Full paths of all maps, the layered variants of CARLA's base towns included."""
    names = []
    for town in available_towns():
        names.append(MAP_ROOT + (f"{town}/{town}" if town in LARGE_TOWNS else town))
        if town in OPT_TOWNS:
            names.append(f"{MAP_ROOT}{town}_Opt")
    return names


def load_new_episode(sim: Simulator, name: str, reset_settings: bool, layers: int) -> None:
    """Switch worlds at the next tick."""
    sim.request_load(name, reset_settings)


def copy_opendrive(sim: Simulator, text: str, parameters: values.OpendriveParameters) -> None:
    """Take a description; the client loads it with its next call."""
    sim.take_opendrive(text)


def episode_info(sim: Simulator) -> list[Any]:
    """Episode id and the token of the snapshots."""
    return [sim.episode.id, values.encode_token(sim.token(sim.world_stream))]


def map_info(sim: Simulator) -> list[Any]:
    """Name and spawn points."""
    return [f"Carla/Maps/{sim.episode.map_name}", values.encode_transforms(sim.episode.town.spawn_points)]


def set_settings(sim: Simulator, settings: values.EpisodeSettings) -> int:
    """Change the settings; answers with the present frame, for which the client waits."""
    sim.episode.settings = settings
    return sim.episode.frame


def set_weather(sim: Simulator, weather: values.Weather) -> None:
    """Change the weather."""
    sim.episode.weather = weather


def set_gravity(sim: Simulator, gravity: float) -> None:
    """Change the gravity that accelerometers feel."""
    sim.episode.imu_gravity = gravity


def actors_by_id(sim: Simulator, ids: list[int]) -> list[Any]:
    """The actors of these ids that exist."""
    found = (sim.episode.wire(actor_id) for actor_id in ids)
    return [actor for actor in found if actor is not None]


def project_point(sim: Simulator, location: np.ndarray, direction: np.ndarray, distance: float) -> list[Any]:
    """First hit of a ray from a point: `[found, labelled point]`."""
    length = float(np.linalg.norm(direction))
    if length == 0.0:
        raise EpisodeError("the direction of a ray must not be zero")
    hits = sim.episode.cast(location, location + direction * (distance / length))
    if not hits:
        return [False, values.encode_labelled_point(location, 0)]
    return [True, values.encode_labelled_point(*hits[0])]


def cast_ray(sim: Simulator, start: np.ndarray, end: np.ndarray) -> list[Any]:
    """Labelled points where a segment crosses surfaces, the nearest first."""
    return [values.encode_labelled_point(*hit) for hit in sim.episode.cast(start, end)]


def debug_shape(value: Any) -> tuple[int, list[Any], tuple[int, int, int], float, bool]:
    """`[variant, colour, life time, persistent]`."""
    shape, colour, life_time, persistent = items(value, "debug shape", 4)
    kind, payload = items(shape, "debug shape", 2)
    red, green, blue = (unsigned(part) for part in items(colour, "colour", 3))
    return unsigned(kind), array(payload, "debug shape"), (red, green, blue), real(life_time), boolean(persistent)


def draw_debug_shape(sim: Simulator, shape: tuple[int, list[Any], tuple[int, int, int], float, bool]) -> None:
    """Keep a shape for the cameras; a life time of zero or less lasts."""
    kind, payload, colour, life_time, persistent = shape
    lasts = persistent or life_time <= FOREVER_S
    ends = float("inf") if lasts else sim.episode.time + life_time
    sim.debug_shapes.add(DebugShape(kind, payload, colour, ends))


def environment_ids(value: Any) -> list[int]:
    """64-bit ids of environment objects."""
    return [int(part) for part in array(value, "object ids")]


def traffic_manager_address(value: Any) -> tuple[str, int]:
    """`[ip, port]`."""
    address, port = items(value, "Traffic Manager", 2)
    return string(address), unsigned(port)


def required_files(sim: Simulator, folder: str) -> list[str]:
    """Files that a client should fetch: the navigation mesh of this town, when there is one."""
    path = navigation_file(sim.episode.town)
    return [path] if path and folder == NAVIGATION_FOLDER else []


def request_file(sim: Simulator, path: str) -> bytes:
    """Content of a required file."""
    if path != navigation_file(sim.episode.town):
        raise EpisodeError(f"there is no file {path!r}")
    return navigation_mesh(sim.episode.town)


def sensor_token(sim: Simulator, stream: int) -> list[bytes]:
    """Where to subscribe."""
    return values.encode_token(sim.token(stream))


METHODS: dict[str, Method] = {
    "version": value(lambda sim: VERSION),
    "get_available_maps": value(available_maps),
    "load_new_episode": void(load_new_episode, string, boolean, unsigned),
    "load_map_layer": void(lambda sim, layers: sim.episode.level.show_layers(layers, True), unsigned),
    "unload_map_layer": void(lambda sim, layers: sim.episode.level.show_layers(layers, False), unsigned),
    "copy_opendrive_to_file": void(copy_opendrive, string, values.opendrive_parameters),
    "get_episode_info": value(episode_info),
    "get_map_info": value(map_info),
    "get_map_data": value(lambda sim: sim.episode.town.opendrive),
    "get_navigation_mesh": value(lambda sim: navigation_mesh(sim.episode.town)),
    "get_required_files": value(required_files, string),
    "request_file": value(request_file, string),
    "get_episode_settings": value(lambda sim: values.encode_episode_settings(sim.episode.settings)),
    "set_episode_settings": value(set_settings, values.episode_settings),
    "get_weather_parameters": value(lambda sim: list(sim.episode.weather)),
    "set_weather_parameters": void(set_weather, values.weather),
    "get_imui_gravity": value(lambda sim: sim.episode.imu_gravity),
    "set_imui_gravity": void(set_gravity, real),
    "get_actor_definitions": value(lambda sim: [blueprint.wire for blueprint in library().values()]),
    "get_spectator": value(lambda sim: sim.episode.wire(SPECTATOR_ID)),
    "get_actors_by_id": value(actors_by_id, values.actor_ids),
    "get_all_level_BBs": value(lambda sim, tag: sim.episode.level.boxes(tag), unsigned),
    "get_environment_objects": value(lambda sim, tag: sim.episode.level.objects(tag), unsigned),
    "enable_environment_objects": void(
        lambda sim, ids, enabled: sim.episode.enable_objects(ids, enabled), environment_ids, boolean
    ),
    "get_names_of_all_objects": value(lambda sim: sim.episode.level.names()),
    "apply_color_texture_to_objects": unsupported("level objects have no textures of their own"),
    "apply_float_color_texture_to_objects": unsupported("level objects have no textures of their own"),
    "set_annotations_traverse_translucency": void(lambda sim, enabled: None, boolean),
    "project_point": value(project_point, values.vec3, values.vec3, real),
    "cast_ray": value(cast_ray, values.vec3, values.vec3),
    "query_lights_state": value(lambda sim, client: sim.episode.lamps.encoded(), any_value),
    "update_lights_state": void(
        lambda sim, client, records, discard: sim.episode.lamps.update(records),
        any_value,
        values.lamp_records,
        boolean,
    ),
    "update_day_night_cycle": void(lambda sim, client, active: None, any_value, boolean),
    "console_command": value(lambda sim, command: False, string),
    "draw_debug_shape": void(draw_debug_shape, debug_shape),
    "clear_debug_shape": void(lambda sim: sim.debug_shapes.clear()),
    "clear_debug_string": void(lambda sim: sim.debug_shapes.clear(strings_only=True)),
    "is_traffic_manager_running": value(lambda sim, port: sim.traffic_managers.find(port) is not None, unsigned),
    "get_traffic_manager_running": value(lambda sim, port: list(sim.traffic_managers.find(port) or ("", 0)), unsigned),
    "add_traffic_manager_running": value(
        lambda sim, address: sim.traffic_managers.add(*address), traffic_manager_address
    ),
    "destroy_traffic_manager": value(lambda sim, port: sim.traffic_managers.remove(port), unsigned),
    "get_sensor_token": value(sensor_token, unsigned),
    "enable_sensor_for_ros": unsupported("there is no ROS bridge"),
    "disable_sensor_for_ros": unsupported("there is no ROS bridge"),
    "is_sensor_enabled_for_ros": value(lambda sim, stream: False, unsigned),
    "send": unsupported("there are no V2X sensors"),
    "set_ignored_vehicles": void(lambda sim, sensor, ids: None, unsigned, values.actor_ids),
    "enable_gbuffers": unsupported("cameras have no G-buffers"),
    "are_gbuffers_enabled": value(lambda sim, sensor: False, unsigned),
    "get_gbuffer_token": unsupported("cameras have no G-buffers"),
}
