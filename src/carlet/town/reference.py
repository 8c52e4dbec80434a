"""Points on reference lines: the five geometries of OpenDRIVE, many at once, and poses beside them in CARLA's frame."""

import numpy as np

from carlet.town.model import Floats, Ints
from carlet.town.opendrive import Network

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_STRAIGHT = 1e-9


def reference_points(network: Network, road: Ints, s: Floats) -> tuple[Floats, Floats]:
    """Positions (n, 2) and headings (n,) at `s` (n,) of `road` (n,) rows; OpenDRIVE's frame, without lane offset."""
    steps = network.geometry
    rows = steps.rows(road, s)
    values = steps.values[rows]
    x0, y0, heading0, length, kind = values[:, :5].T
    along = np.clip(s - steps.start[rows], 0.0, length)
    u, v, turn = along.copy(), np.zeros_like(along), np.zeros_like(along)
    for code, place in ((1, _arc), (2, _spiral), (3, _poly3), (4, _param_poly3)):
        chosen = kind == code
        if chosen.any():
            u[chosen], v[chosen], turn[chosen] = place(along[chosen], length[chosen], values[chosen, 5:])
    cos, sin = np.cos(heading0), np.sin(heading0)
    return np.stack([x0 + u * cos - v * sin, y0 + u * sin + v * cos], axis=1), heading0 + turn


def curvatures(network: Network, road: Ints, s: Floats) -> Floats:
    """Size of the curvature (n,), 1/m, good enough to choose a sampling step."""
    _, before = reference_points(network, road, np.maximum(s - 0.25, 0.0))
    _, after = reference_points(network, road, s + 0.25)
    return np.abs((after - before + np.pi) % (2.0 * np.pi) - np.pi) / 0.5


def beside(network: Network, road: Ints, s: Floats, t: Floats, lift: Floats) -> tuple[Floats, Floats]:
    """Points (n, 3) in CARLA's frame, `t` left of the reference line and `lift` above it, and headings (n,) there."""
    point, heading = reference_points(network, road, s)
    x = point[:, 0] - t * np.sin(heading)
    y = point[:, 1] + t * np.cos(heading)
    z = network.elevation.at(road, s) + t * np.tan(network.bank.at(road, s)) + lift
    return np.stack([x, -y, z], axis=1), -heading


def _arc(along: Floats, length: Floats, p: Floats) -> tuple[Floats, Floats, Floats]:
    curvature = np.where(np.abs(p[:, 0]) < _STRAIGHT, _STRAIGHT, p[:, 0])
    turn = curvature * along
    return np.sin(turn) / curvature, (1.0 - np.cos(turn)) / curvature, turn


def _spiral(along: Floats, length: Floats, p: Floats) -> tuple[Floats, Floats, Floats]:
    rate = (p[:, 1] - p[:, 0]) / np.maximum(length, _STRAIGHT)
    x = along[:, None] * 0.5 * (_NODES + 1.0)
    angle = p[:, :1] * x + 0.5 * rate[:, None] * x * x
    half = 0.5 * along
    turn = p[:, 0] * along + 0.5 * rate * along * along
    return half * (np.cos(angle) @ _WEIGHTS), half * (np.sin(angle) @ _WEIGHTS), turn


def _poly3(along: Floats, length: Floats, p: Floats) -> tuple[Floats, Floats, Floats]:
    a, b, c, d = p[:, 0], p[:, 1], p[:, 2], p[:, 3]
    u = along.copy()
    for _ in range(6):
        x = u[:, None] * 0.5 * (_NODES + 1.0)
        steep = b[:, None] + x * (2.0 * c[:, None] + 3.0 * x * d[:, None])
        travelled = 0.5 * u * (np.sqrt(1.0 + steep * steep) @ _WEIGHTS)
        u -= (travelled - along) / np.sqrt(1.0 + (b + u * (2.0 * c + 3.0 * u * d)) ** 2)
    return u, a + u * (b + u * (c + u * d)), np.arctan(b + u * (2.0 * c + 3.0 * u * d))


def _param_poly3(along: Floats, length: Floats, p: Floats) -> tuple[Floats, Floats, Floats]:
    q = np.where(p[:, 8] > 0.0, along / np.maximum(length, _STRAIGHT), along)
    u = p[:, 0] + q * (p[:, 1] + q * (p[:, 2] + q * p[:, 3]))
    v = p[:, 4] + q * (p[:, 5] + q * (p[:, 6] + q * p[:, 7]))
    du = p[:, 1] + q * (2.0 * p[:, 2] + 3.0 * q * p[:, 3])
    dv = p[:, 5] + q * (2.0 * p[:, 6] + 3.0 * q * p[:, 7])
    return u, v, np.arctan2(dv, du)
