"""Buildings along the roads, where nothing else is: as many and as tall as suits the town."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from carlet.town.model import Floats, Ground, Ints, Lanes, Tag

CLEARANCE = 2.5  # metres kept free to every lane
MOST_BUILDINGS = 3000
_PITCH = 24.0
_PROBE = 1.5
_CHUNK = 500


@dataclass(frozen=True)
class Boxes:
    """Boxes of one tag before they become scenery: see `Scenery`."""

    centre: Floats
    extent: Floats
    yaw: Floats
    tag: Tag
    names: list[str]


@dataclass(frozen=True)
class Style:
    """How built up a town is: share of the plots in use, heights (m)."""

    density: float
    lowest: float
    tallest: float


_OTHER = Style(0.5, 5.0, 14.0)
_STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "Town01": Style(0.8, 5.0, 12.0),
        "Town02": Style(0.85, 5.0, 12.0),
        "Town03": Style(0.85, 8.0, 28.0),
        "Town04": Style(0.35, 4.0, 12.0),
        "Town05": Style(0.75, 8.0, 30.0),
        "Town06": Style(0.3, 4.0, 10.0),
        "Town07": Style(0.25, 4.0, 8.0),
        "Town10HD": Style(0.9, 10.0, 45.0),
        "Town11": Style(0.3, 4.0, 12.0),
        "Town12": Style(0.6, 5.0, 30.0),
        "Town13": Style(0.6, 5.0, 20.0),
        "Town15": Style(0.5, 6.0, 18.0),
    }
)


def build_buildings(name: str, ground: Ground, rng: np.random.Generator) -> Boxes:
    """Upright boxes on free plots beside the outermost lanes, standing on the ground."""
    style = _STYLES.get(name, _OTHER)
    centre, extent, yaw = _plots(ground.lanes, rng)
    order = rng.permutation(len(yaw))
    order = order[: min(int(style.density * len(yaw)), 3 * MOST_BUILDINGS)]
    centre, extent, yaw = centre[order], extent[order], yaw[order]
    free = np.concatenate(
        [np.zeros(0, bool)]
        + [_free(ground, *(part[i : i + _CHUNK] for part in (centre, extent, yaw))) for i in range(0, len(yaw), _CHUNK)]
    )
    rows = np.flatnonzero(free)
    rows = rows[_apart(centre[rows], extent[rows])][:MOST_BUILDINGS]
    centre, extent, yaw = centre[rows], extent[rows], yaw[rows]
    height = rng.uniform(style.lowest, style.tallest, len(rows))
    low = _footing(ground, centre, extent, yaw)
    boxes = np.column_stack([centre[:, :2], low + 0.5 * height])
    sizes = np.column_stack([extent[:, :2], 0.5 * height])
    return Boxes(boxes, sizes, yaw, Tag.BUILDING, [f"Building_{i}_SM_0" for i in range(len(rows))])


def _plots(lanes: Lanes, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Centres (n, 3), half sizes (n, 3) and yaws (n,) of plots to the right of the outermost lanes of roads."""
    first = lanes.first[_outermost(lanes)]
    count = lanes.count[_outermost(lanes)]
    step = np.append(np.linalg.norm(np.diff(lanes.point, axis=0), axis=1), 0.0)
    samples = np.concatenate([np.zeros(0, np.int64)] + [np.arange(a, a + n) for a, n in zip(first, count, strict=True)])
    travelled = np.cumsum(np.where(np.append(np.diff(samples) == 1, False), step[samples], 0.0))
    turn = np.floor(travelled / _PITCH)
    at = samples[1:][turn[1:] > turn[:-1]]
    half = np.column_stack([rng.uniform(7.0, 11.0, len(at)), rng.uniform(5.0, 9.0, len(at)), np.zeros(len(at))])
    setback = rng.uniform(CLEARANCE + 0.5, CLEARANCE + 4.0, len(at))
    heading = lanes.heading[at]
    out = 0.5 * lanes.width[at] + setback + half[:, 1]
    centre = lanes.point[at] + out[:, None] * np.stack([-np.sin(heading), np.cos(heading), 0.0 * heading], axis=1)
    return centre, half, heading


def _outermost(lanes: Lanes) -> Ints:
    """Rows of lanes outside junctions that have nothing of their road to the right of travel."""
    own = np.stack([lanes.road_id, lanes.section, lanes.lane_id], axis=1)
    outer = own + np.stack([0 * lanes.lane_id, 0 * lanes.lane_id, np.sign(lanes.lane_id)], axis=1)
    present = {tuple(row) for row in own.tolist()}
    edge = np.array([tuple(row) not in present for row in outer.tolist()], dtype=bool)
    return np.flatnonzero(edge & (lanes.junction_id < 0))


def _free(ground: Ground, centre: Floats, extent: Floats, yaw: Floats) -> NDArray[np.bool_]:
    """Whether no lane at any height comes nearer than the clearance to each box."""
    reach = extent[:, :2].max(axis=0) + CLEARANCE
    across = [np.linspace(-1.0, 1.0, int(np.ceil(2.0 * r / _PROBE)) + 1) for r in reach]
    probe = np.stack(np.meshgrid(*across, indexing="ij"), axis=-1).reshape(-1, 2)
    local = probe[None] * (extent[:, None, :2] + CLEARANCE)
    points = _turned(local, yaw) + centre[:, None, :2]
    return np.logical_not(np.any(ground.covered(points).reshape(len(yaw), -1), axis=1, keepdims=True))[:, 0]


def _turned(local: Floats, yaw: Floats) -> Floats:
    cos, sin = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    return np.stack([local[..., 0] * cos - local[..., 1] * sin, local[..., 0] * sin + local[..., 1] * cos], axis=-1)


def _footing(ground: Ground, centre: Floats, extent: Floats, yaw: Floats) -> Floats:
    """The lowest ground under the corners of each box."""
    signs = np.array([(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0), (0.0, 0.0)])
    points = np.zeros((len(yaw), 5, 3))
    points[..., :2] = _turned(signs[None] * extent[:, None, :2], yaw) + centre[:, None, :2]
    points[..., 2] = centre[:, None, 2]
    return ground.heights(points.reshape(-1, 3))[0].reshape(-1, 5).min(axis=1)


def _apart(centre: Floats, extent: Floats) -> Ints:
    """Rows whose circles keep clear of those of all rows kept before."""
    radius = 0.5 * (extent[:, 0] + extent[:, 1]) + 1.0
    size = 2.0 * float(radius.max(initial=1.0))
    kept: list[int] = []
    cells: dict[tuple[int, int], list[int]] = {}
    for row, (x, y) in enumerate(centre[:, :2].tolist()):
        i, j = int(x // size), int(y // size)
        near = [k for a in (-1, 0, 1) for b in (-1, 0, 1) for k in cells.get((i + a, j + b), ())]
        if all(np.hypot(x - centre[k, 0], y - centre[k, 1]) >= radius[row] + radius[k] for k in near):
            cells.setdefault((i, j), []).append(row)
            kept.append(row)
    return np.array(kept, dtype=np.int64)
