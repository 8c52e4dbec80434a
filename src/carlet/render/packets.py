"""The way of one packet, sixteen rays of one origin, through trees of triangles. Kernels for `carlet.render.rays`.

All find the nearest hit: `far` is how far each ray still has to look, `hit` what it met there.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from carlet.render.simd import LANES, at_most, below, bits, both, choose, count, least, most, spread, take

_INLINE: dict[str, Any] = {"fastmath": True, "error_model": "numpy", "nogil": True, "forceinline": True}
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
#: Directions closer to zero than this along an axis count as this.
_FLAT, _STEEP = np.float32(1e-12), np.float32(1e12)
#: Triangles are wider by this share, so that no ray slips between neighbours.
_SEAM = np.float32(1e-5)
#: The link after the last one. Links at or over zero are nodes, others are ~leaf.
_END = np.int32(-(2**31))
_LEFT_LINK, _RIGHT_LINK = 12, 13


class Packet(NamedTuple):
    """One origin, and for each ray its direction and one over it."""

    ox: Any
    oy: Any
    oz: Any
    dx: Any
    dy: Any
    dz: Any
    ix: Any
    iy: Any
    iz: Any


@njit(**_INLINE)
def make_packet(ox, oy, oz, dx, dy, dz):
    """Rays from a point (three float32) in sixteen directions (three Floats)."""
    return Packet(ox, oy, oz, dx, dy, dz, _reciprocal(dx), _reciprocal(dy), _reciprocal(dz))


@njit(**_INLINE)
def load_packet(ox, oy, oz, directions):
    """Rays from a point; `directions` (3 * LANES,) float32: all x, all y, all z."""
    return make_packet(ox, oy, oz, take(directions, 0), take(directions, LANES), take(directions, 2 * LANES))


@njit(**_INLINE)
def trace_level(level, packet, far, hit, stack):
    """Nearest hits on a `rays.Level`; paint row i is -2 - i."""
    link, depth = np.int32(0), 0
    while link != _END:
        if link >= 0:
            link, depth = _step(level.nodes, level.links, link, packet, far, stack, depth, 0)
            continue
        leaf = ~link
        for row in range(level.leaves[leaf, 0], level.leaves[leaf + 1, 0]):
            met, range_ = _meets(level.corner, row, packet, far)
            if bits(met) != 0 and _is_there(level.normal, row):
                far, hit = choose(met, range_, far), choose(met, spread(np.int32(row)), hit)
        for row in range(level.leaves[leaf, 1], level.leaves[leaf + 1, 1]):
            met, range_ = _meets(level.paint_corner, row, packet, far)
            if bits(met) != 0 and _is_there(level.paint_normal, row):
                far, hit = choose(met, range_, far), choose(met, spread(np.int32(-2 - row)), hit)
        link, depth = _pop(stack, depth, 0)
    return far, hit


@njit(**_INLINE)
def trace_placed(placed, forest, normal, packet, far, hit, stack):
    """Nearest hits on the parts of `rays.Placed`, whose triangles have the normals `normal`."""
    link, depth = np.int32(0), 0
    while link != _END:
        if link >= 0:
            link, depth = _step(placed.nodes, placed.links, link, packet, far, stack, depth, 0)
            continue
        part = placed.order[~link]
        local, root, first = _into(packet, placed.inverse[part]), placed.root[part], placed.first[part]
        far, hit = _trace_part(forest, root, first, normal, local, far, hit, stack, depth)
        link, depth = _pop(stack, depth, 0)
    return far, hit


@njit(**_INLINE)
def _trace_part(forest, root, first, normal, packet, far, hit, stack, floor):
    """Nearest hits on one part of a `rays.Forest`, the packet being in its frame, and its rows beginning at `first`.

    The stack is free from `floor` on.
    """
    link, depth = root, floor
    while link != _END:
        if link >= 0:
            link, depth = _step(forest.nodes, forest.links, link, packet, far, stack, depth, floor)
            continue
        leaf = ~link
        for item in range(forest.leaves[leaf], forest.leaves[leaf + 1]):
            met, range_ = _meets(forest.corner, item, packet, far)
            row = first + forest.place[item]
            if bits(met) != 0 and _is_there(normal, row):
                far, hit = choose(met, range_, far), choose(met, spread(np.int32(row)), hit)
        link, depth = _pop(stack, depth, floor)
    return far, hit


@njit(**_INLINE)
def _step(nodes, links, node, packet, far, stack, depth, floor):
    """The link to go on with after a node, and the depth of the stack: the nearer child first, as most rays see it."""
    left, right = links[node, _LEFT_LINK], links[node, _RIGHT_LINK]
    near_left, in_left = _enters(nodes, node, 0, packet, far)
    near_right, in_right = _enters(nodes, node, 6, packet, far)
    if in_left != 0 and in_right != 0:
        if count(below(near_right, near_left)) > LANES // 2:
            left, right = right, left
        stack[depth] = right
        return left, depth + 1
    if in_left != 0:
        return left, depth
    if in_right != 0:
        return right, depth
    return _pop(stack, depth, floor)


@njit(**_INLINE)
def _pop(stack, depth, floor):
    if depth == floor:
        return _END, depth
    return stack[depth - 1], depth - 1


@njit(**_INLINE)
def _enters(nodes, node, at, packet, far):
    """Where rays enter the box in columns `at` to `at + 6` of a node, and which do so before `far`."""
    one, other = (nodes[node, at] - packet.ox) * packet.ix, (nodes[node, at + 3] - packet.ox) * packet.ix
    near, beyond = most(least(one, other), spread(_ZERO)), least(most(one, other), far)
    one, other = (nodes[node, at + 1] - packet.oy) * packet.iy, (nodes[node, at + 4] - packet.oy) * packet.iy
    near, beyond = most(least(one, other), near), least(most(one, other), beyond)
    one, other = (nodes[node, at + 2] - packet.oz) * packet.iz, (nodes[node, at + 5] - packet.oz) * packet.iz
    near, beyond = most(least(one, other), near), least(most(one, other), beyond)
    return near, bits(at_most(near, beyond))


@njit(**_INLINE)
def _meets(corner, row, packet, far):
    """Which rays meet the front of a triangle before `far`, and where.

    Möller and Trumbore's test: with edges e and f from corner a, s from a to the origin and n = e x f, a ray along d
    meets the plane at (s n) / -(d n); the shares of e and f are d (f x s) and d (s x e), both over -(d n).
    """
    ax, ay, az = corner[row, 0], corner[row, 1], corner[row, 2]
    ex, ey, ez = corner[row, 3] - ax, corner[row, 4] - ay, corner[row, 5] - az
    fx, fy, fz = corner[row, 6] - ax, corner[row, 7] - ay, corner[row, 8] - az
    sx, sy, sz = packet.ox - ax, packet.oy - ay, packet.oz - az
    nx, ny, nz = ey * fz - ez * fy, ez * fx - ex * fz, ex * fy - ey * fx
    height = sx * nx + sy * ny + sz * nz
    if height <= _ZERO:
        return below(far, far), far
    facing = packet.dx * -nx + packet.dy * -ny + packet.dz * -nz
    along_e = packet.dx * (fy * sz - fz * sy) + packet.dy * (fz * sx - fx * sz) + packet.dz * (fx * sy - fy * sx)
    along_f = packet.dx * (sy * ez - sz * ey) + packet.dy * (sz * ex - sx * ez) + packet.dz * (sx * ey - sy * ex)
    seam = facing * -_SEAM
    inside = both(both(at_most(seam, along_e), at_most(seam, along_f)), at_most(along_e + along_f, facing - seam))
    met = both(inside, below(spread(height), far * facing))
    return met, spread(height) / facing


@njit(**_INLINE)
def _is_there(normal, row):
    return normal[row, 0] != _ZERO or normal[row, 1] != _ZERO or normal[row, 2] != _ZERO


@njit(**_INLINE)
def _into(packet, m):
    """The packet in the frame of a part, `m` (12,) being its row of `rays.Placed.inverse`."""
    x, y, z = packet.ox - m[9], packet.oy - m[10], packet.oz - m[11]
    return make_packet(
        m[0] * x + m[1] * y + m[2] * z,
        m[3] * x + m[4] * y + m[5] * z,
        m[6] * x + m[7] * y + m[8] * z,
        packet.dx * m[0] + packet.dy * m[1] + packet.dz * m[2],
        packet.dx * m[3] + packet.dy * m[4] + packet.dz * m[5],
        packet.dx * m[6] + packet.dy * m[7] + packet.dz * m[8],
    )


@njit(**_INLINE)
def _reciprocal(lanes):
    steep = both(below(spread(-_FLAT), lanes), below(lanes, spread(_FLAT)))
    return choose(steep, spread(_STEEP), spread(_ONE) / lanes)
