"""Small scenes to draw, and a slow, exact way to draw them."""

import numpy as np

from carlet.render.raster import Buffers, rasterise
from carlet.render.scene import FAR, NOTHING, Clusters, Triangles, View
from carlet.render.views import look_along

CLUSTER = 16
NEAR = 0.1
_NO_BOXES = np.zeros((2, 0, 3), np.float32)


def scene(corner: np.ndarray, thing: np.ndarray | int = 0, material: np.ndarray | int = 0) -> Triangles:
    """Triangles (n, 3, 3) with their normals."""
    corner = np.asarray(corner, np.float32).reshape(-1, 3, 3)
    double = corner.astype(np.float64)
    with np.errstate(all="ignore"):
        normal = np.cross(double[:, 1] - double[:, 0], double[:, 2] - double[:, 0])
        length = np.linalg.norm(normal, axis=1, keepdims=True)
        normal = np.where(length > 1e-12, normal / length, 0.0)
    count = len(corner)
    return Triangles(
        corner=np.ascontiguousarray(corner.reshape(-1, 9)),
        normal=normal.astype(np.float32),
        material=np.broadcast_to(np.asarray(material, np.uint16), count).copy(),
        tag=np.ones(count, np.uint8),
        thing=np.broadcast_to(np.asarray(thing, np.int32), count).copy(),
    )


def clusters(triangles: Triangles, size: int = CLUSTER) -> Clusters:
    """Runs of `size` triangles, boxed."""
    first = np.arange(0, len(triangles.corner), size, dtype=np.int32)
    last = np.minimum(first + size, len(triangles.corner)).astype(np.int32)
    points = triangles.corner.reshape(-1, 3, 3)
    boxes = [(points[a:b].min(axis=(0, 1)), points[a:b].max(axis=(0, 1))) for a, b in zip(first, last, strict=True)]
    low, high = (
        np.array(side, np.float32).reshape(-1, 3) for side in (zip(*boxes, strict=True) if boxes else ((), ()))
    )
    return Clusters(first, last, low, high)


def shuffled(runs: Clusters, seed: int = 0) -> Clusters:
    """The same clusters in another order."""
    order = np.random.default_rng(seed).permutation(len(runs.first))
    return Clusters(*(column[order] for column in runs))


def draw(
    triangles: Triangles,
    views: list[View],
    paint: Triangles | None = None,
    static: int | None = None,
    runs: Clusters | None = None,
) -> Buffers:
    """Buffers of their own."""
    marks = scene(np.zeros((0, 3, 3))) if paint is None else paint
    buffers = rasterise(triangles, runs or clusters(triangles), marks, clusters(marks), views, static)
    return Buffers(*(column.copy() for column in buffers))


def view(pose: tuple[float, ...] = (0, 0, 0, 0, 0, 0), fov: float = 90.0, width: int = 64, height: int = 48) -> View:
    """A camera at `x y z pitch yaw roll` (rad in the order of `rotation_matrices`), looking along x."""
    return look_along(pose, fov, width, height)


def quad(a, b, c, d) -> np.ndarray:
    """Two triangles (2, 3, 3)."""
    return np.array([(a, b, c), (a, c, d)], np.float64)


def facing(corner: np.ndarray, eye: np.ndarray) -> np.ndarray:
    """The triangles, turned over where they look away from `eye`."""
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    away = np.einsum("ij,ij->i", normal, corner[:, 0] - eye) >= 0
    corner = corner.copy()
    corner[away] = corner[away][:, [0, 2, 1]]
    return corner


def rays(camera: View) -> np.ndarray:
    """Directions (h, w, 3) through the centres of the pixels, one metre deep."""
    x = (np.arange(camera.width) + 0.5 - camera.width / 2) / camera.focal
    y = (np.arange(camera.height) + 0.5 - camera.height / 2) / camera.focal
    local = np.stack(np.broadcast_arrays(x[None, :], y[:, None], 1.0), axis=-1)
    return local @ camera.turn.astype(np.float64)


def trace(triangles: Triangles, camera: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Depth (h, w) of the nearest triangle seen from outside, its row, and how far (share of its size) the ray is from
    the nearest edge of any triangle in front or of that one: small numbers are pixels that rounding may decide.
    """
    corner = triangles.corner.reshape(-1, 3, 3).astype(np.float64) - camera.eye.astype(np.float64)
    direction = rays(camera)
    depth = np.full(direction.shape[:2], np.inf)
    row = np.full(direction.shape[:2], NOTHING)
    doubt = np.full(direction.shape[:2], np.inf)
    for i, (a, b, c) in enumerate(corner):
        normal = np.cross(b - a, c - a)
        if not normal @ a < 0 or not triangles.normal[i].any():
            continue
        with np.errstate(all="ignore"):
            z = (normal @ a) / (direction @ normal)
            sides = [direction @ np.cross(p, q) / np.linalg.norm(np.cross(p, q)) for p, q in ((a, b), (b, c), (c, a))]
        inside = -np.max(sides, axis=0)
        hit = (z > NEAR) & (z < FAR) & (inside >= 0)
        close = (z > NEAR * 0.99) & (z <= depth * (1 + 1e-4)) & (np.abs(inside) < doubt)
        doubt = np.where(close, np.abs(inside), doubt)
        doubt = np.where(hit & (np.abs(z - depth) < 1e-4 * z), 0.0, doubt)
        doubt = np.where(np.abs(z - NEAR) < 1e-3, 0.0, doubt)
        nearer = hit & (z < depth)
        depth, row = np.where(nearer, z, depth), np.where(nearer, i, row)
    return depth, row, doubt
