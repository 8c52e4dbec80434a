"""CARLA's Ackermann controller: target speed and steering angle to pedals, one step a tick."""

import numba as nb

from carlet.physics.state import (
    ACKERMANN_GAINS,
    ACKERMANN_STATE,
    ACKERMANN_TARGET,
    BRAKE,
    HAND_BRAKE,
    MANUAL_GEAR,
    MAX_STEER,
    REVERSE,
    STEER,
    THROTTLE,
    clean,
    toward,
)

#: columns of `ackermann_state`, from `ACKERMANN_STATE` on
SPEED_SUM, SPEED_ERROR, PULL_SUM, PULL_ERROR, PULL, PULL_TARGET, PEDAL, LAST_SPEED = range(8)
STANDSTILL = 0.1
INSTANT_STEER = 0.001
MAX_PULL, MAX_BRAKE = 3.0, 8.0
#: the default gains add up once in this time, s; so much of the old acceleration stays in it
TUNED_DT, OLD_SHARE = 0.05, 0.8


@nb.njit(cache=True)
def _pid(gains, offset, memory, sum_at, error_at, error, dt):
    memory[sum_at] += error * dt
    slope = (error - memory[error_at]) / dt
    memory[error_at] = error
    return (gains[offset] * error + gains[offset + 1] * memory[sum_at] + gains[offset + 2] * slope) * dt / TUNED_DT


@nb.njit(cache=True)
def steer_with_ackermann(b, speed, dt):
    """Set throttle, brake, steer and reverse of row i from its Ackermann target; `speed` (m/s) along the heading."""
    angle, rate, goal, limit = b[ACKERMANN_TARGET : ACKERMANN_TARGET + 4]
    memory = b[ACKERMANN_STATE : ACKERMANN_STATE + 8]
    gains = b[ACKERMANN_GAINS : ACKERMANN_GAINS + 6]
    wanted = clean(angle / max(b[MAX_STEER], 1e-3), -1.0, 1.0, 0.0)
    turn = rate * dt / max(b[MAX_STEER], 1e-3) if rate >= INSTANT_STEER else 2.0
    b[STEER] = toward(b[STEER], wanted, turn)
    b[HAND_BRAKE] = False
    b[MANUAL_GEAR] = False
    goal = clean(goal, -100.0, 100.0, 0.0)
    if abs(speed) < STANDSTILL:
        b[REVERSE] = goal < 0.0
        if abs(goal) < STANDSTILL:
            memory[:] = 0.0
            b[THROTTLE], b[BRAKE] = 0.0, 1.0
            return
    sign = -1.0 if b[REVERSE] else 1.0
    _set_pedals(b, speed * sign, max(0.0, goal * sign), limit, memory, gains, dt)


@nb.njit(cache=True)
def _set_pedals(b, speed, goal, limit, memory, gains, dt):
    strongest, hardest = (abs(limit), abs(limit)) if abs(limit) > 0.0 else (MAX_PULL, MAX_BRAKE)
    old = OLD_SHARE ** (dt / TUNED_DT)
    memory[PULL] = old * memory[PULL] + (1.0 - old) * (speed - memory[LAST_SPEED]) / dt
    memory[LAST_SPEED] = speed
    more = _pid(gains, 0, memory, SPEED_SUM, SPEED_ERROR, goal - speed, dt)
    memory[PULL_TARGET] = min(strongest, max(-hardest, memory[PULL_TARGET] + more))
    more = _pid(gains, 3, memory, PULL_SUM, PULL_ERROR, memory[PULL_TARGET] - memory[PULL], dt)
    memory[PEDAL] = clean(memory[PEDAL] + more, -1.0, 1.0, 0.0)
    b[THROTTLE] = max(0.0, memory[PEDAL])
    b[BRAKE] = max(0.0, -memory[PEDAL])
