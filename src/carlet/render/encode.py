"""What a view sees, as the bytes that clients read: depth, tags, instances, normals, flow.

One picture takes 0.02 to 0.5 ms on one core: less than waking a second core costs, so nothing here is parallel.
"""

from collections.abc import Mapping

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carlet.render.picture import Picture
from carlet.render.scene import FAR, NOTHING, Moved, Things, Triangles, View

#: Pixels BGRA as one number each: blue is the lowest byte.
Pixels = NDArray[np.uint32]

SKY_TAG = 11
#: From this share of a pixel on, paint is what the pixel shows.
PAINTED = np.float32(0.5)
OPAQUE = np.uint32(0xFF000000)
_LEAST = 1.0 / FAR
_CODES_PER_M = (2**24 - 1) / FAR
#: Flow that the half floats of the real renderer can hold, in normalised device coordinates.
_MAX_FLOW = 2.0
#: What is less far ahead of the former camera than this goes out of bounds.
_AHEAD = 1e-6
_STILL = np.eye(3, 4, dtype=np.float32).ravel()


def depth(picture: Picture, out: Pixels) -> None:
    """Distance along the camera's axis / 1000 m in 24 bits: red the lowest byte, blue the highest."""
    _depth(picture.near, out)


def tags(picture: Picture, triangles: Triangles, paint: Triangles, palette: NDArray[np.uint32], out: Pixels) -> None:
    """The pixel `palette[tag]` of what is seen, `palette` (256,)."""
    _tags(picture.seen, picture.cover, picture.marked, triangles.tag, paint.tag, palette, out)


def tag_palette() -> NDArray[np.uint32]:
    """The palette (256,) of the semantic camera: the tag is the red byte."""
    return (np.arange(256, dtype=np.uint32) << np.uint32(16)) | OPAQUE


def colour_palette(colours: Mapping[int, tuple[int, int, int]]) -> NDArray[np.uint32]:
    """A palette (256,) of red, green and blue by tag; black where there is none."""
    palette = np.full(256, OPAQUE)
    for tag, (red, green, blue) in colours.items():
        palette[tag] |= np.uint32((red << 16) | (green << 8) | blue)
    return palette


def instances(picture: Picture, triangles: Triangles, paint: Triangles, things: Things, out: Pixels) -> None:
    """Red the tag, green the low byte of the thing's number, blue the next one."""
    rows = picture.seen, picture.cover, picture.marked
    _instances(*rows, triangles.tag, triangles.thing, paint.tag, paint.thing, things.number, out)


def normals(picture: Picture, triangles: Triangles, paint: Triangles, out: Pixels) -> None:
    """Outward normals in the world's frame, x y z as red green blue from 0 (-1) to 255 (1); the sky is black."""
    _normals(picture.seen, picture.cover, picture.marked, triangles.normal, paint.normal, out)


def flow(
    picture: Picture,
    moved: Moved,
    now: View,
    before: View,
    out: NDArray[np.float32],
) -> None:
    """How far each pixel came since the view `before`: `out` (h, w, 2) in normalised device coordinates, y upwards.

    Points of parts that moved are followed back by one tick.
    """
    _flow(
        picture.near,
        picture.seen,
        moved.first,
        moved.before,
        _STILL,
        now.turn.astype(np.float64),
        before.turn.astype(np.float64),
        now.eye.astype(np.float64),
        before.eye.astype(np.float64),
        np.array([now.focal, before.focal], np.float64),
        out,
    )


_kernel = njit(cache=True, fastmath=True, error_model="numpy", nogil=True)


@_kernel
def _depth(near, out):
    height, width = near.shape
    for y in range(height):
        for x in range(width):
            code = np.uint32(_CODES_PER_M / max(np.float64(near[y, x]), _LEAST) + 0.5)
            high, middle, low = code >> np.uint32(16), code & np.uint32(0xFF00), code & np.uint32(0xFF)
            out[y, x] = high | middle | (low << np.uint32(16)) | OPAQUE


# Neighbours in a row of pixels mostly show the same triangle: each kernel looks its pixel up only where that changes.


