"""Drawing of what runs along roads: profiles swept from one end of a piece to the other, and posts."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from carlet.models.materials import code
from carlet.models.mesh import Mesh, join, make_mesh
from carlet.town.dressing.table import Rows, Things
from carlet.town.model import Floats
from carlet.town.objects import ObjectKind

_FOOT = -0.35


@dataclass(frozen=True)
class _Beam:
    """A convex profile (m, 2) of (y, z) in metres, seen from the end of the piece, with its material."""

    material: str
    profile: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _Posts:
    """Square posts `thick` wide and `top` high, one every `spacing` metres, the first at the start."""

    material: str
    thick: float
    top: float
    spacing: float


def _bar(half: float, low: float, high: float) -> tuple[tuple[float, float], ...]:
    return ((-half, low), (half, low), (half, high), (-half, high))


_LEAN_RAIL = ((-0.02, 0.48), (0.05, 0.63), (-0.02, 0.78))
_RAIL = ((-0.02, 0.48), (0.05, 0.55), (0.02, 0.63), (0.05, 0.71), (-0.02, 0.78))
#: What a kind's model is made of: beams, and posts where they are.
_MADE: Mapping[tuple[ObjectKind, int], tuple[tuple[_Beam, ...], tuple[_Posts, ...]]] = MappingProxyType(
    {
        (ObjectKind.GUARD_RAIL, 0): ((_Beam("galvanised", _RAIL),), (_Posts("galvanised", 0.06, 0.7, 3.0),)),
        (ObjectKind.RAILING, 0): (
            (
                _Beam("concrete", _bar(0.16, -0.5, 0.18)),
                _Beam("metal", _bar(0.03, 0.99, 1.05)),
                _Beam("metal", _bar(0.015, 0.68, 0.71)),
                _Beam("metal", _bar(0.015, 0.42, 0.45)),
            ),
            (_Posts("metal", 0.04, 1.0, 2.0),),
        ),
        (ObjectKind.RAILING, 1): (
            (_Beam("concrete_light", ((-0.2, -0.6), (0.2, -0.6), (0.2, 0.1), (0.09, 0.4), (0.09, 1.0), (-0.2, 1.0))),),
            (),
        ),
        (ObjectKind.WALL, 0): ((_Beam("stone", _bar(0.15, _FOOT, 1.0)), _Beam("concrete", _bar(0.19, 1.0, 1.1))), ()),
        (ObjectKind.WALL, 1): ((_Beam("plaster", _bar(0.1, _FOOT, 1.22)), _Beam("tiles", _bar(0.16, 1.22, 1.3))), ()),
        (ObjectKind.WALL, 2): ((_Beam("bricks", _bar(0.12, _FOOT, 1.0)),), ()),
        (ObjectKind.FENCE, 0): (
            (_Beam("fence_boards", _bar(0.02, 0.08, 1.05)),),
            (_Posts("plaster", 0.1, 1.15, 4.0),),
        ),
        (ObjectKind.FENCE, 1): (
            (_Beam("wood_pale", _bar(0.025, 0.42, 0.54)), _Beam("wood_pale", _bar(0.025, 0.88, 1.0))),
            (_Posts("wood_pale", 0.11, 1.2, 4.0),),
        ),
        (ObjectKind.FENCE, 2): (
            (
                _Beam("stone", _bar(0.12, _FOOT, 0.4)),
                _Beam("metal_dark", _bar(0.02, 0.5, 0.55)),
                _Beam("metal_dark", _bar(0.02, 1.25, 1.3)),
            ),
            (_Posts("metal_dark", 0.035, 1.4, 0.8),),
        ),
        (ObjectKind.HEDGE, 0): (
            (_Beam("leaves_low", ((-0.36, -0.2), (0.36, -0.2), (0.4, 0.8), (0.26, 1.25), (-0.26, 1.25), (-0.4, 0.8))),),
            (),
        ),
    }
)
#: Metres between posts where there are few triangles.
_LEAN_SPACING = 8.0


def draw_runs(things: Things, rows: Rows, lean: bool) -> Mesh:
    """All pieces of one kind of `carlet.town.dressing.runs`."""
    parts = []
    for model in np.unique(things.model[rows]).tolist():
        own = rows[things.model[rows] == model]
        beams, posts = _MADE[ObjectKind(int(things.kind[own[0]])), model]
        for beam in beams:
            parts.append(_swept(things, own, beam, lean))
        for post in posts:
            parts.append(_posts(things, own, post, lean))
    return join(parts)


def _swept(things: Things, rows: Rows, beam: _Beam, lean: bool) -> Mesh:
    """A beam along each piece: sides, and ends where they are seen."""
    profile = np.array(_LEAN_RAIL if lean and beam.profile == _RAIL else beam.profile)
    corner = _placed(things, rows, np.array([0.0, 1.0])[:, None], profile[None, :, 0], profile[None, :, 1])
    start, end = corner[:, 0], corner[:, 1]
    following, after = np.roll(start, -1, axis=1), np.roll(end, -1, axis=1)
    sides = np.concatenate([np.stack([start, following, after], axis=2), np.stack([start, after, end], axis=2)], axis=1)
    sides = sides[:, :, ::-1] if _area(profile) < 0.0 else sides
    parts = [sides]
    if not lean:
        parts += [_fan(start[:, ::-1]), _fan(end)]
    every = np.concatenate(parts, axis=1)
    return make_mesh(every, code(beam.material), 0, np.repeat(rows, every.shape[1]))


def _posts(things: Things, rows: Rows, posts: _Posts, lean: bool) -> Mesh:
    """Upright posts along each piece, without their foot."""
    spacing = max(posts.spacing, _LEAN_SPACING) if lean else posts.spacing
    count = np.maximum(np.floor(things.size[rows, 0] / spacing + 0.3), 1).astype(np.int64)
    owner = np.repeat(np.arange(len(rows)), count)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    share = (number + 0.5) / count[owner]
    half = 0.5 * posts.thick
    step = half / np.maximum(things.size[rows[owner], 0], 0.1)
    ring = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
    along = share[:, None] + step[:, None] * ring[:, 0]
    low = _at(things, rows[owner], along, half * ring[:, 1], np.full(4, _FOOT))
    high = _at(things, rows[owner], along, half * ring[:, 1], np.full(4, posts.top))
    after_low, after_high = np.roll(low, -1, axis=1), np.roll(high, -1, axis=1)
    sides = [np.stack([low, after_low, after_high], axis=2), np.stack([low, after_high, high], axis=2)]
    every = np.concatenate([*sides, _fan(high)], axis=1)
    return make_mesh(every, code(posts.material), 0, np.repeat(rows[owner], every.shape[1]))


def _placed(things: Things, rows: Rows, along: Floats, aside: Floats, height: Floats) -> Floats:
    """Points (k, a, m, 3) at shares `along` (a, 1) of each piece, `aside` and `height` (1, m) in metres."""
    return np.stack(
        [_at(things, rows, np.full((len(rows), aside.shape[1]), share), aside[0], height[0]) for share in along[:, 0]],
        axis=1,
    )


def _at(things: Things, rows: Rows, along: Floats, aside: Floats, height: Floats) -> Floats:
    """Points (k, m, 3) at shares `along` (k, m) of the pieces, `aside` and `height` (m,) in metres."""
    origin, yaw, size = things.origin[rows], things.yaw[rows], things.size[rows]
    cos, sin = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    way = along * size[:, :1]
    x = origin[:, :1] + way * cos - aside * sin
    y = origin[:, 1:2] + way * sin + aside * cos
    z = origin[:, 2:] + along * size[:, 1:2] + height
    return np.stack([x, y, np.broadcast_to(z, x.shape)], axis=-1)


def _fan(ring: Floats) -> Floats:
    """Convex polygons (k, m, 3) as (k, m - 2, 3, 3) triangles."""
    first = np.broadcast_to(ring[:, :1], (len(ring), ring.shape[1] - 2, 3))
    return np.stack([first, ring[:, 1:-1], ring[:, 2:]], axis=2)


def _area(profile: Floats) -> float:
    y, z = profile.T
    return float(np.sum(y * np.roll(z, -1) - np.roll(y, -1) * z))
