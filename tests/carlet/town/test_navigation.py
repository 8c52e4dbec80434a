import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import carla
import numpy as np
import pytest
import shapely

from carlet.town import LaneKind, Town, load_opendrive, navigation
from carlet.town.navigation import navigation_file, navigation_mesh
from carlet.town.navmesh_areas import Area
from carlet.town.navmesh_build import build_navigation_mesh
from carlet.town.navmesh_polygons import convex_polygons

DT = 0.05
TOWNS = ("Town01", "Town10HD", pytest.param("Town03", marks=pytest.mark.slow))
WALKERS = 20
ROAD_ALONE = """<OpenDRIVE><header revMajor="1" revMinor="4"/><road id="1" length="{length}" junction="-1">
<planView><geometry s="0" x="0" y="0" hdg="0" length="{length}"><line/></geometry></planView>
<lanes><laneSection s="0"><center><lane id="0" type="none"/></center>
<right><lane id="-1" type="driving"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane></right>
</laneSection></lanes></road></OpenDRIVE>"""


class Mesh(NamedTuple):
    """What a client reads: points (v, 3) in CARLA's frame, polygons as rows of them, neighbours, areas."""

    point: np.ndarray
    polygons: list[list[int]]
    neighbours: list[list[int]]
    area: np.ndarray


def read(data: bytes) -> Mesh:
    magic, version, tiles = struct.unpack_from("<3i", data)
    assert (struct.pack(">i", magic), version, tiles) == (b"MSET", 1, 1)
    reference, size = struct.unpack_from("<Ii", data, 40)
    assert reference and size == len(data) - 48
    head = struct.unpack_from("<5iI9i10f", data, 48)
    assert (struct.pack(">i", head[0]), head[1]) == (b"DNAV", 7)
    points = np.frombuffer(data, "<f4", 3 * head[7], 148).reshape(-1, 3)[:, [0, 2, 1]]
    rows = [struct.unpack_from("<I6H6HHBB", data, 148 + 12 * head[7] + 32 * i) for i in range(head[6])]
    assert all(row[13] == 1 << row[15] for row in rows)
    return Mesh(
        points.astype(float),
        [list(row[1 : 1 + row[14]]) for row in rows],
        [[edge - 1 for edge in row[7 : 7 + row[14]]] for row in rows],
        np.array([row[15] for row in rows]),
    )


def turns(outline: np.ndarray) -> np.ndarray:
    """Twice the signed area of each corner (k, 2)."""
    a, b = outline - np.roll(outline, 1, axis=0), np.roll(outline, -1, axis=0) - outline
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def shape_of(town: Town, *kinds: LaneKind) -> shapely.Geometry:
    """The ground that lanes of `kinds` cover."""
    lanes = town.lanes
    rows = np.flatnonzero((lanes.lane[1:] == lanes.lane[:-1]) & np.isin(lanes.kind[lanes.lane[:-1]], kinds))
    side = 0.5 * lanes.width[:, None] * np.stack([-np.sin(lanes.heading), np.cos(lanes.heading)], axis=1)
    left, right = lanes.point[:, :2] - side, lanes.point[:, :2] + side
    corners = np.stack([left[rows], left[rows + 1], right[rows + 1], right[rows]], axis=1)
    return shapely.union_all(shapely.convex_hull(shapely.multipoints(corners)))


def crosswalks_of(town: Town) -> shapely.Geometry:
    """Crosswalks and the steps between them and the pavements."""
    outlines = [town.crosswalks[town.crosswalk == number, :2] for number in np.unique(town.crosswalk)]
    return shapely.union_all([shapely.MultiPoint(outline).convex_hull for outline in outlines]).buffer(5.0)


def test_regions_become_convex_polygons_that_know_their_neighbours():
    ring = shapely.box(0, 0, 9, 9) - shapely.box(3, 3, 6, 6)
    beside = shapely.Polygon([(9, 0), (15, 4), (9, 9)])
    mesh = convex_polygons(np.array([ring, beside]), np.array([Area.SIDEWALK, Area.ROAD]), 0.01)
    outlines = [mesh.place[row[row >= 0]] for row in mesh.corner]
    assert all((turns(outline) <= 0).all() for outline in outlines)
    assert sum(shapely.Polygon(outline * 0.01).area for outline in outlines) == pytest.approx(72.0 + 27.0)
    assert len(outlines) < 8
    links = {(one, other) for one, row in enumerate(mesh.neighbour) for other in row if other >= 0}
    assert links and links == {(other, one) for one, other in links}
    assert any(mesh.area[one] != mesh.area[other] for one, other in links)


