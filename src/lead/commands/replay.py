"""`lead replay`: whether the expert still decides as before on recorded scenes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro
from rich.console import Console

from lead.commands.exits import BAD_INPUT, FAILED, BadInputError, fail
from lead.expert.replay import SUFFIX, answers_to, compare, write_answers
from lead.expert.scene import SceneError
from lead.expert.scene_log import load_scenes

_SHOWN = 3  # differences of one log


@dataclass(frozen=True)
class Replay:
    """Let the expert decide on logs of scenes and compare with the decisions that lie beside them.

    Logs are made by driving: lead --expert --routes FILE --scene-logs FOLDER.
    """

    logs: tyro.conf.Positional[Path]
    """Folder of logs, or one of them (.scenes)."""
    update: bool = False
    """Take the decisions of now for right: write them beside the logs."""


def main(arguments: Sequence[str]) -> int:
    """Run the command with the words after `replay`: 0, 1 when a decision differs, or 2 for bad input."""
    console = Console()
    command = tyro.cli(Replay, prog="lead replay", description=Replay.__doc__, args=arguments)
    try:
        return _run(command, console)
    except (BadInputError, SceneError) as error:
        return fail(error, BAD_INPUT)


def _run(command: Replay, console: Console) -> int:
    logs = sorted(command.logs.glob(f"*{SUFFIX}")) if command.logs.is_dir() else [command.logs]
    if not logs or not logs[0].is_file():
        raise BadInputError(f"there is no log of scenes ({SUFFIX}) at {command.logs}")
    changed = 0
    for log in logs:
        answers = answers_to(load_scenes(log))
        if command.update:
            write_answers(log, answers)
            continue
        differences = list(compare(log, answers))
        changed += bool(differences)
        for difference in differences[:_SHOWN]:
            console.print(str(difference), highlight=False, soft_wrap=True, markup=False)
        if len(differences) > _SHOWN:
            console.print(f"{log.stem}: {len(differences)} scenes differ in all", highlight=False)
    if command.update:
        console.print(f"{len(logs)} logs have the decisions of now", highlight=False)
        return 0
    console.print(f"{len(logs)} logs replayed, {changed} with other decisions", highlight=False)
    if changed:
        console.print(f"If that is meant: lead replay {command.logs} --update", highlight=False, soft_wrap=True)
    return FAILED if changed else 0
