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
from carlet.sensors.lidar import RayCast, SemanticRayCast
from carlet.sensors.obstacle import Obstacle
from carlet.sensors.radar import Radar

#: Sensors that measure something on the server.
SENSORS: Mapping[str, Callable[[Attributes], Sensor]] = {
    "sensor.camera.rgb": Rgb,
    "sensor.camera.depth": Depth,
    "sensor.camera.semantic_segmentation": SemanticSegmentation,
    "sensor.camera.instance_segmentation": InstanceSegmentation,
    "sensor.camera.normals": Normals,
    "sensor.camera.optical_flow": OpticalFlow,
    "sensor.camera.dvs": Dvs,
    "sensor.camera.cosmos_visualization": CosmosVisualization,
    "sensor.lidar.ray_cast": RayCast,
    "sensor.lidar.ray_cast_semantic": SemanticRayCast,
    "sensor.other.radar": Radar,
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
    "Radar",
    "RayCast",
    "Rgb",
    "Schedule",
    "SemanticRayCast",
    "SemanticSegmentation",
    "Sensor",
    "Stage",
    "Turn",
    "mercator",
    "number",
]
