"""All that a training is told, in one tree; LEAD's names for the same things are understood as well."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lead.data.config import AugmentationConfig, RecordConfig
from lead.files import write_text
from lead.models.config_tree import ConfigError, from_tree, to_tree
from lead.models.dotlist import apply, parse_words
from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.recipes import find_recipe
from lead.training.configuration import TrainingConfig

VARIABLE = "LEAD_TRAINING_CONFIG"
CONFIG_NAME = "training.json"

LEAD_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "carla_root": "data",
        "carla_cache_path": "cache",
        "carla_bucket_collection": "collection",
        "assigned_cpu_cores": "workers",
        "lr": "training.optimiser.learning_rate",
        "weight_decay": "training.optimiser.weight_decay",
        "epochs": "training.epochs",
        "seed": "training.seed",
        "use_mixed_precision_training": "training.bfloat16",
        "compile": "training.compiled",
        "channel_last": "training.channels_last",
        "sync_batchnorm": "training.shared_norms",
        "log_scalars_frequency": "training.log_every",
        "wandb_project_name": "training.wandb_project",
        "image_architecture": "model.image_encoder",
        "lidar_architecture": "model.bev_encoder",
        "LTF": "model.latent",
        "use_semantic": "model.perspective.semantic",
        "use_depth": "model.perspective.depth",
        "use_bev_semantic": "model.bev_semantic",
        "detect_boxes": "model.boxes",
        "transfuser_token_dim": "model.planner.token_dim",
        "transfuser_num_bev_cross_attention_layers": "model.planner.layers",
        "transfuser_num_bev_cross_attention_heads": "model.planner.heads",
        "n_layer": "model.fusion.layers",
        "n_head": "model.fusion.heads",
        "use_sensor_perburtation_prob": "perturbation",
        "use_color_aug_prob": "augmentation.probability",
    }
)
"""LEAD's keys, and ours for the same."""

OWN_TO_A_RUN = ("logdir", "load_file", "use_planning_decoder", "two_stages")
"""What the second stage does not take over from the first."""


@dataclass(frozen=True)
class RunConfig:
    """One training, from recorded drives to a checkpoint."""

    logdir: str
    """Folder for checkpoint, log, report and pictures; a training that lies there already goes on."""
    recipe: str = "tfv6_resnet34"
    """Name of the model that `model` starts from; see docs/models.md."""
    model: TFv6Config = field(default_factory=TFv6Config)
    use_planning_decoder: bool = False
    """Whether the planner is trained too: the second stage."""
    load_file: str | None = None
    """Checkpoint (folder or file) whose weights training begins with."""
    pretrained_encoder: bool = False
    """Whether the picture's encoder begins with timm's ImageNet weights, which are downloaded."""
    two_stages: bool = False
    """Train perception alone in `logdir/pretrain`, then everything in `logdir/posttrain`."""
    pretrain_share: float = 0.4
    """The first of two stages gets this share of the time, where time is limited."""
    data: tuple[str, ...] = ()
    """Folders of recorded drives; without any, all records in `cache` are used."""
    cache: str = "cache"
    """Folder of records; those that `data` lacks are made first."""
    records: RecordConfig = field(default_factory=RecordConfig)
    """Their rasters are the model's unless given."""
    collection: str | None = None
    """Which frames: a name of docs/training_data.md; by default LEAD's for the stage."""
    held_out: float = 0.05
    """Share of the drives that errors are measured on instead."""
    held_out_frames: int = 2000
    """At most so many of their frames, evenly spread."""
    perturbation: float = 0.5
    """How often the perturbed twin's recording is taken."""
    augmentation: AugmentationConfig | None = field(default_factory=AugmentationConfig)
    freeze_backbone: bool = False
    """Only the planner learns, from what the backbone of `load_file` makes of every view, which is computed once."""
    speed_ahead_s: float | None = None
    """The target speed is how fast the expert drove so much later; None for its wish for the next tick, as LEAD's."""
    batch_size: int = 64
    """Of all processes together."""
    workers: int = os.cpu_count() or 1
    """Processes that load samples; threads, where the data set is resident."""
    resident: bool = False
    """Keep the whole data set in the memory of the device."""
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def __post_init__(self):
        if not 0.0 <= self.held_out < 1.0 or not 0.0 <= self.perturbation <= 1.0:
            raise ConfigError("held_out must lie in 0 to below 1, and perturbation in 0 to 1")
        if not 0.0 < self.pretrain_share < 1.0:
            raise ConfigError(f"pretrain_share must lie between 0 and 1, not {self.pretrain_share}")
        if min(self.batch_size, self.held_out_frames) < 1 or self.workers < 0:
            raise ConfigError("batch_size and held_out_frames must be 1 or more, workers not negative")
        if self.freeze_backbone:
            planner = self.model.planner if self.use_planning_decoder else None
            if self.load_file is None or planner is None or planner.radar:
                raise ConfigError("freeze_backbone needs load_file, use_planning_decoder and model.planner.radar=false")
        if self.load_file is not None and self.two_stages:
            raise ConfigError("load_file begins one stage: leave out two_stages")


def resolve(arguments: Sequence[str], environment: Mapping[str, str]) -> RunConfig:
    """The configuration of a command line, over the environment's, over the one beside `load_file`, over the recipe's.

    Raises ConfigError.
    """
    words = parse_words(environment.get(VARIABLE, "").split()) | parse_words(arguments)
    if "logdir" not in words:
        raise ConfigError("logdir=FOLDER is needed: where checkpoint and log go")
    tree = _base(words)
    recipe = words.pop("recipe", None)
    if recipe is not None:
        tree |= {"recipe": recipe, "model": to_tree(find_recipe(recipe))}
    if "data" in words or "carla_root" in words:
        text = words.pop("data", None) or words.pop("carla_root")
        tree["data"] = [part.strip(" '\"") for part in text.strip("[]").split(",") if part.strip(" '\"")]
    apply(tree, RunConfig, words, LEAD_NAMES)
    _match_rasters(tree, words)
    return from_tree(RunConfig, tree)


def _match_rasters(tree: dict[str, Any], words: Mapping[str, str]) -> None:
    """Let records show what the model looks at from above, where the words do not say otherwise."""
    bev, records = tree["model"]["bev"], tree["records"]
    wanted = {"records.pixels_per_m": bev["pixels_per_metre"]}
    wanted |= {f"records.area.{edge}": bev[f"{edge}_m"] for edge in ("min_x", "max_x", "min_y", "max_y")}
    for key, value in wanted.items():
        if key not in words:
            *_, last = key.split(".")
            (records["area"] if "area" in key else records)[last] = value


def write_config(config: RunConfig, folder: Path) -> None:
    """Leave the resolved configuration in a folder; `read_config` reads it again."""
    write_text(folder / CONFIG_NAME, json.dumps(to_tree(config), indent=2) + "\n")


def _base(words: Mapping[str, str]) -> dict[str, Any]:
    """Defaults, or what the training of `load_file` was told."""
    base = to_tree(RunConfig(logdir=words["logdir"]))
    source = words.get("load_file")
    path = Path(source) if source else None
    beside = None if path is None else (path if path.is_dir() else path.parent) / CONFIG_NAME
    if beside is None or not beside.is_file():
        return base
    try:
        earlier = json.loads(beside.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{beside} cannot be read as JSON: {error}") from error
    return base | {key: value for key, value in earlier.items() if key not in OWN_TO_A_RUN}
