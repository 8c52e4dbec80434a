"""Several processes that train one model, as torchrun starts them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lead.models.vision_operators  # noqa: F401  isort: skip
import torch
from timm.layers.norm_act import BatchNormAct2d
from torch import Tensor, distributed, nn

from lead.models.config_tree import ConfigError


@dataclass(frozen=True)
class Group:
    """This process's number, and how many there are."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes files and talks."""
        return self.rank == 0

    def share(self, batch_size: int) -> int:
        """This process's part of a batch. Raises ConfigError when it cannot be divided."""
        if batch_size % self.size:
            raise ConfigError(f"batch_size {batch_size} cannot be divided among {self.size} processes")
        return batch_size // self.size


def current_group() -> Group:
    """The processes that have joined; this one alone when none have."""
    if distributed.is_available() and distributed.is_initialized():
        return Group(distributed.get_rank(), distributed.get_world_size())
    return Group()


def join_group(device: str) -> Group:
    """Meet the other processes that torchrun started, if it did; gloo on the CPU, NCCL on CUDA."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    return current_group()


def leave_group() -> None:
    """Part from the other processes."""
    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()


def find_device(name: str) -> str:
    """The device to train on: `auto` is this process's GPU where there is CUDA, else the CPU."""
    if name != "auto":
        return name
    return f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu"


def mean_of(values: Mapping[str, Tensor]) -> dict[str, float]:
    """Means over all processes of single numbers by name."""
    stacked = torch.stack([value.detach().float() for value in values.values()])
    if current_group().size > 1:
        distributed.all_reduce(stacked)
        stacked /= current_group().size
    return dict(zip(values, stacked.tolist(), strict=True))


def largest(value: float, device: str) -> float:
    """The largest of all processes' numbers."""
    if current_group().size == 1:
        return value
    return float(largest_tensor(torch.tensor(value, dtype=torch.float64, device=device)))


def largest_tensor(value: Tensor) -> Tensor:
    """The largest of all processes' numbers, without waiting for it."""
    if current_group().size > 1:
        distributed.all_reduce(value, distributed.ReduceOp.MAX)
    return value


class SharedBatchNorm(nn.BatchNorm2d):
    """Batch normalisation whose statistics are those of all processes' batches, which must be of one size."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalise; outside of training with the running statistics."""
        return _normalise(self, input) if self.training else super().forward(input)


class SharedBatchNormAct(BatchNormAct2d):
    """The same with timm's activation behind it."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise and activate."""
        if not self.training:
            return super().forward(x)
        return self.act(self.drop(_normalise(self, x)))  # pyright: ignore[reportArgumentType, reportCallIssue]


def share_norms(module: nn.Module) -> None:
    """Let every batch normalisation below `module` use the statistics of all processes; parameters stay."""
    for child in module.modules():
        if type(child) is nn.BatchNorm2d:
            child.__class__ = SharedBatchNorm
        elif type(child) is BatchNormAct2d:
            child.__class__ = SharedBatchNormAct


class _SumOfProcesses(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        total = values.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        total = gradient.clone()
        distributed.all_reduce(total)
        return total


def _sum(values: Tensor) -> Tensor:
    """The sum of all processes' values; its gradient reaches all of them."""
    total = _SumOfProcesses.apply(values)
    assert isinstance(total, Tensor)
    return total


def _normalise(norm: nn.BatchNorm2d, values: Tensor) -> Tensor:
    size = current_group().size
    wide = values.float()
    local = wide.mean(dim=(0, 2, 3))
    mean = _sum(local) / size
    spread = wide.var(dim=(0, 2, 3), unbiased=False) + (local - mean) ** 2
    variance = _sum(spread) / size
    _keep_statistics(norm, mean.detach(), variance.detach(), size * values.numel() // values.shape[1])
    scale = norm.weight * torch.rsqrt(variance + norm.eps)
    normalised = (wide - mean[:, None, None]) * scale[:, None, None] + norm.bias[:, None, None]
    return normalised.to(values.dtype)


@torch.no_grad()
def _keep_statistics(norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor, count: int) -> None:
    if norm.running_mean is None or norm.running_var is None or norm.num_batches_tracked is None:
        return
    norm.num_batches_tracked += 1
    momentum = 1.0 / float(norm.num_batches_tracked) if norm.momentum is None else norm.momentum
    norm.running_mean.lerp_(mean, momentum)
    norm.running_var.lerp_(variance * (count / max(count - 1, 1)), momentum)
