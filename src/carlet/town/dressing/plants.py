"""Trees along streets, in gardens, in fields and woods; bushes between them."""

import numpy as np

from carlet.models.street.plants import TREE_SIZES, TREES
from carlet.town.dressing.clearance import WHEELED, Flags, clear_of_lanes, gaps, gaps_to
from carlet.town.dressing.edges import Edges
from carlet.town.dressing.style import Site, noise
from carlet.town.dressing.table import Objects, join_objects, make_objects
from carlet.town.model import Floats, LaneKind
from carlet.town.objects import ObjectKind

_CROWN_OFF = gaps_to(WHEELED, 0.4)
_TRUNK_OFF = gaps(0.5, {LaneKind.SIDEWALK: 0.25, LaneKind.NONE: 0.2, LaneKind.BORDER: 0.2})
_STREET_TRUNK_OFF = gaps(0.5, {LaneKind.SIDEWALK: -1.0, LaneKind.NONE: 0.2, LaneKind.BORDER: 0.2})
_BOULEVARD = 3.8  # pavements wider than this (m) have their trees along the kerb
_OUTER, _AWAY, _PER_HECTARE, _MOST_FAR = 110.0, 45.0, 60.0, 6000
_TREE_GROUND = 0.28  # of a crown's width: how near two trees may stand
_STEEPEST = 9.0


def place_trees(site: Site) -> Objects:
    """All trees: those of streets first, then of gardens, then of the country."""
    far = [] if site.style.lean else [_far_trees(site)]
    return join_objects([_street_trees(site), _garden_trees(site), _country_trees(site), *far])


def place_bushes(site: Site) -> Objects:
    """Bushes beside the roads."""
    random = site.random("bushes")
    step = 70.0 if site.style.lean else 7.0
    places = _stations(site.edges, step, random)
    chosen = random.random(len(places)) < 0.55 * site.style.green
    places = places.chosen(chosen)
    points = places.beside(random.uniform(1.0, 7.0, len(places)))
    size = random.uniform(0.8, 1.5, (len(places), 1)) * np.ones(3)
    made = make_objects(
        ObjectKind.BUSH,
        site.on_ground(points),
        random.uniform(0.0, 2.0 * np.pi, len(places)),
        model=random.integers(0, 3, len(places)),
        size=size,
        half=0.5 * size[:, :2],
        random=random,
    )
    return made.chosen(clear_of_lanes(site.quads, made.spot, made.half, made.yaw, _TRUNK_OFF))


def _stations(edges: Edges, step: float, random: np.random.Generator) -> Edges:
    """Places along all edges about `step` metres apart."""
    along = np.arange(0.5 * step, edges.length, step)
    return edges.at(along + random.uniform(-0.3, 0.3, len(along)) * step)


def _street_trees(site: Site) -> Objects:
    """Rows of trees of one kind behind the pavement."""
    random = site.random("street trees")
    places = _stations(site.edges, 26.0 if site.style.lean else 11.0, random)
    urban = site.urban(places)
    rows = noise(places.point, 160.0, 3) < 0.3 + 0.6 * site.style.green
    chosen = rows & (urban > 0.34) & (random.random(len(places)) < 0.9)
    places, urban = places.chosen(chosen), urban[chosen]
    kind = noise(places.point, 300.0, 5)
    species = np.where(kind < 0.42, "lime", np.where(kind < 0.6, "oak", np.where(kind < 0.75, "birch", "poplar")))
    if site.style.warm:
        species = np.where(kind > 0.55, "palm", species)
    broad = places.pave > _BOULEVARD
    points = places.beside(np.where(broad, 1.5 - places.pave, random.uniform(1.5, 2.6, len(places))))
    scale = np.where(broad, random.uniform(0.55, 0.68, len(places)), random.uniform(0.7, 1.0, len(places)))
    species = np.where(broad & (species == "oak"), "lime", species)
    return _trees(site, points, species, scale, random, _STREET_TRUNK_OFF)


