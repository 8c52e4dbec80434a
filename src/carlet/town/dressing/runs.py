"""What runs along roads in straight pieces: guard rails, railings of bridges, walls, fences and hedges.

A piece starts at its origin and runs along its x axis; `size` is (length, rise, 1).
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
#: Half the thickness (m) that is kept free for what encloses gardens.
_THICK = ((ObjectKind.WALL, 0.15), (ObjectKind.FENCE, 0.15), (ObjectKind.HEDGE, 0.35))
_BEYOND_RAIL, _INSIDE_RAILING, _BEYOND_FENCE = 0.6, 0.2, 0.55
_STRETCH = 34.0
_OPEN, _CITY = 0.14, 0.5
_RAILED, _FENCED = 0.33, 0.8  # noise up to which lean towns have rails, and from which they have fences
_MEDIAN = 1.0
_DEEP = 1.6  # a fall of so many metres beside a road asks for a railing
_OFF_WHEELS = gaps_to(WHEELED, 0.2)
_OFF_LANES = gaps(0.15, {LaneKind.SIDEWALK: 0.1, LaneKind.NONE: -1.0, LaneKind.BORDER: -1.0})


def place_rails(site: Site) -> Objects:
    """Guard rails along fast roads and in their medians, and railings where the ground falls away."""
    random = site.random("rails")
    return join_objects([*_outer_rails(site, random), _median_rails(site, random)])


def _outer_rails(site: Site, random: np.random.Generator) -> list[Objects]:
    start, end = _pieces(site.edges, _rail_length(site))
    deep = _falls(site, start) | _falls(site, end)
    near = start.drive < 30.0
    fast = (start.pave < 0.5) & ~deep & _fast(site, start)
    offset = np.where(deep, -_INSIDE_RAILING, _BEYOND_RAIL)
    first, last = start.beside(offset), end.beside(offset)
    first[~deep], last[~deep] = site.on_ground(first[~deep]), site.on_ground(last[~deep])
    rails, railings = np.flatnonzero(fast & near), np.flatnonzero(deep & near)
    model = np.where(start.pave[railings] > 0.5, RAILING_BARS, RAILING_WALL)
    made = (
        _run(ObjectKind.RAILING, first[railings], last[railings], 0.12, random, model),
        _run(ObjectKind.GUARD_RAIL, first[rails], last[rails], 0.12, random, 0),
    )
    return [part.chosen(_clear(site, part, _OFF_WHEELS)) for part in made]


def _median_rails(site: Site, random: np.random.Generator) -> Objects:
    """In the middle of each side's half of the median, where that is wide enough."""
    start, end = _pieces(site.medians, _rail_length(site))
    wide = (start.drive > _MEDIAN) & (end.drive > _MEDIAN) & (start.drive < 12.0) & (end.drive < 12.0)
    rows = np.flatnonzero(wide & _fast(site, start))
    first = site.on_ground(start.beside(-0.5 * start.drive)[rows])
    last = site.on_ground(end.beside(-0.5 * end.drive)[rows])
    made = _run(ObjectKind.GUARD_RAIL, first, last, 0.12, random, 0)
    return made.chosen(_clear(site, made, _OFF_WHEELS))


def _rail_length(site: Site) -> float:
    return 16.0 if site.style.lean else 6.0


def _fast(site: Site, places: Edges) -> np.ndarray:
    """Whether places ask for rails by their speed; of towns with few triangles, in some parts only."""
    somewhere = noise(places.point, 420.0, 31) < _RAILED if len(places) else np.zeros(0, bool)
    return (places.speed_kmh >= site.style.rails) & (somewhere | (not site.style.lean))


def place_fences(site: Site) -> Objects:
    """Walls, fences and hedges in front of gardens and fields, of one kind within some metres; railings at corners."""
    length = 8.0 if site.style.lean else 4.0
    random = site.random("fences")
    start, end = _pieces(site.edges, length)
    kind, model = _enclosures(site, start, random)
    kind[(random.random(len(start)) < _OPEN) | (start.driven == 0)] = -1
    parts = _enclosed(site, start, end, kind, model, random)
    if not site.style.lean:
        start, end = _pieces(site.corners, 3.0)
        kind, model = _enclosures(site, start, random)
        city = site.urban(start) > _CITY
        kind, model = np.where(city, int(ObjectKind.FENCE), kind), np.where(city, FENCE_METAL, model)
        parts += _enclosed(site, start, end, kind, model, random)
    return join_objects(parts)


def _enclosed(
    site: Site, start: Edges, end: Edges, kind: np.ndarray, model: np.ndarray, random: np.random.Generator
) -> list[Objects]:
    """Pieces of `kind` (n,) and `model` (n,) outside the edge, where they are clear of the lanes."""
    offset = np.where(start.pave > 0.5, _BEYOND_FENCE, 4.5)
    first, last = site.on_ground(start.beside(offset)), site.on_ground(end.beside(offset))
    parts = []
    for which, thick in _THICK:
        rows = np.flatnonzero(kind == which)
        made = _run(which, first[rows], last[rows], thick, random, model[rows])
        parts.append(made.chosen(_clear(site, made, _OFF_LANES)))
    return parts


def _pieces(edges: Edges, length: float) -> tuple[Edges, Edges]:
    """Both ends of pieces of about `length` that cover every chain of edges."""
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
    thick: float,
    random: np.random.Generator,
    model: np.ndarray | int,
) -> Objects:
    way = end - start
    length = np.hypot(way[:, 0], way[:, 1])
    size = np.column_stack([length, way[:, 2], np.ones(len(length))])
    half = np.column_stack([np.maximum(0.5 * length - 0.05, 0.05), np.full(len(length), thick)])
    yaw = np.arctan2(way[:, 1], way[:, 0])
    middle = 0.5 * (start + end)
    return make_objects(kind, start, yaw, model=model, size=size, half=half, spot=middle, random=random)


def _clear(site: Site, made: Objects, gap: Floats) -> np.ndarray:
    height = made.origin[:, 2] + 0.5 * made.size[:, 1]
    long = (made.size[:, 0] > 0.8) & (np.abs(made.size[:, 1]) < 0.6 * made.size[:, 0])
    return clear_of_lanes(site.quads, made.spot, made.half, made.yaw, gap, height) & long


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
    """Kind (n,), -1 for none, and model (n,) of the enclosure at each place, the same for places near each other."""
    urban = site.urban(places)
    place = np.floor(places.point[:, :2] / _STRETCH)
    _, number = np.unique(place, axis=0, return_inverse=True)
    number = number.reshape(-1)
    mark = random.random(int(number.max(initial=-1)) + 1)[number]
    level = np.searchsorted([limit for limit, _ in _WEIGHTS], urban, side="right")
    bounds = np.cumsum([weights for _, weights in _WEIGHTS], axis=1)[np.minimum(level, len(_WEIGHTS) - 1)]
    choice = np.minimum((mark[:, None] > bounds).sum(axis=1), len(_KINDS) - 1)
    sparse = site.style.lean & (noise(places.point, 90.0, 7) < _FENCED)
    kind = np.array([int(kind) for kind, _ in _KINDS])[choice]
    return np.where(sparse, -1, kind), np.array([model for _, model in _KINDS])[choice]
