import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lead.evaluation.metrics.comfort import Motion, comfortable_share, is_comfortable


def motion(ahead=0.0, aside=0.0, turning=0.0, count=20, heading=0.3):
    """Constant or given accelerations of a car that heads `heading` rad from x."""
    forward = np.tile([np.cos(heading), np.sin(heading), 0.0], (count, 1))
    right = np.tile([-np.sin(heading), np.cos(heading), 0.0], (count, 1))
    acceleration = forward * np.reshape(ahead, (-1, 1)) + right * np.reshape(aside, (-1, 1))
    return Motion(acceleration, forward, right, np.broadcast_to(np.asarray(turning, dtype=float), count).copy())


@pytest.mark.parametrize(
    ("facts", "comfortable"),
    [
        ({}, True),
        ({"ahead": 2.39}, True),
        ({"ahead": 2.41}, False),
        ({"ahead": -4.04}, True),
        ({"ahead": -4.06}, False),
        ({"aside": 4.88}, True),
        ({"aside": -4.90}, False),
        ({"turning": 0.94}, True),
        ({"turning": -0.96}, False),
    ],
)
def test_limits_of_what_stays_the_same(facts, comfortable):
    assert is_comfortable(motion(**facts)) is comfortable


@pytest.mark.parametrize(("jerk", "comfortable"), [(4.1, True), (4.16, False)])
def test_the_limit_of_forward_jerk(jerk, comfortable):
    # Entries count as 0.1 s apart. 16 of them from -4 m/s² up stay within the limits of acceleration.
    ramp = -4.0 + jerk * 0.1 * np.arange(15)
    assert is_comfortable(motion(ahead=ramp, count=15)) is comfortable


@pytest.mark.parametrize(("jerk", "comfortable"), [(8.3, True), (8.4, False)])
def test_the_limit_of_jerk(jerk, comfortable):
    # Sideways only, so that the forward limit has no say; 5 entries stay below the limit of acceleration.
    ramp = 0.5 + jerk * 0.1 * np.arange(5)
    assert is_comfortable(motion(aside=ramp, count=5)) is comfortable


def test_the_share_of_whole_segments():
    rough, smooth = motion(ahead=3.0), motion()
    drive = Motion(
        *(
            np.concatenate([getattr(part, name) for part in (rough, smooth, smooth, rough[:7])])
            for name in ("acceleration", "forward", "right", "turning")
        )
    )
    assert comfortable_share(drive) == pytest.approx(2.0 / 3.0)
    assert comfortable_share(drive[:40]) == 0.5


def test_short_drives_are_one_segment():
    assert comfortable_share(motion(count=3)) == 1.0
    assert comfortable_share(motion(ahead=3.0, count=4)) == 0.0
    assert comfortable_share(motion(count=2)) is None


def test_yaw_rates_are_held_against_limits_of_another_unit():
    # 0.96 degrees a second: nothing that a passenger notices, but the official tool says so.
    assert comfortable_share(motion(turning=0.96)) == 0.0


@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, 45, elements=st.floats(-10.0, 10.0)))
def test_comfort_is_the_same_in_the_other_direction(ahead):
    there = motion(ahead=ahead, count=45)
    back = Motion(-there.acceleration, -there.forward, -there.right, there.turning)
    assert comfortable_share(there) == comfortable_share(back)
    assert comfortable_share(there) in (0.0, 0.5, 1.0)


@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, 45, elements=st.floats(-10.0, 10.0)))
def test_more_of_everything_is_never_more_comfortable(aside):
    shares = [comfortable_share(motion(aside=factor * aside, count=45)) for factor in (1.0, 2.0)]
    assert shares[1] <= shares[0]
