"""Recordings of a world: made tick by tick, described in texts, played again."""

from carlet.recorder.layout import RecordingError
from carlet.recorder.place import path_of, recordings_folder
from carlet.recorder.playback import Replayer, ReplayOrder
from carlet.recorder.recording import Recorder
from carlet.recorder.report import actors_blocked, collision_table, file_info

__all__ = [
    "Recorder",
    "RecordingError",
    "ReplayOrder",
    "Replayer",
    "actors_blocked",
    "collision_table",
    "file_info",
    "path_of",
    "recordings_folder",
]
