"""Moving objects from radar points and bird's-eye features, by queries."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from lead.models.tfv6.configuration import LegacyConfig, RadarConfig, TFv6Config
from lead.models.tfv6.embeddings import embed_points, unit_square
from lead.models.tfv6.tensors import RadarDetections

SPEED_COLUMN = 2
VALID_COLUMN = 3

_INITIAL_STD = 0.02


class RadarDetector(nn.Module):
    """A transformer decoder whose queries look at bird's-eye features, the ego's speed and radar points."""

    state_scale: Tensor
    state_shift: Tensor

    def __init__(self, config: TFv6Config, radar: RadarConfig, bev_width: int):
        super().__init__()
        self.bev, self.max_speed, self.legacy = config.bev, config.max_speed, config.legacy
        self.sensors = radar.sensors
        width, hidden, anchors = radar.token_dim, radar.hidden_dim, config.bev.anchors
        self.bev_pos_embed = nn.Parameter(torch.empty(1, anchors[0] * anchors[1], width).normal_(std=_INITIAL_STD))
        self.ego_vel_pos_embed = nn.Parameter(torch.empty(1, 1, width).normal_(std=_INITIAL_STD))
        self.q = nn.Parameter(nn.init.xavier_uniform_(torch.empty(1, radar.queries, width)))
        self.bev_proj = nn.Conv2d(bev_width, width, 1)
        self.ego_vel_proj = nn.Linear(1, width)
        self.radar_point_tokenizer = _mlp(width + 1 + radar.sensors, hidden, width)
        layer = nn.TransformerDecoderLayer(width, radar.heads, hidden, radar.dropout, batch_first=True)
        self.tf = nn.TransformerDecoder(layer, radar.layers, nn.LayerNorm(width))
        self.state_decoder = _mlp(width, hidden, 3)
        self.label_decoder = nn.Linear(width, 1)
        half_speed = config.max_speed / 2.0
        self.register_buffer("state_scale", torch.tensor([*config.bev.half_size_m, half_speed]), persistent=False)
        self.register_buffer("state_shift", torch.tensor([*config.bev.centre_m, half_speed]), persistent=False)

    def forward(
        self,
        bev_features: Float[Tensor, "batch bev_width rows columns"],
        radar: Float[Tensor, "batch points 5"],
        speed: Float[Tensor, " batch"],
    ) -> RadarDetections:
        """What the queries found; `radar` as in `Inputs`, `speed` in m/s."""
        projected = self.bev_proj(bev_features)
        map_tokens = projected.flatten(2).transpose(1, 2) + self.bev_pos_embed
        speed_token = self.ego_vel_proj(speed[:, None, None] / self.max_speed) + self.ego_vel_pos_embed
        memory = torch.cat([map_tokens, speed_token, self._point_tokens(projected, radar)], dim=1)
        mask = None if self.legacy.radar_padding else _padding(radar, memory.shape[1])
        features = self.tf(self.q.expand(radar.shape[0], -1, -1), memory, memory_key_padding_mask=mask)
        states = self.state_decoder(features).tanh() * self.state_scale + self.state_shift
        return RadarDetections(features, torch.cat([states, self.label_decoder(features)], dim=-1))

    def _point_tokens(self, projected: Tensor, radar: Tensor) -> Tensor:
        unit = unit_square(radar[..., :2], self.bev)
        sampled = sample_map(projected, unit, self.legacy)
        sensors = torch.arange(self.sensors, device=radar.device, dtype=radar.dtype)
        one_hot = (radar[..., 4:5] == sensors).to(radar.dtype)
        features = torch.cat([sampled, radar[..., 3:4] / self.max_speed, one_hot], dim=-1)
        return self.radar_point_tokenizer(features) + embed_points(unit, projected.shape[1])


def sample_map(
    features: Float[Tensor, "batch width rows columns"], unit: Float[Tensor, "batch points 2"], legacy: LegacyConfig
) -> Float[Tensor, "batch points width"]:
    """Bilinear samples of a bird's-eye map at points (x, y) in units of its range."""
    places = (2.0 * unit - 1.0)[:, :, None, :].to(features.dtype)
    if legacy.radar_sampling:
        sampled = functional.grid_sample(features, places.flip(-1), align_corners=True)
    else:
        sampled = functional.grid_sample(features, places, padding_mode="border", align_corners=False)
    return sampled[..., 0].transpose(1, 2)


def _padding(radar: Float[Tensor, "batch points 5"], tokens: int) -> Bool[Tensor, "batch tokens"]:
    empty = (radar[..., :4] == 0.0).all(dim=-1)
    return functional.pad(empty, (tokens - radar.shape[1], 0), value=False)


def _mlp(in_features: int, hidden: int, out_features: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(in_features, hidden), nn.ReLU(inplace=True), nn.Linear(hidden, out_features))
