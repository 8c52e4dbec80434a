"""What all street models are made of: shapes with a material. Tags are given when a model is placed."""

import numpy as np
from numpy.typing import ArrayLike

from carlet.models.materials import code
from carlet.models.mesh import Mesh, make_mesh
from carlet.models.shapes import Floats, box, sphere, triangles


def piece(material: str, *shapes: ArrayLike) -> Mesh:
    """Shapes of one material."""
    return make_mesh(triangles(*shapes), code(material), 0)


def open_box(low: ArrayLike, high: ArrayLike, without: str) -> Floats:
    """A box without the sides named in `without`, such as `"-z"` or `"-z -x"`."""
    left = without.split()
    return box(low, high, [side for side in ("-x", "+x", "-y", "+y", "-z", "+z") if side not in left])


def blob(
    centre: ArrayLike, radius: float | tuple[float, float, float], seed: int, sides: int = 6, rings: int = 4
) -> Floats:
    """A lumpy ball, as the crowns of trees are made of: 2 sides (rings - 2) triangles."""
    ball = sphere(1.0, sides, rings)
    spots, place = np.unique(np.round(ball.reshape(-1, 3), 6), axis=0, return_inverse=True)
    random = np.random.default_rng(seed)
    spots = spots * random.uniform(0.82, 1.12, (len(spots), 1)) + random.uniform(-0.08, 0.08, spots.shape)
    return spots[place.reshape(-1)].reshape(ball.shape) * np.asarray(radius) + np.asarray(centre, dtype=np.float64)
