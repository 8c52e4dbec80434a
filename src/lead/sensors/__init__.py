"""Sensor rigs as data, and what to make of their readings: projections, point clouds, rasters from above."""

from lead.sensors.rig import Camera, Lidar, Radar, Rig, RigError
from lead.sensors.rig_file import read_rig
from lead.sensors.suites import RIGS, find_rig

__all__ = ["RIGS", "Camera", "Lidar", "Radar", "Rig", "RigError", "find_rig", "read_rig"]
