"""What stands in towns: where, how it is drawn, and that its boxes agree with both."""

from functools import cache

import numpy as np
import pytest

from carlet.models.materials import code
from carlet.models.street.signals import LAMP_STEP
from carlet.town import LaneKind, Tag, load_opendrive
from carlet.town.dressing import build_dressing
from carlet.town.dressing.signals import SIGN_FACES
from carlet.town.objects import KIND_TAG, OBJECTS, ObjectKind
from carlet.town.scenery import build_scenery

DRIVEN = (LaneKind.DRIVING, LaneKind.BIDIRECTIONAL)
TOWNS = ("Town01", "Town03", "Town04", "Town10HD")
HIGHEST_VEHICLE = 4.3


@pytest.fixture(scope="session")
def dressing(town):
    return cache(lambda name: build_dressing(town(name)))


def local(things, rows, points):
    """Points (k, ..., 3) in the frames of the scenery's boxes."""
    gap = points - things.centre[rows].reshape(-1, *[1] * (points.ndim - 2), 3)
    shape = (-1, *[1] * (points.ndim - 2))
    cos, sin = np.cos(things.yaw[rows]).reshape(shape), np.sin(things.yaw[rows]).reshape(shape)
    x, y = gap[..., 0] * cos + gap[..., 1] * sin, gap[..., 1] * cos - gap[..., 0] * sin
    return np.stack([x, y, gap[..., 2]], axis=-1)


@pytest.mark.parametrize("name", [*TOWNS, "Town07", "Town15"])
def test_nothing_reaches_into_the_way_of_vehicles(town, dressing, name):
    """No corner, and no middle of an edge, of any triangle lies over a lane lower than the highest vehicle."""
    ground, corner = town(name).ground, dressing(name).solid.corner.astype(float)
    points = np.concatenate([corner, 0.5 * (corner + np.roll(corner, 1, axis=1))]).reshape(-1, 3)
    scenery = town(name).scenery
    owner = np.tile(np.repeat(dressing(name).solid.thing, 3), 2)
    foot = np.column_stack([points[:, :2], np.minimum(points[:, 2], scenery.origin[owner, 2] + 0.3)])
    height, _, lane = ground.surfaces(foot)
    over = (lane >= 0) & np.isin(ground.lanes.kind[lane], DRIVEN) & (points[:, 2] < height + HIGHEST_VEHICLE)
    assert not np.any(over), {scenery.name[row] for row in owner[over].tolist()}


@pytest.mark.parametrize("name", TOWNS)
def test_boxes_hold_their_triangles_tightly(town, dressing, name):
    scenery, mesh = town(name).scenery, dressing(name).solid
    place = np.abs(local(scenery, mesh.thing, mesh.corner.astype(float)))
    assert np.all(place <= scenery.extent[mesh.thing, None] + 0.01)
    reached = np.zeros((len(scenery), 3))
    np.maximum.at(reached, mesh.thing, place.max(axis=1))
    assert np.all(reached > 0.8 * scenery.extent - 0.05)


@pytest.mark.parametrize("name", TOWNS)
def test_what_is_solid_lies_within_the_box(town, name):
    scenery = town(name).scenery
    solid = np.all(scenery.solid_extent > 0.0, axis=1)
    gap = np.abs(local(scenery, np.flatnonzero(solid), scenery.solid_centre[solid]))
    assert np.all(gap + scenery.solid_extent[solid] <= scenery.extent[solid] + 0.03)
    assert not np.any(solid & (scenery.kind == ObjectKind.BUSH))
    trees = scenery.kind == ObjectKind.TREE
    assert np.all(scenery.solid_extent[trees, :2] < 0.3)
    assert np.all(scenery.extent[trees, :2] > 0.5)
    assert np.allclose(scenery.solid_centre[trees, :2], scenery.origin[trees, :2])


