"""Two encoders side by side, fused after each of their four stages."""

import torch
from jaxtyping import Float, Real
from torch import Tensor, nn
from torch.nn import functional

from lead.models.encoders import create_encoder, run_stage, stage_channels, stage_layers
from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.fusion import FusionTransformer

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)


class Backbone(nn.Module):
    """Picture and LiDAR raster to coarse features of both views, at stride 32."""

    pixel_scale: Tensor
    pixel_shift: Tensor
    coordinates: Tensor

    def __init__(self, config: TFv6Config, pretrained: bool = False):
        """`pretrained`: the picture's encoder starts from timm's ImageNet weights."""
        super().__init__()
        self.config = config
        self.image_encoder = create_encoder(config.image_encoder, 3, pretrained)
        self.lidar_encoder = create_encoder(config.bev_encoder, 2 if config.latent else 1)
        picture_widths, bev_widths = stage_channels(self.image_encoder), stage_channels(self.lidar_encoder)
        pairs = list(zip(picture_widths, bev_widths, strict=True))
        self.lidar_channel_to_img = nn.ModuleList(nn.Conv2d(bev, picture, 1) for picture, bev in pairs)
        self.img_channel_to_lidar = nn.ModuleList(nn.Conv2d(picture, bev, 1) for picture, bev in pairs)
        self.transformers = nn.ModuleList(
            FusionTransformer(width, config.fusion_tokens, config.fusion) for width in picture_widths
        )
        self.up_conv5 = nn.Conv2d(config.bev.channels, config.bev.channels, 3, padding=1)
        self.up_conv4 = nn.Conv2d(config.bev.channels, config.bev.channels, 3, padding=1)
        self.c5_conv = nn.Conv2d(bev_widths[-1], config.bev.channels, 1)
        self.picture_width, self.bev_width = picture_widths[-1], bev_widths[-1]
        self._picture_layers, self._bev_layers = stage_layers(self.image_encoder), stage_layers(self.lidar_encoder)
        self._register_constants()

    def _register_constants(self) -> None:
        std = torch.tensor(_IMAGENET_STD).view(1, 3, 1, 1)
        self.register_buffer("pixel_scale", 1.0 / (255.0 * std), persistent=False)
        self.register_buffer("pixel_shift", -torch.tensor(_IMAGENET_MEAN).view(1, 3, 1, 1) / std, persistent=False)
        height, width = self.config.bev.height, self.config.bev.width
        rows = torch.linspace(0.0, 1.0, height)[:, None].expand(height, width)
        columns = torch.linspace(0.0, 1.0, width)[None, :].expand(height, width)
        self.register_buffer("coordinates", torch.stack([rows, columns])[None], persistent=False)

    def forward(
        self,
        rgb: Real[Tensor, "batch 3 height width"],
        rasterized_lidar: Float[Tensor, "batch 1 bev_height bev_width"] | None,
    ) -> tuple[Float[Tensor, "batch bev_channels rows columns"], Float[Tensor, "batch picture_channels h w"]]:
        """Bird's-eye features, then picture features. `rgb` is 0 to 255; a latent model needs no raster."""
        picture = torch.addcmul(self.pixel_shift, rgb.to(self.pixel_scale.dtype), self.pixel_scale)
        bev = self._bev_input(rgb.shape[0], rasterized_lidar)
        for stage in range(len(self._picture_layers)):
            picture = run_stage(self.image_encoder, self._picture_layers[stage], picture)
            bev = run_stage(self.lidar_encoder, self._bev_layers[stage], bev)
            picture, bev = self._fuse(stage, picture, bev)
        return bev, picture

    def top_down(
        self, bev_features: Float[Tensor, "batch bev_channels rows columns"]
    ) -> Float[Tensor, "batch channels grid_rows grid_columns"]:
        """Fine features of the bird's-eye view, one cell a metre, from the coarse ones."""
        fine = functional.relu(self.c5_conv(bev_features))
        fine = functional.interpolate(fine, scale_factor=2, mode="bilinear", align_corners=False)
        fine = functional.relu(self.up_conv5(fine))
        fine = functional.interpolate(fine, size=self.config.bev.grid, mode="bilinear", align_corners=False)
        return functional.relu(self.up_conv4(fine))

    def _bev_input(self, batch: int, rasterized_lidar: Tensor | None) -> Tensor:
        if self.config.latent:
            return self.coordinates.expand(batch, -1, -1, -1)
        if rasterized_lidar is None:
            raise ValueError("this model needs rasterized_lidar")
        return rasterized_lidar

    def _fuse(self, stage: int, picture: Tensor, bev: Tensor) -> tuple[Tensor, Tensor]:
        picture_tokens = functional.adaptive_avg_pool2d(picture, self.config.cameras.anchors)
        bev_tokens = functional.adaptive_avg_pool2d(bev, self.config.bev.anchors)
        bev_tokens = self.lidar_channel_to_img[stage](bev_tokens)
        picture_tokens, bev_tokens = self.transformers[stage](picture_tokens, bev_tokens)
        return (
            picture + _resize(picture_tokens, picture),
            bev + _resize(self.img_channel_to_lidar[stage](bev_tokens), bev),
        )


def _resize(features: Tensor, like: Tensor) -> Tensor:
    return functional.interpolate(features, size=like.shape[-2:], mode="bilinear", align_corners=False)
