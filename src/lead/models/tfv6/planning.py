"""The planner: queries look at bird's-eye features and the ego's status, and become route, waypoints and speed."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lead.models.tfv6.configuration import PlannerConfig, PlannerKind, RadarConfig, TFv6Config
from lead.models.tfv6.embeddings import embed_cells, embed_points, unit_square
from lead.models.tfv6.tensors import Inputs, Plan, RadarDetections

_TARGET_POINTS = ("target_point", "target_point_previous", "target_point_next")


class ContextEncoder(nn.Module):
    """The tokens that the planner's queries look at: bird's-eye cells, then the ego's status, then radar objects."""

    cell_embedding: Tensor
    target_point_scale: Tensor

    def __init__(self, config: TFv6Config, planner: PlannerConfig, bev_width: int):
        super().__init__()
        self.bev, self.max_speed, self.planner = config.bev, config.max_speed, planner
        self.target_points = planner.target_points and planner.kind is PlannerKind.LINEAR
        width = planner.token_dim
        self.status_pos_embedding = nn.Parameter(torch.rand(1, self._count_status(config.radar), width))
        if planner.speed:
            self.velocity_encoder = nn.Sequential(nn.Linear(1, width))
        if planner.max_acceleration is not None:
            self.acceleration_encoder = nn.Sequential(nn.Linear(1, width))
        self.command_encoder = nn.Sequential(nn.Linear(planner.commands, width))
        if self.target_points:
            self.tp_encoder = nn.Linear(2, width)
        if planner.radar and config.radar is not None:
            self.radar_encoder = nn.Linear(config.radar.token_dim, width)
        self.dimension_adapter = nn.Conv2d(bev_width, width, 1)
        self.register_buffer("cell_embedding", embed_cells(*config.bev.anchors, width), persistent=False)
        self.register_buffer("target_point_scale", torch.tensor(planner.target_point_scale_m), persistent=False)

    def _count_status(self, radar: RadarConfig | None) -> int:
        count = 1 + self.planner.speed + (self.planner.max_acceleration is not None) + 3 * self.target_points
        return count + (radar.queries if self.planner.radar and radar is not None else 0)

    def forward(
        self,
        bev_features: Float[Tensor, "batch bev_width rows columns"],
        inputs: Inputs,
        detections: RadarDetections | None,
    ) -> Float[Tensor, "batch tokens token_dim"]:
        """Tokens in the order of the class's description."""
        cells = self.dimension_adapter(bev_features) + self.cell_embedding
        status = torch.cat(list(self._status(inputs, detections)), dim=1) + self.status_pos_embedding
        return torch.cat([cells.flatten(2).transpose(1, 2), status], dim=1)

    def told(self, inputs: Inputs) -> Float[Tensor, "batch told"]:
        """Command, speed and target points, normalised, side by side; those that are inputs."""
        parts = [_given(inputs.command, "command")]
        if self.planner.speed:
            parts.append(_given(inputs.speed, "speed")[:, None] / self.max_speed)
        if self.target_points:
            parts += [_given(getattr(inputs, name), name) / self.target_point_scale for name in _TARGET_POINTS]
        return torch.cat(parts, dim=1)

    def _status(self, inputs: Inputs, detections: RadarDetections | None):
        if self.planner.speed:
            yield self.velocity_encoder(_given(inputs.speed, "speed")[:, None, None] / self.max_speed)
        if self.planner.max_acceleration is not None:
            acceleration = _given(inputs.acceleration, "acceleration")
            yield self.acceleration_encoder(acceleration[:, None, None] / self.planner.max_acceleration)
        yield self.command_encoder(_given(inputs.command, "command")[:, None])
        if self.target_points:
            for name in _TARGET_POINTS:
                yield self.tp_encoder(_given(getattr(inputs, name), name)[:, None] / self.target_point_scale)
        if self.planner.radar and detections is not None:
            places = embed_points(unit_square(detections.predictions[..., :2], self.bev), self.planner.token_dim)
            yield self.radar_encoder(detections.features) + places


