"""Groups of parameters, and the learning rate as a function of the step."""

import math

import torch
from torch import nn

from lead.training.configuration import OptimiserConfig, Schedule

_WARMUP_SHARE = 0.1


def make_optimiser(model: nn.Module, config: OptimiserConfig) -> torch.optim.AdamW:
    """AdamW that lets only matrices and kernels decay."""
    decaying, free = [], []
    for name, parameter in model.named_parameters():
        matrix = parameter.dim() >= 2 and "weight" in name.rpartition(".")[2]
        (decaying if matrix else free).append(parameter)
    groups = [{"params": decaying, "weight_decay": config.weight_decay}, {"params": free, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=config.learning_rate)


def rate_factor(step: int, steps_per_epoch: int, epochs: int, config: OptimiserConfig) -> float:
    """What the learning rate is multiplied by at a step from 0: warm-up, then the schedule."""
    total = steps_per_epoch * epochs
    warmup = min(config.warmup_steps, int(_WARMUP_SHARE * total))
    if step < warmup:
        return (step + 1) / warmup
    if config.schedule is Schedule.COSINE:
        return _half_cosine((step - warmup) / max(total - warmup, 1))
    position = step / steps_per_epoch
    cycle = int(math.log2(position + 1.0))
    return _half_cosine((position - (2**cycle - 1)) / 2**cycle)


def _half_cosine(share: float) -> float:
    return 0.5 * (1.0 + math.cos(math.pi * share))
