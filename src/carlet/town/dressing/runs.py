"""What runs along roads in straight pieces: guard rails, railings of bridges, walls, fences and hedges.

A piece starts at its origin and runs along its x axis; `size` is (length, rise, height).
"""

import numpy as np

from carlet.town.dressing.clearance import WHEELED, clear_of_lanes, gaps, gaps_to
from carlet.town.dressing.edges import Edges
from carlet.town.dressing.style import Site, noise
from carlet.town.dressing.table import Objects, join_objects, make_objects
from carlet.town.model import Floats, LaneKind
from carlet.town.objects import ObjectKind

#: Models of walls, of fences and of railings.
WALL_STONE, WALL_PLASTER, WALL_BRICK = 0, 1, 2
FENCE_BOARDS, FENCE_RAILS, FENCE_METAL = 0, 1, 2
RAILING_BARS, RAILING_WALL = 0, 1
#: Height (m) of each model.
WALL_HEIGHTS = (1.1, 1.3, 1.0)
FENCE_HEIGHTS = (1.15, 1.2, 1.4)
RAIL_HEIGHT, RAILING_HEIGHT, HEDGE_HEIGHT = 0.78, 1.05, 1.25
_BEYOND_RAIL, _INSIDE_RAILING, _BEYOND_FENCE = 0.6, 0.2, 0.55
_STRETCH = 34.0
_DEEP = 1.6  # a fall of so many metres beside a road asks for a railing
_OFF_WHEELS = gaps_to(WHEELED, 0.2)
_OFF_LANES = gaps(0.15, {LaneKind.SIDEWALK: 0.1, LaneKind.NONE: -1.0, LaneKind.BORDER: -1.0})


def place_rails(site: Site) -> Objects:
    """Guard rails along fast roads, and railings where the ground falls away."""
    length = 12.0 if site.style.lean else 6.0
    start, end = _pieces(site, length)
    deep = _falls(site, start) | _falls(site, end)
    fast = (start.pave < 0.5) & (start.speed_kmh >= site.style.rails) & ~deep
    near = start.drive < 30.0
    random = site.random("rails")
    offset = np.where(deep, -_INSIDE_RAILING, _BEYOND_RAIL)
    first, last = start.beside(offset), end.beside(offset)
    first[~deep], last[~deep] = site.on_ground(first[~deep]), site.on_ground(last[~deep])
    parts = []
    rails, railings = np.flatnonzero(fast & near), np.flatnonzero(deep & near)
    for rows, kind, height in (
        (railings, ObjectKind.RAILING, RAILING_HEIGHT),
        (rails, ObjectKind.GUARD_RAIL, RAIL_HEIGHT),
    ):
        paved = np.where(start.pave[rows] > 0.5, RAILING_BARS, RAILING_WALL) if kind == ObjectKind.RAILING else 0
        made = _run(kind, first[rows], last[rows], height, 0.12, random, paved)
        parts.append(made.chosen(_clear(site, made, _OFF_WHEELS)))
    return join_objects(parts)


def place_fences(site: Site) -> Objects:
    """Walls, fences and hedges in front of gardens and fields, stretch by stretch of one kind."""
    length = 8.0 if site.style.lean else 4.0
    start, end = _pieces(site, length)
    random = site.random("fences")
    kind, model = _enclosures(site, start, random)
    offset = np.where(start.pave > 0.5, _BEYOND_FENCE, 4.5)
    first, last = site.on_ground(start.beside(offset)), site.on_ground(end.beside(offset))
    heights = {
        ObjectKind.WALL: np.array(WALL_HEIGHTS),
        ObjectKind.FENCE: np.array(FENCE_HEIGHTS),
        ObjectKind.HEDGE: np.array([HEDGE_HEIGHT]),
    }
    open_ = random.random(len(start)) < 0.14
    parts = []
    for which, height in heights.items():
        rows = np.flatnonzero((kind == which) & ~open_ & (start.driven > 0))
        thick = 0.35 if which == ObjectKind.HEDGE else 0.15
        made = _run(which, first[rows], last[rows], height[model[rows]], thick, random, model[rows])
        parts.append(made.chosen(_clear(site, made, _OFF_LANES)))
    return join_objects(parts)


