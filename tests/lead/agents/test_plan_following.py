"""Actions from plans, against values of an independent implementation and in plain situations."""

import numpy as np
import pytest
import torch

from lead.agents.closed_loop import LoopState, act
from lead.agents.plan_following import WaypointState, aim_index, follow_route, follow_waypoints
from lead.control import LateralState
from lead.models.tfv6.inference import Prediction

X = 2.5 + np.arange(10)
CURVE = np.stack([X, 0.025 * X**2], axis=1)
STRAIGHT = np.stack([X, np.zeros(10)], axis=1)


def test_steering_along_a_curve():
    state, steers = LateralState(), []
    for speed in (0.0, 3.0, 8.0, 15.0):
        action, state = follow_route(state, CURVE, 20.0, speed)
        steers.append(action.steer)
    assert steers == pytest.approx([0.149, 0.149, 0.224, 0.350], abs=5e-4)


def test_the_end_of_the_route_is_far_enough():
    sharp = np.stack([X, 3.0 * X], axis=1)
    assert aim_index(sharp, 35.0) >= len(sharp)
    action, _ = follow_route(LateralState(), sharp, 40.0, 35.0)
    assert action.steer == 1.0


@pytest.mark.parametrize(
    ("target", "speed", "throttle", "brake"),
    [(0.0, 3.0, 0.0, 1.0), (5.0, 4.9, 0.803253, 0.0), (5.0, 5.6, 0.0, 1.0), (10.0, 9.0, 1.0, 0.0)],
)
def test_pedals(target: float, speed: float, throttle: float, brake: float):
    action, _ = follow_route(LateralState(), STRAIGHT, target, speed)
    assert (action.throttle, action.brake) == (pytest.approx(throttle, abs=1e-6), brake)


def test_a_standing_car_does_not_turn_its_wheels():
    action, state = follow_route(LateralState(), CURVE, 0.0, 0.0)
    assert action.steer == 0.0
    assert state.errors


def waypoints(speed: float, spacing_s: float, y: float = 0.0) -> np.ndarray:
    x = speed * spacing_s * np.arange(1, 9)
    return np.stack([x, y * x], axis=1)


@pytest.mark.parametrize("spacing_s", [0.25, 0.5])
def test_waypoints_ask_for_their_speed(spacing_s: float):
    faster, _ = follow_waypoints(WaypointState(), waypoints(8.0, spacing_s), 5.0, spacing_s)
    slower, _ = follow_waypoints(WaypointState(), waypoints(8.0, spacing_s), 9.0, spacing_s)
    standing, _ = follow_waypoints(WaypointState(), waypoints(0.1, spacing_s), 0.0, spacing_s)
    assert (faster.throttle, faster.brake) == (1.0, 0.0)
    assert (slower.throttle, slower.brake) == (0.0, 1.0)
    assert (standing.throttle, standing.brake) == (0.0, 1.0)


def test_waypoints_to_the_right_steer_right():
    right, _ = follow_waypoints(WaypointState(), waypoints(8.0, 0.25, 0.2), 8.0, 0.25)
    left, _ = follow_waypoints(WaypointState(), waypoints(8.0, 0.25, -0.2), 8.0, 0.25)
    assert right.steer == pytest.approx(-left.steer)
    assert right.steer > 0.1


def test_models_without_a_route_are_driven_by_their_waypoints():
    path = torch.from_numpy(waypoints(8.0, 0.5, 0.2))[None].float()
    action, state = act(LoopState(), Prediction(waypoints=path), 5.0, 0.5)
    assert action.throttle == 1.0
    assert state.waypoints.turn.errors
    with pytest.raises(ValueError, match="neither"):
        act(LoopState(), Prediction(), 5.0, 0.5)
