"""Losses of all heads, in 32 bits, with LEAD's names, and their weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from lead.models.tfv6.bev import seen_pixels
from lead.models.tfv6.configuration import LabelSpace, PlannerConfig, TFv6Config
from lead.models.tfv6.labels import PREFIXES, BoxTargets, Labels, PlanLabels, SpaceLabels
from lead.models.tfv6.radar_matching import radar_loss
from lead.models.tfv6.tensors import BoxMaps, Outputs, Plan

DEPTH_WEIGHT = 1e-5
_FOCAL_EPSILON = 1e-12
_UNKNOWN = -1

_BOX_LOSSES = tuple(f"loss_center_net_{part}" for part in ("heatmap", "wh", "offset", "yaw_class", "yaw_res"))
_PLAN_LOSSES = ("loss_spatio_temporal_waypoints", "loss_target_speed", "loss_spatial_route")


@dataclass(frozen=True)
class LossConfig:
    """How losses are computed; the legacy switches bring back what LEAD's code does."""

    depth_weight: float = DEPTH_WEIGHT
    """Weight of the depth loss before normalisation."""
    waypoints_weight: float = 1.0
    """Of the waypoints, which a student that is not told its speed can only guess."""
    route_weight: float = 1.0
    speed_weight: float = 1.0
    """Of the target speed."""
    legacy_whole_metres: bool = False
    """Depth labels are cut to whole metres."""
    legacy_weight_sum: bool = False
    """Weights are divided by a sum that counts heads which the model does not have (NAVSIM)."""


def compute_losses(
    outputs: Outputs, labels: Labels, config: TFv6Config, options: LossConfig | None = None
) -> dict[str, Float[Tensor, ""]]:
    """Every head's loss by name; zero, with gradients of zero, for heads whose labels no sample of the batch has.

    A head that was computed but for which the batch has no label at all gives no loss.
    """
    options = options or LossConfig()
    losses: dict[str, Tensor] = {}
    for space, known in labels.spaces.items():
        maps = outputs.boxes if space is LabelSpace.CARLA else outputs.boxes_navsim
        semantic = outputs.bev_semantic if space is LabelSpace.CARLA else outputs.bev_semantic_navsim
        prefix = PREFIXES[space]
        if semantic is not None and known.bev_semantic is not None:
            losses[f"{prefix}loss_bev_semantic"] = _bev_semantic(semantic, known, config)
        if maps is not None and known.boxes is not None:
            losses |= {prefix + name: value for name, value in box_losses(maps, known.boxes, known.present).items()}
    if LabelSpace.CARLA in labels.spaces:
        losses |= _carla_losses(outputs, labels.spaces[LabelSpace.CARLA], options)
    if outputs.plan is not None and labels.plan is not None and config.planner is not None:
        losses |= plan_losses(outputs.plan, labels.plan, config.planner)
    return losses


def loss_weights(config: TFv6Config, options: LossConfig | None = None) -> dict[str, float]:
    """Weight of every loss that the model can have; they sum to 1."""
    options = options or LossConfig()
    weights: dict[str, float] = {}
    for space in config.label_spaces:
        names = [*(("loss_bev_semantic",) if config.bev_semantic else ()), *(_BOX_LOSSES if config.boxes else ())]
        if config.boxes and not config.latent and space is LabelSpace.CARLA:
            names.append("loss_center_net_velocity")
        weights |= {PREFIXES[space] + name: 1.0 for name in names}
    heads = config.perspective_heads
    weights |= {"loss_semantic": 1.0} if heads.semantic else {}
    weights |= {"loss_depth": options.depth_weight} if heads.depth else {}
    weights |= {"radar_loss": 1.0} if config.radar is not None else {}
    plan = (options.waypoints_weight, options.speed_weight, options.route_weight)
    wanted = _plan_loss_names(config.planner)
    weights |= {name: weight for name, weight in zip(_PLAN_LOSSES, plan, strict=True) if name in wanted}
    missing = len(_PLAN_LOSSES) - len(_plan_loss_names(config.planner)) if config.planner else 0
    total = sum(weights.values()) + (missing if options.legacy_weight_sum else 0)
    return {name: weight / total for name, weight in weights.items()}


def total_loss(losses: Mapping[str, Float[Tensor, ""]], weights: Mapping[str, float]) -> Float[Tensor, ""]:
    """The weighted sum; losses without a weight are left out. Raises ValueError when none is left."""
    weighted = [weights[name] * loss.float() for name, loss in losses.items() if name in weights]
    if not weighted:
        raise ValueError(f"none of the losses {', '.join(losses) or '(none)'} has a weight")
    return torch.stack(weighted).sum()


def box_losses(maps: BoxMaps, targets: BoxTargets, present: Bool[Tensor, " batch"]) -> dict[str, Float[Tensor, ""]]:
    """The six losses of the boxes: sums over cells divided by `avg_factor`, mean over the samples present."""
    weight, factor = targets.pixel_weight, targets.avg_factor.float()
    logits, residual = maps.yaw_logits.float(), maps.yaw_residual.float()
    single = weight[:, :1]
    yaw_class = functional.cross_entropy(logits, targets.yaw_class, reduction="none")[:, None]
    yaw_res = functional.smooth_l1_loss(residual, targets.yaw_res, reduction="none")
    sums = {
        "heatmap": (gaussian_focal(maps.heatmap_logits.float(), targets.heatmap), 1.0),
        "wh": ((maps.wh.float() - targets.wh).abs() * weight, 2.0),
        "offset": ((maps.offset.float() - targets.offset).abs() * weight, 2.0),
        "yaw_class": (yaw_class * single, 1.0),
        "yaw_res": (yaw_res * single, 1.0),
        "velocity": ((maps.velocity.float() - targets.velocity).abs() * single, 1.0),
    }
    return {
        f"loss_center_net_{name}": _mean_present(values.flatten(1).sum(1) / (factor * parts), present)
        for name, (values, parts) in sums.items()
    }