def _pieces(site: Site, length: float) -> tuple[Edges, Edges]:
    """Both ends of pieces of about `length` that cover every chain of edges."""
    edges = site.edges
    if not len(edges):
        return edges, edges
    cut = np.flatnonzero(np.diff(edges.chain))
    first = edges.along[np.append(0, cut + 1)]
    last = edges.along[np.append(cut, len(edges) - 1)]
    count = np.maximum(np.round((last - first) / length), 1).astype(np.int64)
    chain = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(chain)) - np.repeat(np.cumsum(count) - count, count)
    step = ((last - first) / count)[chain]
    start = first[chain] + number * step
    long = step > 1.0
    return edges.at(start[long]), edges.at((start + step - 1e-4)[long])


def _falls(site: Site, places: Edges) -> np.ndarray:
    """Whether the ground lies deep below the road a little beside each place."""
    points = places.beside(2.0)
    return points[:, 2] - site.heights(points - [0.0, 0.0, 1.3]) > _DEEP


def _run(
    kind: ObjectKind,
    start: Floats,
    end: Floats,
    height: Floats | float,
    thick: float,
    random: np.random.Generator,
    model: np.ndarray | int,
) -> Objects:
    way = end - start
    length = np.hypot(way[:, 0], way[:, 1])
    size = np.column_stack([length, way[:, 2], np.broadcast_to(height, len(length))])
    half = np.column_stack([np.maximum(0.5 * length - 0.05, 0.05), np.full(len(length), thick)])
    yaw = np.arctan2(way[:, 1], way[:, 0])
    middle = 0.5 * (start + end)
    return make_objects(kind, start, yaw, model=model, size=size, half=half, spot=middle, random=random)


def _clear(site: Site, made: Objects, gap: Floats) -> np.ndarray:
    height = made.origin[:, 2] + 0.5 * made.size[:, 1]
    long = (made.size[:, 0] > 0.8) & (np.abs(made.size[:, 1]) < 0.6 * made.size[:, 0])
    return clear_of_lanes(site.ground.lanes, made.spot, made.half, made.yaw, gap, height) & long


#: Kinds of enclosures with their models, and their weights up to a level of `Site.urban`; -1 is none.
_KINDS = (
    (-1, 0),
    (ObjectKind.FENCE, FENCE_RAILS),
    (ObjectKind.FENCE, FENCE_BOARDS),
    (ObjectKind.FENCE, FENCE_METAL),
    (ObjectKind.HEDGE, 0),
    (ObjectKind.WALL, WALL_STONE),
    (ObjectKind.WALL, WALL_PLASTER),
    (ObjectKind.WALL, WALL_BRICK),
)
_WEIGHTS = (
    (0.10, (0.75, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
    (0.32, (0.35, 0.45, 0.08, 0.0, 0.12, 0.0, 0.0, 0.0)),
    (0.54, (0.14, 0.0, 0.30, 0.04, 0.30, 0.10, 0.06, 0.06)),
    (0.70, (0.15, 0.0, 0.05, 0.25, 0.20, 0.05, 0.15, 0.15)),
    (1.01, (0.35, 0.0, 0.0, 0.25, 0.10, 0.0, 0.15, 0.15)),
)


def _enclosures(site: Site, places: Edges, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Kind (n,), -1 for none, and model (n,) of the enclosure at each place, the same along a stretch."""
    urban = site.urban(places)
    stretch = places.chain * 100_003 + (places.along / _STRETCH).astype(np.int64)
    _, number = np.unique(stretch, return_inverse=True)
    mark = random.random(int(number.max(initial=-1)) + 1)[number]
    level = np.searchsorted([limit for limit, _ in _WEIGHTS], urban, side="right")
    bounds = np.cumsum([weights for _, weights in _WEIGHTS], axis=1)[np.minimum(level, len(_WEIGHTS) - 1)]
    choice = np.minimum((mark[:, None] > bounds).sum(axis=1), len(_KINDS) - 1)
    sparse = site.style.lean & (noise(places.point, 90.0, 7) < 0.62)
    kind = np.array([int(kind) for kind, _ in _KINDS])[choice]
    return np.where(sparse, -1, kind), np.array([model for _, model in _KINDS])[choice]
