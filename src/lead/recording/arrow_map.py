"""A town's map for py123d, made from its OpenDRIVE text once, and the lanes of traffic lights in it."""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import carla
import numpy as np
from numpy.typing import NDArray
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
from lead.geometry import location_array

Floats = NDArray[np.float64]

DATASET = "carla"
_STATES = {
    "Red": TrafficLightStatus.RED,
    "Yellow": TrafficLightStatus.YELLOW,
    "Green": TrafficLightStatus.GREEN,
    "Off": TrafficLightStatus.OFF,
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
                places = [waypoint.transform.location for waypoint in light.get_stop_waypoints()]
                self._lanes[light.id] = [lane for place in places for lane in self.at(location_array(place))]
            status = status_of(str(light.get_state()))
            found |= dict.fromkeys(self._lanes[light.id], status)
        return light_detections(stamp, found)

    def at(self, place: Floats) -> list[int]:
        """Ids of the lanes at a place (3,) of CARLA's world."""
        x, y, _ = iso_points_from_carla(place).tolist()
        objects = self._map.query(Point(x, y), [MapLayer.LANE], predicate="intersects")[MapLayer.LANE]
        return [int(lane.object_id) for lane in objects if isinstance(lane, BaseMapObject)]


def light_detections(stamp: Timestamp, shown: Mapping[int, TrafficLightStatus]) -> TrafficLightDetections:
    """What lanes are shown, by their ids."""
    return TrafficLightDetections([TrafficLightDetection(*one) for one in shown.items()], stamp, _METADATA)


def status_of(state: str) -> TrafficLightStatus:
    """What a state of CARLA's lights is to py123d."""
    return _STATES.get(state, TrafficLightStatus.UNKNOWN)
