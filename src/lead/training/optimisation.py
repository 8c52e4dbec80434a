"""Groups of parameters, the learning rate as a function of the step, and averaged weights."""

import math

import torch
from torch import Tensor, nn

from lead.training.configuration import OptimiserConfig, Schedule

_WARMUP_SHARE = 0.1


def make_optimiser(model: nn.Module, config: OptimiserConfig) -> torch.optim.AdamW:
    """AdamW that lets only matrices and kernels decay; `found_inf` of 1 on the device makes it leave a step out."""
    decaying, free = [], []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        matrix = parameter.dim() >= 2 and "weight" in name.rpartition(".")[2]
        (decaying if matrix else free).append(parameter)
    groups = [{"params": decaying, "weight_decay": config.weight_decay}, {"params": free, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=config.learning_rate, fused=True)


def rate_factor(
    step: int, steps_per_epoch: int, epochs: int, config: OptimiserConfig, time_share: float = 0.0
) -> float:
    """What the learning rate is multiplied by at a step from 0: warm-up, then the schedule.

    `time_share`: how much of the time that the training may take is over; the cosine follows it when it is ahead.
    """
    total = steps_per_epoch * epochs
    warmup = min(config.warmup_steps, int(_WARMUP_SHARE * total))
    if step < warmup:
        return (step + 1) / warmup
    if config.schedule is Schedule.COSINE:
        return _half_cosine(max((step - warmup) / max(total - warmup, 1), min(time_share, 1.0)))
    position = step / steps_per_epoch
    cycle = int(math.log2(position + 1.0))
    return _half_cosine((position - (2**cycle - 1)) / 2**cycle)


class WeightAverage:
    """Keeps a model's weights and statistics as the running mean of another's."""

    def __init__(self, kept: nn.Module, current: nn.Module, decay: float):
        self._decay = decay
        pairs = list(zip(kept.state_dict().values(), current.state_dict().values(), strict=True))
        self._means = [pair for pair in pairs if pair[0].is_floating_point()]
        self._counters = [pair for pair in pairs if not pair[0].is_floating_point()]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move the mean towards the weights after step number `step`."""
        # Early on, few steps must not be outweighed by the start.
        decay = min(self._decay, (1.0 + step) / (10.0 + step))
        kept, current = ([pair[side] for pair in self._means] for side in (0, 1))
        torch._foreach_lerp_(kept, current, 1.0 - decay)  # pyright: ignore[reportPrivateImportUsage]
        for old, new in self._counters:
            old.copy_(new)


def clip(model: nn.Module, largest: float) -> Tensor:
    """Scale all gradients so that their norm is at most `largest`, and return what it was."""
    return torch.nn.utils.clip_grad_norm_(model.parameters(), largest)


def _half_cosine(share: float) -> float:
    return 0.5 * (1.0 + math.cos(math.pi * share))
