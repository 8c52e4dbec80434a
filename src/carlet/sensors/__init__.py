"""One file per sensor; each turns what it sees of a tick into message bodies."""

from collections.abc import Callable, Mapping

from carlet.sensors.base import Attributes, Moment, Schedule, Sensor, Turn, number
from carlet.sensors.collision import Collision
from carlet.sensors.gnss import Gnss, mercator
from carlet.sensors.imu import Imu
from carlet.sensors.obstacle import Obstacle

#: Sensors that measure something on the server.
SENSORS: Mapping[str, Callable[[Attributes], Sensor]] = {
    "sensor.other.imu": Imu,
    "sensor.other.gnss": Gnss,
    "sensor.other.collision": Collision,
    "sensor.other.obstacle": Obstacle,
}
#: Sensors that the client computes by itself: they are actors without a stream.
CLIENT_SIDE = frozenset({"sensor.other.lane_invasion"})

__all__ = [
    "CLIENT_SIDE",
    "SENSORS",
    "Attributes",
    "Collision",
    "Gnss",
    "Imu",
    "Moment",
    "Obstacle",
    "Schedule",
    "Sensor",
    "Turn",
    "mercator",
    "number",
]