def _garden_trees(site: Site) -> Objects:
    """Trees between and behind the houses."""
    random = site.random("garden trees")
    places = _stations(site.edges, 34.0 if site.style.lean else 7.5, random)
    urban = site.urban(places)
    chosen = (urban > 0.2) & (random.random(len(places)) < site.style.green * (1.05 - 0.5 * urban))
    places = places.chosen(chosen)
    points = places.beside(random.uniform(4.0, 48.0, len(places)))
    species = random.choice(["oak", "lime", "birch", "fir", "poplar"], len(places), p=[0.34, 0.28, 0.18, 0.14, 0.06])
    return _trees(site, points, species, random.uniform(0.75, 1.35, len(places)), random)


def _country_trees(site: Site) -> Objects:
    """Woods and single trees along roads out of town."""
    random = site.random("country trees")
    places = _stations(site.edges, 22.0 if site.style.lean else 3.2, random)
    places = places.chosen(site.urban(places) < 0.36)
    reach = 42.0 if site.style.lean else 75.0
    points = places.beside(4.0 + reach * random.random(len(places)) ** 1.6)
    chosen = random.random(len(places)) < site.wooded(points)
    points = points[chosen]
    kind = noise(points, 220.0, 11)
    firs = random.random(len(points)) < np.clip(3.0 * (kind - 0.45), 0.05, 0.9)
    other = random.choice(["oak", "birch", "poplar", "lime"], len(points), p=[0.52, 0.28, 0.06, 0.14])
    return _trees(site, points, np.where(firs, "fir", other), random.uniform(0.8, 1.45, len(points)), random)


def _far_trees(site: Site) -> Objects:
    """Groves away from the roads, of trees with few triangles."""
    random = site.random("far trees")
    low, high = site.edges.point[:, :2].min(axis=0) - _OUTER, site.edges.point[:, :2].max(axis=0) + _OUTER
    count = int(min(np.prod((high - low) / 100.0) * _PER_HECTARE, _MOST_FAR))
    points = np.column_stack([random.uniform(low, high, (count, 2)), np.zeros(count)])
    chosen = random.random(count) < np.clip(1.5 * site.wooded(points), 0.06, 1.0)
    points = points[chosen]
    spare = gaps(_AWAY, {})
    points = points[clear_of_lanes(site.quads, points, 0.1, np.zeros(len(points)), spare)]
    points[:, 2] = site.heights(points - [0.0, 0.0, 100.0])
    species = random.choice(["oak_lean", "lime_lean", "fir_lean", "poplar_lean"], len(points), p=[0.4, 0.2, 0.32, 0.08])
    return _trees(site, points, species, random.uniform(0.9, 1.5, len(points)), random)


def _trees(
    site: Site,
    points: Floats,
    species: np.ndarray,
    scale: Floats,
    random: np.random.Generator,
    trunk_off: Floats = _TRUNK_OFF,
) -> Objects:
    """Trees of `species` (n,) names at points (n, 3), where crowns keep off the roads."""
    if site.style.lean:
        species = np.where(species == "palm", "oak", np.where(species == "birch", "lime", species))
        species = np.char.add(species.astype(str), "_lean")
    model = np.array([TREES.index(name) for name in species.tolist()], np.uint8)
    ground = site.on_ground(points) if len(points) else points
    stretch = scale * random.uniform(0.9, 1.15, len(points))
    size = np.column_stack([scale, scale, stretch])
    crown = TREE_SIZES[model, 0] * scale
    made = make_objects(
        ObjectKind.TREE,
        ground,
        random.uniform(0.0, 2.0 * np.pi, len(points)),
        model=model,
        size=size,
        half=_TREE_GROUND * crown[:, None] * np.ones(2),
        random=random,
    )
    return made.chosen(_free(site, made, crown, trunk_off) & (np.abs(ground[:, 2] - points[:, 2]) < _STEEPEST))


def _free(site: Site, made: Objects, crown: Floats, trunk_off: Floats) -> Flags:
    """Whether crowns keep off the lanes with wheels, and trunks off all."""
    flat = np.zeros(len(made))
    over = clear_of_lanes(site.quads, made.spot, 0.47 * crown[:, None] * np.ones(2), flat, _CROWN_OFF)
    return over & clear_of_lanes(site.quads, made.spot, 0.25, flat, trunk_off)
