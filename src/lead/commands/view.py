"""`lead view 3d`: look at a 123D log in py123d's viewer, in the browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro
from py123d.api.scene.arrow.arrow_scene_builder import ArrowSceneBuilder
from py123d.api.scene.scene_api import SceneAPI
from py123d.api.scene.scene_filter import SceneFilter
from py123d.common.execution.sequential_executor import SequentialExecutor
from rich.console import Console

from lead.commands.exits import BAD_INPUT, BadInputError, fail
from lead.simulator import is_free

#: Every 123D log has this table, and the folder of logs is beside the one of maps.
_TABLE, _LOGS, _MAPS = "sync.arrow", "logs", "maps"


@dataclass(frozen=True)
class View3D:
    """Show a 123D log in the browser: map, boxes, LiDAR and cameras, in three dimensions."""

    log: tyro.conf.Positional[Path]
    """The folder of a log, or the folder of a recording with logs/ and maps/ in it."""
    port: int = 8080
    """Port of the page."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return the exit code. 0: ended; 2: bad input."""
    command = tyro.extras.subcommand_cli_from_dict({"3d": View3D}, prog="lead view", args=arguments)
    try:
        view(command)
    except BadInputError as error:
        return fail(error, BAD_INPUT)
    except KeyboardInterrupt:
        Console().print("Ended.")
    return 0


def view(command: View3D) -> None:
    """Serve the viewer until Ctrl-C. BadInputError without a log, or without the port."""
    scenes = scenes_of(command.log)
    if not is_free(command.port):
        raise BadInputError(f"port {command.port} is taken: give another one with --port")
    # The viewer takes seconds to import, and is not needed to say that there is no log.
    from py123d.visualization.viser.viser_config import ServerConfig, ViserConfig
    from py123d.visualization.viser.viser_viewer import ViserViewer

    server = ServerConfig(host="127.0.0.1", port=command.port, label=command.log.name, verbose=False)
    Console().print(
        f"{command.log}: http://127.0.0.1:{command.port}/ ({len(scenes)} logs, Ctrl-C ends)",
        highlight=False,
        soft_wrap=True,
    )
    ViserViewer(scenes, ViserConfig(server=server))


def scenes_of(path: Path) -> list[SceneAPI]:
    """The scenes of a log, or of all logs of a recording. BadInputError when there are none."""
    if (path / _TABLE).is_file():
        log = path.resolve()
        root, only = log.parent.parent, SceneFilter(split_names=[log.parent.name], log_names=[log.name])
    elif (path / _LOGS).is_dir():
        root, only = path / _LOGS, SceneFilter()
    else:
        what = "no 123D log, nor a folder with logs/ in it" if path.is_dir() else "no folder"
        raise BadInputError(f"{path} is {what}: record one with --record FOLDER --py123d")
    scenes = list(ArrowSceneBuilder(root, root.parent / _MAPS).get_scenes(only, SequentialExecutor()))
    if not scenes:
        raise BadInputError(f"{path} has no log that can be shown")
    return scenes
