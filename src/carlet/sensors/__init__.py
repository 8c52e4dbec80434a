"""One file per sensor; each turns what it sees of a tick into message bodies."""

from collections.abc import Callable, Mapping

from carlet.sensors.base import Attributes, Moment, Schedule, Sensor, Stage, Turn, number
from carlet.sensors.camera import (
    Camera,
    CosmosVisualization,
    Depth,
    Frame,
    InstanceSegmentation,
    Normals,
    OpticalFlow,
    Rgb,
    SemanticSegmentation,
)
from carlet.sensors.collision import Collision
from carlet.sensors.dvs import Dvs
from carlet.sensors.gnss import Gnss, mercator
from carlet.sensors.imu import Imu
from carlet.sensors.obstacle import Obstacle

#: Sensors that see pictures.
CAMERAS: Mapping[str, Callable[[Attributes], Camera]] = {
    "sensor.camera.rgb": Rgb,
    "sensor.camera.depth": Depth,
    "sensor.camera.semantic_segmentation": SemanticSegmentation,
    "sensor.camera.instance_segmentation": InstanceSegmentation,
    "sensor.camera.normals": Normals,
    "sensor.camera.optical_flow": OpticalFlow,
    "sensor.camera.dvs": Dvs,
    "sensor.camera.cosmos_visualization": CosmosVisualization,
}
#: All sensors that measure something on the server.
SENSORS: Mapping[str, Callable[[Attributes], Sensor]] = {
    "sensor.other.imu": Imu,
    "sensor.other.gnss": Gnss,
    "sensor.other.collision": Collision,
    "sensor.other.obstacle": Obstacle,
}
#: Sensors that the client computes by itself: they are actors without a stream.
CLIENT_SIDE = frozenset({"sensor.other.lane_invasion"})

__all__ = [
    "CAMERAS",
    "CLIENT_SIDE",
    "SENSORS",
    "Attributes",
    "Camera",
    "Collision",
    "CosmosVisualization",
    "Depth",
    "Dvs",
    "Frame",
    "Gnss",
    "Imu",
    "InstanceSegmentation",
    "Moment",
    "Normals",
    "Obstacle",
    "OpticalFlow",
    "Rgb",
    "Schedule",
    "SemanticSegmentation",
    "Sensor",
    "Stage",
    "Turn",
    "mercator",
    "number",
]