class PlanningDecoder(nn.Module):
    """A transformer decoder over the context, and heads that read its queries."""

    speeds: Tensor

    def __init__(self, config: TFv6Config, planner: PlannerConfig, bev_width: int):
        super().__init__()
        self.planner = planner
        width = planner.token_dim
        self.query = nn.Parameter(torch.rand(1, planner.queries, width))
        self.planning_context_encoder = ContextEncoder(config, planner, bev_width)
        layer = nn.TransformerDecoderLayer(
            width, planner.heads, planner.feed_forward, planner.dropout, batch_first=True
        )
        if planner.told_queries:
            told = planner.commands + planner.speed + 6 * self.planning_context_encoder.target_points
            self.told_encoder = nn.Sequential(nn.Linear(told, width), nn.ReLU(inplace=True), nn.Linear(width, width))
        self.transformer_decoder = nn.TransformerDecoder(layer, planner.layers, nn.LayerNorm(width))
        if planner.kind is PlannerKind.LINEAR:
            self._add_linear_heads(width)
        else:
            self._add_recurrent_heads(width, planner.recurrent_dim)
        if planner.headings:
            self.heading_decoder = nn.Linear(width, 1)
        if planner.speed_classes:
            self.target_speed_decoder = nn.Sequential(
                nn.Linear(width, width), nn.ReLU(inplace=True), nn.Linear(width, len(planner.speed_classes))
            )
        self.register_buffer("speeds", torch.tensor(planner.speed_classes), persistent=False)

    def _add_linear_heads(self, width: int) -> None:
        if self.planner.route_points:
            self.route_decoder = nn.Linear(width, 2)
        self.wp_decoder = nn.Linear(width, 2)

    def _add_recurrent_heads(self, width: int, recurrent_dim: int) -> None:
        self.tp_encoder = nn.Linear(2, recurrent_dim)
        self.route_gru = nn.GRU(width, recurrent_dim, batch_first=True)
        self.route_decoder = nn.Sequential(nn.Linear(recurrent_dim, 2))
        self.wp_gru = nn.GRU(width, recurrent_dim, batch_first=True)
        self.wp_decoder = nn.Sequential(nn.Linear(recurrent_dim, 2))

    def forward(
        self,
        bev_features: Float[Tensor, "batch bev_width rows columns"],
        inputs: Inputs,
        detections: RadarDetections | None = None,
    ) -> Plan:
        """The plan. Raises ValueError when an input that the planner needs is None."""
        if self.training and self.planner.blindness > 0.0:
            seen = torch.rand(len(bev_features), 1, 1, 1, device=bev_features.device) >= self.planner.blindness
            bev_features = bev_features * seen
        inputs = self._speed_hidden(inputs)
        context = self.planning_context_encoder(bev_features, inputs, detections)
        queries = self.query.expand(context.shape[0], -1, -1)
        if self.planner.told_queries:
            queries = queries + self.told_encoder(self.planning_context_encoder.told(inputs))[:, None]
        queries = self.transformer_decoder(queries, context)
        n_route, n_waypoints = self.planner.route_points, self.planner.waypoints
        route, waypoints = queries[:, :n_route], queries[:, n_route : n_route + n_waypoints]
        if self.planner.kind is PlannerKind.RECURRENT:
            start = self.tp_encoder(_given(inputs.target_point, "target_point"))[None].contiguous()
            route, waypoints = self.route_gru(route, start)[0], self.wp_gru(waypoints, start)[0]
        logits = self.target_speed_decoder(queries[:, -1]) if self.planner.speed_classes else None
        headings = queries[:, n_route : n_route + n_waypoints] if self.planner.headings else None
        return Plan(
            waypoints=self.wp_decoder(waypoints).cumsum(dim=1),
            headings=None if headings is None else self.heading_decoder(headings)[..., 0].cumsum(dim=1),
            route=self.route_decoder(route).cumsum(dim=1) if n_route else None,
            speed_logits=logits,
            target_speed=None if logits is None else expected_speed(logits, self.speeds),
        )

    def _speed_hidden(self, inputs: Inputs) -> Inputs:
        """The inputs, with the top speed backwards in place of a speed that is not to be told."""
        planner = self.planner
        if not planner.speed or (planner.speed_hidden == 0.0 and planner.speed_told_from == 0.0):
            return inputs
        speed = _given(inputs.speed, "speed")
        hidden = speed < planner.speed_told_from
        if self.training:
            hidden = hidden | (torch.rand_like(speed) < planner.speed_hidden)
        return replace(inputs, speed=torch.where(hidden, -self.planning_context_encoder.max_speed, speed))


def expected_speed(
    logits: Float[Tensor, "batch classes"], speeds: Float[Tensor, " classes"]
) -> Float[Tensor, " batch"]:
    """Mean of the class speeds (m/s) weighted with their probabilities, in 32 bits."""
    return (logits.float().softmax(dim=-1) * speeds.float()).sum(dim=-1)


def _given(value: Tensor | None, name: str) -> Tensor:
    if value is None:
        raise ValueError(f"this model needs {name}")
    return value