@pytest.mark.parametrize("name", TOWNS)
def test_things_are_the_rows_of_the_scenery(town, dressing, name):
    scenery, level = town(name).scenery, dressing(name)
    assert np.array_equal(level.things.scenery, np.arange(len(scenery)))
    assert np.array_equal(np.unique(level.solid.thing), np.arange(len(scenery)))
    assert np.array_equal(level.solid.tag, scenery.tag[level.solid.thing])
    assert np.array_equal(scenery.tag, KIND_TAG[scenery.kind])
    assert np.all((level.things.tint > 0.0) & (level.things.tint <= 1.2))
    assert np.all(np.isfinite(level.solid.corner))
    assert np.all(np.linalg.norm(level.solid.normals, axis=1) > 0.9)
    for row in range(0, len(scenery), 97):
        stem = OBJECTS[ObjectKind(int(scenery.kind[row]))].name.split("{")[0]
        assert scenery.name[row].startswith(stem)


@pytest.mark.parametrize("name", ["Town01", "Town03", "Town04", "Town05", "Town07", "Town10HD", "Town15"])
def test_every_light_shows_itself_to_its_traffic(town, dressing, name):
    """From each stop line a head of the line's light is seen ahead, near enough, its three lamps facing the driver."""
    loaded, level = town(name), dressing(name)
    heads = np.flatnonzero(loaded.scenery.kind == ObjectKind.LIGHT_HEAD)
    assert set(level.things.light[heads].tolist()) == set(range(len(loaded.lights.sign_id)))
    lights = loaded.lights
    mesh = level.solid
    lens = np.flatnonzero(mesh.material == code("lens_red"))
    facing, owner = mesh.normals[lens].astype(float), level.things.light[mesh.thing[lens]]
    middle = mesh.corner[lens].astype(float).mean(axis=1)
    for line in range(len(lights.line_light)):
        own = owner == lights.line_light[line]
        pose = lights.line_pose[line]
        ahead = np.array([np.cos(pose[4]), np.sin(pose[4]), 0.0])
        way = middle[own] - (pose[:3] - 2.0 * ahead)
        forward, aside = way @ ahead, np.abs(way @ np.array([-ahead[1], ahead[0], 0.0]))
        turned = facing[own] @ ahead < -0.8
        seen = turned & (forward > 3.0) & (aside < np.tan(np.radians(42.0)) * forward) & (forward < 75.0)
        assert np.any(seen) or not np.any(turned), lights.sign_id[lights.line_light[line]]


@pytest.mark.parametrize("name", ["Town01", "Town03"])
def test_lamps_of_a_head_hang_one_over_the_other(town, dressing, name):
    mesh, things = dressing(name).solid, dressing(name).things
    for material, step in (("lens_red", LAMP_STEP), ("lens_amber", 0.0), ("lens_green", -LAMP_STEP)):
        rows = np.flatnonzero(mesh.material == code(material))
        height = mesh.corner[rows].mean(axis=1)[:, 2] - things.origin[mesh.thing[rows], 2]
        assert np.all(np.abs(height - step) < 0.15)


@pytest.mark.parametrize("name", ["Town01", "Town05", "Town07"])
def test_every_sign_has_its_face_towards_the_traffic(town, dressing, name):
    loaded, level = town(name), dressing(name)
    mesh, signs = level.solid, loaded.signs
    plates = np.flatnonzero(loaded.scenery.kind == ObjectKind.SIGN)
    assert sorted(level.things.sign[plates].tolist()) == list(range(len(signs.type_id)))
    for plate in plates.tolist():
        row = int(level.things.sign[plate])
        face = SIGN_FACES[loaded.scenery.model[plate]]
        wanted = signs.type_id[row]
        assert wanted.endswith(("stop", "yield")) == (face in ("stop", "yield"))
        if "speed_limit" in wanted:
            assert face == f"speed_{wanted.rpartition('.')[2]}"
        shown = (mesh.thing == plate) & (mesh.material == code(f"face_{face}"))
        toward = np.array([np.cos(signs.pose[row, 4] + 0.5 * np.pi), np.sin(signs.pose[row, 4] + 0.5 * np.pi), 0.0])
        assert np.any(shown)
        assert np.all(mesh.normals[shown] @ toward > 0.99)