@_kernel
def _tags(seen, cover, marked, tag, paint_tag, palette, out):
    sky = palette[SKY_TAG]
    for y in range(seen.shape[0]):
        last, pixel = NOTHING, sky
        for x in range(seen.shape[1]):
            row = seen[y, x]
            if row != last:
                last, pixel = row, palette[tag[row]] if row >= 0 else sky
            out[y, x] = palette[paint_tag[marked[y, x]]] if cover[y, x] >= PAINTED else pixel


@_kernel
def _instance(row, tag, thing, number):
    of = number[thing[row]]
    low, high = of & np.uint32(0xFF), (of >> np.uint32(8)) & np.uint32(0xFF)
    return np.uint32(high | (low << np.uint32(8)) | (np.uint32(tag[row]) << np.uint32(16)) | OPAQUE)


@_kernel
def _instances(seen, cover, marked, tag, thing, paint_tag, paint_thing, number, out):
    sky = np.uint32(SKY_TAG << 16) | OPAQUE
    for y in range(seen.shape[0]):
        last, pixel = NOTHING, sky
        for x in range(seen.shape[1]):
            row = seen[y, x]
            if row != last:
                last, pixel = row, _instance(row, tag, thing, number) if row >= 0 else sky
            painted = cover[y, x] >= PAINTED
            out[y, x] = _instance(marked[y, x], paint_tag, paint_thing, number) if painted else pixel


@_kernel
def _normal(row, normal):
    half, middle = np.float32(127.5), np.float32(128.0)
    red, green = np.uint32(normal[row, 0] * half + middle), np.uint32(normal[row, 1] * half + middle)
    blue = np.uint32(normal[row, 2] * half + middle)
    return np.uint32(blue | (green << np.uint32(8)) | (red << np.uint32(16)) | OPAQUE)


@_kernel
def _normals(seen, cover, marked, normal, paint_normal, out):
    for y in range(seen.shape[0]):
        last, pixel = NOTHING, OPAQUE
        for x in range(seen.shape[1]):
            row = seen[y, x]
            if row != last:
                last, pixel = row, _normal(row, normal) if row >= 0 else OPAQUE
            out[y, x] = _normal(marked[y, x], paint_normal) if cover[y, x] >= PAINTED else pixel


@_kernel
def _carry(moved, turn, turn_before, eye, eye_before, out):
    """The matrix (3, 4) from a camera's frame to that of the camera before, for points taken back by `moved` (12,)."""
    for i in range(3):
        for j in range(4):
            out[i, j] = 0.0
    for k in range(3):
        there = moved[4 * k + 3] - eye_before[k]
        for n in range(3):
            there += moved[4 * k + n] * eye[n]
        for i in range(3):
            out[i, 3] += turn_before[i, k] * there
            for n in range(3):
                for j in range(3):
                    out[i, j] += turn_before[i, k] * moved[4 * k + n] * turn[j, n]


@_kernel
def _flow(near, seen, first, moved, still, turn, turn_before, eye, eye_before, focal, out):
    height, width = near.shape
    middle_x, middle_y = 0.5 * width, 0.5 * height
    m = np.empty((3, 4))
    _carry(still, turn, turn_before, eye, eye_before, m)
    last, of = NOTHING, NOTHING
    for y in range(height):
        for x in range(width):
            across, down = x + 0.5 - middle_x, y + 0.5 - middle_y
            a, b = across / focal[0], down / focal[0]
            row, share = seen[y, x], np.float64(near[y, x])
            if row != last:
                last, part = row, np.searchsorted(first, row, side="right") - 1
                if part != of:
                    of = part
                    _carry(moved[of] if of >= 0 else still, turn, turn_before, eye, eye_before, m)
            # all times `share`: the sky, at no share of anything, turns but comes no closer
            scale = focal[1] / max(m[2, 0] * a + m[2, 1] * b + m[2, 2] + m[2, 3] * share, _AHEAD)
            vx = (across - (m[0, 0] * a + m[0, 1] * b + m[0, 2] + m[0, 3] * share) * scale) / middle_x
            vy = ((m[1, 0] * a + m[1, 1] * b + m[1, 2] + m[1, 3] * share) * scale - down) / middle_y
            out[y, x, 0] = min(max(vx, -_MAX_FLOW), _MAX_FLOW)
            out[y, x, 1] = min(max(vy, -_MAX_FLOW), _MAX_FLOW)
