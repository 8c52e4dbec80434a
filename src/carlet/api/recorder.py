"""Calls about recordings: make them, describe them, play them."""

import logging
from pathlib import Path

import numpy as np

from carlet.api.decode import boolean, integer, real, string, unsigned
from carlet.api.method import Method, value, void
from carlet.episode import EpisodeError
from carlet.recorder import (
    RecordingError,
    ReplayOrder,
    actors_blocked,
    collision_table,
    file_info,
    path_of,
    recordings_folder,
)
from carlet.simulator import Simulator
from carlet.wire import values

log = logging.getLogger(__name__)


def start_recorder(sim: Simulator, name: str, additional: bool) -> str:
    """Record from the next tick on; the file's full name, empty when it cannot be written."""
    path = path_of(name, recordings_folder())
    sim.replayer.stop(keep_actors=True)
    try:
        sim.recorder.start(path, sim.episode, additional)
    except RecordingError as error:
        log.warning("nothing is recorded: %s", error)
        return ""
    return str(path)


def stop_recorder(sim: Simulator) -> None:
    """End the recording."""
    sim.recorder.stop()


def stop_replayer(sim: Simulator, keep_actors: bool) -> None:
    """End the replay; without `keep_actors` the actors that it had spawned go."""
    sim.replayer.stop(keep_actors)


def show_file_info(sim: Simulator, name: str, show_all: bool) -> str:
    """What is in a recording."""
    return file_info(_to_read(sim, name), show_all)


def show_collisions(sim: Simulator, name: str, first: int, second: int) -> str:
    """Collisions in a recording, between kinds of actors that letters stand for."""
    return collision_table(_to_read(sim, name), _letter(first), _letter(second))


def show_blocked(sim: Simulator, name: str, min_time: float, min_distance: float) -> str:
    """Actors of a recording that stood for `min_time` seconds, within `min_distance` centimetres."""
    return actors_blocked(_to_read(sim, name), min_time, min_distance)


def replay_file(
    sim: Simulator, name: str, start: float, duration: float, follow: int, with_sensors: bool, offset: np.ndarray
) -> str:
    """Play a recording; a running one of either sort ends."""
    sim.recorder.stop()
    path = path_of(name, recordings_folder())
    return sim.replayer.start(ReplayOrder(path, start, duration, follow, with_sensors, offset))


def set_time_factor(sim: Simulator, factor: float) -> None:
    """Pace of replays: 2 is twice as fast, 0 stands still."""
    if factor < 0.0:
        raise EpisodeError(f"the time factor is {factor:g}, but a replay cannot run backwards")
    sim.replayer.choices.time_factor = factor


def set_ignore_hero(sim: Simulator, ignore: bool) -> None:
    """Whether replays leave the hero out."""
    sim.replayer.choices.ignore_hero = ignore


def set_ignore_spectator(sim: Simulator, ignore: bool) -> None:
    """Whether replays leave the spectator where it is."""
    sim.replayer.choices.ignore_spectator = ignore


def _to_read(sim: Simulator, name: str) -> Path:
    sim.recorder.flush()
    return path_of(name, recordings_folder())


def _letter(code: int) -> str:
    return chr(code) if 0 < code < 128 else "?"


METHODS: dict[str, Method] = {
    "start_recorder": value(start_recorder, string, boolean),
    "stop_recorder": void(stop_recorder),
    "stop_replayer": void(stop_replayer, boolean),
    "show_recorder_file_info": value(show_file_info, string, boolean),
    "show_recorder_collisions": value(show_collisions, string, integer, integer),
    "show_recorder_actors_blocked": value(show_blocked, string, real, real),
    "replay_file": value(replay_file, string, real, real, unsigned, boolean, values.transform),
    "set_replayer_time_factor": void(set_time_factor, real),
    "set_replayer_ignore_hero": void(set_ignore_hero, boolean),
    "set_replayer_ignore_spectator": void(set_ignore_spectator, boolean),
}
