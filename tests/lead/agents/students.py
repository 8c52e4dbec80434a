"""Small untrained students for tests of driving."""

from dataclasses import replace
from pathlib import Path

import torch

from lead.models.tfv6.checkpoint import save_pretrained
from lead.models.tfv6.configuration import (
    CameraConfig,
    FusionConfig,
    PerspectiveConfig,
    PlannerConfig,
    RadarConfig,
    TFv6Config,
)
from lead.models.tfv6.modelling import TFv6

# Two threads that wait for each other are slower than one where other tests run beside these.
torch.set_num_threads(1)

SMALL = TFv6Config(
    image_encoder="starnet_s050",
    bev_encoder="starnet_s050",
    cameras=CameraConfig(width=96, height=96),
    fusion=FusionConfig(layers=1),
    perspective=PerspectiveConfig(channels=(8, 8, 8)),
    radar=RadarConfig(token_dim=16, hidden_dim=16, layers=1, heads=2),
    planner=PlannerConfig(token_dim=16, layers=1, heads=2, feed_forward=16),
)
"""All heads in a few parameters, and small pictures."""

FULL = replace(SMALL, cameras=CameraConfig())
"""The same for pictures as they are recorded."""


def save_student(folder: Path, config: TFv6Config = SMALL, seed: int = 0, name: str = "model") -> Path:
    """A checkpoint of a student that nobody has trained."""
    torch.manual_seed(seed)
    save_pretrained(TFv6(config), folder, name)
    return folder


def save_straight_driver(folder: Path, speed_class: int = 2) -> Path:
    """A student that always plans straight on at a speed class (2: 8 m/s), whatever it sees."""
    torch.manual_seed(0)
    model = TFv6(SMALL)
    planner = model.planning_decoder
    with torch.no_grad():
        for head, step in ((planner.route_decoder, 1.0), (planner.wp_decoder, 2.0)):
            head.weight.zero_()
            head.bias.copy_(torch.tensor([step, 0.0]))
        planner.target_speed_decoder[-1].weight.zero_()
        planner.target_speed_decoder[-1].bias.copy_(20.0 * torch.eye(8)[speed_class])
    save_pretrained(model, folder)
    return folder
