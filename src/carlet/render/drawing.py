"""From requests to pictures: views of one size together, colours only where they are wanted."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from carlet.models.materials import material_arrays
from carlet.render.arena import Arena
from carlet.render.finishing import finish
from carlet.render.glow import GlowMaps, Spots
from carlet.render.overlay import draw_shapes
from carlet.render.picture import Picture, Request
from carlet.render.raster import Buffers, Rasteriser
from carlet.render.scene import View
from carlet.render.shading import Scenery, shade
from carlet.render.shadows import ShadowMaps
from carlet.render.smooth import smooth_edges
from carlet.render.static import StaticScene
from carlet.render.weather import light_of
from carlet.town import Town
from carlet.wire.drawings import DebugShape
from carlet.wire.pool import Pool
from carlet.wire.values import Weather


class Drawing:
    """Draws views of one level; keeps the shadows and lamp light of what stands still."""

    def __init__(self, town: Town, scene: StaticScene):
        self._ground, self._scene = town.ground, scene
        self._rasterisers: dict[tuple[int, int], Rasteriser] = {}
        self._pools: dict[tuple[int, ...], Pool] = {}
        self._shadows, self._glow = ShadowMaps(), GlowMaps()

    def draw(
        self,
        requests: Sequence[Request],
        arena: Arena,
        weather: Weather,
        time_s: float,
        moving: Spots,
        still: Spots,
        shapes: Sequence[DebugShape] = (),
    ) -> list[Picture]:
        """A picture for every request."""
        pictures: list[Picture | None] = [None] * len(requests)
        sizes: dict[tuple[int, int], list[int]] = {}
        for index, request in enumerate(requests):
            sizes.setdefault((request.view.width, request.view.height), []).append(index)
        for rows in sizes.values():
            rows.sort(key=lambda index: requests[index].rgb is None)
            group = [requests[index] for index in rows]
            buffers = self._rasterise(arena, [request.view for request in group])
            colours = self._shade(group, buffers, arena, weather, time_s, moving, still)
            for picture, near, request in zip(colours, buffers.near, group, strict=False):
                draw_shapes(shapes, near, request.view, picture)
            colours.flags.writeable = False
            for place, index in enumerate(rows):
                bgra = colours[place] if place < len(colours) else None
                pictures[index] = Picture(*_part(buffers, place), bgra)
        return [picture for picture in pictures if picture is not None]

    def _rasterise(self, arena: Arena, views: Sequence[View]) -> Buffers:
        scene = self._scene
        size = views[0].width, views[0].height
        rasteriser = self._rasterisers.setdefault(size, Rasteriser())
        return rasteriser.draw(arena.triangles, arena.clusters, scene.paint, scene.paint_clusters, views, arena.static)

    def _shade(
        self,
        group: Sequence[Request],
        buffers: Buffers,
        arena: Arena,
        weather: Weather,
        time_s: float,
        moving: Spots,
        still: Spots,
    ) -> NDArray[np.uint8]:
        """Colours (k, h, w, 4) of the first k views of a group, those that have a lens."""
        lenses = [request.rgb for request in group if request.rgb is not None]
        views = [request.view for request in group[: len(lenses)]]
        height, width = buffers.near.shape[1:]
        shape = (len(lenses), height, width, 4)
        if not lenses:
            return np.empty(shape, np.uint8)
        out = self._pools.setdefault(shape, Pool(shape, np.uint8)).take()
        light = light_of(weather, time_s)
        seen = _part(buffers, slice(len(lenses)))
        shadows = self._shadows.cast(
            seen.near, views, arena.triangles, arena.clusters, arena.clusters_static, light.key
        )
        glow = self._glow.cast(views, still, moving, float(light.night))
        scenery = Scenery(seen, arena.triangles, self._scene.paint, arena.things, material_arrays())
        floor = self._ground.heights(np.array([view.eye for view in views]))[0].astype(np.float32)
        bloom = shade(scenery, views, lenses, light, shadows, glow, out, floor)
        for row, lens in enumerate(lenses):
            if lens.effects:
                one = slice(row, row + 1)
                smooth_edges(out[one], _part(seen, one), arena.triangles, views[one])
        finish(seen.near, views, lenses, light, bloom, out)
        return out


def _part(buffers: Buffers, rows: int | slice) -> Buffers:
    return Buffers(buffers.near[rows], buffers.seen[rows], buffers.cover[rows], buffers.marked[rows])
