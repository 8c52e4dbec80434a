"""Changes of whole batches of pictures on the device, as `augmentation.py` makes them of one; in a fixed order."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from lead.data.config import AugmentationConfig

_CHANCE = 19
_BLUR, _BRIGHTNESS, _CONTRAST, _NOISE, _DROPOUT = range(5)
_CHANGES = 5
_NUMBERS = 2 * _CHANGES + 8
"""For each change whether and how strongly; whether each channel is on its own; three factors twice."""
_MIDDLE = 128.0
_RADIUS = 3

Chance = NDArray[np.float64]


def draw_chance(seed: int, epoch: int, count: int) -> Chance:
    """Numbers (count, ...) between 0 and 1 that say what becomes of the picture at each place of an epoch."""
    return np.random.default_rng([_CHANCE, seed, epoch]).random((count, _NUMBERS))


def augment(rgb: Tensor, config: AugmentationConfig, chance: Chance, generator: torch.Generator) -> Tensor:
    """Pictures (batch, 3, h, w) uint8 after blur, brightness, contrast, noise and dropout, each where it was drawn."""
    changed = rgb.float()
    drawn, strength = chance[:, :_CHANGES] < config.probability, chance[:, _CHANGES : 2 * _CHANGES]
    own = chance[:, 2 * _CHANGES : 2 * _CHANGES + 2] < config.per_channel
    factors = chance[:, 2 * _CHANGES + 2 :].reshape(-1, 2, 3)
    for change in range(_CHANGES):
        rows = np.flatnonzero(drawn[:, change])
        if len(rows) == 0:
            continue
        index = upload(rows, rgb.device)
        some = changed[index]
        if change == _BLUR:
            some = _blur(some, _on(strength[rows, change] * config.blur_px, some))
        elif change in (_BRIGHTNESS, _CONTRAST):
            which = change - _BRIGHTNESS
            scale = _factors(factors[rows, which], own[rows, which], config, some)
            middle = _MIDDLE if change == _CONTRAST else 0.0
            some = middle + (some - middle) * scale
        elif change == _NOISE:
            some = some + _on(strength[rows, change] * config.noise, some) * _field(some, own[rows, 0], generator)
        else:
            some = _drop(some, config, strength[rows, change], own[rows, 1], generator)
        changed[index] = some.clamp(0.0, 255.0)
    return changed.round().to(torch.uint8)


def upload(array: NDArray[Any], device: torch.device) -> Tensor:
    """An array on a device; nobody waits until it is there."""
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def _on(values: NDArray[np.float64], like: Tensor) -> Tensor:
    """One value a picture (n, 1, 1, 1)."""
    return upload(values.astype(np.float32), like.device)[:, None, None, None]


def _factors(chance: Chance, own: NDArray[np.bool_], config: AugmentationConfig, like: Tensor) -> Tensor:
    """Factors (n, 3, 1, 1), equal for all channels unless each is on its own."""
    chance = np.where(own[:, None], chance, chance[:, :1])
    values = 1.0 / config.factor + chance * (config.factor - 1.0 / config.factor)
    return upload(values.astype(np.float32), like.device)[..., None, None]


def _blur(pictures: Tensor, sigma: Tensor) -> Tensor:
    steps = torch.arange(-_RADIUS, _RADIUS + 1, device=pictures.device, dtype=pictures.dtype)
    weights = torch.exp(-0.5 * (steps / sigma.clamp(min=1e-3)) ** 2)
    weights = weights / weights.sum(dim=-1, keepdim=True)
    for axis in (-2, -1):
        size, pad = pictures.shape[axis], [0, 0, _RADIUS, _RADIUS] if axis == -2 else [_RADIUS, _RADIUS, 0, 0]
        wide = functional.pad(pictures, pad, mode="reflect")
        shifted = [wide.narrow(axis, shift, size) * weights[..., shift, None] for shift in range(len(steps))]
        pictures = torch.stack(shifted).sum(dim=0)
    return pictures


def _field(pictures: Tensor, own: NDArray[np.bool_], generator: torch.Generator) -> Tensor:
    noise = torch.randn(pictures.shape, generator=generator, device=pictures.device)
    each = upload(own, pictures.device)[:, None, None, None]
    return torch.where(each, noise, noise[:, :1])


def _drop(
    pictures: Tensor,
    config: AugmentationConfig,
    strength: NDArray[np.float64],
    own: NDArray[np.bool_],
    generator: torch.Generator,
) -> Tensor:
    low, high = config.dropout
    share = _on(low + strength * (high - low), pictures)
    drawn = torch.rand(pictures.shape, generator=generator, device=pictures.device)
    each = upload(own, pictures.device)[:, None, None, None]
    return pictures * (torch.where(each, drawn, drawn[:, :1]) >= share)
