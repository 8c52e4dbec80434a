"""How a vehicle's speed answers pedals: the 20 Hz fit to CARLA's vehicle.lincoln.mkz_2020, carried to other cars.

The fit gives the speed after 0.05 s, in km/h. It holds up to about 72 km/h for the throttle and 110 km/h for the
brake; beyond, the throttle's gain of the limit is kept and a drag that grows with the square of the speed takes it
back to zero at the top speed.
"""

import numba as nb
import numpy as np

from carlet.physics.state import GRAVITY

FIT_DT = 0.05
KMH = 3.6
THROTTLE_LIMIT_KMH, BRAKE_LIMIT_KMH = 72.0, 110.0
REVERSE_TOP_KMH = 30.0
#: full brake below 1 km/h, where the fit stops in a tick; km/h per 0.05 s
STANDSTILL_BRAKE_KMH = 5.0
#: what the hand brake does of a full brake
HAND_BRAKE_SHARE = 0.45
#: a car in gear with a closed throttle does not roll off below this downhill pull, m/s^2
ENGINE_HOLD = 3.0
CREEP_KMH = 0.5


@nb.njit(cache=True)
def throttle_gain(v, u):
    """Speed gained in 0.05 s, km/h, at `v` km/h and throttle `u`, from the fit."""
    after = (
        0.963873001 * v
        + 4.37535692e-4 * v * v
        - 0.380192912 * u
        + 1.74950069 * u * u
        + 0.0916787414 * v * u
        - 0.0705461530 * v * u * u
        - 1.05996152e-3 * v * v * u
        + 6.71079346e-4 * v * v * u * u
    )
    return after - v


@nb.njit(cache=True)
def brake_loss(speed):
    """Speed lost in 0.05 s of full brake, km/h, at `speed` >= 0 km/h, from the fit."""
    if speed < 1.0:
        return STANDSTILL_BRAKE_KMH
    v = min(speed, BRAKE_LIMIT_KMH)
    after = v * (
        9.31711370e-3
        + v
        * (
            8.20967431e-2
            + v
            * (-2.83832427e-3 + v * (5.06587474e-5 + v * (-4.90357228e-7 + v * (2.44419284e-9 - v * 4.91381935e-12))))
        )
    )
    return v - after


@nb.njit(cache=True)
def drive_change(speed, throttle, drive_gain, top):
    """Speed change in 0.05 s, km/h, of a car at `speed` km/h in the direction of its gear; `top` km/h."""
    if speed < 0.0:
        resistance = throttle_gain(min(-speed, THROTTLE_LIMIT_KMH), 0.0)
        return max(throttle_gain(0.0, throttle), 0.0) * drive_gain - max(speed, resistance)
    knee = min(THROTTLE_LIMIT_KMH, 0.5 * top)
    change = throttle_gain(min(speed, knee), throttle)
    if change > 0.0:
        change *= drive_gain
    if speed > knee:
        drag = drive_gain * throttle_gain(knee, 1.0) / (top * top - knee * knee)
        change -= drag * (speed * speed - knee * knee)
    return max(change, -speed)


@nb.njit(cache=True)
def next_speed(speed, throttle, brake, hand_brake, gear, drive_gain, brake_gain, top_speed, pull, dt):
    """Speed after `dt`, m/s, signed along the heading.

    `gear`: 1 forward, -1 backward, 0 neutral. `pull`: acceleration along the heading from slope and extra drag, m/s^2.
    """
    sign = -1.0 if gear < 0 else 1.0
    top = KMH * top_speed
    if gear < 0:
        top = min(top, REVERSE_TOP_KMH)
    if gear == 0:
        throttle = 0.0
    pedal = max(brake, HAND_BRAKE_SHARE if hand_brake else 0.0)
    traction = max(throttle_gain(0.0, throttle), 0.0) * drive_gain * (1.0 - pedal)
    pieces = max(1, int(np.ceil(dt / FIT_DT - 1e-9)))
    piece = dt / pieces
    scale = piece / FIT_DT
    v = speed * KMH * sign
    for _ in range(pieces):
        resting = abs(v) < CREEP_KMH and abs(pull) < ENGINE_HOLD and gear != 0
        change = (1.0 - pedal) * drive_change(v, throttle, drive_gain, top)
        free = v + scale * change + pull * sign * KMH * piece
        if resting and (traction == 0.0 or free < 0.0):
            v = 0.0
            continue
        loss = scale * pedal * brake_gain * brake_loss(abs(v))
        v = np.sign(free) * max(0.0, abs(free) - loss)
    return v * sign / KMH


@nb.njit(cache=True)
def slope_pull(rise):
    """Acceleration (m/s^2) along a heading that climbs `rise` metres a metre."""
    return -GRAVITY * rise / np.sqrt(1.0 + rise * rise)
