"""The triangles of the ground against what physics and the official client say of the same towns."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
import shapely

from carlet.models.materials import code
from carlet.models.mesh import Mesh
from carlet.town import LaneKind, Tag
from carlet.town.level_mesh import LevelMesh
from carlet.town.model import MARK_COLOURS, MARK_TYPES
from carlet.town.surfaces import build_surfaces


def slow(*values):
    """Parameters whose town takes long to load and build."""
    return pytest.param(*values, marks=pytest.mark.slow)


QUICK = ["Town01", "Town10HD"]
TOWNS = [*QUICK, *(slow(name) for name in ("Town03", "Town05", "Town12"))]
CARRIAGEWAY = [LaneKind.DRIVING, LaneKind.BIDIRECTIONAL, LaneKind.BIKING, LaneKind.PARKING]
TAGS = {LaneKind.SIDEWALK: Tag.SIDEWALK, LaneKind.MEDIAN: Tag.GROUND, LaneKind.NONE: Tag.TERRAIN}


class Sheets:
    """Heights of the triangles of a mesh, those seen from above, by vertical lines."""

    def __init__(self, mesh: Mesh):
        corner = mesh.corner.astype(np.float64)
        a, b, c = corner[:, 0, :2], corner[:, 1, :2], corner[:, 2, :2]
        area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        self.row = np.flatnonzero(area > 1e-6)
        self.corner, self.tag = corner[self.row], mesh.tag[self.row]
        self.tree = shapely.STRtree(shapely.polygons(shapely.linearrings(self.corner[:, :, :2])))

    def hits(self, points):
        """Every triangle that a vertical line through each point meets: point, triangle, height."""
        point, triangle = self.tree.query(shapely.points(points[:, :2]), predicate="intersects")
        a, b, c = (self.corner[triangle, k] for k in range(3))
        normal = np.cross(b - a, c - a)
        away = points[point] - a
        return point, triangle, a[:, 2] - np.sum(normal[:, :2] * away[:, :2], axis=1) / normal[:, 2]

    def nearest(self, points):
        """Height above each point's of the triangle nearest in height (inf none), and its tag."""
        point, triangle, height = self.hits(points)
        gap = height - points[point, 2]
        order = np.lexsort((np.abs(gap), point))
        found, first = np.unique(point[order], return_index=True)
        gaps, tags = np.full(len(points), np.inf), np.zeros(len(points), np.uint8)
        gaps[found], tags[found] = gap[order][first], self.tag[triangle[order][first]]
        return gaps, tags


class Built(NamedTuple):
    """A town's ground, and look-ups in it."""

    level: LevelMesh
    solid: Sheets


@pytest.fixture(scope="module")
def built(town) -> Callable[[str], Built]:
    def build(name: str) -> Built:
        level = build_surfaces(town(name))
        return Built(level, Sheets(level.solid))

    return cache(build)


def places_in_lanes(lanes, kinds, inside, count=4000, seed=0):
    """Points well inside lanes of `kinds`, inside junctions or outside, and the lane row of each."""
    chosen = np.isin(lanes.kind, kinds) & ((lanes.junction_id >= 0) == inside)
    strips = np.flatnonzero((lanes.lane[1:] == lanes.lane[:-1]) & chosen[lanes.lane[1:]] & (lanes.width[1:] > 0.3))
    rng = np.random.default_rng(seed)
    row = rng.choice(strips, min(count, len(strips)), replace=False)
    u, across = rng.random(len(row)), rng.uniform(-0.4, 0.4, len(row))
    turn = (lanes.heading[row + 1] - lanes.heading[row] + np.pi) % (2.0 * np.pi) - np.pi
    angle = lanes.heading[row] + u * turn
    offset = across * (lanes.width[row] + u * (lanes.width[row + 1] - lanes.width[row]))
    points = lanes.point[row] + u[:, None] * (lanes.point[row + 1] - lanes.point[row])
    return points + offset[:, None] * np.stack([-np.sin(angle), np.cos(angle), 0.0 * angle], axis=1), lanes.lane[row]


def areas(corner):
    """Square metres (n,) of triangles (n, 3, 3)."""
    corner = corner.astype(np.float64)
    return 0.5 * np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)


def on_ground(loaded, points):
    """The points at the height of physics' ground."""
    return np.column_stack([points[:, :2], loaded.ground.heights(points + [0.0, 0.0, 0.3])[0]])