def gaussian_focal(
    logits: Float[Tensor, "batch classes rows columns"], heatmap: Float[Tensor, "batch classes rows columns"]
) -> Float[Tensor, "batch classes rows columns"]:
    """CornerNet's focal loss of every cell; only cells at 1 are centres, those near them count less."""
    p = logits.sigmoid()
    centre = -(p + _FOCAL_EPSILON).log() * (1.0 - p) ** 2 * (heatmap == 1.0)
    return centre - (1.0 - p + _FOCAL_EPSILON).log() * p**2 * (1.0 - heatmap) ** 4


def plan_losses(plan: Plan, labels: PlanLabels, planner: PlannerConfig) -> dict[str, Float[Tensor, ""]]:
    """Losses of waypoints (with headings), route (its last point counts twice over) and target speed.

    Raises ValueError for a head without labels.
    """
    waypoints = (plan.waypoints.float() - labels.waypoints).abs().mean()
    if plan.headings is not None:
        waypoints = waypoints + (plan.headings.float() - _label(labels.headings, "future_yaws")).abs().mean()
    losses = {"loss_spatio_temporal_waypoints": waypoints}
    if plan.speed_logits is not None:
        target = two_hot(_label(labels.target_speed, "target_speed"), planner.speed_classes, labels.brake)
        losses["loss_target_speed"] = functional.cross_entropy(plan.speed_logits.float(), target)
    if plan.route is not None:
        error = (plan.route.float() - _label(labels.route, "route")).abs()
        losses["loss_spatial_route"] = error.mean() + error[:, -1].mean()
    return losses


def two_hot(
    speeds: Float[Tensor, " batch"], classes: tuple[float, ...], brake: Bool[Tensor, " batch"] | None = None
) -> Float[Tensor, "batch classes"]:
    """Probabilities of the speed classes whose mean is the speed (m/s), limited to the range of the classes.

    Where `brake` holds, all of it is on the first class.
    """
    bounds = _on_device(classes, speeds.device)
    limited = speeds.clamp(classes[0], classes[-1])
    if brake is not None:
        limited = torch.where(brake, bounds[0], limited)
    upper = torch.searchsorted(bounds, limited).clamp(min=1)
    share = (limited - bounds[upper - 1]) / (bounds[upper] - bounds[upper - 1])
    numbers = torch.arange(len(classes), device=speeds.device)
    ends = (torch.stack([upper - 1, upper])[..., None] == numbers).to(speeds.dtype)
    return ends[0] * (1.0 - share)[:, None] + ends[1] * share[:, None]


def _carla_losses(outputs: Outputs, known: SpaceLabels, options: LossConfig) -> dict[str, Tensor]:
    losses = {}
    if outputs.semantic is not None and known.semantic is not None:
        losses["loss_semantic"] = _classes(outputs.semantic, known.semantic, known.present)
    if outputs.depth is not None and known.depth is not None:
        depth = known.depth.trunc() if options.legacy_whole_metres else known.depth
        errors = (outputs.depth.float() - depth).abs().flatten(1).mean(1)
        losses["loss_depth"] = _mean_present(errors, known.present)
    if outputs.radar is not None and known.radar is not None:
        losses["radar_loss"] = _mean_present(radar_loss(outputs.radar.predictions.float(), known.radar), known.present)
    return losses


def _bev_semantic(logits: Tensor, known: SpaceLabels, config: TFv6Config) -> Tensor:
    labels = torch.where(_seen(config, logits.device), _label(known.bev_semantic, "bev_semantic"), _UNKNOWN)
    return _classes(logits, labels, known.present)


# Made once for each device: what comes from the host would make every step wait.
@lru_cache(maxsize=8)
def _seen(config: TFv6Config, device: torch.device) -> Tensor:
    return seen_pixels(config).to(device)


@lru_cache(maxsize=8)
def _on_device(values: tuple[float, ...], device: torch.device) -> Tensor:
    return torch.tensor(values, device=device)


def _classes(
    logits: Float[Tensor, "batch classes height width"],
    labels: Int[Tensor, "batch height width"],
    present: Bool[Tensor, " batch"],
) -> Float[Tensor, ""]:
    losses = functional.cross_entropy(logits.float(), labels, ignore_index=_UNKNOWN, reduction="none")
    known = (labels != _UNKNOWN).flatten(1).sum(1).clamp(min=1)
    return _mean_present(losses.flatten(1).sum(1) / known, present)


def _mean_present(losses: Float[Tensor, " batch"], present: Bool[Tensor, " batch"]) -> Float[Tensor, ""]:
    return torch.where(present, losses, 0.0).sum() / present.sum().clamp(min=1)


def _label(value: Tensor | None, name: str) -> Tensor:
    if value is None:
        raise ValueError(f"the batch has no {name}, which this model is trained towards")
    return value


def _plan_loss_names(planner: PlannerConfig | None) -> tuple[str, ...]:
    if planner is None:
        return ()
    exists = (True, bool(planner.speed_classes), planner.route_points > 0)
    return tuple(name for name, there in zip(_PLAN_LOSSES, exists, strict=True) if there)
