"""Accelerometer, gyroscope and compass. Model: carla 0.9.16's inertial measurement unit."""

import math

import numpy as np
from numpy.typing import NDArray

from carlet.geometry import rotation_matrices
from carlet.sensors.base import Attributes, Moment, Noise, Turn, triple
from carlet.wire import messages
from carlet.wire.records import SensorType


class Imu:
    """Acceleration with gravity (m/s2), angular velocity (rad/s), heading clockwise from north (rad)."""

    type = SensorType.IMU

    def __init__(self, attributes: Attributes):
        self._accel_noise = triple(attributes, "noise_accel_stddev")
        self._gyro_noise = triple(attributes, "noise_gyro_stddev")
        self._gyro_bias = triple(attributes, "noise_gyro_bias")
        self._noise = Noise(attributes)
        self._past: list[tuple[float, NDArray[np.float64]]] = []

    def measure(self, moment: Moment, row: int, turn: Turn) -> list[bytes]:
        """One body; the first two readings after a start see no acceleration but gravity's."""
        table = moment.table
        parent = int(table.parent[row])
        owner = table.row(parent) if parent in table else row
        to_world = rotation_matrices(table.rotation[row])
        self._past = [(turn.since_s, table.location[row].copy()), *self._past[:2]]
        specific_force = self._acceleration() + (0.0, 0.0, moment.imu_gravity)
        noise = self._noise.draw(turn, 6)
        accelerometer = specific_force @ to_world + noise[:3] * self._accel_noise
        gyroscope = table.angular_velocity[owner] @ to_world + self._gyro_bias
        gyroscope = gyroscope + noise[3:] * self._gyro_noise
        forward_x, forward_y = to_world[0, 0], to_world[1, 0]
        compass = math.atan2(forward_x, -forward_y) % (2.0 * math.pi)
        return [messages.imu(accelerometer, gyroscope, compass)]

    def _acceleration(self) -> NDArray[np.float64]:
        """Second derivative of the parabola through the last three positions."""
        if len(self._past) < 3:
            return np.zeros(3)
        (h1, y0), (h2, y1), (_, y2) = self._past
        return 2.0 * (y0 / (h1 * (h1 + h2)) - y1 / (h1 * h2) + y2 / (h2 * (h1 + h2)))
