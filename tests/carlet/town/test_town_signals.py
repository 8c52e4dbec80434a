import carla
import numpy as np
import pytest

from carlet.geometry import to_world
from carlet.town import LaneKind, load_opendrive
from carlet.town.model import MARK_TYPES

LIT = {"Town01": 36, "Town03": 38, "Town04": 43, "Town05": 54, "Town06": 19, "Town07": 17, "Town10HD": 15, "Town15": 25}


def stop_waypoints(world, pose, centre, extent):
    """Lanes that a walk over the trigger box meets, each followed to its junction, as clients do it."""
    lanes = set()
    for x in np.arange(-0.9 * extent[0], 0.9 * extent[0], 1.0):
        waypoint = world.get_waypoint(carla.Location(*to_world(pose, centre + [x, 0.0, extent[2]]).tolist()))
        for _ in range(40):
            ahead = waypoint.next(0.5)
            if waypoint.is_junction or not ahead or ahead[0].is_junction:
                break
            waypoint = ahead[0]
        lanes.add((waypoint.road_id, waypoint.lane_id, waypoint.is_junction))
    return lanes


@pytest.mark.parametrize("name", LIT)
def test_clients_find_the_lanes_that_lights_govern(town, client_map, name):
    lights, lanes, world = town(name).lights, town(name).lanes, client_map(name)
    assert len(lights.sign_id) == LIT[name]
    for row in range(len(lights.sign_id)):
        own = lights.line_lane[lights.line_light == row]
        governed = {(int(lanes.road_id[lane]), int(lanes.lane_id[lane]), False) for lane in own}
        met = stop_waypoints(world, lights.pose[row], lights.box_centre[row], lights.box_extent[row])
        assert governed
        assert governed <= met
        assert not {lane for lane in met - governed if not lane[2]}


@pytest.mark.parametrize("name", ["Town03", "Town10HD"])
def test_lights_stand_at_their_landmarks(town, client_map, name):
    loaded = town(name)
    landmarks = {mark.id: mark.transform for mark in client_map(name).get_all_landmarks_of_type("1000001")}
    for row, sign in enumerate(loaded.lights.sign_id):
        there = landmarks[sign]
        pose = loaded.lights.pose[row]
        assert np.hypot(pose[0] - there.location.x, pose[1] - there.location.y) < 0.1
        assert abs(np.cos(pose[4] - np.radians(there.rotation.yaw + 90.0))) > np.cos(np.radians(15.0))
    assert np.allclose(loaded.lights.pose[:, 2], loaded.ground.heights(loaded.lights.pose[:, :3])[0], atol=0.3)


def test_light_groups_are_junctions_and_controllers_take_turns(town):
    """In Town01 each of the 12 junctions has three controllers with one light each."""
    lights = town("Town01").lights
    groups = {int(group): lights.controller[lights.junction_id == group] for group in lights.junction_id}
    assert len(groups) == 12
    for controllers in groups.values():
        assert sorted(controllers.tolist()) == [0, 1, 2]


def test_lines_lie_on_the_last_metre_before_the_junction(town):
    lights, lanes = town("Town05").lights, town("Town05").lanes
    found = lanes.nearest(lights.line_pose[:, :3])
    assert np.all(found.distance < 0.01)
    assert np.all(lanes.junction_id[lights.line_lane] < 0)
    assert np.all(lanes.kind[lights.line_lane] == LaneKind.DRIVING)
    ahead = lights.line_pose[:, :2] + np.stack([np.cos(lights.line_pose[:, 4]), np.sin(lights.line_pose[:, 4])], axis=1)
    beyond = lanes.nearest(np.column_stack([ahead, lights.line_pose[:, 2]]))
    assert np.all(lanes.junction_id[beyond.lane] >= 0)


def test_stop_boxes_lie_on_the_lane_before_the_junction(town):
    for name, stops, yields in (("Town05", 5, 0), ("Town07", 19, 20), ("Town10HD", 3, 1)):
        signs, lanes = town(name).signs, town(name).lanes
        assert signs.type_id.count("traffic.stop") == stops
        assert signs.type_id.count("traffic.yield") == yields
        rows = np.flatnonzero([kind in ("traffic.stop", "traffic.yield") for kind in signs.type_id])
        found = lanes.nearest(to_world(signs.pose[rows], signs.box_centre[rows]) - [0.0, 0.0, 0.5])
        assert np.all(found.distance <= 0.5 * lanes.width[found.sample] + 0.1)
        assert np.all(lanes.junction_id[found.lane] < 0)
        heading = lanes.poses(found.sample, found.fraction)[:, 4]
        assert np.all(np.abs(np.cos(heading - signs.pose[rows, 4])) < 0.3)


