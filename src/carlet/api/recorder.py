"""Calls about recordings: make them, describe them, play them."""

from carlet.api.method import Method, unsupported

NOT_YET = "this version neither records nor replays"

METHODS: dict[str, Method] = {
    name: unsupported(NOT_YET)
    for name in (
        "start_recorder",
        "stop_recorder",
        "stop_replayer",
        "show_recorder_file_info",
        "show_recorder_collisions",
        "show_recorder_actors_blocked",
        "replay_file",
        "set_replayer_time_factor",
        "set_replayer_ignore_hero",
        "set_replayer_ignore_spectator",
    )
}
