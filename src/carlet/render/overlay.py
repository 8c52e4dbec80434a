"""Shapes that clients draw into the world, on finished colour pictures: points, lines, arrows, boxes and texts."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from carlet.geometry import to_world
from carlet.render.scene import View
from carlet.wire.drawings import DebugShape, ShapeKind

Floats = NDArray[np.float64]

_HUD = frozenset({ShapeKind.HUD_POINT, ShapeKind.HUD_LINE, ShapeKind.HUD_ARROW, ShapeKind.HUD_BOX})
_NEAREST_M = 0.1
#: Lines are cut into pieces, each of which is hidden or not; shapes may lie this far (m) behind what they lie on.
_PIECES, _DEPTH_BIAS_M = 24, 0.15
_POINT_PX_PER_SIZE, _TEXT_SCALE = 50.0, 0.45
_ARROW_WINGS = 0.4
#: Edges of a box between its corners, numbered by the bits x y z of the upper end.
_EDGES = [(a, a | bit) for a in range(8) for bit in (1, 2, 4) if not a & bit]


class _Stroke(NamedTuple):
    """A straight line (2, 3) in the world, or a point with both ends alike; thickness in metres."""

    ends: Floats
    thickness: float


def draw_shapes(shapes: Sequence[DebugShape], near: NDArray[np.float32], view: View, bgra: NDArray[np.uint8]) -> None:
    """Draw onto `bgra` (h, w, 4). What lies behind the picture's surfaces, `near` (h, w) as in `raster.Buffers`, is not
    seen, but for the shapes of the HUD and texts.
    """
    for shape in shapes:
        red, green, blue = shape.color
        paint = (blue, green, red, 255)
        if shape.kind is ShapeKind.STRING:
            _draw_text(shape, view, paint, bgra)
        elif shape.kind in (ShapeKind.POINT, ShapeKind.HUD_POINT):
            _draw_point(shape, near, view, paint, bgra)
        else:
            for stroke in _strokes(shape):
                _draw_stroke(stroke, None if shape.kind in _HUD else near, view, paint, bgra)


def _strokes(shape: DebugShape) -> Iterator[_Stroke]:
    if shape.box is not None:
        signs = np.array([[1.0 if corner >> axis & 1 else -1.0 for axis in range(3)] for corner in range(8)])
        pose = np.concatenate([shape.box.centre, shape.box.rotation])
        corners = to_world(np.tile(pose, (8, 1)), signs * shape.box.extent)
        for first, second in _EDGES:
            yield _Stroke(corners[[first, second]], shape.size)
        return
    ends = np.array(shape.points, dtype=np.float64)
    yield _Stroke(ends, shape.size)
    way = ends[1] - ends[0]
    length = float(np.linalg.norm(way))
    if shape.arrow_size > 0.0 and length > 0.0:
        ahead = way / length * shape.arrow_size
        aside = np.array([-ahead[1], ahead[0], 0.0]) * _ARROW_WINGS
        for side in (-1.0, 1.0):
            yield _Stroke(np.array([ends[1], ends[1] - ahead + side * aside]), shape.size)


def _draw_stroke(
    stroke: _Stroke, near: NDArray[np.float32] | None, view: View, paint: tuple[int, ...], bgra: NDArray[np.uint8]
) -> None:
    local = _local(stroke.ends, view)
    if (local[:, 2] < _NEAREST_M).all():
        return
    local = _clipped(local)
    share = np.linspace(0.0, 1.0, _PIECES + 1)[:, None]
    places = local[0] + share * (local[1] - local[0])
    pixels = _pixels(places, view)
    middle = 0.5 * (places[1:] + places[:-1])
    shown = np.ones(_PIECES, bool) if near is None else _is_before(middle, near, view)
    for piece in np.flatnonzero(shown):
        width = max(round(view.focal * stroke.thickness / middle[piece, 2]), 1)
        first, second = (tuple(np.clip(np.round(p), -1e4, 1e4).astype(int).tolist()) for p in pixels[piece : piece + 2])
        cv2.line(bgra, first, second, paint, width, cv2.LINE_AA)


def _draw_point(
    shape: DebugShape, near: NDArray[np.float32], view: View, paint: tuple[int, ...], bgra: NDArray[np.uint8]
) -> None:
    local = _local(np.array(shape.points, dtype=np.float64), view)
    if local[0, 2] < _NEAREST_M:
        return
    if shape.kind is ShapeKind.HUD_POINT or _is_before(local, near, view)[0]:
        x, y = np.clip(np.round(_pixels(local, view)[0]), -1e4, 1e4).astype(int).tolist()
        cv2.circle(bgra, (x, y), max(round(_POINT_PX_PER_SIZE * shape.size), 1), paint, cv2.FILLED, cv2.LINE_AA)


def _draw_text(shape: DebugShape, view: View, paint: tuple[int, ...], bgra: NDArray[np.uint8]) -> None:
    local = _local(np.array(shape.points, dtype=np.float64), view)
    if local[0, 2] < _NEAREST_M:
        return
    x, y = np.clip(np.round(_pixels(local, view)[0]), -1e4, 1e4).astype(int).tolist()
    if shape.shadow:
        cv2.putText(bgra, shape.text, (x + 1, y + 1), cv2.FONT_HERSHEY_SIMPLEX, _TEXT_SCALE, (0, 0, 0, 255), 1)
    cv2.putText(bgra, shape.text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, _TEXT_SCALE, paint, 1, cv2.LINE_AA)


def _local(points: Floats, view: View) -> Floats:
    """Points (n, 3) as right, down and forward of the camera."""
    return (points - view.eye.astype(np.float64)) @ view.turn.T.astype(np.float64)


def _clipped(local: Floats) -> Floats:
    """A line (2, 3) of which an end may lie behind the camera, cut there."""
    behind = local[:, 2] < _NEAREST_M
    if not behind.any():
        return local
    inside, outside = (local[1], local[0]) if behind[0] else (local[0], local[1])
    cut = outside + (inside - outside) * (_NEAREST_M - outside[2]) / (inside[2] - outside[2])
    return np.array([cut, inside])


def _pixels(local: Floats, view: View) -> Floats:
    return local[:, :2] / local[:, 2:] * view.focal + (0.5 * view.width, 0.5 * view.height)


def _is_before(local: Floats, near: NDArray[np.float32], view: View) -> NDArray[np.bool_]:
    """Which points lie before, or a little behind, what the picture shows there."""
    columns, rows = np.floor(_pixels(local, view)).T
    inside = (columns >= 0) & (rows >= 0) & (columns < view.width) & (rows < view.height)
    at = np.where(inside, rows, 0).astype(int), np.where(inside, columns, 0).astype(int)
    return ~inside | (1.0 / np.maximum(local[:, 2] - _DEPTH_BIAS_M, _NEAREST_M) >= near[at])