def test_speed_signs_carry_the_client_s_ids(town, client_map):
    signs = town("Town01").signs
    marks = {mark.id: mark for mark in client_map("Town01").get_all_landmarks_of_type("274")}
    speed = {i: k for i, k in zip(signs.sign_id, signs.type_id, strict=True) if k.startswith("traffic.speed_limit")}
    assert speed.keys() == marks.keys()
    assert all(kind == f"traffic.speed_limit.{marks[i].value:.0f}" for i, kind in speed.items())


@pytest.mark.parametrize("name", ["Town01", "Town03", "Town06", "Town10HD", "Town15"])
def test_every_lane_has_a_limit(town, name):
    limits = town(name).lanes.speed_limit_kmh
    assert np.all((limits >= 20.0) & (limits <= 130.0))


def test_a_sign_holds_from_its_place_on(town, client_map):
    lanes = town("Town01").lanes
    marks = client_map("Town01").get_all_landmarks_of_type("274")
    seen = 0
    for mark in marks:
        near = [m for m in marks if m.road_id == mark.road_id and m.id != mark.id and abs(m.s - mark.s) < 15.0]
        numbers = {n for low, high in mark.get_lane_validities() for n in range(low, high + 1)}
        chosen = (
            (lanes.road_id == mark.road_id) & np.isin(lanes.lane_id, list(numbers)) & (lanes.kind == LaneKind.DRIVING)
        )
        for row in np.flatnonzero(chosen) if not near else ():
            own = slice(lanes.first[row], lanes.first[row] + lanes.count[row])
            past = (lanes.s[own] - mark.s) * -np.sign(lanes.lane_id[row])
            behind = (past > 3.0) & (past < 12.0)
            assert np.all(lanes.speed_limit_kmh[own][behind] == mark.value)
            seen += int(behind.any())
    assert seen > 8


def test_road_marks_of_the_client_are_in_the_table(town, client_map):
    """At samples of Town04 the client names the same paint to the right of the lane."""
    marks, lanes = town("Town04").marks, town("Town04").lanes
    names = {"Solid": "solid", "Broken": "broken", "SolidSolid": "solid solid", "Curb": "curb"}
    rows = np.flatnonzero((lanes.kind[lanes.lane] == LaneKind.DRIVING) & (lanes.lane_id[lanes.lane] < 0))
    rows, agree = rows[:: len(rows) // 150], 0
    for row in rows:
        lane = lanes.lane[row]
        waypoint = client_map("Town04").get_waypoint_xodr(
            int(lanes.road_id[lane]), int(lanes.lane_id[lane]), float(lanes.s[row])
        )
        own = (marks.road_id == lanes.road_id[lane]) & (marks.section == lanes.section[lane])
        own &= (marks.lane_id == lanes.lane_id[lane]) & (marks.start <= lanes.s[row]) & (lanes.s[row] < marks.end)
        painted = [MARK_TYPES[code] for code in marks.type[own]]
        theirs = names.get(str(waypoint.right_lane_marking.type))
        agree += painted == ([theirs] if theirs else [])
    assert agree >= 0.98 * len(rows)  # a sample may lie on the very seam of two stretches


SIGNED = """<OpenDRIVE><header/>{roads}</OpenDRIVE>"""
PIECE = """<road name="" length="50" id="{id}" junction="-1"><link>{link}</link>{type}
<planView><geometry s="0" x="{x}" y="0" hdg="0" length="50"><line/></geometry></planView>
<lanes><laneSection s="0"><center><lane id="0"/></center><right><lane id="-1" type="driving"><link>{lane}</link>
<width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane></right></laneSection></lanes>
<objects>{objects}</objects></road>"""


def test_limits_come_from_records_until_a_sign_and_go_on_after_it(tmp_path):
    onward = '<{way} elementType="road" elementId="{id}" contactPoint="{end}"/>'
    pieces = []
    for number in range(3):
        link = onward.format(way="successor", id=number + 1, end="start") if number < 2 else ""
        link += onward.format(way="predecessor", id=number - 1, end="end") if number else ""
        lane = ('<successor id="-1"/>' if number < 2 else "") + ('<predecessor id="-1"/>' if number else "")
        kind = '<type s="0" type="town"><speed max="25" unit="mph"/></type>' if number == 0 else ""
        sign = '<object id="9" name="Speed_50" s="25" t="-4" orientation="-"/>' if number == 1 else ""
        pieces.append(PIECE.format(id=number, link=link, type=kind, x=50 * number, lane=lane, objects=sign))
    lanes = load_opendrive("signed", SIGNED.format(roads="".join(pieces)), tmp_path).lanes
    limit = {x: float(lanes.speed_limit_kmh[np.argmin(np.abs(lanes.point[:, 0] - x))]) for x in (10, 60, 80, 120)}
    assert limit == {10: pytest.approx(40.23, abs=0.01), 60: pytest.approx(40.23, abs=0.01), 80: 50.0, 120: 50.0}
