import carla
import numpy as np
import pytest

from lead.agents.path import make_path


def plan(points, yaws_deg):
    return [
        carla.Transform(carla.Location(float(x), float(y), 0.0), carla.Rotation(yaw=float(yaw)))
        for (x, y), yaw in zip(points, yaws_deg, strict=True)
    ]


def straight(length):
    return plan([(x, 0.0) for x in range(length + 1)], [0.0] * (length + 1))


def test_a_straight_plan_is_sampled_every_tenth_of_a_metre_and_overrun():
    path = make_path(straight(50))
    assert np.diff(path.points[:, 0]) == pytest.approx(0.1)
    assert path.length == pytest.approx(50.0, abs=0.11)
    assert path.points[-1, 0] > 65.0
    assert path.turn_speed.min() > 30.0


def test_a_lane_change_becomes_a_smooth_curve():
    points = [(x, 0.0 if x < 40 else 3.5) for x in range(80)]
    path = make_path(plan(points, [0.0] * 80))
    assert np.abs(path.yaw).max() < 0.3
    assert np.abs(np.diff(path.points[:, 1])).max() < 0.05
    assert path.points[0, 1] == 0.0
    assert path.points[750, 1] == pytest.approx(3.5)


def test_two_lane_changes_in_a_row_stay_in_order():
    points = [(x, 3.5 * ((x >= 40) + (x >= 48))) for x in range(90)]
    path = make_path(plan(points, [0.0] * 90))
    assert (np.diff(path.points[:, 0]) > 0.0).all()
    assert path.points[850, 1] == pytest.approx(7.0)


@pytest.mark.parametrize("second", [41, 45])
def test_two_lane_changes_in_one_place_are_driven_one_after_the_other(second):
    points = [(x, 3.5 * ((x >= 40) + (x >= second))) for x in range(110)]
    path = make_path(plan(points, [0.0] * 110))
    assert path.turn_speed.min() > 8.0
    (first, last), (begin, finish) = path.crossings
    assert first < 40.0 < last <= begin < finish
    assert path.points[1000, 1] == pytest.approx(7.0)


def test_a_lane_change_at_the_very_start_is_kept_inside_the_plan():
    points = [(x, 0.0 if x < 1 else 3.5) for x in range(40)]
    path = make_path(plan(points, [0.0] * 40))
    assert path.points[0, :2] == pytest.approx([0.0, 0.0])


def test_bends_limit_the_speed_and_braking_starts_before_them():
    angle = np.linspace(0.0, np.pi / 2.0, 16)
    bend = np.stack([60.0 + 10.0 * np.sin(angle), 10.0 - 10.0 * np.cos(angle)], axis=1)
    approach = np.stack([np.arange(60.0), np.zeros(60)], axis=1)
    yaws = np.concatenate([np.zeros(60), np.degrees(angle)])
    path = make_path(plan(np.concatenate([approach, bend]), yaws), lateral_limit=2.5, braking=3.0)
    assert path.turn_speed[600:750].min() == pytest.approx(5.0, abs=0.4)
    falling = path.turn_speed[400:580]
    assert np.diff(falling**2).min() == pytest.approx(-0.6, abs=0.05)


def test_the_nearest_point_goes_back_with_a_car_that_backs_off():
    path = make_path(straight(50))
    here = path.nearest(np.array([3.0, 0.4]), 0)
    assert here == 30
    assert path.nearest(np.array([1.0, 0.0]), here) == 10


def test_a_car_thrown_off_its_path_finds_it_again():
    path = make_path(straight(80))
    assert path.nearest(np.array([30.0, 6.0]), 0) == 300
