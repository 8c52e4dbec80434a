"""Bodies of the stream messages that are msgpack; the sensor header goes before them."""

from typing import Any

from numpy.typing import ArrayLike

from carlet.wire.rpc import packer
from carlet.wire.values import encode_vec3

_pack = packer().pack


def collision(actor: list[Any], other: list[Any], normal_impulse: ArrayLike) -> bytes:
    """A collision: both actors as `encode_actor` makes them, the impulse (3,) in N s."""
    return _pack([actor, other, encode_vec3(normal_impulse)])


def obstacle(actor: list[Any], other: list[Any], distance: float) -> bytes:
    """An obstacle `distance` m ahead: both actors as `encode_actor` makes them."""
    return _pack([actor, other, float(distance)])


def gnss(latitude_deg: float, longitude_deg: float, altitude: float) -> bytes:
    """A geographic position; altitude in m."""
    return _pack([float(latitude_deg), float(longitude_deg), float(altitude)])


def imu(accelerometer: ArrayLike, gyroscope: ArrayLike, compass: float) -> bytes:
    """Acceleration (3,) in m/s2, angular velocity (3,) in rad/s, compass in rad (0 north, pi/2 east)."""
    return _pack([encode_vec3(accelerometer), encode_vec3(gyroscope), float(compass)])
