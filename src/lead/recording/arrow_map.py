"""A town's map for py123d, made from its OpenDRIVE text once, and the lanes of traffic lights in it."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import carla
from py123d.api.map.arrow.arrow_map_api import get_lru_cached_map_api
from py123d.api.map.arrow.arrow_map_writer import ArrowMapWriter
from py123d.datatypes import BaseMapObject, MapLayer, MapMetadata, Timestamp
from py123d.datatypes.detections.traffic_light_detections import (
    TrafficLightDetection,
    TrafficLightDetections,
    TrafficLightDetectionsMetadata,
    TrafficLightStatus,
)
from py123d.parser.opendrive.opendrive_map_parser import iter_xodr_map_objects
from shapely import Point

from lead.frames import iso_points_from_carla

DATASET = "carla"
_STATES = {
    carla.TrafficLightState.Red: TrafficLightStatus.RED,
    carla.TrafficLightState.Yellow: TrafficLightStatus.YELLOW,
    carla.TrafficLightState.Green: TrafficLightStatus.GREEN,
    carla.TrafficLightState.Off: TrafficLightStatus.OFF,
}
_METADATA = TrafficLightDetectionsMetadata()


def write_map(town: carla.Map, name: str, maps: Path, logs: Path) -> MapMetadata:
    """Write a town's map into the folder of maps, unless it is there; minutes for a large town."""
    metadata = MapMetadata(dataset=DATASET, location=name.lower(), map_has_z=True, map_is_per_log=False)
    writer = ArrowMapWriter(force_map_conversion=False, maps_root=maps, logs_root=logs)
    if not writer.reset(metadata):
        return metadata
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.xodr"
        file.write_text(town.to_opendrive(), encoding="utf-8")
        for one in iter_xodr_map_objects(file):
            writer.write_map_object(one)
    writer.close()
    return metadata


class LightLanes:
    """Which lanes of the map each traffic light is for."""

    def __init__(self, metadata: MapMetadata, maps: Path):
        name = f"{metadata.dataset}_{metadata.location}.arrow"
        self._map = get_lru_cached_map_api(maps / metadata.dataset / name)
        self._lanes: dict[int, list[int]] = {}

    def detections(self, stamp: Timestamp, lights: Iterable[carla.TrafficLight]) -> TrafficLightDetections:
        """What the lights show, lane by lane."""
        found: dict[int, TrafficLightStatus] = {}
        for light in lights:
            if light.id not in self._lanes:
                self._lanes[light.id] = self._look_up(light)
            status = _STATES.get(light.get_state(), TrafficLightStatus.UNKNOWN)
            found |= dict.fromkeys(self._lanes[light.id], status)
        detections = [TrafficLightDetection(lane, status) for lane, status in found.items()]
        return TrafficLightDetections(detections, stamp, _METADATA)

    def _look_up(self, light: carla.TrafficLight) -> list[int]:
        lanes = []
        for waypoint in light.get_stop_waypoints():
            place = waypoint.transform.location
            x, y, _ = iso_points_from_carla([place.x, place.y, place.z]).tolist()
            objects = self._map.query(Point(x, y), [MapLayer.LANE], predicate="intersects")[MapLayer.LANE]
            lanes += [int(lane.object_id) for lane in objects if isinstance(lane, BaseMapObject)]
        return lanes