@pytest.mark.parametrize("name", TOWNS)
def test_pictures_and_physics_have_the_same_road(town, client_map, built, name):
    loaded = town(name)
    waypoints = client_map(name).generate_waypoints(10.0 if name == "Town12" else 2.0)
    places = [waypoint.transform.location for waypoint in waypoints[:20000]]
    points = on_ground(loaded, np.array([(place.x, place.y, place.z) for place in places]))
    gaps, tags = built(name).solid.nearest(points)
    found = np.isfinite(gaps)  # a point on a seam may fall into a crack of a millimetre
    assert np.mean(found) > 0.9997
    assert np.percentile(np.abs(gaps), 98.5) < 0.02
    assert np.abs(gaps[found]).max() < 0.25
    assert np.mean(tags == Tag.ROAD) > 0.999  # where a road ends, land begins at the same points


@pytest.mark.parametrize("name", ["Town01", slow("Town03"), slow("Town07"), slow("Town15")])
def test_lanes_outside_junctions_are_where_physics_has_them_and_tagged_by_kind(town, built, name):
    loaded = town(name)
    points, lane = places_in_lanes(loaded.lanes, list(LaneKind), inside=False)
    points = on_ground(loaded, points)
    gaps, tags = built(name).solid.nearest(points)
    wanted = np.array([TAGS.get(LaneKind(kind), Tag.ROAD) for kind in loaded.lanes.kind])[lane]
    assert np.mean(np.abs(gaps) < 0.01) > 0.998
    assert np.mean(tags == wanted) > 0.998


@pytest.mark.parametrize("name", ["Town01", slow("Town04"), slow("Town07"), slow("Town15")])
def test_no_pavement_and_no_land_lies_over_a_lane_to_drive_on(town, built, name):
    loaded = town(name)
    for inside in (False, True):
        points = on_ground(loaded, places_in_lanes(loaded.lanes, CARRIAGEWAY, inside)[0])
        point, triangle, height = built(name).solid.hits(points)
        over = (height > points[point, 2] + 0.03) & (height < points[point, 2] + 3.0)
        assert np.mean(over & (built(name).solid.tag[triangle] != Tag.ROAD)) < 1e-3


@pytest.mark.parametrize(
    ("name", "as_high"), [("Town01", 0.99), slow("Town04", 0.99), slow("Town05", 0.97), slow("Town07", 0.99)]
)
def test_the_ground_has_no_holes_and_lies_as_physics_has_it(town, built, name, as_high):
    """Wherever one looks straight down beside the roads there is ground, about as high as physics says; less often on
    the steep embankments of Town05.
    """
    loaded = town(name)
    lanes = loaded.lanes
    rng = np.random.default_rng(3)
    points = lanes.point[rng.integers(len(lanes.point), size=6000)] + rng.normal(0.0, 12.0, (6000, 3)) * [1.0, 1.0, 0.0]
    points = on_ground(loaded, points)
    gaps, _ = built(name).solid.nearest(points)
    assert np.all(np.isfinite(gaps))
    assert np.mean(np.abs(gaps) < 0.3) > as_high


def test_land_goes_on_to_the_horizon(town, built):
    xmin, ymin, xmax, ymax = town("Town01").extent
    far = np.array([[xmin - 1500.0, ymin, 0.0], [xmax, ymax + 1500.0, 0.0], [xmax + 1000.0, ymin - 1000.0, 0.0]])
    gaps, tags = built("Town01").solid.nearest(far)
    assert np.all(np.abs(gaps) < 5.0)
    assert np.all(tags == Tag.TERRAIN)


@pytest.mark.parametrize("name", [slow("Town04"), slow("Town05")])
def test_bridges_have_an_underside_over_the_road_below(town, built, name):
    loaded = town(name)
    points, _ = places_in_lanes(loaded.lanes, CARRIAGEWAY, inside=False, count=20000)
    lower = on_ground(loaded, points)
    upper = loaded.ground.heights(points + [0.0, 0.0, 20.0])[0]
    crossed = lower[upper - lower[:, 2] > 4.0]
    assert len(crossed) > 10
    mesh = built(name).level.solid
    bridge = mesh.corner[(mesh.tag == Tag.BRIDGE) & (mesh.normals[:, 2] < -0.9)].astype(np.float64)
    under = shapely.STRtree(shapely.polygons(shapely.linearrings(bridge[:, :, :2])))
    point, slab = under.query(shapely.points(crossed[:, :2]), predicate="intersects")
    clear = bridge[slab, :, 2].min(axis=1) - crossed[point, 2]
    assert len(np.unique(point)) > 0.95 * len(crossed)
    assert clear.min() > 3.0
    _, tags = built(name).solid.nearest(crossed)
    assert np.all(tags == Tag.ROAD)


