"""Made-up inputs and labels for any configuration; nothing from outside."""

from dataclasses import replace

import torch

from lead.models.tfv6.configuration import (
    BEV_CLASSES,
    BOX_CLASSES,
    BevConfig,
    CameraConfig,
    FusionConfig,
    LabelSpace,
    PerspectiveConfig,
    PlannerConfig,
    RadarConfig,
    TFv6Config,
)
from lead.models.tfv6.labels import PREFIXES


def tiny(**changes) -> TFv6Config:
    """A model of all heads that trains in a moment."""
    config = TFv6Config(
        image_encoder="starnet_s050",
        bev_encoder="starnet_s050",
        cameras=CameraConfig(width=64, height=64),
        bev=BevConfig(min_x_m=-16.0, max_x_m=16.0, min_y_m=-16.0, max_y_m=16.0, channels=8),
        fusion=FusionConfig(layers=1),
        perspective=PerspectiveConfig(channels=(8, 8, 8)),
        radar=RadarConfig(token_dim=16, hidden_dim=16, layers=1, heads=2),
        planner=PlannerConfig(token_dim=16, layers=1, heads=2, feed_forward=16),
    )
    return replace(config, **changes)


def make_batch(config: TFv6Config, batch: int = 1, seed: int = 0) -> dict[str, torch.Tensor]:
    """Inputs by name, for a model of `config`."""
    generator = torch.Generator().manual_seed(seed)
    commands = config.planner.commands if config.planner else 6
    radar = torch.zeros(batch, 300, 5)
    radar[:, :40, :2] = 20.0 * torch.rand(batch, 40, 2, generator=generator)
    radar[..., 4] = torch.arange(4).repeat_interleave(75)
    return {
        "rgb": torch.randint(
            0, 256, (batch, 3, config.cameras.height, config.cameras.picture_width), generator=generator
        ).to(torch.uint8),
        "rasterized_lidar": torch.rand(batch, 1, config.bev.height, config.bev.width, generator=generator),
        "radar": radar,
        "speed": 10.0 * torch.rand(batch, generator=generator),
        "acceleration": torch.rand(batch, generator=generator),
        "command": torch.eye(commands)[torch.randint(0, commands, (batch,), generator=generator)],
        "target_point_previous": torch.zeros(batch, 2),
        "target_point": torch.full((batch, 2), 20.0),
        "target_point_next": torch.full((batch, 2), 40.0),
    }


def make_labels(config: TFv6Config, batch: int = 1, source: int | None = None) -> dict[str, torch.Tensor]:
    """Labels by name, for a model of `config`; `source` is 1 for CARLA's samples, 2 for NAVSIM's."""
    rows, columns = config.bev.grid
    cameras, planner = config.cameras, config.planner
    labels = {
        "source_dataset": torch.full((batch,), source or (1 if LabelSpace.CARLA in config.label_spaces else 2)),
        "semantic": torch.zeros(batch, cameras.height, cameras.picture_width, dtype=torch.uint8),
        "depth": torch.full((batch, cameras.height, cameras.picture_width), 10.5),
        "radar_detections": torch.zeros(batch, 20, 4),
    }
    labels["radar_detections"][:, 0] = torch.tensor([10.0, 2.0, 5.0, 1.0])
    for space in config.label_spaces:
        prefix = PREFIXES[space]
        heatmap = torch.zeros(batch, BOX_CLASSES[space], rows, columns)
        heatmap[:, 0, 10, 20] = 1.0
        labels |= {
            f"{prefix}bev_semantic": torch.full((batch, config.bev.height, config.bev.width), BEV_CLASSES[space] - 1),
            f"{prefix}center_net_heatmap": heatmap,
            f"{prefix}center_net_pixel_weight": heatmap[:, :1].expand(-1, 2, -1, -1),
            f"{prefix}center_net_wh": torch.ones(batch, 2, rows, columns),
            f"{prefix}center_net_offset": torch.zeros(batch, 2, rows, columns),
            f"{prefix}center_net_yaw_class": torch.zeros(batch, rows, columns, dtype=torch.int32),
            f"{prefix}center_net_yaw_res": torch.zeros(batch, 1, rows, columns),
            f"{prefix}center_net_velocity": torch.ones(batch, 1, rows, columns),
            f"{prefix}center_net_avg_factor": torch.ones(batch),
        }
    if planner is not None:
        labels |= {
            "future_waypoints": torch.ones(batch, planner.waypoints, 2, dtype=torch.float64),
            "future_yaws": torch.zeros(batch, planner.waypoints),
            "route": torch.ones(batch, planner.route_points or 10, 2),
            "target_speed": torch.full((batch,), 5.0),
            "brake": torch.zeros(batch, dtype=torch.bool),
        }
    return labels
