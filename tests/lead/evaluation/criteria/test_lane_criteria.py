"""Outside the lanes, minimum speed, red lights and stop signs on hand-made ticks."""

import math
from dataclasses import replace

import pytest

from lead.evaluation.criteria import MinimumSpeedRoute, OutsideRouteLanes, RunningRedLight, RunningStop
from lead.evaluation.infractions import Infraction, metres_in
from lead.evaluation.observation import LanePoint, Light, StopLine, StopSign


def on(tick, lane, y=0.0, metre=1.0, **values):
    return tick(location=(0.0, y, 0.0), lane=lane, nearest_lane=lane, advanced_m=metre, **values)


def test_metres_beyond_the_edge_and_half_a_metre_count(tick, lane, events_of):
    inside, outside = on(tick, lane, y=2.24), on(tick, lane, y=2.26)
    assert events_of(OutsideRouteLanes(), [inside] * 9) == []
    (event,) = events_of(OutsideRouteLanes(), [inside] * 9 + [outside] * 3)
    assert event.kind is Infraction.OUTSIDE_LANES
    assert event.percentage == pytest.approx(25.0)
    assert event.message == "Agent went outside its route lanes for about 3.0 meters (25.0% of the completed route)"
    assert float(event.message.split(" ")[8]) == metres_in(event.message) == 3.0


def test_a_parking_lane_is_no_outside(tick, lane, events_of):
    parking = replace(lane, location=(0.0, 3.0, 0.0), width=2.5, lane_id=-2)
    seen = tick(location=(0.0, 3.0, 0.0), lane=lane, nearest_lane=parking, advanced_m=1.0)
    assert events_of(OutsideRouteLanes(), [seen]) == []


def test_entering_and_leaving_an_oncoming_lane(tick, lane, events_of):
    oncoming = replace(lane, lane_id=1, yaw=math.pi)
    (event,) = events_of(OutsideRouteLanes(), [on(tick, one) for one in (lane, oncoming, oncoming, lane, lane)])
    assert event.percentage == pytest.approx(40.0)


def test_a_lane_of_the_same_direction_is_fine(tick, lane, events_of):
    assert events_of(OutsideRouteLanes(), [on(tick, lane), on(tick, replace(lane, lane_id=-2))]) == []


def test_behind_a_junction_the_angle_to_the_ego_decides(tick, lane, events_of):
    junction = replace(lane, road_id=2, in_junction=True)
    right, wrong = replace(lane, road_id=3, yaw=math.radians(119)), replace(lane, road_id=3, yaw=math.radians(121))
    assert events_of(OutsideRouteLanes(), [on(tick, junction), on(tick, right)]) == []
    assert events_of(OutsideRouteLanes(), [on(tick, junction), on(tick, wrong)])


def test_nothing_is_wrong_inside_a_junction(tick, lane, events_of):
    oncoming = replace(lane, lane_id=1, yaw=math.pi)
    junction = replace(lane, road_id=2, yaw=math.pi, in_junction=True)
    (event,) = events_of(OutsideRouteLanes(), [on(tick, one) for one in (lane, oncoming, junction, junction)])
    assert metres_in(event.message) == 1.0


def test_the_direction_can_be_left_out_but_not_the_road(tick, lane, events_of):
    oncoming = replace(lane, lane_id=1, yaw=math.pi)
    ticks = [on(tick, lane), on(tick, oncoming), on(tick, oncoming, y=4.0)]
    (event,) = events_of(OutsideRouteLanes(), [replace(seen, wrong_lane_counts=False) for seen in ticks])
    assert metres_in(event.message) == 1.0


def stretch(tick, metres, speed, traffic):
    return tick(metres=metres, speed=speed, traffic_speed=traffic)


def test_slow_stretches_are_infractions(tick, events_of):
    ticks = [stretch(tick, float(m), 4.0 if m < 100 else 12.0, 8.0) for m in range(200)]
    events = events_of(MinimumSpeedRoute(4), ticks)
    assert [event.percentage for event in events] == [pytest.approx(50.0, abs=3.0), pytest.approx(50.0, abs=3.0)]
    assert events[0].message.startswith("Average speed is 5")
    assert "%" in events[0].message


def test_all_stretches_are_recorded_on_demand(tick, events_of):
    ticks = [stretch(tick, float(m), 12.0, 8.0) for m in range(200)]
    assert events_of(MinimumSpeedRoute(4), ticks) == []
    assert [event.percentage for event in events_of(MinimumSpeedRoute(20, records_all=True), ticks)] == [150.0] * 20


def test_the_last_stretch_needs_nearly_the_whole_route(tick, events_of):
    ticks = [stretch(tick, float(m), 4.0, 8.0) for m in range(191)]
    assert len(events_of(MinimumSpeedRoute(4), ticks[:-2])) == 3
    assert len(events_of(MinimumSpeedRoute(4), [*ticks, stretch(tick, 191.0, 4.0, 8.0)])) == 4


def test_without_traffic_nobody_is_slow(tick, events_of):
    assert events_of(MinimumSpeedRoute(4), [stretch(tick, float(m), 0.5, None) for m in range(200)]) == []


LINE = StopLine(road_id=1, lane_id=-1, location=(50.0, 0.0, 0.0), yaw=0.0, width=3.5)


def past_line(tick, lane, centre, is_red=True, light=3, y=0.0, yaw=0.0):
    lights = (Light(light, is_red, (LINE,)),)
    return tick(location=(centre, y, 0.0), yaw=yaw, lights=lights, tail_lane=lane)


