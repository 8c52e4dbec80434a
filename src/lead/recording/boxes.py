"""The bounding boxes of a frame, as LEAD's dictionaries: who is near, where, and what they do."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import carla
import numpy as np
from numpy.typing import NDArray

from lead.agents.signals import Light, SignalMap
from lead.geometry import box_arrays, location_array, pose_array, to_ego, to_world, wrap_angle
from lead.recording import pictures
from lead.recording.actor_book import REACH_M, Body
from lead.recording.box_fields import (
    BIKER,
    LIGHT,
    OBSTACLE,
    SPECIAL,
    STOP,
    VEHICLE,
    WALKER,
    common_fields,
    matrix_of,
)
from lead.recording.pictures import Boxes, tag_bits

Floats = NDArray[np.float64]

_NEAR_M = 30.0
_LIGHT_REACH_M, _STOP_REACH_M = 64.0, 32.0
_LINE_EXTENT = (1.5, 1.5, 0.5)
_LEVEL_IDS = 100_000_000
_CUTTING_MPS, _CUTTING_STEER = 0.5, 0.1
_EMERGENCY = ("police", "ambulance", "firetruck")
_WARNINGS = ("warning", "trafficwarning")
_EXTENTS = {"static.prop.trafficwarning": (1.1867, 1.4353), "static.prop.constructioncone": (0.1720, 0.1720)}


@dataclass(frozen=True)
class Sighting:
    """The boxes of a frame before anything is counted: LEAD's dictionaries, and what counts pixels and points.

    `rows` (k,) are the dictionaries' indices that the k boxes of `shapes` belong to.
    """

    dictionaries: list[dict[str, Any]]
    rows: list[int]
    shapes: Boxes


class BoxMaker:
    """Makes the boxes of one drive."""

    def __init__(self, world: carla.World, town: carla.Map, ego: carla.Vehicle, signals: SignalMap):
        self._town = town
        self._ego = ego
        self._signals = signals
        parked = world.get_level_bbs(carla.CityObjectLabel.Car)
        arrays = [(*box_arrays(box),) for box in parked]
        self._parked_pose = np.array([pose for pose, _ in arrays]).reshape(-1, 6)
        self._parked_extent = np.array([extent for _, extent in arrays]).reshape(-1, 3)

    def look(
        self,
        ego: Floats,
        s: float,
        near: Iterable[tuple[Body, carla.ActorSnapshot]],
        cutting_in: frozenset[int] = frozenset(),
    ) -> Sighting:
        """The boxes round the ego's pose (6,); `s`: metres along its way; `cutting_in`: whose scenario it is to."""
        found: list[tuple[dict[str, Any], tuple[Floats, float, Floats, tuple[int, ...], int]]] = []
        for body, state in near:
            box, shape = self._actor(ego, body, state)
            if box["id"] in cutting_in and "steer" in box:
                box["vehicle_cuts_in"] = box["speed"] > _CUTTING_MPS and abs(box["steer"]) > _CUTTING_STEER
            found.append((box, shape))
        found += self._parked(ego)
        dictionaries = [one for one, _ in found]
        counted = [shape for _, shape in found]
        for sign, shape in self._stop_signs(ego, s):
            dictionaries.append(sign)
            counted.append(shape)
        rows = list(range(len(counted)))
        dictionaries += self._lights(ego, s)
        dictionaries.append(self._self())
        return Sighting(dictionaries, rows, _shapes(counted))

    def light_kind(self, light: Light) -> tuple[bool, bool]:
        """Whether a light stands at its line, as in Europe, and whether it hangs over the road, beyond the junction."""
        line = self._signals.pose_at(light.s)
        beyond = float(to_ego(line, location_array(light.actor.get_location()))[0])
        return beyond < 5.0, beyond > 10.0

    def parked_near(self, ego: Floats) -> int:
        """How many parked cars of the town are within 30 m of a pose."""
        return int((np.hypot(*(self._parked_pose[:, :2] - ego[:2]).T) < _NEAR_M).sum())

    def _self(self) -> dict[str, Any]:
        extent = location_array(self._ego.bounding_box.extent)
        velocity, transform = self._ego.get_velocity(), self._ego.get_transform()
        return {
            **common_fields("ego_car", 0, np.zeros(3), 0.0, extent, self._ego.id, transform.get_matrix()),
            "speed": _forward(velocity, transform),
            "brake": self._ego.get_control().brake,
            "num_points": -1,
            "visible_pixels": -1,
        }

    def _actor(self, ego: Floats, body: Body, state: carla.ActorSnapshot) -> tuple[dict[str, Any], Any]:
        transform, velocity = state.get_transform(), state.get_velocity()
        pose = pose_array(transform)
        position, yaw = to_ego(ego, pose[:3]), float(wrap_angle(pose[4] - ego[4]))
        speed = _forward(velocity, transform)
        c, s = math.cos(ego[4]), math.sin(ego[4])
        along = [c * velocity.x + s * velocity.y, c * velocity.y - s * velocity.x]
        name, extent = body.actor.type_id, body.extent
        centre = to_ego(ego, to_world(pose, body.centre))
        if body.kind == "vehicle":
            details, group = self._vehicle(body.actor, along, speed, transform)
            special = group == SPECIAL
            shape = (centre, yaw, extent, pictures.VEHICLES, pictures.SPECIAL if special else 0)
            kind = "car"
        elif body.kind == "walker":
            details = {"ego_velocity": along, "role_name": body.actor.attributes.get("role_name", ""), "speed": speed}
            details |= {"num_radar_points": 0, "type_id": name}
            kind, group = "walker", WALKER
            shape = (centre, yaw, extent, pictures.WALKERS, 0)
        else:
            flat = _EXTENTS.get(name)
            extent = extent if flat is None else np.array([*flat, extent[2]])
            details = {"speed": speed, "type_id": name, "mesh_path": body.actor.attributes.get("mesh_path")}
            kind, group = "static", OBSTACLE
            marked = "cone" in name or any(word in name for word in _WARNINGS)
            shape = (centre, yaw, extent, pictures.THINGS, pictures.OBSTACLE if marked else 0)
        common = common_fields(kind, group, position, yaw, extent, body.actor.id, transform.get_matrix())
        return {**common, **details, "num_points": 0, "visible_pixels": 0}, shape

    def _vehicle(
        self, actor: carla.Actor, along: list[float], speed: float, transform: carla.Transform
    ) -> tuple[dict[str, Any], int]:
        assert isinstance(actor, carla.Vehicle)
        control = actor.get_control()
        lane = self._town.get_waypoint(transform.location, True, carla.LaneType.Any)
        base = actor.attributes.get("base_type", "car")
        group = BIKER if base == "bicycle" else VEHICLE
        if any(word in actor.type_id for word in _EMERGENCY):
            group = SPECIAL
        details = {
            "ego_velocity": along,
            "next_action": "Void",
            "vehicle_cuts_in": False,
            "road_id": lane.road_id if lane else -1,
            "lane_id": lane.lane_id if lane else 0,
            "lane_type_str": str(lane.lane_type) if lane else "NONE",
            "base_type": base,
            "num_radar_points": 0,
            "speed": speed,
            "brake": control.brake,
            "steer": control.steer,
            "throttle": control.throttle,
            "role_name": actor.attributes.get("role_name", ""),
            "type_id": actor.type_id,
            "speed_limit": actor.get_speed_limit(),
        }
        return details, group

    def _parked(self, ego: Floats) -> Iterator[tuple[dict[str, Any], Any]]:
        near = np.flatnonzero(np.hypot(*(self._parked_pose[:, :2] - ego[:2]).T) < REACH_M)
        for index in near.tolist():
            pose, extent = self._parked_pose[index], self._parked_extent[index]
            centre, yaw = to_ego(ego, pose[:3]), float(wrap_angle(pose[4] - ego[4]))
            matrix = matrix_of(pose)
            common = common_fields("static_prop_car", VEHICLE, centre, yaw, extent, _LEVEL_IDS + index, matrix)
            yield {**common, "num_points": 0, "visible_pixels": 0}, (centre, yaw, extent, pictures.VEHICLES, 0)

    def _stop_signs(self, ego: Floats, s: float) -> Iterator[tuple[dict[str, Any], Any]]:
        stop = self._signals.next_stop(s - 5.0)
        if stop is None or stop.s - s > _STOP_REACH_M:
            return
        pose = self._signals.pose_at(stop.s)
        position, yaw = to_ego(ego, pose[:3]), float(wrap_angle(pose[4] - ego[4]))
        extent = np.array(_LINE_EXTENT)
        common = common_fields("stop_sign", STOP, position, yaw, extent, stop.id, matrix_of(pose))
        # The sign itself stands somewhere beside the line.
        around = (position + (0.0, 0.0, 2.0), yaw, np.array([12.0, 8.0, 3.0]), pictures.SIGNS, pictures.STOP_SIGN)
        yield {**common, "affects_ego": True, "num_points": 0, "visible_pixels": 0}, around

    def _lights(self, ego: Floats, s: float) -> Iterator[dict[str, Any]]:
        light = self._signals.next_light(s)
        if light is None or light.s - s > _LIGHT_REACH_M:
            return
        pose = self._signals.pose_at(light.s)
        position, yaw = to_ego(ego, pose[:3]), float(wrap_angle(pose[4] - ego[4]))
        is_europe, is_over_head = self.light_kind(light)
        yield {
            **common_fields(
                "traffic_light", LIGHT, position, yaw, np.array(_LINE_EXTENT), light.actor.id, matrix_of(pose)
            ),
            "state": str(light.actor.get_state()),
            "affects_ego": True,
            "distance_to_physical_traffic_light": float(
                np.linalg.norm(location_array(light.actor.get_location()) - ego[:3])
            ),
            "dummy_traffic_light_bounding_box": False,
            "same_lane_as_ego": True,
            "is_over_head_traffic_light": is_over_head,
            "is_europe_traffic_light": is_europe,
        }


