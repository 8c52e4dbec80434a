"""`lead checkpoint`: what is in a checkpoint, and its way from one layout to the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console

from lead.commands.exits import BAD_INPUT, fail
from lead.evaluation.metric_info import MetricInfoError
from lead.evaluation.protocol import ProtocolError
from lead.evaluation.result_files import ResultError, read_run
from lead.models.config_tree import ConfigError, to_tree
from lead.models.tfv6.checkpoint import (
    CheckpointFileError,
    CheckpointFolder,
    Layout,
    convert,
    load_member,
    open_checkpoint,
)
from lead.models.tfv6.recipes import RECIPES
from lead.training.card import CardError, write_card


@dataclass(frozen=True)
class Info:
    """Say what a checkpoint holds: layout, models, parameters, configuration."""

    source: tyro.conf.Positional[str]
    """Folder, file with weights, or a model of the Hugging Face hub such as ln2697/tfv6_navsim."""
    download: bool = False
    """Fetch the model from the hub when there is no such folder."""


@dataclass(frozen=True)
class Convert:
    """Write a checkpoint in another layout; tensors stay bit for bit what they are."""

    source: tyro.conf.Positional[str]
    """Folder, file with weights, or a model of the Hugging Face hub."""
    target: tyro.conf.Positional[Path]
    """Folder to write."""
    layout: tyro.conf.EnumChoicesFromValues[Layout] = Layout.OURS
    """ours: config.json and model*.safetensors; lead: config.json and model_*.pth."""
    download: bool = False
    """Fetch the model from the hub when there is no such folder."""


@dataclass(frozen=True)
class Card:
    """Write a model card, README.md, beside a checkpoint's weights."""

    source: tyro.conf.Positional[Path]
    """Folder with the checkpoint."""
    training: Path
    """Folder that `lead train` left."""
    name: str = "tfv6_nano"
    runs: tuple[Path, ...] = ()
    """Runs that were driven with it: folders or official result files."""
    limits: tuple[str, ...] = ()
    """Sentences about what it cannot do."""


Subcommand = (
    Annotated[Info, tyro.conf.subcommand("info")]
    | Annotated[Convert, tyro.conf.subcommand("convert")]
    | Annotated[Card, tyro.conf.subcommand("card")]
)


def main(arguments: Sequence[str]) -> int:
    """Run the command with the words after `checkpoint` and return the exit code: 0, or 2 for bad input."""
    command = tyro.cli(Subcommand, prog="lead checkpoint", args=arguments)  # pyright: ignore[reportArgumentType, reportCallIssue]
    console = Console()
    try:
        if isinstance(command, Card):
            _write_card(command, console)
            return 0
        checkpoint = open_checkpoint(command.source, command.download)
        if isinstance(command, Convert):
            _convert(checkpoint, command, console)
        else:
            _show(checkpoint, console)
    except (CheckpointFileError, ConfigError, CardError, ResultError, ProtocolError, MetricInfoError) as error:
        return fail(error, BAD_INPUT)
    return 0


def _write_card(command: Card, console: Console) -> None:
    runs = [read_run(path) for path in command.runs]
    path = write_card(command.name, open_checkpoint(command.source), command.training, runs, command.limits)
    console.print(f"wrote {path}", highlight=False, soft_wrap=True)


def _convert(checkpoint: CheckpointFolder, command: Convert, console: Console) -> None:
    for path in convert(checkpoint, command.target, command.layout):
        console.print(f"wrote {path}", highlight=False, soft_wrap=True)


def _show(checkpoint: CheckpointFolder, console: Console) -> None:
    config = checkpoint.config
    model = load_member(checkpoint, checkpoint.members[0])
    parts = {name: sum(parameter.numel() for parameter in part.parameters()) for name, part in model.named_children()}
    lines = {
        "folder": checkpoint.folder,
        "layout": checkpoint.layout.value,
        "models": ", ".join(member.name for member in checkpoint.members),
        "recipe": next((name for name, recipe in RECIPES.items() if _same(recipe(), config)), "none of the known ones"),
        "parameters": f"{sum(parts.values()):,}",
        **{f"  {name}": f"{count:,}" for name, count in parts.items()},
        **dict(_flatten(to_tree(config))),
    }
    width = max(map(len, lines))
    for key, value in lines.items():
        console.print(f"{key:{width}}  {value}", highlight=False, soft_wrap=True, markup=False)


def _same(recipe: object, config: object) -> bool:
    unlike = {"legacy": None, "observation": None}
    return {**to_tree(recipe), **unlike} == {**to_tree(config), **unlike}


def _flatten(tree: dict, prefix: str = ""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