def test_cars_are_parked_on_parking_lanes_along_the_road(town):
    loaded = town("Town03")
    cars = np.flatnonzero(loaded.scenery.kind == ObjectKind.PARKED_CAR)
    assert len(cars) > 40
    assert set(loaded.scenery.tag[cars].tolist()) == {Tag.CAR}
    found = loaded.lanes.nearest(loaded.scenery.origin[cars], (LaneKind.PARKING,))
    assert np.all(found.distance < 0.5)
    turn = loaded.scenery.yaw[cars] - loaded.lanes.heading[found.sample]
    assert np.all(np.cos(turn) > 0.99)


def test_railings_guard_what_is_high(town):
    """Beside the bridges of Town04, where the land lies metres below."""
    loaded = town("Town04")
    scenery = loaded.scenery
    railings = scenery.centre[scenery.kind == ObjectKind.RAILING]
    lanes = loaded.lanes
    right = np.stack([-np.sin(lanes.heading), np.cos(lanes.heading)], axis=1)
    open_road = (lanes.junction_id[lanes.lane] < 0) & (lanes.kind[lanes.lane] == LaneKind.SHOULDER)
    edge = lanes.point[open_road].copy()
    edge[:, :2] += (0.5 * lanes.width[open_road, None] + 2.5) * right[open_road]
    height, _, lane = loaded.ground.surfaces(edge)
    high = edge[(lane < 0) & (edge[:, 2] - height > 3.0)]
    assert len(high) > 10
    gap = np.linalg.norm(high[:, None] - railings[None], axis=2).min(axis=1)
    assert np.mean(gap < 7.0) > 0.9


@pytest.mark.parametrize("name", ["Town01", "Town03", "Town04", "Town05", "Town07", "Town10HD"])
def test_triangles_stay_within_their_budget(dressing, name):
    assert 30_000 < len(dressing(name).solid) < 400_000
    assert len(dressing(name).paint) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Town11", "Town12", "Town13"])
def test_large_towns_have_few_triangles(dressing, name):
    assert 300_000 < len(dressing(name).solid) < 900_000


def test_the_same_town_is_dressed_the_same_way(town, dressing):
    loaded = town("Town02")
    again = build_scenery("Town02", loaded.ground, loaded.lights, loaded.signs, loaded.spawn_points)
    for column in ("centre", "extent", "yaw", "kind", "model", "size", "seed", "source", "solid_extent"):
        assert np.array_equal(getattr(again, column), getattr(loaded.scenery, column)), column
    assert again.name == loaded.scenery.name
    first, second = dressing("Town02"), build_dressing(loaded)
    assert first.solid.corner.tobytes() == second.solid.corner.tobytes()
    assert first.things.tint.tobytes() == second.things.tint.tobytes()
    other = build_scenery("Elsewhere", loaded.ground, loaded.lights, loaded.signs, loaded.spawn_points)
    assert not np.array_equal(other.seed[:50], loaded.scenery.seed[:50])


ROAD = """<OpenDRIVE><header/><road length="120" id="1" junction="JUNCTION">
<planView><geometry s="0" x="0" y="0" hdg="0" length="120"><line/></geometry></planView>
<lanes><laneSection s="0"><center><lane id="0"/></center><right><lane id="-1" type="driving">
<width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane></right></laneSection></lanes></road></OpenDRIVE>"""


def test_any_road_is_dressed(tmp_path):
    """A lone road has something beside it; a world of nothing but a junction has nothing, and is no error."""
    lone = load_opendrive("lone", ROAD.replace("JUNCTION", "-1"), tmp_path)
    assert len(build_dressing(lone).solid) > 100
    crossing = load_opendrive("crossing", ROAD.replace("JUNCTION", "7"), tmp_path)
    assert len(crossing.scenery) == len(build_dressing(crossing).solid) == 0
