"""Regions cut into convex polygons that know their neighbours."""

from dataclasses import dataclass

import numpy as np
import shapely

from carlet.town.model import Ints

MOST_CORNERS = 6


@dataclass(frozen=True)
class Polygons:
    """Convex polygons (p) that meet edge to edge, their corners clockwise in a frame with x right and y up.

    `place` (v, 2) in units of the grid, `corner` (p, 6) rows of `place`, -1 after the last one, `neighbour` (p, 6) the
    polygon across the edge from this corner to the next one, -1 where there is none, `area` (p,).
    """

    place: Ints
    corner: Ints
    neighbour: Ints
    area: Ints


def convex_polygons(regions: np.ndarray, areas: np.ndarray, grid: float) -> Polygons:
    """Polygons that cover `regions` (n,), whose corners lie on multiples of `grid` metres, with the areas (n,)."""
    triangles, region = shapely.get_parts(shapely.constrained_delaunay_triangles(regions), return_index=True)
    corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
    corners = np.round(corners / grid).astype(np.int64)
    turn = _turn(corners[:, 0], corners[:, 1], corners[:, 2])
    corners[turn > 0] = corners[turn > 0, ::-1]
    corners, region = corners[turn != 0], region[turn != 0]
    place, corner = np.unique(corners.reshape(-1, 2), axis=0, return_inverse=True)
    area = areas[region].astype(np.int64)
    merged, kept = _merged(place, corner.reshape(-1, 3), area)
    return Polygons(place, merged, _neighbours(merged, len(place)), area[kept])


def _turn(before: Ints, at: Ints, after: Ints) -> Ints:
    """Twice the signed area of corners (..., 2); negative where the way turns clockwise."""
    a, b = at - before, after - at
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _merged(place: Ints, triangles: Ints, area: Ints) -> tuple[Ints, Ints]:
    """Neighbours of one area put together, over the longest edges first, while that leaves them convex.

    Returns the corners (p, 6) and the triangle that each polygon began with.
    """
    xy = place.tolist()
    polygons: list[list[int]] = triangles.tolist()
    owner = list(range(len(polygons)))
    for one, other, first, second in _shared_edges(place, triangles, area):
        a, b = _root(owner, one), _root(owner, other)
        if a == b:
            continue
        joined = _joined(polygons[a], polygons[b], first, second, xy)
        if joined:
            polygons[a], owner[b] = joined, a
    kept = [row for row, parent in enumerate(owner) if row == parent]
    padded = np.full((len(kept), MOST_CORNERS), -1, dtype=np.int64)
    for row, polygon in enumerate(kept):
        padded[row, : len(polygons[polygon])] = polygons[polygon]
    return padded, np.array(kept, dtype=np.int64)


def _shared_edges(place: Ints, triangles: Ints, area: Ints) -> list[list[int]]:
    """Triangle, its neighbour of the same area, and the first's corners of their edge; the longest edges first."""
    end = np.roll(triangles, -1, axis=1)
    neighbour = _neighbours(triangles, len(place))
    row, slot = np.nonzero((neighbour > np.arange(len(triangles))[:, None]) & (area[neighbour] == area[:, None]))
    first, second = triangles[row, slot], end[row, slot]
    length = np.square(place[first] - place[second]).sum(axis=1)
    order = np.lexsort((row, -length))
    return np.stack([row, neighbour[row, slot], first, second], axis=1)[order].tolist()


def _root(owner: list[int], row: int) -> int:
    while owner[row] != row:
        owner[row] = owner[owner[row]]
        row = owner[row]
    return row


def _joined(a: list[int], b: list[int], first: int, second: int, xy: list[list[int]]) -> list[int] | None:
    """Both polygons as one without their edge from `first` to `second` (as `a` runs); None when that is not convex."""
    if len(a) + len(b) - 2 > MOST_CORNERS:
        return None
    i, j = a.index(second), b.index(first)
    whole = a[i:] + a[:i] + (b[j:] + b[:j])[1:-1]
    if len(set(whole)) < len(whole):
        return None
    at_first = len(a) - 1
    bends = ((whole[-1], whole[0], whole[1]), (whole[at_first - 1], first, whole[(at_first + 1) % len(whole)]))
    return whole if all(_clockwise(*(xy[corner] for corner in bend)) for bend in bends) else None


def _clockwise(before: list[int], at: list[int], after: list[int]) -> bool:
    return (at[0] - before[0]) * (after[1] - at[1]) <= (at[1] - before[1]) * (after[0] - at[0])


def _neighbours(corner: Ints, places: int) -> Ints:
    """The polygon (p, k) across each edge of polygons with corners (p, k), -1 where there is none."""
    polygon, slot = np.nonzero(corner >= 0)
    count = (corner >= 0).sum(axis=1)
    start = corner[polygon, slot]
    end = corner[polygon, np.where(slot + 1 == count[polygon], 0, slot + 1)]
    forward, backward = start * places + end, end * places + start
    order = np.argsort(forward)
    found = np.minimum(np.searchsorted(forward[order], backward), len(order) - 1)
    match = order[found]
    neighbour = np.full(corner.shape, -1, dtype=np.int64)
    neighbour[polygon, slot] = np.where(forward[match] == backward, polygon[match], -1)
    return neighbour
