"""Pedals, gears and slopes: what a vehicle's speed does."""

import numpy as np
import pytest
from physics_worlds import DT, KMH, parked, plane, run

from carlet.actors.table import ActorTable
from carlet.physics import step

THROTTLE_FIT = (
    0.963873001,
    4.37535692e-4,
    -0.380192912,
    1.74950069,
    0.0916787414,
    -0.0705461530,
    -1.05996152e-3,
    6.71079346e-4,
)
BRAKE_FIT = (
    9.31711370e-3,
    8.20967431e-2,
    -2.83832427e-3,
    5.06587474e-5,
    -4.90357228e-7,
    2.44419284e-9,
    -4.91381935e-12,
)


def speed_after(speed: float, dt: float = DT, rise: float = 0.0, ticks: int = 1, **control: object) -> float:
    """Speed along x after some ticks, m/s."""
    table = ActorTable()
    parked(table, speed=speed, ground_slope=(rise, 0.0), **control)
    run(table, plane(rise), ticks * dt, dt)
    return float(table.velocity[0, 0])


@pytest.mark.parametrize("throttle", [0.0, 0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("kmh", [1.0, 12.0, 36.0, 71.0])
def test_throttle_gives_the_fitted_speed(kmh: float, throttle: float):
    terms = np.array([kmh, kmh**2, throttle, throttle**2, kmh * throttle, kmh * throttle**2])
    terms = np.append(terms, [kmh**2 * throttle, kmh**2 * throttle**2])
    assert speed_after(kmh / KMH, throttle=throttle) * KMH == pytest.approx(np.dot(THROTTLE_FIT, terms), abs=1e-9)


@pytest.mark.parametrize("kmh", [1.5, 5.0, 20.0, 50.0, 100.0])
def test_full_brake_gives_the_fitted_speed(kmh: float):
    expected = sum(b * kmh ** (k + 1) for k, b in enumerate(BRAKE_FIT))
    assert speed_after(kmh / KMH, brake=1.0) * KMH == pytest.approx(expected, abs=1e-9)
    assert speed_after(kmh / KMH, brake=1.0, throttle=1.0) * KMH == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("dt", [0.01, 0.025, 0.1, 0.2])
def test_other_ticks_give_nearly_the_same_second(dt: float):
    expected = speed_after(10.0, throttle=0.7, ticks=20)
    assert speed_after(10.0, dt=dt, throttle=0.7, ticks=round(1 / dt)) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("speed", [0.0, 5.0, 20.0, 30.0, 60.0, 90.0])
def test_coasting_never_gains_speed(speed: float):
    table = ActorTable()
    parked(table, speed=speed)
    last = speed
    for _ in range(100):
        step(table, plane(), DT)
        now = float(table.velocity[0, 0])
        assert now < last or now == 0.0
        last = now


@pytest.mark.parametrize("throttle", [0.0, 0.05, 0.1])
def test_a_touch_of_throttle_moves_nothing(throttle: float):
    assert speed_after(0.0, throttle=throttle, ticks=40) == 0.0


def test_full_throttle_ends_at_the_top_speed():
    assert speed_after(0.0, throttle=1.0, ticks=2400) == pytest.approx(70.0, abs=1.5)
    assert speed_after(0.0, throttle=1.0, ticks=2400, top_speed=20.0) == pytest.approx(20.0, abs=0.3)
    assert speed_after(100.0, throttle=1.0) < 100.0


def test_more_throttle_is_faster_and_more_brake_is_slower():
    assert speed_after(10.0, throttle=0.9) > speed_after(10.0, throttle=0.6) > speed_after(10.0, throttle=0.3)
    speeds = [speed_after(10.0, brake=brake) for brake in (0.0, 0.2, 0.6, 1.0)]
    assert speeds == sorted(speeds, reverse=True)
    assert speed_after(10.0, brake=0.2, ticks=200) == 0.0


def test_reverse_drives_backwards_and_stays_slow():
    assert speed_after(0.0, reverse=True, throttle=1.0, ticks=20) < -3.0
    assert -9.0 < speed_after(0.0, reverse=True, throttle=1.0, ticks=600) < -7.5
    assert speed_after(0.0, manual_gear=True, gear=-1, throttle=1.0, ticks=20) < -3.0
    assert speed_after(0.0, manual_gear=True, gear=0, throttle=1.0, ticks=20) == 0.0
    assert speed_after(0.0, manual_gear=True, gear=2, throttle=1.0, ticks=20) > 3.0


def test_hand_brake_stops_but_later_than_the_brake():
    coast, hand, full = (
        speed_after(15.0, ticks=5, **control) for control in ({}, {"hand_brake": True}, {"brake": 1.0})
    )
    assert full < hand < coast
    assert speed_after(15.0, ticks=200, hand_brake=True, throttle=0.0) == 0.0


@pytest.mark.parametrize(
    ("rise", "control", "stays"),
    [
        (0.1, {}, True),
        (-0.15, {}, True),
        (-0.4, {}, False),
        (-0.4, {"brake": 1.0}, True),
        (0.4, {"hand_brake": True}, True),
        (0.1, {"throttle": 0.3}, True),
        (0.1, {"throttle": 0.8}, False),
        (-0.1, {"manual_gear": True, "gear": 0}, False),
    ],
)
def test_standing_on_a_slope(rise: float, control: dict, stays: bool):
    assert (speed_after(0.0, rise=rise, ticks=40, **control) == 0.0) == stays


def test_slopes_pull_along_the_road():
    flat = speed_after(10.0, throttle=0.6)
    downhill = speed_after(10.0 / np.hypot(1, 0.1), rise=-0.1, throttle=0.6) * np.hypot(1, 0.1)
    assert downhill - flat == pytest.approx(9.81 * DT * 0.1 / np.hypot(1, 0.1), abs=1e-3)


@pytest.mark.parametrize(
    ("name", "expected"), [("brake", 1.0), ("throttle", 0.0), ("steer", 0.0)], ids=["brake", "throttle", "steer"]
)
def test_a_pedal_that_is_no_number(name: str, expected: float):
    table = ActorTable()
    parked(table, speed=10.0, **{name: np.nan})
    step(table, plane(), DT)
    assert getattr(table, name)[0] == expected
    assert np.isfinite(table.location).all()


def test_control_that_does_not_stick_is_gone_after_its_tick():
    table = ActorTable()
    parked(table, sticky_control=False, fresh_control=True, throttle=1.0, steer=0.5, reverse=True)
    step(table, plane(), DT)
    assert table.velocity[0, 0] < 0.0
    assert table.throttle[0] == 1.0
    step(table, plane(), DT)
    assert (table.throttle[0], table.steer[0], table.reverse[0]) == (0.0, 0.0, False)


def test_gears_shown():
    table = ActorTable()
    parked(table)
    step(table, plane(), DT)
    assert table.gear[0] == 0
    table.throttle[0] = 1.0
    shown = []
    for _ in range(300):
        step(table, plane(), DT)
        shown.append(int(table.gear[0]))
    assert shown == sorted(shown)
    assert set(shown) == {1, 2, 3, 4, 5, 6}
    table.velocity[0], table.throttle[0], table.reverse[0] = 0.0, 0.5, True
    step(table, plane(), DT)
    assert table.gear[0] == -1