@pytest.mark.parametrize("name", TOWNS)
def test_paint_lies_on_roads(built, name):
    level, solid = built(name)
    assert np.all(level.paint.tag == Tag.ROAD_LINE)
    assert np.all(level.paint.normals[:, 2] > 0.9)
    centre = level.paint.corner.mean(axis=1).astype(np.float64)
    gaps, tags = solid.nearest(centre)
    assert np.percentile(np.abs(gaps), 99.0) < (0.03 if name != "Town12" else 0.05)  # which is hilly
    assert np.mean(np.abs(gaps) < 0.05) > 0.99
    assert np.mean(tags == Tag.ROAD) > 0.975  # lines of streets that are closed, ends of crossings on verges


def test_dashes_are_a_quarter_of_their_marks(town, built):
    """All marks of Town01 are broken and yellow: three metres in twelve."""
    marks, paint = town("Town01").marks, built("Town01").level.paint
    junctions = town("Town01").lanes.road_id[town("Town01").lanes.junction_id >= 0]
    row = (marks.type == MARK_TYPES.index("broken")) & (marks.colour == MARK_COLOURS.index("yellow"))
    row &= ~np.isin(marks.road_id, junctions)
    whole = np.sum((marks.end - marks.start)[row] * marks.width[row])
    painted = areas(paint.corner[paint.material == code("paint_yellow")]).sum()
    assert 0.23 * whole < painted < 0.32 * whole


def test_crossings_and_stop_lines_are_painted(town, built):
    loaded, (level, _) = town("Town10HD"), built("Town10HD")
    white = level.paint.corner[level.paint.material == code("paint_white")].astype(np.float64)
    tree = shapely.STRtree(shapely.polygons(shapely.linearrings(white[:, :, :2])))
    outlines = np.split(loaded.crosswalks, np.flatnonzero(np.diff(loaded.crosswalk)) + 1)
    covered = [shapely.Polygon(outline[:, :2]) for outline in outlines]
    share = [sum(shapely.area(shapely.intersection(tree.geometries[tree.query(p)], p))) / p.area for p in covered]
    assert min(share) > 0.2
    assert max(share) < 0.6
    lights = loaded.lights
    ahead = np.stack([np.cos(lights.line_pose[:, 4]), np.sin(lights.line_pose[:, 4])], axis=1)
    approach = [shapely.LineString([p - 9.0 * a, p]) for p, a in zip(lights.line_pose[:, :2], ahead, strict=True)]
    assert np.mean([len(tree.query(line, predicate="intersects")) > 0 for line in approach]) > 0.95


@pytest.mark.slow
def test_kerbs_face_the_road(town, built):
    """Raised pavements of Town15 have upright faces, seen from the lower side."""
    loaded, mesh = town("Town15"), built("Town15").level.solid
    upright = (np.abs(mesh.normals[:, 2]) < 0.01) & (mesh.material == code("kerb"))
    corner, normal = mesh.corner[upright].astype(np.float64), mesh.normals[upright].astype(np.float64)
    centre, top = corner.mean(axis=1), corner[:, :, 2].max(axis=1)
    beside = centre + 0.12 * normal
    low = loaded.ground.heights(np.column_stack([beside[:, :2], top + 0.3]))[0]
    behind = loaded.ground.heights(np.column_stack([(centre - 0.12 * normal)[:, :2], top + 0.3]))[0]
    assert np.count_nonzero(upright) > 1000
    assert np.mean(low < behind + 0.02) > 0.97


@pytest.mark.parametrize("name", TOWNS)
def test_nothing_to_stand_on_looks_down(built, name):
    mesh = built(name).level.solid
    normal = mesh.normals[:, 2]
    ground = np.isin(mesh.tag, [Tag.ROAD, Tag.SIDEWALK, Tag.TERRAIN, Tag.GROUND])
    area = areas(mesh.corner)
    assert np.mean(ground & (normal < -0.01) & (area > 0.01)) < 1e-5
    assert not np.any(np.all(mesh.normals == 0.0, axis=1) & (area > 0.01))  # slivers are left out of scenes
    assert mesh.thing.max() < len(built(name).level.things)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("Town01", 15_000),
        ("Town10HD", 20_000),
        slow("Town03", 60_000),
        slow("Town12", 1_200_000),
        slow("Town13", 1_200_000),
    ],
)
def test_triangles_are_few(built, name, most):
    assert len(built(name).level.solid) < most


def test_the_same_town_gives_the_same_bytes(town, built):
    again = build_surfaces(town("Town10HD"))
    first = built("Town10HD").level
    for one, other in ((first.solid, again.solid), (first.paint, again.paint)):
        assert one.corner.tobytes() == other.corner.tobytes()
        assert one.material.tobytes() == other.material.tobytes()
        assert one.thing.tobytes() == other.thing.tobytes()
