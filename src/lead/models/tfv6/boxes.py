"""Boxes as points of a heat map (CenterNet)."""

import math
from dataclasses import fields

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.tensors import BoxMaps

TOP_K = 100
"""Peaks that become boxes."""
COLUMNS = ("x", "y", "w", "h", "yaw", "velocity", "brake", "class", "score")
"""Of a decoded box: centre and half extents (m, ego frame), yaw (rad), speed (m/s), class and score."""
X, Y, W, H, YAW, VELOCITY, BRAKE, CLASS, SCORE = range(len(COLUMNS))

_PEAK_WINDOW = 3


class CenterNetDecoder(nn.Module):
    """Heat map of centres, and what is known about a box at each cell of one metre."""

    def __init__(self, config: TFv6Config, classes: int):
        super().__init__()
        channels = config.bev.channels
        self.heatmap_head = _head(channels, classes)
        self.wh_head = _head(channels, 2)
        self.offset_head = _head(channels, 2)
        self.yaw_class_head = _head(channels, config.yaw_bins)
        self.yaw_res_head = _head(channels, 1)
        self.velocity_head = _head(channels, 1)
        if config.heatmap_prior is not None:
            odds = config.heatmap_prior / (1.0 - config.heatmap_prior)
            nn.init.constant_(self.heatmap_head[-1].bias, math.log(odds))  # pyright: ignore[reportArgumentType]

    def forward(self, features: Float[Tensor, "batch channels rows columns"]) -> BoxMaps:
        """Dense predictions from fine features."""
        return BoxMaps(
            heatmap_logits=self.heatmap_head(features),
            wh=self.wh_head(features),
            offset=self.offset_head(features),
            yaw_logits=self.yaw_class_head(features),
            yaw_residual=self.yaw_res_head(features),
            velocity=self.velocity_head(features),
        )


def decode_boxes(maps: BoxMaps, config: TFv6Config) -> Float[Tensor, "batch boxes 9"]:
    """The `TOP_K` highest peaks as boxes in the ego frame, highest first; columns as in `COLUMNS`."""
    # In 16 bits, cells far from the first one could no longer be told apart.
    maps = BoxMaps(**{field.name: getattr(maps, field.name).float() for field in fields(maps)})
    scores = maps.heatmap_logits.sigmoid()
    peaks = functional.max_pool2d(scores, _PEAK_WINDOW, stride=1, padding=_PEAK_WINDOW // 2)
    best, indices = (scores * (scores == peaks)).flatten(1).topk(TOP_K)
    rows, columns = scores.shape[-2:]
    classes, cells = indices // (rows * columns), indices % (rows * columns)
    centre = torch.stack([cells % columns, cells // columns], dim=-1) + _gather(maps.offset, cells)
    corner = centre.new_tensor([config.bev.min_x_m, config.bev.min_y_m])
    yaw = _yaw(_gather(maps.yaw_logits, cells), _gather(maps.yaw_residual, cells)[..., 0])
    rest = [yaw, _gather(maps.velocity, cells)[..., 0], torch.zeros_like(yaw), classes.to(yaw.dtype), best]
    return torch.cat([centre + corner, _gather(maps.wh, cells), torch.stack(rest, dim=-1)], dim=-1)


def keep_scores(boxes: Float[Tensor, "batch boxes 9"], threshold: float) -> list[Float[Tensor, "_ 9"]]:
    """The boxes of each sample whose score lies above `threshold`."""
    return [sample[sample[:, SCORE] > threshold] for sample in boxes]


def _head(channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(channels, out_channels, 1)
    )


def _gather(values: Float[Tensor, "batch size rows columns"], cells: Int[Tensor, "batch boxes"]) -> Tensor:
    flat = values.flatten(2)
    return flat.gather(2, cells[:, None, :].expand(-1, flat.shape[1], -1)).transpose(1, 2)


def _yaw(logits: Tensor, residual: Tensor) -> Tensor:
    bins = logits.shape[-1]
    yaw = logits.argmax(dim=-1) * (2.0 * math.pi / bins) + residual
    return torch.where(yaw > math.pi, yaw - 2.0 * math.pi, yaw)
