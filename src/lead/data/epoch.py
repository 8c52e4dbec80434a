"""Which frames an epoch takes, in which order: pure functions of seed and epoch, the same on every machine."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]

_ORDER, _DRAW, _MIX = range(3)


class Draw(NamedTuple):
    """A frame by its number in the index, and the place in an epoch that says what chance does to it."""

    frame: int
    seed: int
    epoch: int
    place: int


def rng_of(draw: Draw) -> np.random.Generator:
    """What decides about a draw; whichever worker makes the sample, and however often."""
    return np.random.default_rng([_DRAW, draw.seed, draw.epoch, draw.place])


def plan_epoch(bucket: NDArray[np.integer], ratios: Sequence[float], seed: int, epoch: int) -> Indices:
    """Numbers of an epoch's frames in their order, given the bucket of every frame and each bucket's ratio.

    A bucket gives its size times its ratio: every frame as often as the whole part of the ratio says, and a random
    part of them once more; no frame is left out at a ratio of 1 or more.
    """
    rng = np.random.default_rng([_ORDER, seed, epoch])
    parts = [_take(np.flatnonzero(bucket == number), ratio, rng) for number, ratio in enumerate(ratios)]
    return rng.permutation(np.concatenate([*parts, np.zeros(0, np.int64)]))


def keep_length(bucket: NDArray[np.integer], ratios: Sequence[float]) -> list[float]:
    """The ratios times what gives an epoch as many draws as there are frames."""
    sizes = np.bincount(bucket, minlength=len(ratios))
    drawn = float(sizes @ np.asarray(ratios))
    return [ratio * len(bucket) / drawn if drawn else 0.0 for ratio in ratios]


def shard(plan: Indices, rank: int, ranks: int) -> tuple[Indices, Indices]:
    """Places and frames of an epoch for one of several processes: disjoint, and equally many for each."""
    places = np.arange(rank, len(plan) // ranks * ranks, ranks)
    return places, plan[places]


def mix(sizes: Sequence[int], quotas: Sequence[int], seed: int, epoch: int) -> Iterator[list[tuple[int, int]]]:
    """Batches of (data set, draw) with as many of each data set as its quota says, until all have been seen.

    Draws of smaller data sets count on beyond their size: they begin anew. Any sizes and numbers of data sets will do.
    """
    if len(sizes) != len(quotas) or min(*quotas, *sizes) < 1:
        raise ValueError("each data set needs a quota of 1 or more and at least one frame")
    rng = np.random.default_rng([_MIX, seed, epoch])
    for number in range(max(math.ceil(size / quota) for size, quota in zip(sizes, quotas, strict=True))):
        drawn = [(which, number * quota + k) for which, quota in enumerate(quotas) for k in range(quota)]
        yield [drawn[k] for k in rng.permutation(len(drawn))]


def _take(frames: Indices, ratio: float, rng: np.random.Generator) -> Indices:
    whole, rest = divmod(round(len(frames) * ratio), max(len(frames), 1))
    return np.concatenate([np.tile(frames, whole), rng.choice(frames, rest, replace=False)])
