"""A small made-up street, drawn with the real rasteriser, for tests of colours."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from carlet.models.materials import code, material_arrays
from carlet.render.finishing import finish
from carlet.render.glow import GlowMaps, Spots, no_spots
from carlet.render.picture import Lens
from carlet.render.raster import Buffers, Rasteriser
from carlet.render.scene import Clusters, Things, Triangles, View
from carlet.render.shading import Scenery, shade
from carlet.render.shadows import ShadowMaps
from carlet.render.views import look_along
from carlet.render.weather import light_of
from carlet.wire.values import Weather

USUAL = Lens()
NOON = Weather(5, 0, 0, 10, 90.0, 45, 2, 0.75, 0.1, 0, 1, 0.03, 0.0331, 0)
NIGHT = NOON._replace(sun_altitude_angle=-90.0, fog_density=0.0)
_SIDES = ((0, 4, 5, 1), (2, 6, 7, 3), (4, 6, 7, 5), (0, 1, 3, 2), (1, 5, 7, 3), (0, 2, 6, 4))


def floor(low: tuple[float, float], high: tuple[float, float], z: float = 0.0) -> NDArray[np.float64]:
    """Two triangles that look up."""
    (x0, y0), (x1, y1) = low, high
    a, b, c, d = (x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)
    return np.array([[a, b, c], [a, c, d]])


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> NDArray[np.float64]:
    """Twelve triangles that look outwards."""
    ends = np.array([low, high], float)
    corners = np.array([[ends[i >> 2 & 1, 0], ends[i >> 1 & 1, 1], ends[i & 1, 2]] for i in range(8)])
    middle = corners.mean(axis=0)
    found = []
    for side in _SIDES:
        a, b, c, d = corners[list(side)]
        outwards = np.cross(b - a, c - a) @ (a - middle) > 0.0
        found += [[a, b, c], [a, c, d]] if outwards else [[a, c, b], [a, d, c]]
    return np.array(found)


@dataclass
class Street:
    """Shapes with materials; the last `moving` of them move."""

    shapes: list[tuple[NDArray[np.float64], str]]
    paint: list[tuple[NDArray[np.float64], str]] = field(default_factory=list)
    moving: int = 0
    lamps: int = 0
    origins: dict[int, tuple[float, float, float]] = field(default_factory=dict)

    def triangles(self) -> Triangles:
        return _triangles(self.shapes)

    def clusters(self) -> tuple[Clusters, int]:
        """One cluster a shape, and how many of them stand still."""
        return _clusters(self.shapes), len(self.shapes) - self.moving

    def things(self) -> Things:
        count = len(self.shapes)
        origin = np.zeros((count, 3), np.float32)
        for row, place in self.origins.items():
            origin[row] = place
        return Things(
            origin=origin,
            axis=np.tile(np.float32([1, 0]), (count, 1)),
            number=np.zeros(count, np.uint32),
            actor=np.zeros(count, np.uint32),
            tint=np.ones((count, 3, 3), np.float32),
            lamps=np.full(count, self.lamps, np.uint32),
            velocity=np.zeros((count, 3), np.float32),
        )

    def buffers(self, views: list[View]) -> Buffers:
        """What the views see, good until this street is drawn again."""
        paint = self.paint or [(floor((900.0, 900.0), (901.0, 901.0)), "paint_white")]
        return Rasteriser().draw(self.triangles(), _clusters(self.shapes), _triangles(paint), _clusters(paint), views)

    def draw(
        self,
        weather: Weather,
        views: list[View],
        lens: Lens = USUAL,
        time_s: float = 4.0,
        spots: Spots | None = None,
        finished: bool = True,
    ) -> NDArray[np.uint8]:
        """Pictures (v, h, w, 4) of the street in a weather."""
        buffers, light, triangles = self.buffers(views), light_of(weather, time_s), self.triangles()
        paint = _triangles(self.paint or [(floor((900.0, 900.0), (901.0, 901.0)), "paint_white")])
        clusters, still = self.clusters()
        shadows = ShadowMaps().cast(buffers.near, views, triangles, clusters, still, light.key)
        glow = GlowMaps().cast(views, spots or no_spots(), no_spots(), float(light.night))
        scenery = Scenery(buffers, triangles, paint, self.things(), material_arrays())
        out = np.zeros((len(views), views[0].height, views[0].width, 4), np.uint8)
        bloom = shade(scenery, views, [lens] * len(views), light, shadows, glow, out)
        if finished:
            finish(buffers.near, views, [lens] * len(views), light, bloom, out)
        return out


def a_street() -> Street:
    """A road along x between a brick wall on the sunny side and a house with windows, kerb, grass and a car."""
    shapes = [
        (floor((-50.0, -6.0), (400.0, 6.0)), "asphalt"),
        (floor((-50.0, 6.0), (400.0, 9.0)), "pavement"),
        (floor((-50.0, -80.0), (400.0, -6.0)), "grass"),
        (box((10.0, -26.0, 0.0), (60.0, -16.0, 12.0)), "facade_office"),
        (box((25.0, 9.0, 0.0), (60.0, 19.0, 9.0)), "bricks"),
        (box((14.0, -3.0, 0.3), (18.0, -1.2, 1.5)), "car_paint"),
    ]
    paint = [(floor((x, -0.1), (x + 2.0, 0.1), 0.01), "paint_white") for x in np.arange(2.0, 100.0, 4.0)]
    return Street(shapes, paint, moving=1)


def camera(
    x: float = 0.0,
    y: float = 0.0,
    z: float = 1.7,
    yaw: float = 0.0,
    pitch: float = 0.0,
    width: int = 160,
    height: int = 120,
) -> View:
    """A camera of 90 degrees; angles in degrees."""
    return look_along((x, y, z, np.radians(pitch), np.radians(yaw), 0.0), 90.0, width, height)


def brightness(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Luma 0 to 255 of pixels b g r a."""
    return picture[..., :3].astype(float) @ np.array([0.114, 0.587, 0.299])


def _triangles(shapes: list[tuple[NDArray[np.float64], str]]) -> Triangles:
    corner = np.concatenate([shape for shape, _ in shapes]).astype(np.float32)
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    count = [len(shape) for shape, _ in shapes]
    return Triangles(
        corner=np.ascontiguousarray(corner.reshape(-1, 9)),
        normal=(cross / np.linalg.norm(cross, axis=1, keepdims=True)).astype(np.float32),
        material=np.repeat([code(name) for _, name in shapes], count).astype(np.uint16),
        tag=np.zeros(len(corner), np.uint8),
        thing=np.repeat(np.arange(len(shapes)), count).astype(np.int32),
    )


def _clusters(shapes: list[tuple[NDArray[np.float64], str]]) -> Clusters:
    ends = np.cumsum([0] + [len(shape) for shape, _ in shapes])
    return Clusters(
        first=ends[:-1].astype(np.int32),
        last=ends[1:].astype(np.int32),
        low=np.array([shape.min(axis=(0, 1)) for shape, _ in shapes], np.float32),
        high=np.array([shape.max(axis=(0, 1)) for shape, _ in shapes], np.float32),
    )
