"""Calls about the session and the world as a whole."""

from typing import Any

import numpy as np

from carlet.actors.blueprints import definitions
from carlet.api.decode import boolean, real, string, unsigned
from carlet.api.method import Method, ignored, never, unsupported, value, void
from carlet.episode import SPECTATOR_ID, EpisodeError
from carlet.simulator import Simulator
from carlet.town import available_towns
from carlet.town.navigation import navigation_file, navigation_mesh
from carlet.wire import values
from carlet.wire.checks import items
from carlet.wire.drawings import debug_shape

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
    """Change the weather; lamps that follow the sun do."""
    sim.episode.weather = weather
    sim.episode.lamps.follow_sun(weather.sun_altitude_angle)


def set_day_night_cycle(sim: Simulator, client: str, active: bool) -> None:
    """Whether lamps are switched by the height of the sun."""
    sim.episode.lamps.day_night_cycle = active
    sim.episode.lamps.follow_sun(sim.episode.weather.sun_altitude_angle)


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
    "load_map_layer": void(lambda sim, layers: sim.episode.show_layers(layers, True), unsigned),
    "unload_map_layer": void(lambda sim, layers: sim.episode.show_layers(layers, False), unsigned),
    "copy_opendrive_to_file": void(copy_opendrive, string, values.opendrive_parameters),
    "get_episode_info": value(episode_info),
    "get_map_info": value(map_info),
    "get_map_data": value(lambda sim: sim.episode.town.opendrive),
    "get_navigation_mesh": value(lambda sim: navigation_mesh(sim.episode.town)),
    "get_required_files": value(required_files, string),
    "request_file": value(request_file, string),
    "get_episode_settings": value(lambda sim: values.encode_episode_settings(sim.episode.settings)),
    "set_episode_settings": value(set_settings, values.episode_settings),
    "get_weather_parameters": value(lambda sim: values.encode_weather(sim.episode.weather)),
    "set_weather_parameters": void(set_weather, values.weather),
    "get_imui_gravity": value(lambda sim: sim.episode.imu_gravity),
    "set_imui_gravity": void(set_gravity, real),
    "get_actor_definitions": value(lambda sim: definitions()),
    "get_spectator": value(lambda sim: sim.episode.wire(SPECTATOR_ID)),
    "get_actors_by_id": value(actors_by_id, values.actor_ids),
    "get_all_level_BBs": value(lambda sim, tag: sim.episode.level.boxes(tag), unsigned),
    "get_environment_objects": value(lambda sim, tag: sim.episode.level.objects(tag), unsigned),
    "enable_environment_objects": void(
        lambda sim, ids, enabled: sim.episode.enable_objects(ids, enabled), values.object_ids, boolean
    ),
    "get_names_of_all_objects": value(lambda sim: sim.episode.level.names()),
    "apply_color_texture_to_objects": unsupported("level objects have no textures of their own"),
    "apply_float_color_texture_to_objects": unsupported("level objects have no textures of their own"),
    "set_annotations_traverse_translucency": ignored(boolean),
    "project_point": value(project_point, values.vec3, values.vec3, real),
    "cast_ray": value(cast_ray, values.vec3, values.vec3),
    "query_lights_state": value(lambda sim, client: sim.episode.lamps.encoded(), string),
    "update_lights_state": void(
        lambda sim, client, records, discard: sim.episode.lamps.update(records),
        string,
        values.lamp_records,
        boolean,
    ),
    "update_day_night_cycle": void(set_day_night_cycle, string, boolean),
    "console_command": never(string),
    "draw_debug_shape": void(lambda sim, shape: sim.debug_shapes.add(shape, sim.episode.time), debug_shape),
    "clear_debug_shape": void(lambda sim: sim.debug_shapes.clear()),
    "clear_debug_string": void(lambda sim: sim.debug_shapes.clear_texts()),
    "is_traffic_manager_running": value(lambda sim, port: sim.traffic_managers.find(port) is not None, unsigned),
    "get_traffic_manager_running": value(lambda sim, port: list(sim.traffic_managers.find(port) or ("", 0)), unsigned),
    "add_traffic_manager_running": value(
        lambda sim, address: sim.traffic_managers.add(*address), traffic_manager_address
    ),
    "destroy_traffic_manager": value(lambda sim, port: sim.traffic_managers.remove(port), unsigned),
    "get_sensor_token": value(sensor_token, unsigned),
    "enable_sensor_for_ros": unsupported("there is no ROS bridge"),
    "disable_sensor_for_ros": unsupported("there is no ROS bridge"),
    "is_sensor_enabled_for_ros": never(unsigned),
    "send": unsupported("there are no V2X sensors"),
    "set_ignored_vehicles": ignored(unsigned, values.actor_ids),
    "enable_gbuffers": unsupported("cameras have no G-buffers"),
    "are_gbuffers_enabled": never(unsigned),
    "get_gbuffer_token": unsupported("cameras have no G-buffers", returns=True),
}
