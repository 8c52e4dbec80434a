import carla
import numpy as np
import pytest

from carlet.town import LaneKind, load_opendrive

TOWNS = ["Town01", "Town03", "Town04", "Town07", "Town10HD", "Town15"]


def driving_samples(lanes, count, seed=0, narrowest=2.0):
    """Samples inside driving lanes, none at the seams between lanes."""
    rows = np.flatnonzero((lanes.kind[lanes.lane] == LaneKind.DRIVING) & (lanes.width > narrowest))
    rows = np.setdiff1d(rows, np.concatenate([lanes.first, lanes.first + lanes.count - 1]))
    return np.random.default_rng(seed).choice(rows, count)


def turned(degrees):
    return np.abs((degrees + 180.0) % 360.0 - 180.0)


@pytest.mark.parametrize("name", TOWNS)
def test_samples_lie_where_the_client_has_them(town, client_map, name):
    lanes, world = town(name).lanes, client_map(name)
    for row in driving_samples(lanes, 600):
        lane = lanes.lane[row]
        waypoint = world.get_waypoint_xodr(int(lanes.road_id[lane]), int(lanes.lane_id[lane]), float(lanes.s[row]))
        place = waypoint.transform.location
        assert np.linalg.norm(lanes.point[row] - [place.x, place.y, place.z]) < 0.05
        assert turned(np.degrees(lanes.heading[row]) - waypoint.transform.rotation.yaw) < 1.0
        assert abs(lanes.width[row] - waypoint.lane_width) < 0.01
        assert waypoint.is_junction == (lanes.junction_id[lane] >= 0)


@pytest.mark.parametrize("name", TOWNS)
def test_nearest_finds_the_clients_lane(town, client_map, name):
    lanes, world = town(name).lanes, client_map(name)
    rng = np.random.default_rng(1)
    rows = driving_samples(lanes, 500)
    rows = rows[lanes.junction_id[lanes.lane[rows]] < 0]
    aside = rng.uniform(-0.3, 0.3, len(rows)) * lanes.width[rows]
    points = lanes.point[rows].copy()
    points[:, 0] -= np.sin(lanes.heading[rows]) * aside
    points[:, 1] += np.cos(lanes.heading[rows]) * aside
    found = lanes.nearest(points)
    agree = 0
    for k, point in enumerate(points):
        waypoint = world.get_waypoint(carla.Location(*point.tolist()))
        agree += (waypoint.road_id, waypoint.lane_id) == (lanes.road_id[found.lane[k]], lanes.lane_id[found.lane[k]])
    assert agree >= 0.99 * len(points)
    assert np.allclose(np.abs(found.lateral), np.abs(aside), atol=0.05)
    assert np.all(found.distance <= np.abs(aside) + 0.05)


def test_nearest_tells_storeys_apart(town):
    """In Town04 a motorway crosses over another road: the height decides."""
    lanes = town("Town04").lanes
    samples = driving_samples(lanes, 4000)
    at = lanes.nearest(lanes.point[samples])
    over = lanes.nearest(lanes.point[samples] + [0.0, 0.0, 9.0])
    assert np.all(at.distance < 1e-6)
    higher = lanes.point[over.sample, 2] - lanes.point[samples, 2]
    assert np.count_nonzero((higher > 5.0) & (over.distance < 6.0)) > 20


def test_nearest_takes_only_the_asked_kinds(town):
    lanes = town("Town01").lanes
    points = lanes.point[driving_samples(lanes, 50)]
    found = lanes.nearest(points, [LaneKind.SIDEWALK])
    assert np.all(lanes.kind[found.lane] == LaneKind.SIDEWALK)
    assert np.all(found.distance > 1.0)
    assert np.all(lanes.nearest(points, [LaneKind.RESTRICTED]).lane == -1)


def test_nearest_answers_far_outside(town):
    found = town("Town01").lanes.nearest([[5000.0, -4000.0, 0.0]])
    assert found.lane[0] >= 0
    assert 5000.0 < found.distance[0] < 8000.0


@pytest.mark.parametrize("name", ["Town01", "Town04"])
def test_lanes_go_on_where_the_client_goes_on(town, client_map, name):
    lanes, world = town(name).lanes, client_map(name)
    rows = np.flatnonzero((lanes.kind == LaneKind.DRIVING) & (lanes.count > 4))
    for row in rows[:: max(len(rows) // 150, 1)]:
        sample = lanes.first[row] + lanes.count[row] - 2
        here = world.get_waypoint_xodr(int(lanes.road_id[row]), int(lanes.lane_id[row]), float(lanes.s[sample]))
        rest = float(abs(lanes.s[sample + 1] - lanes.s[sample]))
        theirs = {(w.road_id, w.lane_id) for w in here.next(rest + 0.05)}
        following = lanes.next_lane[lanes.next_first[row] : lanes.next_first[row + 1]]
        ours = {(int(lanes.road_id[n]), int(lanes.lane_id[n])) for n in following}
        assert theirs == ours


ROAD = """<?xml version="1.0"?>
<OpenDRIVE><header><geoReference><![CDATA[+proj=tmerc +lat_0=48.5 +lon_0=-9.25]]></geoReference></header>
<road name="r" length="{length}" id="7" junction="-1"><type s="0" type="town"><speed max="10" unit="m/s"/></type>
<planView><geometry s="0" x="10" y="20" hdg="0.5" length="{length}">{shape}</geometry></planView>
<elevationProfile><elevation s="0" a="1" b="0.02" c="0" d="0"/></elevationProfile>
<lanes><laneOffset s="0" a="0.5" b="0" c="0" d="0"/><laneSection s="0"><left><lane id="1" type="driving">
<width sOffset="0" a="3" b="0" c="0" d="0"/></lane></left><center><lane id="0" type="none"/></center>
<right><lane id="-1" type="driving"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane></right></laneSection></lanes>
</road></OpenDRIVE>"""


@pytest.mark.parametrize(
    ("shape", "near"),
    [
        ("<line/>", 0.01),
        ('<arc curvature="-0.02"/>', 0.01),
        ('<spiral curvStart="0" curvEnd="0.05"/>', 0.02),
        (
            '<paramPoly3 aU="0" bU="60" cU="0" dU="0" aV="0" bV="0" cV="8" dV="-3" pRange="normalized"/>',
            1.5,  # the client measures along the curve, the format along the parameter
        ),
    ],
)
def test_every_geometry_agrees_with_the_client(tmp_path, shape, near):
    text = ROAD.format(length=60.0, shape=shape)
    made = load_opendrive("made", text, tmp_path)
    world = carla.Map("made", text)
    lanes = made.lanes
    assert made.geo_origin == (48.5, -9.25)
    assert np.allclose(lanes.speed_limit_kmh, 36.0)
    for row in range(len(lanes.s)):
        waypoint = world.get_waypoint_xodr(7, int(lanes.lane_id[lanes.lane[row]]), float(lanes.s[row]))
        place = waypoint.transform.location
        assert np.linalg.norm(lanes.point[row] - [place.x, place.y, place.z]) < near
