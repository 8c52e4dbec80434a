"""Stripes of pedestrian crossings."""

import numpy as np

from carlet.models.materials import code
from carlet.town.model import Floats, Ints, LaneKind, Tag, Town
from carlet.town.sampling import expand
from carlet.town.surfaces.bands import WIDEST_KERB
from carlet.town.surfaces.draping import Drape
from carlet.town.surfaces.pieces import Part, Pieces, facing_up, join_pieces, quad_pieces, thing_keys

_FEWEST = 4  # corners of a closed outline
_STRIPE, _PERIOD = 0.5, 1.0
_INSET = 0.1
_SHORTEST = 0.6
_OBLONG = 1.4
_PIECE = 1.3  # metres; pieces that follow the ground


def build_crosswalks(town: Town, drape: Drape) -> Pieces:
    """Stripes along the traffic, one after another across the road."""
    outlines = crosswalk_outlines(town)
    if not outlines:
        return join_pieces([])
    heading = _traffic(town, np.array([outline.mean(axis=0) for outline in outlines]))
    parts = [_stripes(outline, angle) for outline, angle in zip(outlines, heading.tolist(), strict=True)]
    corner = np.concatenate(parts)
    corner = corner[_on_road(town, corner.mean(axis=1))]
    quads = drape.over(_shortened(corner).reshape(-1, 3)).reshape(-1, 4, 3)
    return facing_up(quad_pieces(quads, code("paint_white"), Tag.ROAD_LINE, paint_keys(town, quads.mean(axis=1))))


def crosswalk_outlines(town: Town) -> list[Floats]:
    """Closed outlines (k, 3) of the crossings that have an area."""
    ends = np.flatnonzero(np.diff(town.crosswalk)) + 1
    return [outline for outline in np.split(town.crosswalks, ends) if len(outline) >= _FEWEST]


def paint_keys(town: Town, points: Floats) -> Ints:
    """Keys of the roads or junctions on which `points` (k, 3) are painted."""
    lane = np.maximum(town.ground.surfaces(points)[2], 0)
    junction = town.lanes.junction_id[lane]
    inside = junction >= 0
    return thing_keys(np.where(inside, Part.CROSSING, Part.ROAD), np.where(inside, junction, town.lanes.road_id[lane]))


def _traffic(town: Town, points: Floats) -> Floats:
    """Heading (k,) of the nearest lane outside junctions, else of the nearest one."""
    nearest = town.lanes.nearest(points, (LaneKind.DRIVING, LaneKind.BIDIRECTIONAL))
    return town.lanes.heading[np.maximum(nearest.sample, 0)]


def _stripes(outline: Floats, heading: float) -> Floats:
    """Quads (n, 4, 3) of the stripes of one crossing, across its longer side, or when it is about square, along the
    traffic, whose `heading` is roughly known.
    """
    corner = outline[:-1] if np.allclose(outline[0], outline[-1]) else outline
    edge = np.roll(corner, -1, axis=0) - corner
    long = edge[np.argmax(np.hypot(edge[:, 0], edge[:, 1])), :2]
    across = np.arctan2(long[1], long[0])
    frame = _frame(across + 0.5 * np.pi)
    if np.ptp(corner[:, :2] @ frame[1]) < _OBLONG * np.ptp(corner[:, :2] @ frame[0]):
        frame = _frame(across + 0.5 * np.pi * np.round((heading - across) / (0.5 * np.pi)))
    local = corner[:, :2] @ frame.T
    low, high = local[:, 1].min() + _INSET, local[:, 1].max() - _INSET
    count = max(int((high - low - _STRIPE) / _PERIOD) + 1, 0)
    start = 0.5 * (low + high - (count - 1) * _PERIOD - _STRIPE) + _PERIOD * np.arange(count)
    spans = np.stack([_span(local, start), _span(local, start + _STRIPE)], axis=1)
    spans += [_INSET, -_INSET]
    ends = np.zeros((count, 4, 2))
    ends[:, :, 0] = spans.reshape(-1, 4)[:, [0, 1, 3, 2]]
    ends[:, :, 1] = start[:, None] + [0.0, 0.0, _STRIPE, _STRIPE]
    wide = (spans[:, :, 1] - spans[:, :, 0]).min(axis=1) > _SHORTEST
    z = np.full((count, 4, 1), corner[:, 2].mean())
    return np.concatenate([ends @ frame, z], axis=2)[wide]


def _frame(angle: float) -> Floats:
    """Unit vectors (2, 2) ahead and to the right."""
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _span(corner: Floats, across: Floats) -> Floats:
    """Least and greatest first coordinate (n, 2) of a convex outline (k, 2) where the second is `across` (n,)."""
    a, b = corner, np.roll(corner, -1, axis=0)
    rise = (b - a)[:, 1]
    share = (across[:, None] - a[:, 1]) / np.where(np.abs(rise) < 1e-9, 1e-9, rise)
    at = np.where((share >= 0.0) & (share <= 1.0), a[:, 0] + share * (b - a)[:, 0], np.nan)
    hit = ~np.isnan(at).all(axis=1)
    ends = np.zeros((len(across), 2))
    ends[hit] = np.stack([np.nanmin(at[hit], axis=1), np.nanmax(at[hit], axis=1)], axis=1)
    return ends


def _on_road(town: Town, points: Floats) -> np.ndarray:
    """Whether no pavement and no kerb lies under each of `points` (k, 3)."""
    lane = town.ground.surfaces(points)[2]
    kind = town.lanes.kind[np.maximum(lane, 0)]
    width = np.maximum.reduceat(town.lanes.width, town.lanes.first)[np.maximum(lane, 0)]
    raised = (kind == LaneKind.SIDEWALK) | ((kind == LaneKind.SHOULDER) & (width < WIDEST_KERB))
    return (lane < 0) | ~raised


def _shortened(quads: Floats) -> Floats:
    """Quads cut between their first and second, and third and fourth corners, so that they follow the ground."""
    length = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    counts = np.maximum(np.ceil(length / _PIECE), 1).astype(np.int64)
    owner, number = expand(counts)
    low, high = (((number + k) / counts[owner])[:, None] for k in (0, 1))
    left, right = quads[owner, 1] - quads[owner, 0], quads[owner, 2] - quads[owner, 3]
    a, d = quads[owner, 0], quads[owner, 3]
    return np.stack([a + low * left, a + high * left, d + high * right, d + low * right], axis=1)