def crossing(tick, lane, **values):
    """A drive with 10 m/s over the line at x = 50."""
    return [past_line(tick, lane, 45.0 + 0.5 * step, **values) for step in range(20)]


def test_the_tail_over_the_line_on_red_is_one_infraction(tick, lane, events_of):
    (event,) = events_of(RunningRedLight(), crossing(tick, lane))
    assert event.kind is Infraction.RED_LIGHT
    # The tail segment begins 0.8 half lengths (1.92 m) behind the centre.
    assert event.message.startswith("Agent ran a red light 3 at (x=52.0,")


def test_standing_with_the_nose_over_the_line_is_free(tick, lane, events_of):
    assert events_of(RunningRedLight(), [past_line(tick, lane, 51.5)] * 50) == []


def test_yellow_and_green_are_free(tick, lane, events_of):
    assert events_of(RunningRedLight(), crossing(tick, lane, is_red=False)) == []


def test_a_light_turning_red_behind_the_tail_is_free(tick, lane, events_of):
    assert events_of(RunningRedLight(), [past_line(tick, lane, 53.5)] * 5) == []


def test_other_lanes_and_the_other_way_are_free(tick, lane, events_of):
    assert events_of(RunningRedLight(), crossing(tick, replace(lane, lane_id=-2))) == []
    assert events_of(RunningRedLight(), crossing(tick, replace(lane, road_id=9))) == []
    backwards = [past_line(tick, lane, 48.0 - 0.5 * step, yaw=math.pi) for step in range(20)]
    assert events_of(RunningRedLight(), backwards) == []


def test_the_line_is_a_little_wider_than_the_lane(tick, lane, events_of):
    assert events_of(RunningRedLight(), crossing(tick, lane, y=2.0))
    assert events_of(RunningRedLight(), crossing(tick, lane, y=2.2)) == []


def test_one_light_is_not_counted_twice_in_a_row(tick, lane, events_of):
    again = crossing(tick, lane) + crossing(tick, lane)
    assert len(events_of(RunningRedLight(), again)) == 1
    other = crossing(tick, lane) + crossing(tick, lane, light=4) + crossing(tick, lane)
    assert len(events_of(RunningRedLight(), other)) == 3


SIGN = StopSign(id=5, centre=(50.0, 0.0, 0.0), yaw=0.0, half_x=1.0, half_y=1.5)


def near_sign(tick, lane, x, speed=5.0, sign=SIGN, **values):
    """The ego at x; the lane ahead in steps of 0.25 m. The sign is told of when it is within 4 m."""
    ahead = tuple((x + 0.25 * step, 0.0, 0.0) for step in range(17))
    signs = (sign,) if math.dist((x, 0.0, 0.0), sign.centre) <= 4.0 else ()
    values = {"forward_speed": speed} | values
    return tick(location=(x, 0.0, 0.0), speed=speed, lane=lane, lane_ahead=ahead, stop_signs=signs, **values)


def passing(tick, lane, speeds=(5.0,) * 40, **values):
    return [near_sign(tick, lane, 43.0 + 0.25 * step, speed, **values) for step, speed in enumerate(speeds)]


def test_driving_through_is_one_infraction(tick, lane, events_of):
    (event,) = events_of(RunningStop(), passing(tick, lane))
    assert event.kind is Infraction.STOP_SIGN
    assert "id=5 at (x=51." in event.message


@pytest.mark.parametrize(("stop_at", "count"), [(45.0, 1), (46.5, 0), (50.0, 0), (51.0, 0), (52.5, 1)])
def test_a_stop_counts_from_four_metres_before_until_the_box_is_left(tick, lane, events_of, stop_at, count):
    speeds = [0.05 if math.isclose(43.0 + 0.25 * step, stop_at) else 5.0 for step in range(40)]
    assert len(events_of(RunningStop(), passing(tick, lane, speeds))) == count


def test_a_thin_box_is_thickened(tick, lane, events_of):
    paint = replace(SIGN, half_x=0.01, half_y=0.01)
    assert len(events_of(RunningStop(), passing(tick, lane, sign=paint))) == 1


def test_a_box_beside_the_lane_does_not_matter(tick, lane, events_of):
    beside = replace(SIGN, centre=(50.0, 3.5, 0.0))
    assert events_of(RunningStop(), passing(tick, lane, sign=beside)) == []


def test_a_turned_box_is_tested_in_its_own_frame(tick, lane, events_of):
    long_across = replace(SIGN, centre=(50.0, 2.5, 0.0), yaw=math.pi / 2, half_x=3.0, half_y=0.5)
    assert len(events_of(RunningStop(), passing(tick, lane, sign=long_across))) == 1
    assert events_of(RunningStop(), passing(tick, lane, sign=replace(long_across, yaw=0.0))) == []


def test_reversing_or_driving_against_the_lane_is_not_judged(tick, lane, events_of):
    assert events_of(RunningStop(), passing(tick, lane, forward_speed=-1.0)) == []
    oncoming = LanePoint(1, 1, False, (0.0, 0.0, 0.0), math.pi, 3.5)
    assert events_of(RunningStop(), passing(tick, oncoming)) == []


def test_one_sign_is_not_counted_twice_in_a_row(tick, lane, events_of):
    assert len(events_of(RunningStop(), passing(tick, lane) + passing(tick, lane))) == 1
