"""From fine bird's-eye features to a semantic map."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from lead.models.tfv6.configuration import TFv6Config

_CAMERA_FOV_DEG = 60.0
_SPARE_FOV_DEG = 5.0
_CAMERAS_ALL_AROUND = 3


class BevSemanticDecoder(nn.Module):
    """Logits of the classes, at the resolution of the LiDAR raster."""

    def __init__(self, channels: int, classes: int, size: tuple[int, int]):
        super().__init__()
        self.size = size
        self.net = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, classes, 1, bias=False),
        )

    def forward(
        self, features: Float[Tensor, "batch channels rows columns"]
    ) -> Float[Tensor, "batch classes height width"]:
        """Logits from fine features."""
        return functional.interpolate(self.net(features), size=self.size, mode="bilinear", align_corners=False)


def seen_pixels(config: TFv6Config) -> Bool[Tensor, "height width"]:
    """Which pixels of the semantic map cameras see: all, unless only one or two look ahead."""
    cameras, bev = len(config.cameras.used), config.bev
    if cameras >= _CAMERAS_ALL_AROUND:
        return torch.ones(bev.height, bev.width, dtype=torch.bool)
    x = torch.arange(bev.width) / bev.pixels_per_metre + bev.min_x_m
    y = torch.arange(bev.height) / bev.pixels_per_metre + bev.min_y_m
    limit = math.radians(_CAMERA_FOV_DEG * cameras + _SPARE_FOV_DEG) / 2.0
    return torch.atan2(y[:, None], x[None, :]).abs() <= limit
