"""Changes of pictures that leave labels true: blur, noise, dropout, brightness, contrast; each seeded by its caller."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from lead.data.config import AugmentationConfig

Image = NDArray[np.uint8]
Change = Callable[[Image, AugmentationConfig, np.random.Generator], Image]

_NOISE_BANK = 1 << 16
_LEVELS = np.arange(256, dtype=np.float32)
_MIDDLE = 128.0
_ELASTIC_PX, _ELASTIC_SIGMA = (0.5, 1.5), 0.25


def augment(image: Image, config: AugmentationConfig, rng: np.random.Generator) -> Image:
    """A picture (h, w, 3) after the changes that were drawn, in random order; the given one stays as it is."""
    changes = [*CHANGES, elastic] if config.legacy_elastic else list(CHANGES)
    drawn = [change for change in changes if rng.random() < config.probability]
    for index in rng.permutation(len(drawn)):
        image = drawn[index](image, config, rng)
    return image


def blur(image: Image, config: AugmentationConfig, rng: np.random.Generator) -> Image:
    """Gaussian blur."""
    sigma = rng.uniform(0.0, config.blur_px)
    return image if sigma < 1e-3 else np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


def noise(image: Image, config: AugmentationConfig, rng: np.random.Generator) -> Image:
    """Gaussian noise, of one value for all channels or one for each.

    Rows begin at random places of one bank of random numbers, many times faster than a number drawn for each pixel.
    """
    height, width, channels = image.shape
    alike = rng.random() >= config.per_channel
    per_row = width if alike else width * channels
    bank = rng.standard_normal(max(_NOISE_BANK, 2 * per_row), np.float32) * rng.uniform(0.0, config.noise)
    windows = np.lib.stride_tricks.sliding_window_view(np.rint(bank).astype(np.int16), per_row)
    rows = windows[rng.integers(len(windows), size=height)]
    field = np.repeat(rows, channels, axis=1) if alike else rows
    return np.asarray(cv2.add(image, field.reshape(image.shape), dtype=cv2.CV_8U), np.uint8)


def dropout(image: Image, config: AugmentationConfig, rng: np.random.Generator) -> Image:
    """Pixels turn black, in all channels or in each by chance."""
    height, width, channels = image.shape
    each = rng.random() < config.per_channel
    share = rng.uniform(*config.dropout)
    drawn = rng.integers(1 << 16, size=(height, width, channels if each else 1), dtype=np.uint16)
    return image * (drawn >= share * (1 << 16)).astype(np.uint8)


def brightness(image: Image, config: AugmentationConfig, rng: np.random.Generator) -> Image:
    """All values times a factor."""
    return _look_up(image, np.zeros(1, np.float32), _factors(config, rng))


def contrast(image: Image, config: AugmentationConfig, rng: np.random.Generator) -> Image:
    """Distances from the middle grey times a factor."""
    return _look_up(image, np.full(1, _MIDDLE, np.float32), _factors(config, rng))


def elastic(image: Image, config: AugmentationConfig, rng: np.random.Generator) -> Image:
    """Every pixel moves by up to a pixel and a half on its own."""
    height, width, _ = image.shape
    shift = rng.uniform(-1.0, 1.0, (2, height, width)).astype(np.float32) * np.float32(rng.uniform(*_ELASTIC_PX))
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = [cv2.GaussianBlur(one, (0, 0), _ELASTIC_SIGMA) for one in shift]
    at = (columns + moved[0], rows + moved[1])
    return np.asarray(cv2.remap(image, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.uint8)


CHANGES: tuple[Change, ...] = (blur, noise, dropout, brightness, contrast)
"""All that leave every pixel where it is."""


def _factors(config: AugmentationConfig, rng: np.random.Generator) -> NDArray[np.float32]:
    """A factor for all channels, or one for each (1 or 3,)."""
    count = 3 if rng.random() < config.per_channel else 1
    return rng.uniform(1.0 / config.factor, config.factor, count).astype(np.float32)


def _look_up(image: Image, middle: NDArray[np.float32], factors: NDArray[np.float32]) -> Image:
    table = np.rint(np.clip(middle + (_LEVELS[:, None] - middle) * factors, 0.0, 255.0)).astype(np.uint8)
    channels = np.broadcast_to(table, (256, image.shape[2]))
    return np.asarray(cv2.LUT(image, np.ascontiguousarray(channels).reshape(1, 256, -1)), np.uint8)
