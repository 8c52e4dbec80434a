"""How far plans are from what the expert did, on samples that were not trained with."""

from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor

from lead.models.tfv6.labels import Labels, PlanLabels
from lead.models.tfv6.modelling import PLANNING_ONLY, TFv6
from lead.models.tfv6.tensors import Inputs, Plan
from lead.training.batches import Batch


def displacement(
    points: Float[Tensor, "batch points 2"], labels: Float[Tensor, "batch points 2"]
) -> tuple[Float[Tensor, " batch"], Float[Tensor, " batch"]]:
    """Mean and last distance (m) of each sample's points from their labels."""
    distances = (points.float() - labels).norm(dim=-1)
    return distances.mean(dim=1), distances[:, -1]


def plan_errors(plan: Plan, labels: PlanLabels) -> dict[str, Float[Tensor, " batch"]]:
    """Errors of each sample: average and final displacement (m) of waypoints and route, target speed (m/s)."""
    errors: dict[str, Tensor] = {}
    errors["waypoints_ade"], errors["waypoints_fde"] = displacement(plan.waypoints, labels.waypoints)
    if plan.route is not None and labels.route is not None:
        errors["route_ade"], errors["route_fde"] = displacement(plan.route, labels.route)
    if plan.headings is not None and labels.headings is not None:
        errors["heading_ade"] = (plan.headings.float() - labels.headings).abs().mean(dim=1)
    if plan.target_speed is not None and labels.target_speed is not None:
        errors["target_speed_error"] = (plan.target_speed - labels.target_speed).abs()
    return errors


@torch.no_grad()
def evaluate_plans(model: TFv6, batches: Iterable[Batch], device: str = "cpu") -> dict[str, float]:
    """Mean errors over all samples of the batches; the model is left in evaluation mode."""
    model.eval()
    collected: dict[str, list[Tensor]] = {}
    for batch in batches:
        there = to_device(batch, device)
        plan = model(Inputs.from_batch(there), PLANNING_ONLY).plan
        labels = Labels.from_batch(there, model.config.label_spaces).plan
        if plan is not None and labels is not None:
            for name, values in plan_errors(plan, labels).items():
                collected.setdefault(name, []).append(values.cpu())
    return {name: float(torch.cat(values).mean()) for name, values in collected.items()}


def to_device(batch: Batch, device: str) -> dict[str, Tensor]:
    """The tensors of a batch on a device; other entries are left out."""
    return {key: value.to(device) for key, value in batch.items() if isinstance(value, Tensor)}
