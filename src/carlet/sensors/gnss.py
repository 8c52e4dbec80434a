"""Latitude, longitude and altitude, and the projection behind them."""

import math

import numpy as np
from numpy.typing import NDArray

from carlet.sensors.base import Attributes, Moment, Noise, Turn, number
from carlet.wire import messages
from carlet.wire.records import SensorType

EARTH_RADIUS_M = 6378137.0


def mercator(origin: tuple[float, float], location: NDArray[np.float64]) -> tuple[float, float, float]:
    """Latitude, longitude (degrees) and altitude (m) of a location (3,), north being -y.

    The scaled Mercator projection about `origin` (latitude, longitude, degrees) that the CARLA leaderboard inverts.
    """
    lat0, lon0 = origin
    scale = math.cos(math.radians(lat0))
    east = scale * math.radians(lon0) * EARTH_RADIUS_M + location[0]
    north = scale * EARTH_RADIUS_M * math.log(math.tan(math.radians(90.0 + lat0) / 2.0)) - location[1]
    longitude = math.degrees(east / (scale * EARTH_RADIUS_M))
    latitude = 2.0 * math.degrees(math.atan(math.exp(north / (scale * EARTH_RADIUS_M)))) - 90.0
    return latitude, longitude, float(location[2])


class Gnss:
    """A receiver with Gaussian noise and bias, in degrees for latitude and longitude, metres for altitude."""

    type = SensorType.GNSS

    def __init__(self, attributes: Attributes):
        axes = ("lat", "lon", "alt")
        self._stddev = np.array([number(attributes, f"noise_{axis}_stddev") for axis in axes])
        self._bias = np.array([number(attributes, f"noise_{axis}_bias") for axis in axes])
        self._noise = Noise(attributes)

    def measure(self, moment: Moment, row: int, turn: Turn) -> list[bytes]:
        """One body."""
        truth = np.array(moment.geolocation(moment.table.location[row]))
        return [messages.gnss(*(truth + self._bias + self._noise.draw(turn, 3) * self._stddev))]
