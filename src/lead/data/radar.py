"""Radar clouds with a fixed number of places, and the objects that radars hit."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lead.data.boxes import Labelled
from lead.data.classes import BoxClass
from lead.data.config import RecordConfig
from lead.sensors.sweeps import radar_rows

_PRIORITY = (BoxClass.SPECIAL, BoxClass.VEHICLE, BoxClass.WALKER, BoxClass.OBSTACLE, BoxClass.PARKING)
SENSORS = ("radar1", "radar2", "radar3", "radar4")


def radar_points(clouds: Mapping[str, NDArray[np.floating]], config: RecordConfig) -> NDArray[np.float32]:
    """Points (sensors x places, 5): x, y, z (m), radial speed (m/s), number of the sensor from 0; empty places have
    zeros in the first four."""
    none = np.zeros((0, 4), np.float32)
    radars = [clouds.get(sensor, none) for sensor in SENSORS]
    return radar_rows(radars, config.points_per_radar, not config.legacy_radar_order, config.area)


def radar_objects(labelled: Sequence[Labelled], config: RecordConfig) -> NDArray[np.float32]:
    """Objects (places, 4) that a radar hit: x, y (m), speed (m/s), 1; the fastest first, empty places all zero."""
    hit = [one for one in labelled if one.source.get("num_radar_points", 0) >= 1]
    hit.sort(key=_rank)
    rows = [(one.x, one.y, float(one.source.get("speed", 0.0)), 1.0) for one in hit[: config.radar_objects]]
    objects = np.zeros((config.radar_objects, 4), np.float32)
    objects[: len(rows)] = np.reshape(rows, (-1, 4))
    return objects


def _rank(one: Labelled) -> tuple[float, int, int]:
    priority = _PRIORITY.index(one.label) if one.label in _PRIORITY else len(_PRIORITY)
    return -float(one.source.get("speed", 0.0)), priority, -int(one.source["num_radar_points"])
