"""Parameters of scenarios drawn at random, as route files have them."""

from collections.abc import Callable, Mapping

import numpy as np

Attributes = Mapping[str, str]
Draw = Callable[[np.random.Generator], Attributes]
Draws = Mapping[str, Draw]


def number(low: float, high: float, step: float = 1.0) -> Draw:
    """A `value` between two bounds, in whole steps from the lower one."""
    return lambda rng: {"value": text_of(_step(rng, low, high, step))}


def gaps(low: tuple[float, float], high: tuple[float, float], step: float = 5.0) -> Draw:
    """An interval `from` ... `to`, each between two bounds."""
    return lambda rng: {"from": text_of(_step(rng, *low, step)), "to": text_of(_step(rng, *high, step))}


def word(*options: str) -> Draw:
    """A `value` that is one of some words."""
    return lambda rng: {"value": options[int(rng.integers(len(options)))]}


def one_of(*options: Attributes) -> Draw:
    """One of some sets of attributes."""
    return lambda rng: options[int(rng.integers(len(options)))]


def draw_all(draws: Draws, rng: np.random.Generator) -> dict[str, Attributes]:
    """One draw of each, by name."""
    return {name: draw(rng) for name, draw in draws.items()}


def between(rng: np.random.Generator, low: float, high: float, step: float = 5.0) -> float:
    """A number between two bounds in whole steps; the lower one where there is no room for more."""
    return _step(rng, low, max(high, low), step)


def text_of(value: float) -> str:
    """A number as route files have it."""
    return f"{round(value, 3):g}"


def _step(rng: np.random.Generator, low: float, high: float, step: float) -> float:
    return low + step * float(rng.integers(int((high - low) / step + 1e-9) + 1))
