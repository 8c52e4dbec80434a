"""What tests of models of actors look at."""

import numpy as np

from carlet.models.actor_model import Model


def at_rest(model: Model) -> np.ndarray:
    """Corners (n, 3, 3) of all parts while all angles are zero."""
    places, corners = [], []
    for part in model.parts:
        places.append(np.add(part.pivot, places[part.parent] if part.parent >= 0 else 0.0))
        corners.append(part.mesh.corner + places[-1])
    return np.concatenate(corners)


def count(model: Model) -> int:
    return sum(len(part.mesh) for part in model.parts)


def share_of_inner_sides_seen(corner: np.ndarray, rays: int = 400) -> float:
    """Share of rays from around and above a body that first meet a triangle from its inside."""
    random = np.random.default_rng(5)
    low, high = corner.min(axis=(0, 1)), corner.max(axis=(0, 1))
    way = random.normal(size=(rays, 3)) * (1.0, 1.0, 0.35)
    way[:, 2] = -np.abs(way[:, 2])
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    start = random.uniform(low, high, (rays, 3)) - 20.0 * way
    a, ab, ac = corner[:, 0], corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.cross(way[:, None], ac)
        det = (p * ab).sum(axis=-1)
        s = start[:, None] - a
        u = (s * p).sum(axis=-1) / det
        q = np.cross(s, ab)
        v = (way[:, None] * q).sum(axis=-1) / det
        far = (ac * q).sum(axis=-1) / det
    far = np.where((u >= 0.0) & (v >= 0.0) & (u + v <= 1.0) & (far > 0.0), far, np.inf)
    first = far.min(axis=1)
    hits = np.isfinite(first)
    outer = ((far < first[:, None] + 1e-6) & (det > 0.0)).any(axis=1)  # sheets have two sides at one place
    return float((~outer)[hits].mean())
