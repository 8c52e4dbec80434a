"""What goes into the model and what comes out, with shapes and units."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from jaxtyping import Float, Real
from torch import Tensor


@dataclass(frozen=True)
class Inputs:
    """A batch of observations, in the ego frame; what a model does not use may be None.

    `rgb`: RGB, 0 to 255, cameras side by side. `rasterized_lidar`: 0 to 1, rows along y, columns along x.
    `radar`: x, y, z (m), radial speed (m/s), sensor number from 0; empty places are zero in the first four.
    `speed` (m/s); `acceleration` (m/s^2, no sign); `command`: one-hot; target points (m). `bev_features`: what the
    backbone made of picture and raster before; then only the plan is computed, of models without radar in the planner.
    """

    rgb: Real[Tensor, "batch 3 height width"]
    speed: Float[Tensor, " batch"] | None = None
    command: Float[Tensor, "batch commands"] | None = None
    rasterized_lidar: Float[Tensor, "batch 1 bev_height bev_width"] | None = None
    radar: Float[Tensor, "batch points 5"] | None = None
    acceleration: Float[Tensor, " batch"] | None = None
    target_point_previous: Float[Tensor, "batch 2"] | None = None
    target_point: Float[Tensor, "batch 2"] | None = None
    target_point_next: Float[Tensor, "batch 2"] | None = None
    bev_features: Float[Tensor, "batch channels rows columns"] | None = None

    @classmethod
    def from_batch(cls, batch: Mapping[str, Tensor]) -> "Inputs":
        """The inputs among the entries of `batch`, by their names; other entries are left alone."""
        return cls(**{field.name: batch[field.name] for field in fields(cls) if field.name in batch})

    def to(self, device: str) -> "Inputs":
        """The same on another device."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(self, **{name: value.to(device) for name, value in given.items() if value is not None})


@dataclass(frozen=True)
class BoxMaps:
    """Dense box predictions: logits of the centre heat map, half extents (m), offsets in the cell (cells), logits of
    the yaw's class, the yaw's residual (rad) and speed (m/s)."""

    heatmap_logits: Float[Tensor, "batch classes rows columns"]
    wh: Float[Tensor, "batch 2 rows columns"]
    offset: Float[Tensor, "batch 2 rows columns"]
    yaw_logits: Float[Tensor, "batch bins rows columns"]
    yaw_residual: Float[Tensor, "batch 1 rows columns"]
    velocity: Float[Tensor, "batch 1 rows columns"]


@dataclass(frozen=True)
class Plan:
    """What the planner answers, in the ego frame.

    `waypoints`, `route` (m); `headings` (rad) at the waypoints; `speed_logits` over the model's speed classes and
    `target_speed` (m/s), their expected value.
    """

    waypoints: Float[Tensor, "batch waypoints 2"]
    headings: Float[Tensor, "batch waypoints"] | None = None
    route: Float[Tensor, "batch route_points 2"] | None = None
    speed_logits: Float[Tensor, "batch speed_classes"] | None = None
    target_speed: Float[Tensor, " batch"] | None = None


@dataclass(frozen=True)
class RadarDetections:
    """The radar detector's queries and what they found: x, y (m), speed (m/s) and a logit of being there at all."""

    features: Float[Tensor, "batch queries token_dim"]
    predictions: Float[Tensor, "batch queries 4"]


@dataclass(frozen=True)
class Outputs:
    """All that was computed; heads that the model does not have, or that were not asked for, are None.

    `depth` in metres; semantic maps are logits; `*_navsim` are the heads for NAVSIM's labels.
    """

    plan: Plan | None = None
    radar: RadarDetections | None = None
    semantic: Float[Tensor, "batch semantic_classes height width"] | None = None
    depth: Float[Tensor, "batch height width"] | None = None
    bev_semantic: Float[Tensor, "batch bev_classes bev_height bev_width"] | None = None
    boxes: BoxMaps | None = None
    bev_semantic_navsim: Float[Tensor, "batch navsim_bev_classes bev_height bev_width"] | None = None
    boxes_navsim: BoxMaps | None = None
