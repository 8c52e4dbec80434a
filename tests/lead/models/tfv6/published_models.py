"""Published models: where the lists of their tensors are, and what their deterministic passes take."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import torch

from lead.models.tfv6 import recipes
from lead.models.tfv6.configuration import LabelSpace, LegacyConfig, ObservationConfig, TFv6Config

STATE_DICTS = Path(os.environ.get("LEAD_STATE_DICTS", Path(__file__).resolve().parents[5] / "shared" / "state_dicts"))


def narrow(config: TFv6Config) -> TFv6Config:
    """`config` with planner tokens of 64 features."""
    assert config.planner is not None
    return replace(config, planner=replace(config.planner, token_dim=64))


PUBLISHED: Mapping[str, Callable[[], TFv6Config]] = {
    "resnet34": recipes.resnet34,
    "resnet34_td64": lambda: narrow(recipes.resnet34()),
    "regnety032": recipes.regnety_032,
    "navsim_ltfv6": recipes.navsim_ltf,
    "navsim_ltfv6_td64": lambda: narrow(recipes.navsim_ltf()),
    "mixed_navsim": recipes.mixed_navsim,
    "noradar_resnet34": recipes.no_radar,
    "visiononly_resnet34": recipes.vision_only,
    "4cameras_resnet34": recipes.four_cameras,
    "pretrain_resnet34": lambda: recipes.for_pretraining(recipes.resnet34()),
    "tfv5_resnet34": recipes.tfv5_baseline,
}


def published(name: str) -> TFv6Config:
    """The configuration of a published variant, with the behaviour its weights were trained with."""
    lead = LegacyConfig.published()
    return replace(PUBLISHED[name](), legacy=lead, observation=ObservationConfig.published())


def make_batch(recipe: ModuleType, config: TFv6Config, **options: Any) -> dict[str, torch.Tensor]:
    """Inputs, and labels where asked for, of a deterministic pass."""
    planner = config.planner or TFv6Config().planner
    assert planner is not None
    navsim = LabelSpace.NAVSIM in config.label_spaces
    sizes = SimpleNamespace(
        final_image_height=config.cameras.height,
        final_image_width=config.cameras.picture_width,
        lidar_height_pixel=config.bev.height,
        lidar_width_pixel=config.bev.width,
        lidar_height_meter=config.bev.grid[0],
        lidar_width_meter=config.bev.grid[1],
        min_x_meter=config.bev.min_x_m,
        max_x_meter=config.bev.max_x_m,
        min_y_meter=config.bev.min_y_m,
        max_y_meter=config.bev.max_y_m,
        discrete_command_dim=planner.commands,
        num_way_points_prediction=planner.waypoints,
        num_bb_classes=8,
        num_bev_semantic_classes=13,
        navsim_num_bb_classes=1,
        navsim_num_bev_semantic_classes=7,
        use_navsim_data=navsim,
        use_carla_data=LabelSpace.CARLA in config.label_spaces,
    )
    return recipe.inputs(sizes, **options)


def read_anchor(state_dicts: Path, name: str) -> dict[str, Any]:
    return json.loads((state_dicts / f"tfv6_anchor_{name}.json").read_text())
