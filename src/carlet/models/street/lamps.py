"""Street lamps, standing on the origin; +x leads over the road."""

from functools import cache

import numpy as np

from carlet.models.mesh import Mesh, join
from carlet.models.shapes import box, cylinder, lathe, tube
from carlet.models.street.pieces import open_box, piece

#: Kinds of lamps; the place in it is a lamp's model.
LAMPS = ("mast", "lantern", "mast_lean")
#: Where the light comes from, in the lamp's frame (m).
LAMP_SPOTS = np.array([(2.1, 0.0, 7.75), (0.0, 0.0, 3.75), (2.1, 0.0, 7.75)])
#: Half the thickness of the post (m).
POST = 0.11


@cache
def street_lamp(kind: str) -> Mesh:
    """A lamp of one of `LAMPS`: a mast of 8 m with an arm of 2 m, or a lantern of 4 m."""
    return {"mast": _mast, "lantern": _lantern, "mast_lean": _mast_lean}[kind]()


def _mast() -> Mesh:
    pole = tube([(0.0, 0.0, -0.3), (0.0, 0.0, 7.2), (0.45, 0.0, 7.8), (1.7, 0.0, 7.9)], [POST, 0.07, 0.05, 0.04], 6)
    foot = cylinder(0.17, -0.3, 0.55, 6)
    head = open_box((1.6, -0.16, 7.78), (2.55, 0.16, 7.92), "-z")
    return join([piece("metal", pole, foot, head), _glow(1.6, 2.55, 0.16, 7.78)])


def _mast_lean() -> Mesh:
    pole = tube([(0.0, 0.0, -0.3), (0.0, 0.0, 7.85)], [POST, 0.06], 3)
    arm = tube([(0.0, 0.0, 7.8), (1.8, 0.0, 7.9)], 0.05, 3)
    head = open_box((1.6, -0.16, 7.78), (2.55, 0.16, 7.92), "-z")
    return join([piece("metal", pole, arm, head), _glow(1.6, 2.55, 0.16, 7.78)])


def _glow(start: float, end: float, half: float, height: float) -> Mesh:
    return piece("lamp_street", box((start, -half, height), (end, half, height), ["-z"]))


def _lantern() -> Mesh:
    pole = lathe([(0.15, -0.3), (0.15, 0.5), (0.06, 0.62), (0.045, 3.45)], 6)
    glass = lathe([(0.10, 3.45), (0.20, 3.95)], 6)
    hat = lathe([(0.26, 3.95), (0.10, 4.12), (0.0, 4.28)], 6)
    return join([piece("metal_green", pole, hat), piece("lamp_street", glass)])
