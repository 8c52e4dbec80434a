import carla
import numpy as np
import pytest

from carlet.town import LaneKind, Tag
from carlet.town.objects import ObjectKind

ANY = tuple(LaneKind)


@pytest.mark.parametrize("name", ["Town01", "Town03", "Town04", "Town07", "Town10HD", "Town15"])
def test_spawn_points_are_on_driving_lanes(town, client_map, name):
    points = town(name).spawn_points
    assert 90 <= len(points) <= 2000
    for pose in points:
        waypoint = client_map(name).get_waypoint(carla.Location(*pose[:3].tolist()), project_to_road=False)
        assert waypoint is not None
        assert not waypoint.is_junction
        assert np.cos(pose[4] - np.radians(waypoint.transform.rotation.yaw)) > np.cos(np.radians(2.0))


@pytest.mark.parametrize(("name", "lift"), [("Town01", 0.3), ("Town10HD", 0.6)])
def test_spawn_points_hang_over_the_road(town, name, lift):
    points = town(name).spawn_points
    assert np.allclose(points[:, 2] - town(name).ground.heights(points[:, :3])[0], lift, atol=0.05)


@pytest.mark.parametrize("name", ["Town01", "Town04", "Town10HD"])
def test_spawn_points_leave_room_for_any_car(town, name):
    lanes, points = town(name).lanes, town(name).spawn_points
    apart = points[:, None, :3] - points[None, :, :3]
    ahead = np.stack([np.cos(points[:, 4]), np.sin(points[:, 4])], axis=1)
    along = np.abs(np.einsum("ijk,ik->ij", apart[..., :2], ahead))
    aside = np.abs(apart[..., 0] * -ahead[:, None, 1] + apart[..., 1] * ahead[:, None, 0])
    same_level = np.abs(apart[..., 2]) < 3.0
    others = ~np.eye(len(points), dtype=bool) & same_level
    assert not np.any(others & (aside < 1.5) & (along < 10.0))
    assert not np.any(others & (aside < 3.0) & (along < 4.0))
    assert np.all(lanes.width[lanes.nearest(points[:, :3]).sample] >= 2.6)


def test_crosswalks_are_the_clients(town, client_map):
    for name in ("Town03", "Town04", "Town10HD", "Town15"):
        theirs = np.array([[p.x, p.y] for p in client_map(name).get_crosswalks()])
        ours = town(name).crosswalks
        assert len(ours) == len(theirs)
        gaps = np.linalg.norm(ours[:, None, :2] - theirs[None], axis=2)
        assert gaps.min(axis=1).max() < 0.2
        assert gaps.min(axis=0).max() < 0.2
        assert len(np.unique(town(name).crosswalk)) > 10


@pytest.mark.parametrize("name", ["Town01", "Town03", "Town07", "Town10HD"])
def test_buildings_keep_clear_of_every_lane(town, name):
    """Of pavements a little, so that shops stand at the street; of all others by metres."""
    loaded = town(name)
    scenery, lanes = loaded.scenery, loaded.lanes
    rows = np.flatnonzero(scenery.kind == ObjectKind.BUILDING)
    assert len(rows) >= 15
    around = np.array([(x, y) for x in np.linspace(-1, 1, 9) for y in np.linspace(-1, 1, 9)])
    local = around * scenery.solid_extent[rows, None, :2]
    cos, sin = np.cos(scenery.yaw[rows])[:, None], np.sin(scenery.yaw[rows])[:, None]
    points = np.tile(scenery.origin[rows, None], (1, len(around), 1))
    points[..., 0] += local[..., 0] * cos - local[..., 1] * sin
    points[..., 1] += local[..., 0] * sin + local[..., 1] * cos
    for kinds, gap in ((ANY, 0.2), ((LaneKind.DRIVING, LaneKind.PARKING), 2.2)):
        found = lanes.nearest(points.reshape(-1, 3), kinds)
        clear = found.distance - 0.5 * lanes.width[found.sample]
        assert clear.min() > gap


def test_scenery_stands_on_the_ground_and_has_names_of_its_own(town):
    loaded = town("Town05")
    scenery = loaded.scenery
    assert len(set(scenery.name)) == len(scenery.name) == len(scenery.tag)
    assert "Building_12_SM_0" in scenery.name
    assert {Tag.BUILDING, Tag.POLE, Tag.TRAFFIC_LIGHT, Tag.TRAFFIC_SIGN} <= set(scenery.tag.tolist())
    poles = scenery.tag == Tag.POLE
    feet = scenery.origin[poles]
    assert np.allclose(feet[:, 2], loaded.ground.heights(feet)[0], atol=0.05)


def test_no_pole_stands_where_cars_drive(town):
    loaded = town("Town05")
    poles = loaded.scenery.origin[loaded.scenery.tag == Tag.POLE]
    _, _, lane = loaded.ground.surfaces(poles)
    assert not np.any(loaded.lanes.kind[lane[lane >= 0]] == LaneKind.DRIVING)


def test_a_car_that_leaves_the_roundabout_of_town03_meets_something(town):
    start = np.array([30.0, -6.0, 0.6])
    hits = town("Town03").ground.cast([start], [start + [0.0, -60.0, 0.0]])
    assert np.any(hits.box >= 0)


def test_near_finds_all_boxes_around_a_place(town):
    scenery = town("Town10HD").scenery
    place = scenery.centre[len(scenery.name) // 2, :2]
    near = scenery.near(place, 30.0)
    inside = np.flatnonzero(np.linalg.norm(scenery.centre[:, :2] - place, axis=1) < 30.0)
    assert set(inside) <= set(near.tolist())
    assert len(near) < len(scenery.name)
    assert len(scenery.near((9e5, 9e5), 10.0)) == 0


@pytest.mark.slow
def test_large_towns_stay_bounded(town, client_map):
    loaded = town("Town12")
    assert loaded.large
    assert 500 < len(loaded.spawn_points) <= 2000
    assert len(loaded.scenery.name) < 60000
    for pose in loaded.spawn_points[:300]:
        assert client_map("Town12").get_waypoint(carla.Location(*pose[:3].tolist()), project_to_road=False)
