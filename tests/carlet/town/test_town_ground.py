import numpy as np
import pytest

from carlet.town import LaneKind, Tag
from carlet.town.objects import ObjectKind


def along_lanes(lanes, count, step=0.25, seed=0):
    """Points every `step` along the centres of some driving lanes, lane by lane."""
    rows = np.flatnonzero((lanes.kind == LaneKind.DRIVING) & (lanes.count > 3))
    for row in np.random.default_rng(seed).choice(rows, min(count, len(rows)), replace=False):
        points = lanes.point[lanes.first[row] : lanes.first[row] + lanes.count[row]]
        travelled = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1)))
        at = np.arange(0.0, travelled[-1], step)
        if len(at) > 2:
            yield np.stack([np.interp(at, travelled, points[:, axis]) for axis in range(3)], axis=1)


@pytest.mark.parametrize("name", ["Town01", "Town03", "Town04", "Town07"])
def test_roads_are_smooth_and_at_their_height(town, name):
    ground = town(name).ground
    for points in along_lanes(ground.lanes, 200):
        heights, normals = ground.heights(points)
        assert np.all(np.abs(heights - points[:, 2]) < 0.3)
        assert np.all(np.abs(np.diff(heights) - np.diff(points[:, 2])) < 0.06)
        assert np.allclose(np.linalg.norm(normals, axis=1), 1.0)
        assert np.all(normals[:, 2] > 0.9)


def test_normals_lean_with_the_slope(town):
    ground = town("Town04").ground
    lanes = ground.lanes
    step = np.diff(lanes.point, axis=0)
    grade = step[:, 2] / np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-6)
    hill = (lanes.lane[1:] == lanes.lane[:-1]) & (grade > 0.05) & (lanes.kind[lanes.lane[1:]] == LaneKind.DRIVING)
    rows = np.flatnonzero(hill & (lanes.junction_id[lanes.lane[1:]] < 0))
    assert len(rows) > 20
    middle = 0.5 * (lanes.point[rows] + lanes.point[rows + 1])
    _, normals = ground.heights(middle)
    ahead = np.stack([np.cos(lanes.heading[rows]), np.sin(lanes.heading[rows])], axis=1)
    assert np.allclose(-np.sum(normals[:, :2] * ahead, axis=1) / normals[:, 2], grade[rows], atol=0.02)


def test_two_storeys_of_a_bridge(town):
    """Where one driving lane of Town04 runs over another, the point's own height says which one carries it."""
    ground = town("Town04").ground
    lanes = ground.lanes
    points = lanes.point[lanes.kind[lanes.lane] == LaneKind.DRIVING]
    under, _ = ground.heights(points)
    above, _ = ground.heights(points + [0.0, 0.0, 20.0])
    crossed = above - under > 4.0
    assert np.count_nonzero(crossed) > 10
    assert np.allclose(under[crossed], points[crossed, 2], atol=0.3)
    again, _ = ground.heights(np.column_stack([points[crossed, :2], above[crossed] + 0.2]))
    assert np.allclose(again, above[crossed], atol=0.05)


def test_off_the_road_there_is_land_without_cliffs(town):
    loaded = town("Town07")
    lanes, ground = loaded.lanes, loaded.ground
    rows = np.flatnonzero((lanes.kind[lanes.lane] == LaneKind.SHOULDER) & (lanes.junction_id[lanes.lane] < 0))[::40]
    right = np.stack([-np.sin(lanes.heading[rows]), np.cos(lanes.heading[rows]), 0.0 * lanes.heading[rows]], axis=1)
    out = np.arange(0.0, 12.0, 0.25)
    heights = np.stack([ground.heights(lanes.point[rows] + d * right)[0] for d in out], axis=1)
    assert np.all(np.isfinite(heights))
    assert np.percentile(np.abs(np.diff(heights, axis=1)), 99.0) < 0.25
    corner = ground.heights([[*loaded.extent[:2], 0.0], [9000.0, 9000.0, 0.0]])[0]
    assert np.all(np.abs(corner) < 60.0)


def test_raised_pavements_stand_above_the_carriageway(town):
    """Town15 writes kerb heights of 15 cm for its pavements."""
    ground = town("Town15").ground
    lanes = ground.lanes
    rows = np.flatnonzero((lanes.kind[lanes.lane] == LaneKind.SIDEWALK) & (lanes.rise > 0.1) & (lanes.width > 1.0))
    rows = rows[lanes.junction_id[lanes.lane[rows]] < 0]
    heights, _, lane = ground.surfaces(lanes.point[rows])
    own = lane == lanes.lane[rows]
    assert np.count_nonzero(own) > 100
    assert np.percentile(np.abs(heights - lanes.point[rows, 2] - lanes.rise[rows])[own], 90) < 0.02


def test_rays_from_above_meet_the_road_where_wheels_do(town):
    ground = town("Town03").ground
    spots = town("Town03").spawn_points[:, :3]
    hits = ground.cast(spots + [0.0, 0.0, 2.0], spots - [0.0, 0.0, 2.0])
    first = np.unique(hits.ray, return_index=True)[1]
    assert len(first) == len(spots)
    assert np.all(hits.tag[first] == Tag.ROAD)
    assert np.allclose(hits.point[first, 2], ground.heights(spots)[0], atol=0.02)
    assert np.all(hits.box[first] == -1)


def test_rays_list_every_crossing_in_order(town):
    loaded = town("Town01")
    rows = np.flatnonzero(loaded.scenery.kind == ObjectKind.BUILDING)
    ends = loaded.scenery.solid_centre[rows]
    starts = ends + [0.0, 0.0, 60.0]
    hits = loaded.ground.cast(starts, ends - [0.0, 0.0, 60.0])
    tops = [hits.box[hits.ray == k][0] for k in range(len(rows))]
    assert np.array_equal(tops, rows)
    for k in range(len(rows)):
        fallen = hits.point[hits.ray == k, 2]
        assert len(fallen) >= 2
        assert np.all(np.diff(fallen) <= 0.0)
        assert hits.tag[hits.ray == k][-1] in (Tag.TERRAIN, Tag.SIDEWALK, Tag.ROAD, Tag.BUILDING)


def test_rays_that_miss_find_nothing(town):
    spot = town("Town01").spawn_points[0, :3]
    hits = town("Town01").ground.cast([spot + [0, 0, 80], spot + [0, 0, 80]], [spot + [0, 0, 90], spot + [50, 0, 85]])
    assert len(hits.ray) == 0
