"""Colour pictures from what the pixels see: materials, light, shadows and lamps."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from carlet.models.materials import MaterialArrays
from carlet.render.exposure import linear_tables, tone_curves
from carlet.render.face_tiles import face_tiles
from carlet.render.glow import Glow
from carlet.render.light_row import light_row
from carlet.render.noise import noise
from carlet.render.picture import Lens
from carlet.render.pixel_rows import Cameras
from carlet.render.raster import Buffers
from carlet.render.reflections import reflect_bands
from carlet.render.scene import Things, Triangles, View
from carlet.render.shade_rows import BLOCK, shade_bands
from carlet.render.shadows import Shadows
from carlet.render.weather import Light

#: Height (m) of a usual camera over the ground, where fog begins to thin.
EYE_HEIGHT = 2.0


class Scenery(NamedTuple):
    """All that the pixels of a call can see."""

    buffers: Buffers
    triangles: Triangles
    paint: Triangles
    things: Things
    materials: MaterialArrays


def shade(
    scenery: Scenery,
    views: Sequence[View],
    lenses: Sequence[Lens],
    light: Light,
    shadows: Shadows,
    glow: Glow,
    out: NDArray[np.uint8],
    floor: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Colour the views of a call into `out` (v, h, w, 4), bytes b g r 255, one lens a view. `floor` (v,): height of the
    ground under each view, where fog is as dense as the weather says; two metres under the eye where it is not known.

    Returns what is brighter than white, (v, h / 8, w / 8, 3), for `finish`; no rows by day.
    """
    count, height, width = out.shape[:3]
    eye = np.stack([view.eye for view in views]).astype(np.float32)
    cameras = Cameras(
        eye=eye,
        turn=np.ascontiguousarray(np.stack([view.turn for view in views]), np.float32),
        focal=np.array([view.focal for view in views], np.float32),
        floor=_floor(eye, floor),
    )
    blocks = count if light.night > 0.0 else 0
    bloom = np.zeros((blocks, -(-height // BLOCK), -(-width // BLOCK), 3), np.float32)
    flat = Glow(glow.table, glow.corner, glow.cells.reshape(-1))
    pixels = out.view(np.uint32).reshape(count, height, width)
    mirror = np.zeros((count if light.wet > 0.0 else 0, height, width), np.float32)
    numbers, curves, buffers = light_row(light), tone_curves(lenses), scenery.buffers
    shade_bands(
        *scenery, numbers, light.dome, noise(), face_tiles(), *shadows, flat, cameras, curves, mirror, pixels, bloom
    )
    if len(mirror):
        seen, normal, linear = buffers.seen, scenery.triangles.normal, linear_tables(lenses)
        turn, focal = cameras.turn, cameras.focal
        reflect_bands(buffers.near, seen, mirror, normal, numbers, light.dome, turn, focal, curves, linear, pixels)
    return bloom


def _floor(eye: NDArray[np.float32], known: NDArray[np.float32] | None) -> NDArray[np.float32]:
    usual = eye[:, 2] - np.float32(EYE_HEIGHT)
    return usual if known is None else np.where(np.isfinite(known), known, usual).astype(np.float32)
