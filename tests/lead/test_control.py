import numpy as np
import pytest

from lead.control import Gap, LateralState, follow_speed, lookahead_index, pedals_for, steer_along
from lead.expert.corridor import Corridor


def test_steering_follows_the_reference_vectors():
    i = np.arange(200)
    path = np.stack([0.1 * i, 0.002 * i**1.2], axis=1)
    state, steers = LateralState(), []
    for speed in (0.0, 3.0, 8.0, 15.0):
        steer, state = steer_along(state, path, (0.0, 0.0), 0.05, speed)
        steers.append(steer)
    assert steers == pytest.approx([-0.029325, -0.029325, -0.024165, -0.010980], abs=1e-6)


def test_steering_turns_towards_the_path_and_is_bounded():
    path = np.stack([np.zeros(200), 0.1 * np.arange(200)], axis=1)
    steer, _ = steer_along(LateralState(), path, (0.0, 0.0), 0.0, 5.0)
    assert steer == 1.0


def test_steering_looks_at_the_last_point_of_a_short_path():
    steer, _ = steer_along(LateralState(), np.array([[0.0, 0.0], [1.0, 0.0]]), (0.0, 0.0), 0.0, 20.0)
    assert steer == 0.0


def drive_round(radius: float, degrees: float, knows_bend: bool) -> np.ndarray:
    """How far (m, positive to the right) a kinematic bicycle like the MKZ comes off an arc between straights."""
    length = abs(radius * np.radians(degrees))
    s = np.arange(-40.0, length + 40.0, 0.1)
    route_yaw = np.clip(s, 0.0, length) / radius
    points = np.cumsum(np.stack([np.cos(route_yaw), np.sin(route_yaw)], axis=1), axis=0) * 0.1
    way = Corridor(points, np.zeros(len(s)), route_yaw, s)
    speed, wheelbase, to_rear = min(np.sqrt(3.0 * abs(radius)), 12.0), 2.86, 1.43
    full_lock = np.radians(70.0) * np.interp(speed, [0.0, 5.6, 16.7], [1.0, 0.9, 0.8])
    rear, yaw, row, state, sides = points[50] - [to_rear, 0.0], 0.0, 50, LateralState(), []
    while row < len(s) - 200:
        place = rear + to_rear * np.array([np.cos(yaw), np.sin(yaw)])
        row += int(np.hypot(*(points[row : row + 30] - place).T).argmin())
        bend = way.bend_at(s[row] + 0.4) if knows_bend else 0.0
        steer, state = steer_along(state, points[row : row + 120], place, yaw, speed, bend)
        sides.append(way.side_of(place, s[row]))
        for _ in range(5):
            rear = rear + 0.01 * speed * np.array([np.cos(yaw), np.sin(yaw)])
            yaw += 0.01 * speed / wheelbase * np.tan(steer * full_lock)
    return np.array(sides)


@pytest.mark.parametrize(("radius", "degrees"), [(4.0, 90.0), (-5.0, 45.0), (8.0, 90.0), (-15.0, 90.0), (25.0, 45.0)])
def test_bends_are_hardly_cut_by_who_knows_their_curvature(radius: float, degrees: float):
    cut = np.sign(radius) * drive_round(radius, degrees, knows_bend=False)
    kept = drive_round(radius, degrees, knows_bend=True)
    assert cut.max() > 0.19
    assert np.abs(kept).max() < 0.35 * cut.max()


@pytest.mark.parametrize(("speed", "points"), [(0.0, 24), (8.0, 30), (40.0, 105)])
def test_lookahead_grows_with_speed_within_its_range(speed, points):
    assert lookahead_index(speed) == points


@pytest.mark.parametrize(
    ("target", "speed", "throttle", "brake"),
    [
        (0.0, 3.0, 0.0, 1.0),
        (0.1, 0.0, 1.0, 0.0),
        (5.0, 4.9, 0.803253, 0.0),
        (5.0, 5.0, 0.189720, 0.0),
        (5.0, 5.15, 0.194604, 0.0),
        (5.0, 5.2, 0.0, 1.0),
        (8.0, 7.9, 0.893129, 0.0),
        (10.0, 9.8, 1.0, 0.0),
        (20.0, 19.6, 1.0, 0.0),
    ],
)
def test_pedals_follow_the_reference_vectors(target, speed, throttle, brake):
    pedals = pedals_for(target, speed)
    assert (pedals.throttle, pedals.brake) == pytest.approx((throttle, brake), abs=1e-6)


@pytest.mark.parametrize(
    ("desired", "length", "speed", "lead", "distance", "gap", "expected"),
    [
        (10.0, 4.5, 8.0, 6.0, 20.0, Gap(4.0, 0.25), 8.405422),
        (10.0, 0.0, 8.0, 0.0, 25.0, Gap(3.0, 0.5), 8.426626),
        (10.0, 0.0, 3.0, 0.0, 8.0, Gap(2.0, 0.5), 3.855094),
        (10.0, 3.0, 5.0, 0.0, 9.0, Gap(4.5, 0.125), 4.889805),
        (10.0, 4.5, 8.0, 6.0, 200.0, Gap(4.0, 0.25), 8.620535),
    ],
)
def test_following_matches_the_reference_vectors(desired, length, speed, lead, distance, gap, expected):
    assert follow_speed(desired, speed, distance, gap, lead, length) == pytest.approx(expected, abs=0.01)


def test_following_stops_at_a_wall():
    assert follow_speed(10.0, 6.0, 1.0, Gap(4.0, 0.25)) == 0.0


def test_driving_up_to_a_standing_leader_never_touches_it():
    position, speed = 0.0, 15.0
    for _ in range(2000):
        speed = follow_speed(15.0, speed, 60.0 - position, Gap(4.0, 0.25))
        position += 0.05 * speed
    assert 54.0 < position < 60.0
