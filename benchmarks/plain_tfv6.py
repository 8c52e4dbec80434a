"""TransFuser v6 written down plainly, as a yardstick: every head every time, nothing folded, cached or compiled.

It reads its weights from a `TFv6` by name, and knows the variants with LiDAR and radar.
"""

import math
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

from lead.models.encoders import create_encoder
from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.tensors import Inputs

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def convolutions(*channels: int, last: bool = False) -> nn.Sequential:
    layers: list[nn.Module] = []
    for one, other in pairwise(channels):
        layers += [nn.Conv2d(one, other, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*(layers[:-1] if last else layers))


def resize(features: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    return functional.interpolate(features, size=size, mode="bilinear", align_corners=False)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.key, self.query, self.value, self.proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, count, width = x.shape
        q, k, v = (
            layer(x).view(batch, count, self.heads, width // self.heads).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        return self.proj(functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    def __init__(self, width: int, heads: int, expansion: int):
        super().__init__()
        self.ln1, self.ln2, self.attn = nn.LayerNorm(width), nn.LayerNorm(width), Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, expansion * width), nn.ReLU(), nn.Linear(expansion * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class Fusion(nn.Module):
    def __init__(self, width: int, config: TFv6Config):
        super().__init__()
        self.pos_emb = nn.Parameter(torch.zeros(1, config.fusion_tokens, width))
        fusion = config.fusion
        self.blocks = nn.Sequential(*(Block(width, fusion.heads, fusion.expansion) for _ in range(fusion.layers)))
        self.ln_f = nn.LayerNorm(width)

    def forward(self, picture: torch.Tensor, bev: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = torch.cat([picture.flatten(2), bev.flatten(2)], dim=2).transpose(1, 2) + self.pos_emb
        tokens = self.ln_f(self.blocks(tokens)).transpose(1, 2)
        count = picture.shape[2] * picture.shape[3]
        return tokens[..., :count].reshape(picture.shape), tokens[..., count:].reshape(bev.shape)


class Backbone(nn.Module):
    def __init__(self, config: TFv6Config):
        super().__init__()
        self.config = config
        self.image_encoder = create_encoder(config.image_encoder, 3)
        self.lidar_encoder = create_encoder(config.bev_encoder, 1)
        widths = self.image_encoder.feature_info.channels()[1:]
        self.lidar_channel_to_img = nn.ModuleList(nn.Conv2d(width, width, 1) for width in widths)
        self.img_channel_to_lidar = nn.ModuleList(nn.Conv2d(width, width, 1) for width in widths)
        self.transformers = nn.ModuleList(Fusion(width, config) for width in widths)
        channels = config.bev.channels
        self.up_conv5, self.up_conv4 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.c5_conv = nn.Conv2d(widths[-1], channels, 1)

    def forward(self, rgb: torch.Tensor, bev: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        picture = rgb.clone().float()
        for channel in range(3):
            picture[:, channel] = (picture[:, channel] / 255.0 - MEAN[channel]) / STD[channel]
        picture_layers, bev_layers = iter(self.image_encoder.items()), iter(self.lidar_encoder.items())
        picture, bev = self.run(picture_layers, picture), self.run(bev_layers, bev)
        for stage in range(4):
            picture, bev = self.run(picture_layers, picture), self.run(bev_layers, bev)
            one = functional.adaptive_avg_pool2d(picture, self.config.cameras.anchors)
            other = functional.adaptive_avg_pool2d(bev, self.config.bev.anchors)
            one, other = self.transformers[stage](one, self.lidar_channel_to_img[stage](other))
            picture = picture + resize(one, picture.shape[-2:])
            bev = bev + resize(self.img_channel_to_lidar[stage](other), bev.shape[-2:])
        return bev, picture

    def run(self, layers, features: torch.Tensor) -> torch.Tensor:
        for name, layer in layers:
            features = layer(features)
            if name in self.image_encoder.return_layers:
                return features
        return features

    def top_down(self, bev: torch.Tensor) -> torch.Tensor:
        fine = functional.relu(self.c5_conv(bev))
        fine = functional.relu(self.up_conv5(resize(fine, (2 * fine.shape[2], 2 * fine.shape[3]))))
        return functional.relu(self.up_conv4(resize(fine, self.config.bev.grid)))


class Perspective(nn.Module):
    def __init__(self, width: int, out: int):
        super().__init__()
        self.deconv1, self.deconv2 = convolutions(width, 128, 64), convolutions(64, 32, 32)
        self.deconv3 = convolutions(32, 32, out, last=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.interpolate(self.deconv1(x), scale_factor=8, mode="bilinear", align_corners=False)
        x = functional.interpolate(self.deconv2(x), scale_factor=4, mode="bilinear", align_corners=False)
        return self.deconv3(x)


class BevSemantic(nn.Module):
    def __init__(self, config: TFv6Config):
        super().__init__()
        self.size = (config.bev.height, config.bev.width)
        self.net = nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 13, 1, bias=False))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return resize(self.net(x), self.size)


class Boxes(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = {"heatmap": 8, "wh": 2, "offset": 2, "yaw_class": 12, "yaw_res": 1, "velocity": 1}
        for name, out in sizes.items():
            head = nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, out, 1))
            self.add_module(f"{name}_head", head)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        return [head(x) for head in self.children()]


def waves(angles: torch.Tensor, size: int) -> torch.Tensor:
    numbers = torch.arange(size)
    scaled = angles[..., None] / 10000 ** (2 * (numbers // 2) / size)
    return torch.where(numbers % 2 == 0, scaled.sin(), scaled.cos())


def points(unit: torch.Tensor, size: int) -> torch.Tensor:
    y, x = unit[..., 1] * 2 * math.pi, unit[..., 0] * 2 * math.pi
    return torch.cat([waves(y, size // 2), waves(x, size // 2)], dim=-1)


def unit(xy: torch.Tensor, config: TFv6Config) -> torch.Tensor:
    bev = config.bev
    low, high = torch.tensor([bev.min_x_m, bev.min_y_m]), torch.tensor([bev.max_x_m, bev.max_y_m])
    return (xy - low) / (high - low)


class Radar(nn.Module):
    def __init__(self, config: TFv6Config, width: int):
        super().__init__()
        self.config = config
        self.bev_pos_embed = nn.Parameter(torch.zeros(1, math.prod(config.bev.anchors), 256))
        self.ego_vel_pos_embed = nn.Parameter(torch.zeros(1, 1, 256))
        self.q = nn.Parameter(torch.zeros(1, 20, 256))
        self.bev_proj, self.ego_vel_proj = nn.Conv2d(width, 256, 1), nn.Linear(1, 256)
        self.radar_point_tokenizer = nn.Sequential(nn.Linear(261, 1024), nn.ReLU(), nn.Linear(1024, 256))
        layer = nn.TransformerDecoderLayer(256, 8, 1024, batch_first=True)
        self.tf = nn.TransformerDecoder(layer, 4, nn.LayerNorm(256))
        self.state_decoder = nn.Sequential(nn.Linear(256, 1024), nn.ReLU(), nn.Linear(1024, 3))
        self.label_decoder = nn.Linear(256, 1)

    def forward(self, bev: torch.Tensor, inputs: Inputs) -> tuple[torch.Tensor, torch.Tensor]:
        projected = self.bev_proj(bev)
        cells = projected.flatten(2).transpose(1, 2) + self.bev_pos_embed
        speed = self.ego_vel_proj(inputs.speed[:, None, None] / self.config.max_speed) + self.ego_vel_pos_embed
        places = unit(inputs.radar[..., :2], self.config)
        grid = (2 * places - 1)[:, :, None]
        sampled = functional.grid_sample(projected, grid, padding_mode="border", align_corners=False)
        sensors = functional.one_hot(inputs.radar[..., 4].long(), 4)
        features = [sampled[..., 0].transpose(1, 2), inputs.radar[..., 3:4] / self.config.max_speed, sensors]
        tokens = self.radar_point_tokenizer(torch.cat(features, dim=-1)) + points(places.clamp(0, 1), 256)
        padding = torch.zeros(cells.shape[0], cells.shape[1] + 1 + tokens.shape[1], dtype=torch.bool)
        padding[:, -tokens.shape[1] :] = (inputs.radar[..., :4] == 0).all(-1)
        queries = self.q.repeat(len(bev), 1, 1)
        found = self.tf(queries, torch.cat([cells, speed, tokens], dim=1), memory_key_padding_mask=padding)
        state = self.state_decoder(found).tanh() * torch.tensor([48.0, 40.0, 12.5]) + torch.tensor([16.0, 0.0, 12.5])
        return found, torch.cat([state, self.label_decoder(found)], dim=-1)


class Context(nn.Module):
    def __init__(self, config: TFv6Config, width: int):
        super().__init__()
        self.config, size = config, config.planner.token_dim
        self.status_pos_embedding = nn.Parameter(torch.zeros(1, 25, size))
        self.velocity_encoder = nn.Sequential(nn.Linear(1, size))
        self.command_encoder = nn.Sequential(nn.Linear(6, size))
        self.tp_encoder, self.radar_encoder = nn.Linear(2, size), nn.Linear(256, size)
        self.dimension_adapter = nn.Conv2d(width, size, 1)

    def forward(self, bev: torch.Tensor, inputs: Inputs, radar: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        cells = self.dimension_adapter(bev)
        batch, size, rows, columns = cells.shape
        y = torch.ones(batch, rows, columns).cumsum(1) / (rows + 1e-6) * 2 * math.pi
        x = torch.ones(batch, rows, columns).cumsum(2) / (columns + 1e-6) * 2 * math.pi
        cells = cells + torch.cat([waves(y, size // 2), waves(x, size // 2)], dim=-1).permute(0, 3, 1, 2)
        targets = (inputs.target_point, inputs.target_point_previous, inputs.target_point_next)
        status = [self.velocity_encoder(inputs.speed[:, None, None] / self.config.max_speed)]
        status += [self.command_encoder(inputs.command[:, None])]
        status += [self.tp_encoder(target[:, None] / torch.tensor([200.0, 50.0])) for target in targets]
        places = unit(radar[1][..., :2], self.config).clamp(0, 1)
        status += [self.radar_encoder(radar[0]) + points(places, size)]
        return torch.cat([cells.flatten(2).transpose(1, 2), torch.cat(status, 1) + self.status_pos_embedding], dim=1)


class Planner(nn.Module):
    def __init__(self, config: TFv6Config, width: int):
        super().__init__()
        planner = config.planner
        size = planner.token_dim
        self.speeds = planner.speed_classes
        self.query = nn.Parameter(torch.zeros(1, 19, size))
        self.planning_context_encoder = Context(config, width)
        layer = nn.TransformerDecoderLayer(size, planner.heads, planner.feed_forward, batch_first=True)
        self.transformer_decoder = nn.TransformerDecoder(layer, planner.layers, nn.LayerNorm(size))
        self.route_decoder, self.wp_decoder = nn.Linear(size, 2), nn.Linear(size, 2)
        self.target_speed_decoder = nn.Sequential(nn.Linear(size, size), nn.ReLU(), nn.Linear(size, 8))

    def forward(self, bev: torch.Tensor, inputs: Inputs, radar: tuple[torch.Tensor, torch.Tensor]) -> dict:
        context = self.planning_context_encoder(bev, inputs, radar)
        queries = self.transformer_decoder(self.query.repeat(len(bev), 1, 1), context)
        logits = self.target_speed_decoder(queries[:, 18])
        return {
            "route": self.route_decoder(queries[:, :10]).cumsum(1),
            "waypoints": self.wp_decoder(queries[:, 10:18]).cumsum(1),
            "speed_logits": logits,
            "target_speed": (logits.softmax(-1) * torch.tensor(self.speeds)).sum(-1),
        }


class PlainTFv6(nn.Module):
    def __init__(self, config: TFv6Config):
        super().__init__()
        self.backbone = Backbone(config)
        width = self.backbone.c5_conv.in_channels
        self.semantic_decoder, self.depth_decoder = Perspective(width, 10), Perspective(width, 1)
        self.bev_semantic_decoder, self.center_net_decoder = BevSemantic(config), Boxes()
        self.radar_detector, self.planning_decoder = Radar(config, width), Planner(config, width)

    def forward(self, inputs: Inputs) -> dict:
        bev, picture = self.backbone(inputs.rgb, inputs.rasterized_lidar)
        radar = self.radar_detector(bev, inputs)
        plan = self.planning_decoder(bev, inputs, radar)
        grid = self.backbone.top_down(bev)
        return plan | {
            "radar": radar[1],
            "semantic": self.semantic_decoder(picture),
            "depth": self.depth_decoder(picture)[:, 0],
            "boxes": self.center_net_decoder(grid),
            "bev_semantic": self.bev_semantic_decoder(grid),
        }
