"""What the model is trained towards, with shapes and units, and how it is read from a batch of samples."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int, Real
from torch import Tensor

from lead.models.tfv6.configuration import LabelSpace

PREFIXES = {LabelSpace.CARLA: "", LabelSpace.NAVSIM: "navsim_"}
"""Of the names of labels and losses that exist for each label space."""

_SOURCES = {LabelSpace.CARLA: 1, LabelSpace.NAVSIM: 2}


@dataclass(frozen=True)
class BoxTargets:
    """CenterNet's targets, one cell a metre: `heatmap` 0 to 1 with 1 at centres; at centres `pixel_weight` is 1 and
    half extents `wh` (m), `offset` in the cell, class and residual (rad) of the yaw and `velocity` (m/s) hold;
    `avg_factor`: what sums are divided by, as a rule the number of boxes and at least 1."""

    heatmap: Float[Tensor, "batch classes rows columns"]
    pixel_weight: Float[Tensor, "batch 2 rows columns"]
    wh: Float[Tensor, "batch 2 rows columns"]
    offset: Float[Tensor, "batch 2 rows columns"]
    yaw_class: Int[Tensor, "batch rows columns"]
    yaw_res: Float[Tensor, "batch 1 rows columns"]
    velocity: Float[Tensor, "batch 1 rows columns"]
    avg_factor: Real[Tensor, " batch"]

    @classmethod
    def from_batch(cls, batch: Mapping[str, Tensor], prefix: str) -> "BoxTargets":
        """The targets among the entries of `batch`: `center_net_heatmap` and so on, after `prefix`."""
        names = list(cls.__dataclass_fields__)
        values = {name: batch[f"{prefix}center_net_{name}"] for name in names}
        whole = {"yaw_class": values["yaw_class"].long(), "avg_factor": values["avg_factor"]}
        return cls(**{name: whole.get(name, values[name]) for name in names})


@dataclass(frozen=True)
class SpaceLabels:
    """Perception labels of one label space; `present` says which samples have them, None is for heads that are off.

    `bev_semantic`: class, -1 where nothing is known. `depth` (m). `radar`: x, y (m), speed (m/s), valid.
    """

    present: Bool[Tensor, " batch"]
    bev_semantic: Int[Tensor, "batch bev_height bev_width"] | None = None
    boxes: BoxTargets | None = None
    semantic: Int[Tensor, "batch height width"] | None = None
    depth: Float[Tensor, "batch height width"] | None = None
    radar: Float[Tensor, "batch objects 4"] | None = None


@dataclass(frozen=True)
class PlanLabels:
    """What the expert did: `waypoints`, `route` (m), `headings` (rad), `target_speed` (m/s) and `brake`."""

    waypoints: Float[Tensor, "batch waypoints 2"]
    headings: Float[Tensor, "batch waypoints"] | None = None
    route: Float[Tensor, "batch route_points 2"] | None = None
    target_speed: Float[Tensor, " batch"] | None = None
    brake: Bool[Tensor, " batch"] | None = None


@dataclass(frozen=True)
class Labels:
    """All labels of a batch."""

    spaces: Mapping[LabelSpace, SpaceLabels]
    plan: PlanLabels | None = None

    @classmethod
    def from_batch(cls, batch: Mapping[str, Tensor], spaces: tuple[LabelSpace, ...]) -> "Labels":
        """The labels among the entries of `batch`, by LEAD's names; floats become 32 bits wide."""
        batch = {key: value.float() if value.is_floating_point() else value for key, value in batch.items()}
        return cls({space: _space_labels(batch, space) for space in spaces}, _plan_labels(batch))


def _space_labels(batch: Mapping[str, Tensor], space: LabelSpace) -> SpaceLabels:
    prefix = PREFIXES[space]
    carla = space is LabelSpace.CARLA
    bev_semantic = batch.get(f"{prefix}bev_semantic")
    semantic = batch.get("semantic") if carla else None
    return SpaceLabels(
        present=_present(batch, space),
        bev_semantic=None if bev_semantic is None else bev_semantic.long(),
        boxes=BoxTargets.from_batch(batch, prefix) if f"{prefix}center_net_heatmap" in batch else None,
        semantic=None if semantic is None else semantic.long(),
        depth=batch.get("depth") if carla else None,
        radar=batch.get("radar_detections") if carla else None,
    )


def _present(batch: Mapping[str, Tensor], space: LabelSpace) -> Bool[Tensor, " batch"]:
    source = batch.get("source_dataset")
    if source is None:
        return torch.ones(len(batch["rgb"]), dtype=torch.bool, device=batch["rgb"].device)
    return source == _SOURCES[space]


def _plan_labels(batch: Mapping[str, Tensor]) -> PlanLabels | None:
    if "future_waypoints" not in batch:
        return None
    return PlanLabels(
        waypoints=batch["future_waypoints"],
        headings=batch.get("future_yaws"),
        route=batch.get("route"),
        target_speed=batch.get("target_speed"),
        brake=batch.get("brake"),
    )
