"""What stands on and beside pavements: lamps, benches, bins and the like; and cars on parking lanes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from carlet.models.street.lamps import LAMPS, POST
from carlet.town.dressing.clearance import WHEELED, Flags, clear_of_lanes, gaps, gaps_to
from carlet.town.dressing.edges import Edges
from carlet.town.dressing.parked import CARS, car_extents
from carlet.town.dressing.style import Site, noise
from carlet.town.dressing.table import Objects, join_objects, make_objects
from carlet.town.model import Floats, LaneKind
from carlet.town.objects import ObjectKind

_KERB = 0.5  # from the kerb to the middle of what stands along it
_WALKABLE = 1.8  # a pavement must be as wide for things to stand on it
_SPACIOUS = 3.4
_OFF_WHEELS = gaps_to(WHEELED, 0.3)
_OFF_DRIVING = gaps_to((LaneKind.DRIVING, LaneKind.BIDIRECTIONAL, LaneKind.BIKING), 0.12)
_OFF_LANES = gaps(0.15, {LaneKind.SIDEWALK: -1.0})
_SLOT = 6.6
_NEAR_JUNCTION = 10.0  # so far from junctions, where vehicles cut corners, nothing stands along the kerb


def place_lamps(site: Site) -> Objects:
    """Street lamps along the kerbs of paved roads, on both sides by turns, and along wide roads in town."""
    style, random = site.style, site.random("lamps")
    if not style.lamps:
        return _none(random)
    places = site.edges.at(np.arange(0.35 * style.lamps, site.edges.length, style.lamps))
    urban = site.urban(places)
    places, urban = places.chosen(rows := (places.pave > 0.5) & (places.drive < 25.0)), urban[rows]
    kerb = (places.pave >= _WALKABLE) & (_from_ends(site.edges, places) > _NEAR_JUNCTION)
    inwards = np.where(kerb, places.pave - _KERB, -0.4)
    points = places.beside(-inwards)
    old = (urban < 0.53) & (places.speed_kmh < 65.0) & (noise(places.point, 400.0, 17) < 0.62)
    model = np.where(old, LAMPS.index("lantern"), LAMPS.index("mast"))
    if style.lean:
        model[:] = LAMPS.index("mast_lean")
    made = make_objects(
        ObjectKind.STREET_LAMP, _standing(site, points), places.facing, model=model, half=POST, random=random
    )
    return made.chosen(_clear(site, made, _OFF_WHEELS))


@dataclass(frozen=True)
class _Prop:
    """How often and where a kind of thing stands: metres between two, `urban` from and to, half sizes, and whether it
    stands along the kerb or at the back of the pavement.
    """

    kind: ObjectKind
    spacing: float
    urban: tuple[float, float]
    half: tuple[float, float]
    kerb: bool = False


_PROPS = (
    _Prop(ObjectKind.BUS_STOP, 260.0, (0.36, 1.0), (0.8, 2.2)),
    _Prop(ObjectKind.COLUMN, 170.0, (0.5, 1.0), (0.85, 0.85)),
    _Prop(ObjectKind.POWER_BOX, 95.0, (0.3, 1.0), (0.26, 0.57)),
    _Prop(ObjectKind.BENCH, 46.0, (0.3, 1.0), (0.42, 0.95)),
    _Prop(ObjectKind.PLANTER, 38.0, (0.62, 1.0), (0.55, 0.55)),
    _Prop(ObjectKind.BIN, 41.0, (0.3, 1.0), (0.28, 0.28), kerb=True),
    _Prop(ObjectKind.HYDRANT, 83.0, (0.3, 1.0), (0.2, 0.2), kerb=True),
    _Prop(ObjectKind.MAIL_BOX, 120.0, (0.3, 0.9), (0.3, 0.3), kerb=True),
)
#: Towns of many kilometres have so many times fewer.
_RARER = 22.0


def place_furniture(site: Site) -> Objects:
    """Benches, bins, hydrants, letter boxes, bus stops, columns, cabinets, tubs, and a few road works."""
    parts = [_props(site, prop) for prop in _PROPS]
    return join_objects([*parts, _works(site), _power_poles(site)])


def _props(site: Site, prop: _Prop) -> Objects:
    random = site.random(f"props {prop.kind.name}")
    spacing = prop.spacing * (_RARER if site.style.lean else 1.0)
    along = np.arange(random.uniform(0.1, 0.9) * spacing, site.edges.length, spacing)
    places = site.edges.at(along + random.uniform(-0.3, 0.3, len(along)) * spacing)
    urban = site.urban(places)
    wide = places.pave >= (_WALKABLE if prop.kerb else 0.5)
    if prop.kerb:
        wide &= _from_ends(site.edges, places) > _NEAR_JUNCTION
    places = places.chosen(wide & (urban >= prop.urban[0]) & (urban <= prop.urban[1]) & (places.driven > 0))
    if prop.kerb:
        offset = _KERB - places.pave
    else:
        offset = np.where(places.pave > _SPACIOUS, -prop.half[0] - 0.25, prop.half[0] + 0.12)
    made = make_objects(
        prop.kind,
        _standing(site, places.beside(offset)),
        places.facing,
        model=random.integers(0, 4, len(places)),
        half=prop.half,
        random=random,
    )
    return made.chosen(_clear(site, made, _OFF_LANES))


def _works(site: Site) -> Objects:
    """Cones and a barrier on the verge here and there."""
    random = site.random("works")
    spacing = 900.0 * (_RARER if site.style.lean else 0.5)
    places = site.edges.at(np.arange(0.6 * spacing, site.edges.length, spacing))
    count = 5
    offset = np.where(places.pave > _SPACIOUS, -0.9, 0.8)
    centre = _standing(site, places.beside(offset))
    barrier = make_objects(ObjectKind.BARRIER, centre, places.facing, half=(0.3, 0.82), random=random)
    along = np.column_stack([-places.out[:, 1], places.out[:, 0], np.zeros(len(places))])
    steps = np.array([-2.6, -1.7, 1.6, 2.5, 3.4])[None, :, None] + random.uniform(-0.2, 0.2, (len(places), count, 1))
    spots = (centre[:, None] + steps * along[:, None]).reshape(-1, 3)
    cones = make_objects(
        ObjectKind.CONE,
        _standing(site, spots),
        random.uniform(0.0, 6.0, len(spots)),
        half=0.2,
        random=random,
    )
    made = join_objects([barrier, cones])
    return made.chosen(_clear(site, made, _OFF_LANES))


def _power_poles(site: Site) -> Objects:
    """Wooden poles along country roads."""
    random = site.random("power poles")
    spacing = 330.0 if site.style.lean else 42.0
    places = site.edges.at(np.arange(0.5 * spacing, site.edges.length, spacing))
    rows = (site.urban(places) < 0.3) & (places.driven > 0) & (noise(places.point, 500.0, 23) < 0.45)
    places = places.chosen(rows)
    made = make_objects(
        ObjectKind.POWER_POLE,
        _standing(site, places.beside(3.2)),
        places.yaw + 0.5 * np.pi,
        half=0.2,
        random=random,
    )
    return made.chosen(_clear(site, made, gaps(0.3, {})))


def place_parked_cars(site: Site) -> Objects:
    """Cars on parking lanes, in the direction of travel; clear of junctions."""
    random, edges = site.random("parked cars"), site.edges
    places = edges.at(np.arange(0.5 * _SLOT, edges.length, _SLOT))
    share = site.style.parked * (0.7 + 0.6 * noise(places.point, 90.0, 29))
    inside = _from_ends(edges, places) > _NEAR_JUNCTION
    places = places.chosen(inside & (places.park >= 0.0) & (random.random(len(places)) < share))
    model = random.integers(0, len(CARS), len(places))
    half = car_extents()[model] if len(places) else np.zeros((0, 2))
    made = make_objects(
        ObjectKind.PARKED_CAR,
        _standing(site, places.beside(-places.park + random.uniform(-0.12, 0.12, len(places)))),
        places.yaw + random.normal(0.0, 0.012, len(places)),
        model=model,
        half=half,
        random=random,
    )
    return made.chosen(_clear(site, made, _OFF_DRIVING))


def _from_ends(edges: Edges, places: Edges) -> Floats:
    """Metres (n,) to the nearer end of the chain that each place lies on."""
    if not len(edges):
        return np.zeros(0)
    cut = np.flatnonzero(np.diff(edges.chain))
    first = edges.along[np.append(0, cut + 1)]
    last = edges.along[np.append(cut, len(edges) - 1)]
    return np.minimum(places.along - first[places.chain], last[places.chain] - places.along)


def _standing(site: Site, points: Floats) -> Floats:
    return site.on_ground(points) if len(points) else points


def _clear(site: Site, made: Objects, gap: ArrayLike) -> Flags:
    return clear_of_lanes(site.quads, made.spot, made.half, made.yaw, np.asarray(gap), made.origin[:, 2])


def _none(random: np.random.Generator) -> Objects:
    return make_objects(ObjectKind.STREET_LAMP, np.zeros((0, 3)), np.zeros(0), half=POST, random=random)