def finish(sighting: Sighting, lidar: NDArray[Any], radar: NDArray[Any], pixels: NDArray[np.int64]) -> list[dict]:
    """The boxes with what they have of LiDAR and radar points (n, 3) and of pixels (k,); nearest first."""
    points = pictures.count_points(lidar, sighting.shapes)
    echoes = pictures.count_points(radar, sighting.shapes)
    for row, index in enumerate(sighting.rows):
        box = sighting.dictionaries[index]
        box["num_points"], box["visible_pixels"] = int(points[row]), int(pixels[row])
        if "num_radar_points" in box:
            box["num_radar_points"] = int(echoes[row])
    return sorted(sighting.dictionaries, key=lambda box: box["distance"])


def _shapes(counted: list[tuple[Floats, float, Floats, tuple[int, ...], int]]) -> Boxes:
    centres, yaws, extents, tags, becomes = zip(*counted, strict=True) if counted else ((),) * 5
    return Boxes(
        centre=np.array(centres, np.float64).reshape(-1, 3),
        yaw=np.array(yaws, np.float64),
        extent=np.array(extents, np.float64).reshape(-1, 3),
        tags=np.array([tag_bits(one) for one in tags], np.uint64),
        becomes=np.array(becomes, np.uint8),
    )


def _forward(velocity: carla.Vector3D, transform: carla.Transform) -> float:
    ahead = transform.get_forward_vector()
    return velocity.x * ahead.x + velocity.y * ahead.y + velocity.z * ahead.z
