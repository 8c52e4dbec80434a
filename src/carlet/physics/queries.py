"""Questions about what stands where: the obstacle sensor's sweep and the collision test of a spawn."""

import numba as nb
import numpy as np
from numpy.typing import ArrayLike, NDArray

from carlet.actors.table import Activity, ActorTable, Kind
from carlet.geometry import rotation_matrices
from carlet.physics.candidates import box_shape, boxes_within
from carlet.physics.shapes import COS, HIGH, HX, HY, LOW, RADIUS, REACH, SHAPE_WIDTH, SIN, SX, SY, apart, touch
from carlet.physics.surroundings import Floats, Obstacles, Surroundings

#: how deep a new actor may stand in others and in the level, m
SPAWN_TOLERANCE = 0.05
#: the lowest part of a new actor may stand in steps and kerbs, m
SPAWN_CLEARANCE = 0.2
TOUCHING = 1e-4
MAX_MARCH = 512


def sweep_sphere(
    table: ActorTable,
    surroundings: Surroundings,
    origin: ArrayLike,
    direction: ArrayLike,
    length: float,
    radius: float,
    ignore_rows: ArrayLike,
    only_dynamic: bool,
) -> tuple[int, int, float]:
    """What a sphere of `radius` m touches first on its way of `length` m from `origin` (3,) along `direction` (3,).

    Returns (row of the actor table or -1, index of the scenery box or -1, way of the sphere's centre in m; `length`
    without a hit). `ignore_rows` are passed through; `only_dynamic` leaves out scenery and props that do not move.
    The ground is never hit.
    """
    start = np.array(origin, dtype=np.float64)
    ahead = np.array(direction, dtype=np.float64)
    ahead /= max(float(np.linalg.norm(ahead)), 1e-12)
    rows = _solid_rows(table, np.asarray(ignore_rows, dtype=np.int64), only_dynamic)
    axes = rotation_matrices(table.rotation[rows])
    centres = table.location[rows] + np.einsum("nij,nj->ni", axes, table.box_centre[rows])
    hit, way = _first_hit(centres, table.box_extent[rows], axes, start, ahead, float(length), float(radius))
    if not only_dynamic:
        box, box_way = _sweep_scenery(surroundings.obstacles, start, ahead, float(length), float(radius))
        if box >= 0 and box_way < way:
            return -1, box, box_way
    return (int(rows[hit]) if hit >= 0 else -1), -1, way


def overlaps(
    table: ActorTable, surroundings: Surroundings, pose: Floats, box_centre: ArrayLike, box_extent: ArrayLike
) -> bool:
    """Whether a body at `pose` (6,) with this box would stand in another actor or in scenery.

    The box is taken upright and a little smaller than it is, so that close neighbours and kerbs are no overlap.
    """
    rows = _solid_rows(table, np.zeros(0, np.int64), False)
    shape = _upright(np.asarray(pose, float)[None], np.asarray(box_centre, float), np.asarray(box_extent, float))[0]
    shape[HX : HY + 1] = np.maximum(shape[HX : HY + 1] - SPAWN_TOLERANCE, 0.01)
    shape[LOW] += min(SPAWN_CLEARANCE, 0.5 * (shape[HIGH] - shape[LOW]))
    poses = np.concatenate([table.location[rows], table.rotation[rows]], axis=1)
    others = _upright(poses, table.box_centre[rows], table.box_extent[rows])
    walkers = table.kind[rows] == Kind.WALKER
    others[walkers, RADIUS] = np.maximum(others[walkers, HX], others[walkers, HY])
    solid = surroundings.obstacles
    return bool(
        _stands_in(shape, others) or _stands_in_scenery(shape, solid.boxes, solid.start, solid.members, solid.grid)
    )


def _solid_rows(table: ActorTable, ignored: NDArray[np.int64], only_dynamic: bool) -> NDArray[np.intp]:
    solid = table.collides & ~table.flat & (table.activity == Activity.ACTIVE)
    solid[ignored] = False
    if only_dynamic:
        solid &= table.simulates | (table.kind != Kind.PROP)
    return np.flatnonzero(solid)


def _upright(poses: Floats, centre: Floats, extent: Floats) -> Floats:
    """Shapes (n, SHAPE_WIDTH) of boxes at poses (n, 6)."""
    shapes = np.zeros((len(poses), SHAPE_WIDTH))
    extent = np.broadcast_to(extent, (len(poses), 3))
    middle = poses[:, :3] + np.einsum(
        "nij,nj->ni", rotation_matrices(poses[:, 3:]), np.broadcast_to(centre, (len(poses), 3))
    )
    shapes[:, SX : SY + 1] = middle[:, :2]
    shapes[:, COS], shapes[:, SIN] = np.cos(poses[:, 4]), np.sin(poses[:, 4])
    shapes[:, HX], shapes[:, HY] = extent[:, 0], extent[:, 1]
    shapes[:, LOW], shapes[:, HIGH] = middle[:, 2] - extent[:, 2], middle[:, 2] + extent[:, 2]
    shapes[:, REACH] = np.hypot(extent[:, 0], extent[:, 1])
    return shapes


def _sweep_scenery(
    obstacles: Obstacles, start: Floats, ahead: Floats, length: float, radius: float
) -> tuple[int, float]:
    end = start + ahead * length
    x0, y0 = np.minimum(start, end)[:2] - radius
    x1, y1 = np.maximum(start, end)[:2] + radius
    near = boxes_within(x0, y0, x1, y1, obstacles.start, obstacles.members, obstacles.grid)
    boxes = obstacles.boxes[near]
    axes = np.zeros((len(near), 3, 3))
    axes[:, 0, 0] = axes[:, 1, 1] = boxes[:, 6]
    axes[:, 1, 0], axes[:, 0, 1] = boxes[:, 7], -boxes[:, 7]
    axes[:, 2, 2] = 1.0
    hit, way = _first_hit(boxes[:, :3].copy(), boxes[:, 3:6].copy(), axes, start, ahead, length, radius)
    return (int(near[hit]) if hit >= 0 else -1), way


@nb.njit(cache=True)
def _first_hit(centres, extents, axes, start, ahead, length, radius):
    """Which of the boxes (n) a sphere meets first, and how far it got: it goes on by the free space around it."""
    best, way = -1, length
    for n in range(len(centres)):
        gone = 0.0
        for _ in range(MAX_MARCH):
            free = _distance(centres[n], extents[n], axes[n], start, ahead, gone) - radius
            if free < TOUCHING:
                best, way = n, gone
                break
            gone += free
            if gone >= way:
                break
    return best, way


@nb.njit(cache=True)
def _distance(centre, extent, axes, start, ahead, gone):
    """From a box to the point `gone` metres along the way."""
    total = 0.0
    for k in range(3):
        local = 0.0
        for m in range(3):
            local += axes[m, k] * (start[m] + ahead[m] * gone - centre[m])
        beyond = max(abs(local) - extent[k], 0.0)
        total += beyond * beyond
    return np.sqrt(total)


@nb.njit(cache=True)
def _stands_in(shape, others):
    found = False
    for k in range(len(others)):
        found = found or (not apart(shape, others[k]) and touch(shape, others[k], 0.0, 0.0)[0] > 0.0)
    return found


@nb.njit(cache=True)
def _stands_in_scenery(shape, boxes, start, members, grid):
    far = shape[REACH]
    wall = np.empty((1, SHAPE_WIDTH))
    x, y = shape[SX], shape[SY]
    for box in boxes_within(x - far, y - far, x + far, y + far, start, members, grid):
        box_shape(wall[0], boxes[box])
        if _stands_in(shape, wall):
            return True
    return False
