"""Buildings on lots along the roads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from carlet.models.faces import SHOPS
from carlet.models.palette.street import face_size
from carlet.models.street.buildings import DESIGN_NAMES, DESIGNS
from carlet.town.dressing.clearance import clear_of_lanes, gaps
from carlet.town.dressing.edges import Edges
from carlet.town.dressing.style import Site
from carlet.town.dressing.table import Objects, join_objects, make_objects
from carlet.town.model import Floats, LaneKind
from carlet.town.objects import ObjectKind

_SAMPLING = 4.0
_STEEPEST = 2.6
_BEHIND = 9.0  # metres between a building and the one behind it
_KEPT = gaps(2.5, {LaneKind.SIDEWALK: 0.25, LaneKind.NONE: 0.5})


#: Designs, their weights, and the share of lots in use, up to a level of `Site.urban`.
_Mix = tuple[float, tuple[str, ...], tuple[float, ...], float]


@dataclass(frozen=True)
class _Lot:
    """How a design is used: choices of bays along and across the street, storeys from and to, metres to the next
    building, metres from the pavement.
    """

    wide: tuple[int, ...]
    deep: tuple[int, ...]
    storeys: tuple[int, int]
    gap: tuple[float, float]
    setback: tuple[float, float]


_LOTS: Mapping[str, _Lot] = MappingProxyType(
    {
        "cottage": _Lot((4, 6), (4,), (1, 1), (5.0, 9.0), (4.0, 6.5)),
        "house": _Lot((4, 4, 6), (4,), (2, 2), (4.0, 8.0), (4.0, 6.5)),
        "villa": _Lot((4, 6), (4, 6), (2, 2), (6.0, 11.0), (5.0, 8.0)),
        "row": _Lot((4, 4, 6), (6,), (2, 4), (0.0, 0.0), (1.6, 1.6)),
        "shop": _Lot((6, 8), (6,), (1, 3), (0.0, 1.5), (0.4, 0.4)),
        "flats": _Lot((6, 8, 10), (6,), (4, 7), (3.0, 8.0), (1.5, 4.0)),
        "bands": _Lot((6, 8), (4,), (3, 8), (3.0, 7.0), (1.0, 3.0)),
        "office": _Lot((10, 12, 14), (8, 10), (4, 9), (2.0, 6.0), (0.8, 2.0)),
        "tower": _Lot((14, 16, 18), (14, 16), (11, 22), (4.0, 8.0), (1.5, 4.0)),
        "glass": _Lot((14, 16, 20), (14, 16), (9, 19), (4.0, 8.0), (1.5, 4.0)),
        "hall": _Lot((6, 8), (4, 6), (1, 1), (6.0, 14.0), (7.0, 10.0)),
        "barn": _Lot((4, 6), (2,), (1, 1), (8.0, 20.0), (12.0, 24.0)),
        "church": _Lot((4,), (2,), (1, 1), (10.0, 16.0), (7.0, 9.0)),
    }
)
#: What is built at first.
_MIXES: tuple[_Mix, ...] = (
    (0.08, ("barn",), (1.0,), 0.05),
    (0.18, ("barn", "cottage", "house"), (4.0, 3.0, 2.0), 0.25),
    (0.32, ("barn", "cottage", "house", "villa", "hall"), (1.5, 4.0, 4.0, 1.0, 0.7), 0.55),
    (0.52, ("cottage", "house", "villa", "shop", "row", "hall", "church"), (3.0, 5.5, 3.0, 0.9, 0.5, 0.2, 0.25), 1.0),
    (0.68, ("row", "shop", "flats", "villa", "office", "church"), (4.5, 3.0, 1.8, 0.8, 0.4, 0.15), 1.0),
    (0.82, ("flats", "shop", "office", "bands", "row"), (3.2, 2.5, 2.0, 1.2, 1.0), 1.0),
    (1.01, ("tower", "glass", "office", "bands", "flats", "shop"), (2.2, 2.0, 2.4, 1.4, 1.0, 0.6), 1.0),
)


#: What is built into the gaps that are left.
_FILLERS: tuple[_Mix, ...] = (
    (0.3, ("cottage",), (1.0,), 0.0),
    (0.52, ("cottage", "house"), (1.0, 1.0), 0.35),
    (0.75, ("row", "shop"), (3.0, 1.5), 1.0),
    (1.01, ("shop", "row"), (3.0, 1.0), 1.0),
)
_FILLING_STEP = 5.0


def place_buildings(site: Site) -> Objects:
    """Buildings along all edges, the first row first, then in its gaps, then behind; they keep clear of lanes, not yet
    of each other.
    """
    first, *others = [_row(site, number, _MIXES) for number in range(site.style.rows)]
    fillers = [] if site.style.lean else [_row(site, 0, _FILLERS, _FILLING_STEP)]
    return join_objects([first, *fillers, *others])


def place_boards(site: Site, buildings: Objects) -> Objects:
    """Names over the windows of shops."""
    shops = np.flatnonzero(buildings.model == DESIGN_NAMES.index("shop"))
    random = site.random("boards")
    if site.style.lean:
        shops = shops[random.random(len(shops)) < 0.5]
    toward = buildings.yaw[shops] - 0.5 * np.pi
    depth = 0.5 * buildings.size[shops, 1] + 0.04
    front = np.column_stack([np.cos(toward), np.sin(toward)]) * depth[:, None]
    origin = buildings.origin[shops] + np.column_stack([front, np.full(len(shops), 3.42)])
    face = random.integers(0, len(SHOPS), len(shops))
    width = np.array([face_size(name)[0] for name in SHOPS])[face]
    half = np.column_stack([np.full(len(shops), 0.03), 0.5 * width])
    return make_objects(ObjectKind.BOARD, origin, toward, model=face, half=half, random=random)


def _row(site: Site, number: int, mixes: Sequence[_Mix], step: float = 0.0) -> Objects:
    """One row of buildings; those after the first lie behind it. With a `step` lots lie so close that they overlap."""
    random = site.random(f"buildings {number} {step}")
    places, designs = _lots(site, number, mixes, step, random)
    size = _sizes(designs, random)
    lots = [_LOTS[name] for name in designs]
    span = np.array([lot.setback for lot in lots]).reshape(-1, 2)
    setback = random.uniform(span[:, 0], span[:, 1]) + np.where(places.pave < 0.5, 3.0, 0.0)
    setback += number * (_BEHIND + 14.0 + random.uniform(0.0, 6.0, len(lots)))
    centre = places.beside(setback + 0.5 * size[:, 1])
    yaw = places.yaw
    free = clear_of_lanes(site.quads, centre, 0.5 * size[:, :2], yaw, _KEPT)
    low, high = _footing(site, centre, size, yaw)
    good = free & (high - low < _STEEPEST) & (np.abs(low - places.point[:, 2]) < 6.0)
    origin = np.column_stack([centre[:, :2], low])
    model = np.array([DESIGN_NAMES.index(name) for name in designs], np.uint8)
    half = np.maximum(0.5 * size[:, :2] - 0.02, 0.1) + [0.0, 0.4]
    made = make_objects(ObjectKind.BUILDING, origin, yaw, model=model, size=size, half=half, random=random)
    return made.chosen(good)


def _lots(
    site: Site, number: int, mixes: Sequence[_Mix], step: float, random: np.random.Generator
) -> tuple[Edges, list[str]]:
    """Middles of the lots of a row along the edges, and the design of each."""
    edges, style = site.edges, site.style
    probes = edges.at(np.arange(0.0, edges.length, _SAMPLING))
    urban, chain = site.urban(probes).tolist(), probes.chain.tolist()
    useful = (probes.driven > 0).tolist()
    ends = edges.along[np.append(np.flatnonzero(np.diff(edges.chain)), len(edges) - 1)].tolist() if len(edges) else []
    middles, designs = [], []
    at = 3.0
    while at < edges.length:
        place = min(int(at / _SAMPLING), len(urban) - 1)
        name, share = _choice(mixes, urban[place] - 0.12 * number, random)
        lot = _LOTS[name]
        width = DESIGNS[name].bay * lot.wide[len(middles) % len(lot.wide)]
        end = ends[chain[place]]
        if at + width > end:
            at = max(end, at - 2.0) + 3.0
            continue
        if useful[place] and random.random() < style.density * share:
            middles.append(at + 0.5 * width)
            designs.append(name)
        at += step or width + random.uniform(*lot.gap)
    return edges.at(np.array(middles)), designs


def _choice(mixes: Sequence[_Mix], urban: float, random: np.random.Generator) -> tuple[str, float]:
    for limit, names, weights, share in mixes:
        if urban < limit:
            mark = random.random() * sum(weights)
            for name, weight in zip(names, weights, strict=True):
                mark -= weight
                if mark <= 0.0:
                    return name, share
    return "flats", 1.0


def _sizes(designs: Sequence[str], random: np.random.Generator) -> Floats:
    """Width, depth and height of the walls (n, 3); widths are those of the lots."""
    size = np.zeros((len(designs), 3))
    for row, name in enumerate(designs):
        lot, design = _LOTS[name], DESIGNS[name]
        storeys = int(random.integers(lot.storeys[0], lot.storeys[1] + 1))
        deep = lot.deep[int(random.integers(len(lot.deep)))]
        height = design.ground + design.storey * storeys
        size[row] = design.bay * lot.wide[row % len(lot.wide)], design.bay * deep, height
    return size


def _footing(site: Site, centre: Floats, size: Floats, yaw: Floats) -> tuple[Floats, Floats]:
    """The lowest and the highest ground (n,) under the corners and the middle of each building."""
    signs = np.array([(-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5), (0.0, 0.0)])
    local = signs[None] * size[:, None, :2]
    cos, sin = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    points = np.repeat(centre[:, None], 5, axis=1)
    points[..., 0] += local[..., 0] * cos - local[..., 1] * sin
    points[..., 1] += local[..., 0] * sin + local[..., 1] * cos
    heights = site.heights(points.reshape(-1, 3)).reshape(-1, 5)
    return (heights.min(axis=1), heights.max(axis=1)) if len(heights) else (np.zeros(0), np.zeros(0))
