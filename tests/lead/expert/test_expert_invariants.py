import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from staging import LightState, actor, actors_of, mirrored, plan_for, road, scene

from lead.expert.corridor import Corridor
from lead.expert.forecast import STEP_S, forecast_actors
from lead.expert.scene import LANE_POINTS, LANE_SPACING_M

speeds = st.floats(0.0, 20.0)
quick = settings(max_examples=60, deadline=None)


@quick
@given(speed=speeds, gap=st.floats(1.0, 12.0), side=st.floats(-0.8, 0.8))
def test_it_never_speeds_up_into_a_visible_car_that_stands(speed, gap, side):
    plan = plan_for(scene(actor(2.45 + 2.3 + gap, side), speed=speed))
    assert plan.decision.speed <= max(speed, np.sqrt(2.0 * 9.0 * gap))
    if gap < 3.0:
        assert plan.decision.speed <= max(speed - 0.2, 0.0)


@quick
@given(speed=st.floats(0.0, 10.0), distance=st.floats(-1.0, 4.0))
def test_it_never_enters_on_red(speed, distance):
    plan = plan_for(scene(speed=speed, lights=[(distance + 2.45, LightState.RED)]))
    assert plan.decision.speed <= max(speed, np.sqrt(2.0 * 5.0 * max(distance, 0.0)))
    if distance < 0.5:
        assert plan.decision.speed < max(speed, 0.05)


@quick
@given(
    speed=speeds,
    yaw=st.floats(-3.0, 3.0),
    yaw_rate=st.floats(-1.0, 1.0),
    acceleration=st.floats(-8.0, 4.0),
)
def test_forecasts_are_continuous(speed, yaw, yaw_rate, acceleration):
    actors = actors_of([actor(5.0, 3.0, speed, yaw=yaw, yaw_rate=yaw_rate, acceleration=acceleration)])
    forecast = forecast_actors(actors, 50)
    places = np.concatenate([actors.centre[:, None, :2], forecast.centre], axis=1)[0]
    steps = np.hypot(*np.diff(places, axis=0).T)
    assert (steps <= (speed + 3.0) * STEP_S + 1e-9).all()
    curvature = abs(yaw_rate) / max(speed, 1.0)
    assert (np.abs(np.diff(forecast.yaw[0])) <= curvature * (speed + 3.0) * STEP_S + 1e-9).all()


@quick
@given(
    rows=st.lists(
        st.tuples(st.floats(6.0, 40.0), st.floats(-15.0, 15.0), st.floats(0.0, 10.0), st.floats(-3.0, 3.0)),
        max_size=4,
    ),
    speed=speeds,
)
def test_mirrored_scenes_give_mirrored_speeds(rows, speed):
    actors = [actor(x, y, v, yaw=yaw) for x, y, v, yaw in rows]
    made = scene(*actors, speed=speed, route=road(right=1))
    assert abs(plan_for(made).decision.speed - plan_for(mirrored(made)).decision.speed) < 1e-6


def test_a_car_in_a_bend_is_expected_to_follow_its_lane():
    angle = np.arange(LANE_POINTS) * LANE_SPACING_M / 20.0
    lane = 20.0 * np.stack([np.sin(angle), 1.0 - np.cos(angle)], axis=1)
    actors = actors_of([actor(0.0, 0.5, 5.0, lane=lane)])
    forecast = forecast_actors(actors, 30)
    radius = np.hypot(forecast.centre[0, :, 0], forecast.centre[0, :, 1] - 20.0)
    assert radius == pytest.approx(19.5, abs=0.2)
    assert forecast.yaw[0, -1] == pytest.approx(15.0 / 20.0, abs=0.15)


def test_a_car_that_leaves_its_lane_is_not():
    lane = np.stack([LANE_SPACING_M * np.arange(LANE_POINTS), np.zeros(LANE_POINTS)], axis=1)
    actors = actors_of([actor(0.0, 0.0, 5.0, yaw=0.4, lane=lane)])
    assert forecast_actors(actors, 10).centre[0, -1, 1] == pytest.approx(5.0 * np.sin(0.4), abs=0.01)


@pytest.mark.parametrize("step", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("radius", [4.0, 8.0, 20.0])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_in_a_bend_a_car_points_outwards_as_its_rear_axle_follows_its_middle(radius, side, step):
    s = np.arange(0.0, 14.0, 0.1)
    angle = side * s / radius
    points = radius * np.stack([np.sin(angle) * side, side * (1.0 - np.cos(angle))], axis=1)
    corridor = Corridor(points, np.zeros(len(s)), angle, s)
    places = np.arange(0.0, 13.0, step)
    lag = side * (corridor.yaw_at(places) - corridor.headings(places, 0.0, 0.0))
    assert lag[0] == pytest.approx(0.0)
    assert (np.diff(lag) > -1e-9).all()
    assert lag[places > 8.0] == pytest.approx(1.6 / radius, abs=0.01)
