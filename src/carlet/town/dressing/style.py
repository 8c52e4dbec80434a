"""How a town is built up, and where on the ground it is more or less so."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from carlet.town.dressing.clearance import LaneQuads, lane_quads
from carlet.town.dressing.edges import Edges, build_corners, build_edges, build_medians
from carlet.town.model import Floats, Ground, Lights, Signs

_DISTRICT = 750.0
_GROVE = 140.0
#: Roads without a pavement lie at most this far in town, and fast ones even less.
_OUTSKIRTS, _COUNTRY = 0.34, 0.12
_FAST_KMH = 75.0


@dataclass(frozen=True)
class Style:
    """Looks of a town.

    `urban`: 0 fields, 0.2 farms, 0.4 houses, 0.6 streets, 0.8 city blocks, 1 towers, and `spread` of it from district
    to district. `density`: share of the plots that are built on. `green`: trees, as a share of the places for them.
    `woods`: how much of the country is wooded. `lamps`: metres between street lamps, 0 for none out of town. `rails`:
    speed (km/h) from which roads without a pavement have guard rails. `lean`: few triangles, for towns of many
    kilometres. `warm`: palms grow. `rows`: rows of houses from the road. `parked`: share of the parking places in use.
    """

    urban: float
    spread: float = 0.0
    density: float = 0.9
    green: float = 0.8
    woods: float = 0.35
    lamps: float = 32.0
    rails: float = 65.0
    lean: bool = False
    warm: bool = False
    rows: int = 2
    parked: float = 0.42


_OTHER = Style(0.45, 0.1)
_STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "Town01": Style(0.45, 0.12, lamps=28.0),
        "Town02": Style(0.47, 0.1, lamps=28.0),
        "Town03": Style(0.72, 0.2, lamps=30.0, rows=3),
        "Town04": Style(0.36, 0.16, density=0.7, woods=0.55, rails=55.0),
        "Town05": Style(0.78, 0.16, lamps=34.0, warm=True, rows=3),
        "Town06": Style(0.33, 0.12, density=0.55, woods=0.5),
        "Town07": Style(0.22, 0.1, density=0.55, woods=0.75, lamps=0.0, rails=200.0),
        "Town10HD": Style(0.88, 0.1, density=0.95, lamps=26.0, warm=True, rows=4),
        "Town11": Style(0.3, 0.25, 0.5, 0.22, 0.3, 60.0, 80.0, lean=True, rows=1, parked=0.0),
        "Town12": Style(0.5, 0.5, 0.62, 0.44, 0.42, 60.0, 75.0, lean=True, rows=1, parked=0.02),
        "Town13": Style(0.42, 0.38, 0.46, 0.27, 0.26, 85.0, 75.0, lean=True, rows=1, parked=0.012),
        "Town15": Style(0.6, 0.3, 0.85, 0.8, 0.4, 34.0, parked=0.2),
    }
)


@dataclass(frozen=True)
class Site:
    """What is known of a town while things are put into it: `edges` of its roads outside junctions, `corners` those of
    pavements within, `medians` their inner edges; `quads` what lanes cover.
    """

    name: str
    ground: Ground
    lights: Lights
    signs: Signs
    edges: Edges
    corners: Edges
    medians: Edges
    quads: LaneQuads
    style: Style

    def random(self, purpose: str) -> np.random.Generator:
        """Numbers that hang on the town's name and on `purpose` only."""
        return np.random.default_rng([zlib.crc32(self.name.encode()), zlib.crc32(purpose.encode())])

    def heights(self, points: Floats) -> Floats:
        """Ground (n,) under points (n, 3)."""
        return self.ground.heights(points)[0]

    def on_ground(self, points: Floats) -> Floats:
        """The points (n, 3) put down on the ground."""
        return np.column_stack([points[:, :2], self.heights(points)])

    def urban(self, places: Edges) -> Floats:
        """How much in town each place is (n,), 0 to 1."""
        style = self.style
        seed = zlib.crc32(self.name.encode())
        level = style.urban + style.spread * (2.0 * noise(places.point, _DISTRICT, seed) - 1.0)
        level = np.where(places.pave > 0.5, level, np.minimum(level, _OUTSKIRTS))
        fast = (places.speed_kmh > _FAST_KMH) & (places.pave < 0.5)
        return np.clip(np.where(fast, np.minimum(level, _COUNTRY), level), 0.0, 1.0)

    def wooded(self, points: Floats) -> Floats:
        """How thick woods are at points (n, 2 or 3), 0 to 1."""
        seed = zlib.crc32(self.name.encode()) + 1
        return np.clip(3.0 * (noise(points, _GROVE, seed) - 1.0 + self.style.woods) + 0.3, 0.0, 1.0)


def build_site(name: str, ground: Ground, lights: Lights, signs: Signs) -> Site:
    """The town `name` before anything stands in it."""
    edges = build_edges(ground.lanes)
    style = _STYLES.get(name, _OTHER)
    if name not in _STYLES and edges.length > 60_000.0:
        style = replace(style, lean=True, rows=1, parked=0.03)
    lanes = ground.lanes
    return Site(
        name, ground, lights, signs, edges, build_corners(lanes), build_medians(lanes), lane_quads(lanes), style
    )


def noise(points: Floats, size: float, seed: int) -> Floats:
    """Smooth noise (n,), 0 to 1 with mean 0.5, that changes over `size` metres."""
    place = points[:, :2] / size
    cell = np.floor(place)
    u = place - cell
    u = u * u * (3.0 - 2.0 * u)
    i, j = cell.astype(np.int64).T
    low = _hashed(i, j, seed) * (1.0 - u[:, 0]) + _hashed(i + 1, j, seed) * u[:, 0]
    high = _hashed(i, j + 1, seed) * (1.0 - u[:, 0]) + _hashed(i + 1, j + 1, seed) * u[:, 0]
    return low * (1.0 - u[:, 1]) + high * u[:, 1]


def _hashed(i: np.ndarray, j: np.ndarray, seed: int) -> Floats:
    """A number (n,) of 0 to 1 for each cell."""
    value = (i * 73856093) ^ (j * 19349663) ^ (seed * 83492791)
    value = (value ^ (value >> 13)) * 0x5BD1E995
    value = (value ^ (value >> 15)) & 0xFFFFFF
    return value / float(0xFFFFFF)
