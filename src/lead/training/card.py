"""A model card: what a checkpoint is, what it was trained on, how it drives, and where it ends."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lead.evaluation.comparison import CONFIDENCE_PERCENT, measure
from lead.evaluation.metrics import METRICS
from lead.evaluation.result_files import Run
from lead.evaluation.tables import coverage, remarks, show_estimate
from lead.files import write_text
from lead.models.config_tree import to_tree
from lead.models.tfv6.checkpoint import CheckpointFolder, load_member
from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.recipes import find_recipe
from lead.training.facts import FACTS_NAME
from lead.training.journal import LOG_NAME
from lead.training.run_config import CONFIG_NAME, RunConfig

CARD_NAME = "README.md"
_REPORT_NAME = "open_loop.json"
_OWN = ("logdir", "cache", "data", "model", "records", "workers", "recipe")
"""Settings that say nothing about the model, or are told in other words."""
_MINUTE_S = 60.0


class CardError(ValueError):
    """A card that cannot be written; the message is one sentence that names the file."""


def write_card(
    name: str, checkpoint: CheckpointFolder, training: Path, runs: Sequence[Run], limits: Sequence[str]
) -> Path:
    """Write the card beside a checkpoint's weights: `training` is the folder that `lead train` left, `runs` were driven
    with the checkpoint, `limits` are sentences. CardError when the folder lacks what a card tells."""
    parts = [_model(name, checkpoint), _training(training), _open_loop(training), _driving(runs), _limits(limits)]
    path = checkpoint.folder / CARD_NAME
    write_text(path, "\n".join(line for part in parts for line in part))
    return path


def _model(name: str, checkpoint: CheckpointFolder) -> Iterator[str]:
    config = checkpoint.config
    model = load_member(checkpoint, checkpoint.members[0])
    size = sum(member.stat().st_size for member in checkpoint.members) / 1e6
    yield f"# {name}"
    yield ""
    yield f"A TransFuser v6 student: {sum(one.numel() for one in model.parameters()):,} parameters, {size:.1f} MB."
    yield ""
    yield f"- sees: {_inputs(config)}"
    yield f"- answers: {_outputs(config)}"
    yield f"- encoders: {config.image_encoder} for pictures, {config.bev_encoder} for the raster from above"
    yield ""
    yield "Drive with it: `python -m lead --checkpoint FOLDER --routes ROUTES`."
    yield ""


def _inputs(config: TFv6Config) -> str:
    cameras, bev, planner = config.cameras, config.bev, config.planner
    seen = [f"{len(cameras.used)} pictures of {cameras.width} x {cameras.height} pixels"]
    if not config.latent:
        seen.append(f"LiDAR from above, x {bev.min_x_m:g} to {bev.max_x_m:g} m, y {bev.min_y_m:g} to {bev.max_y_m:g} m")
    seen += ["radar"] if config.radar is not None else []
    if planner is not None:
        seen += ["its speed"] if planner.speed else []
        seen += ["navigation command", *(["target points"] if planner.target_points else [])]
    return ", ".join(seen)


def _outputs(config: TFv6Config) -> str:
    planner, heads = config.planner, config.perspective_heads
    plan = [] if planner is None else [f"{planner.waypoints} waypoints"]
    if planner is not None:
        plan += [f"a route of {planner.route_points} points"] if planner.route_points else []
        plan += ["target speed"] if planner.speed_classes else []
    wanted = {"map from above": config.bev_semantic, "boxes": config.boxes, "semantics": heads.semantic}
    return ", ".join([*plan, *(head for head, there in (wanted | {"depth": heads.depth}).items() if there)])


def _training(folder: Path) -> Iterator[str]:
    facts, told = _read(folder / FACTS_NAME), _read(folder / CONFIG_NAME)
    last = _last_step(folder / LOG_NAME)
    towns = ", ".join(f"{town} {count}" for town, count in facts["towns"].items())
    yield "## Trained on"
    yield ""
    yield f"- {facts['drives']} drives of {facts['hours']:.2f} h in all, and {facts['frames']} frames of them"
    yield f"- drives by town: {towns}"
    yield f"- {facts['held_out_drives']} other drives were held out"
    yield f"- {last['step']} steps of {told['batch_size']} in {last['seconds'] / _MINUTE_S:.1f} minutes"
    yield f"- seed {told['training']['seed']}"
    yield f"- settings that are not the defaults of `recipe={told['recipe']}`:"
    yield ""
    yield from (f"    {key}={value}" for key, value in _differences(told))
    yield ""


def _differences(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    base = to_tree(RunConfig(logdir="", recipe=told["recipe"], model=find_recipe(told["recipe"])))
    known = {key: value for key, value in told.items() if key not in _OWN}
    yield from _unlike(known, base, "")
    yield from _unlike({"model": told["model"], "records": told["records"]}, base, "")


def _unlike(tree: Mapping[str, Any], base: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        other = base.get(key)
        if isinstance(value, Mapping) and isinstance(other, Mapping):
            yield from _unlike(value, other, f"{prefix}{key}.")
        elif value != other:
            yield f"{prefix}{key}", "none" if value is None else value


def _open_loop(folder: Path) -> Iterator[str]:
    if not (folder / _REPORT_NAME).is_file():
        return
    report = _read(folder / _REPORT_NAME)
    yield f"## Open loop, {report['samples']} frames of drives that were held out"
    yield ""
    yield from ("| measure | |", "|---|---|")
    yield from (f"| {name} | {value:.3f} |" for name, value in report["metrics"].items())
    yield ""


def _driving(runs: Sequence[Run]) -> Iterator[str]:
    for run in runs:
        yield f"## On the road: {run.name}, {run.protocol.name}, {coverage(run)}"
        yield ""
        estimates = measure(run.protocol, run.routes)
        yield from (f"| metric | mean ({CONFIDENCE_PERCENT:g} % interval over routes) |", "|---|---|")
        yield from (f"| {METRICS[name].label} | {show_estimate(value)} |" for name, value in estimates.items())
        yield ""
        yield from remarks(run, estimates)
        yield ""


def _limits(limits: Sequence[str]) -> Iterator[str]:
    yield "## Limits"
    yield ""
    yield from (f"- {limit}" for limit in ("For research in simulation; never for a car on a road.", *limits))
    yield ""


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CardError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise CardError(f"{path} cannot be read as JSON: {error}") from None


def _last_step(path: Path) -> dict[str, Any]:
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise CardError(f"{path}: {error.strerror}") from None
    if not lines:
        raise CardError(f"{path}: nothing was trained")
    return lines[-1]
