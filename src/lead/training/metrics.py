"""How far plans are from what the expert did, sample by sample."""

from jaxtyping import Float
from torch import Tensor

from lead.models.tfv6.labels import PlanLabels
from lead.models.tfv6.losses import two_hot
from lead.models.tfv6.tensors import Plan
from lead.training.batches import Batch


def displacement(
    points: Float[Tensor, "batch points 2"], labels: Float[Tensor, "batch points 2"]
) -> tuple[Float[Tensor, " batch"], Float[Tensor, " batch"]]:
    """Mean and last distance (m) of each sample's points from their labels."""
    distances = (points.float() - labels).norm(dim=-1)
    return distances.mean(dim=1), distances[:, -1]


def plan_errors(plan: Plan, labels: PlanLabels, speeds: tuple[float, ...] = ()) -> dict[str, Float[Tensor, " batch"]]:
    """Errors of each sample: average and final displacement (m) of waypoints and route, target speed (m/s).

    With the model's speed classes also whether the likeliest one is the label's (`speed_accuracy`), and whether the
    likeliest is the lowest exactly where the expert braked or stood (`brake_accuracy`); 0 or 1.
    """
    errors: dict[str, Tensor] = {}
    errors["waypoints_ade"], errors["waypoints_fde"] = displacement(plan.waypoints, labels.waypoints)
    if plan.route is not None and labels.route is not None:
        errors["route_ade"], errors["route_fde"] = displacement(plan.route, labels.route)
    if plan.headings is not None and labels.headings is not None:
        errors["heading_ade"] = (plan.headings.float() - labels.headings).abs().mean(dim=1)
    if plan.target_speed is not None and labels.target_speed is not None:
        errors["target_speed_error"] = (plan.target_speed - labels.target_speed).abs()
        if plan.speed_logits is not None and speeds:
            wanted = two_hot(labels.target_speed, speeds, labels.brake).argmax(dim=-1)
            given = plan.speed_logits.argmax(dim=-1)
            errors["speed_accuracy"] = (given == wanted).float()
            errors["brake_accuracy"] = ((given == 0) == (wanted == 0)).float()
    return errors


def to_device(batch: Batch, device: str) -> dict[str, Tensor]:
    """The tensors of a batch on a device; other entries are left out."""
    return {key: value.to(device, non_blocking=True) for key, value in batch.items() if isinstance(value, Tensor)}
