"""The radar detector's loss: queries are matched with objects, then compared."""

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.nn import functional

from lead.models.tfv6.radar import VALID_COLUMN

_RANGES = (96.0, 80.0, 25.0)
_STATE_WEIGHT = 5.0


def radar_loss(
    predictions: Float[Tensor, "batch queries 4"], objects: Float[Tensor, "batch queries 4"]
) -> Float[Tensor, " batch"]:
    """Loss of each sample, after the cheapest matching of queries with objects (x, y in m, speed in m/s, valid)."""
    state_costs, label_costs = _costs(predictions, objects)
    matched = match(_STATE_WEIGHT * state_costs + label_costs)
    valid = objects[..., VALID_COLUMN].sum(dim=1).clamp(min=1.0)
    states = state_costs.gather(2, matched[..., None])[..., 0].sum(dim=1) / valid
    labels = label_costs.gather(2, matched[..., None])[..., 0].mean(dim=1)
    return _STATE_WEIGHT * states + labels


def match(costs: Float[Tensor, "batch queries objects"]) -> Int[Tensor, "batch queries"]:
    """The object of each query in the cheapest one-to-one matching; one transfer from the device for all samples."""
    on_host = costs.detach().cpu().numpy()
    # Costs that are not finite, of a step that will be left out, can be matched in any way.
    columns = np.stack([linear_sum_assignment(sample)[1] for sample in np.nan_to_num(on_host)])
    return torch.from_numpy(columns).to(costs.device)


def _costs(predictions: Tensor, objects: Tensor) -> tuple[Tensor, Tensor]:
    valid = objects[:, None, :, VALID_COLUMN]
    ranges = predictions.new_tensor(_RANGES)
    differences = (predictions[:, :, None, :VALID_COLUMN] - objects[:, None, :, :VALID_COLUMN]).abs() / ranges
    logits = predictions[:, :, None, VALID_COLUMN].expand(-1, -1, objects.shape[1])
    labels = functional.binary_cross_entropy_with_logits(logits, valid.expand_as(logits), reduction="none")
    return valid * differences.sum(dim=-1), labels