@pytest.mark.parametrize("name", TOWNS)
def test_a_mesh_covers_the_pavements_and_hangs_together(town: Callable[[str], Town], name: str):
    here = town(name)
    mesh = read(build_navigation_mesh(here))
    outlines = [mesh.point[polygon] for polygon in mesh.polygons]
    assert all((turns(outline[:, :2]) < 1e-2).all() for outline in outlines)
    for polygon, neighbours in enumerate(mesh.neighbours):
        assert all(polygon in mesh.neighbours[other] for other in neighbours if other >= 0)
    flat = np.array([shapely.Polygon(outline[:, :2]) for outline in outlines])
    pavements = shape_of(here, LaneKind.SIDEWALK)
    walk = flat[mesh.area == Area.SIDEWALK]
    assert shapely.area(walk).sum() > 0.85 * pavements.area
    assert shapely.area(shapely.difference(walk, pavements.buffer(0.5))).sum() < 1.0
    heights = here.ground.heights(mesh.point + (0.0, 0.0, 0.5))[0]
    assert np.quantile(np.abs(heights - mesh.point[:, 2]), 0.95) < 0.3


def test_a_mesh_is_kept_and_a_spoilt_one_is_built_again(town: Callable[[str], Town], tmp_path: Path):
    here = town("Town10HD")
    mesh = navigation_mesh(here, tmp_path)
    (kept,) = (tmp_path / "navigation").iterdir()
    assert navigation_mesh(here, tmp_path) == mesh
    kept.write_bytes(kept.read_bytes()[:-9] + b"spoilt...")
    assert navigation_mesh(here, tmp_path) == mesh
    assert str(navigation_file(here)).startswith("Carla/Maps/Nav/Town10HD-")


def test_a_road_alone_is_road_that_nobody_is_put_on(tmp_path: Path):
    mesh = read(build_navigation_mesh(load_opendrive("Alone", ROAD_ALONE.format(length="50"), tmp_path)))
    assert set(mesh.area) == {Area.ROAD}
    assert np.ptp(mesh.point[:, 0]) == pytest.approx(49.4, abs=0.1)
    other = load_opendrive("Alone", ROAD_ALONE.format(length="60"), tmp_path)
    assert navigation_file(other) != navigation_file(load_opendrive("Alone", ROAD_ALONE.format(length="50"), tmp_path))


def test_too_large_a_town_offers_no_file(town: Callable[[str], Town], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(navigation, "MOST_SAMPLES", 10)
    assert navigation_file(town("Town10HD")) is None
    assert struct.unpack_from("<3i", navigation_mesh(town("Town10HD"), tmp_path))[2] == 0


def people(world: carla.World) -> list[carla.Walker]:
    blueprints = world.get_blueprint_library().filter("walker.pedestrian.*")
    found = []
    for number in range(WALKERS):
        place = world.get_random_location_from_navigation() + carla.Location(z=1.0)
        walker = world.try_spawn_actor(blueprints[number % len(blueprints)], carla.Transform(place))
        found += [walker] if walker else []
    world.tick()
    return found


@pytest.mark.parametrize("name", TOWNS)
def test_people_walk_on_pavements_and_crosswalks_only(
    launch: Callable, town: Callable[[str], Town], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    server, here = launch("--town", name), town(name)
    client = carla.Client(server.host, server.port)
    client.set_timeout(30.0)
    world = client.get_world()
    world.apply_settings(carla.WorldSettings(synchronous_mode=True, fixed_delta_seconds=DT))
    world.set_pedestrians_seed(5)
    world.set_pedestrians_cross_factor(0.0)

    pavements = shape_of(here, LaneKind.SIDEWALK).buffer(0.3)
    places = [world.get_random_location_from_navigation() for _ in range(200)]
    assert len({(place.x, place.y) for place in places}) > 190
    assert shapely.contains_xy(pavements, [p.x for p in places], [p.y for p in places]).all()

    walkers = people(world)
    assert len(walkers) > WALKERS // 2
    blueprint = world.get_blueprint_library().find("controller.ai.walker")
    controllers = [world.spawn_actor(blueprint, carla.Transform(), walker) for walker in walkers]
    world.tick()
    start = [walker.get_location() for walker in walkers]
    for controller in controllers:
        controller.start()
        controller.go_to_location(world.get_random_location_from_navigation())
        controller.set_max_speed(1.4)
    track = []
    for tick in range(360):
        world.tick()
        track += [(p.x, p.y, p.z) for p in (walker.get_location() for walker in walkers)]
        if tick == 119:
            moved = [walker.get_location().distance(place) > 0.3 for walker, place in zip(walkers, start, strict=True)]
            assert np.mean(moved) > 0.9
    speeds = [walker.get_velocity().length() for walker in walkers]
    assert 0.5 < np.median(speeds) < 1.6

    steps = np.array(track)
    allowed = pavements.union(crosswalks_of(here)) if len(here.crosswalks) else pavements
    assert shapely.contains_xy(allowed, steps[:, 0], steps[:, 1]).all()
    half = np.tile([walker.bounding_box.extent.z for walker in walkers], 360)
    late = slice(5 * len(walkers), None)
    ground = here.ground.heights(steps - np.stack([0 * half, 0 * half, half], axis=1))[0]
    assert np.abs(steps[:, 2] - half - ground)[late].max() < 0.05

    for controller in controllers:
        controller.stop()
    world.tick()
    world.tick()
    before = [walker.get_location() for walker in walkers]
    world.tick()
    assert max(walker.get_location().distance(place) for walker, place in zip(walkers, before, strict=True)) < 0.01
    world.apply_settings(carla.WorldSettings(synchronous_mode=False))
