"""Background traffic: cars of the Traffic Manager in a ring around the ego, the same for the same seed."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import carla
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from lead.evaluation.observation import Vector

ROLE_NAME = "background"
_WAYPOINT_SPACING_M = 10.0
_LIFT_M = 0.3
_NEW = cast(int, carla.command.FutureActor)


@dataclass(frozen=True)
class BackgroundConfig:
    """How much traffic there is and where."""

    metres_per_car: float = 60.0
    """Metres of lane for each car, which gives the density."""
    most: int = 40
    """Cars there are at most."""
    radius_m: float = 150.0
    """Cars are kept up to this distance from the ego and appear nearer than that."""
    vanish_m: float = 190.0
    """Farther cars are removed."""
    unseen_m: float = 80.0
    """Cars do not appear nearer to the ego than this while it drives."""
    unseen_at_start_m: float = 20.0
    """The same before the ego starts, when nobody looks."""
    room_m: float = 14.0
    """Free distance to other vehicles where a car appears."""
    every_ticks: int = 10
    """Ticks between two looks at who is where."""

    def __post_init__(self):
        if not 0.0 < self.unseen_at_start_m <= self.unseen_m < self.radius_m < self.vanish_m:
            raise ValueError("background traffic needs 0 < unseen_at_start_m <= unseen_m < radius_m < vanish_m")
        if self.metres_per_car <= 0.0 or self.most < 0 or self.every_ticks < 1:
            raise ValueError("background traffic needs metres_per_car > 0, most >= 0 and every_ticks >= 1")


@dataclass(frozen=True)
class Places:
    """Where cars can appear: points (n, 3) on driving lanes outside junctions, and their waypoints."""

    points: NDArray[np.float64]
    waypoints: tuple[carla.Waypoint, ...]
    tree: KDTree

    @classmethod
    def of(cls, town: carla.Map) -> "Places":
        """All places of a town."""
        drivable = [point for point in town.generate_waypoints(_WAYPOINT_SPACING_M) if not point.is_junction]
        locations = [waypoint.transform.location for waypoint in drivable]
        points = np.array([(place.x, place.y, place.z) for place in locations]).reshape(-1, 3)
        return cls(points, tuple(drivable), KDTree(points))

    def within(self, centre: Vector, radius: float) -> NDArray[np.intp]:
        """Rows of the places up to a distance, ascending."""
        return np.array(sorted(self.tree.query_ball_point(centre, radius)), dtype=np.intp)


class BackgroundTraffic:
    """The cars around one ego. `ids` are theirs, in the order of their coming."""

    def __init__(
        self,
        client: carla.Client,
        manager: carla.TrafficManager,
        places: Places,
        seed: int,
        config: BackgroundConfig = BackgroundConfig(),
    ) -> None:
        self._client = client
        self._manager = manager
        self._places = places
        self._config = config
        self._random = np.random.default_rng(seed)
        self._blueprints = _car_blueprints(client.get_world().get_blueprint_library())
        self._ticks = 0
        self.ids: list[int] = []

    @contextmanager
    def running(self, ego: Vector) -> Iterator["BackgroundTraffic"]:
        """Put the first cars around the ego, and remove all cars when the context ends."""
        try:
            self._fill(ego, [ego], self._config.unseen_at_start_m)
            yield self
        finally:
            self._destroy(self.ids)

    def update(self, snapshot: carla.WorldSnapshot, ego: Vector) -> None:
        """Remove who is far away or gone and let others come; to be called every tick."""
        self._ticks += 1
        if self._ticks % self._config.every_ticks:
            return
        present = {actor_id: snapshot.find(actor_id) for actor_id in self.ids}
        here = {actor_id: _location(actor) for actor_id, actor in present.items() if actor is not None}
        far = [actor_id for actor_id, place in here.items() if math.dist(place, ego) > self._config.vanish_m]
        self._destroy(far)
        kept = {actor_id: place for actor_id, place in here.items() if actor_id not in far}
        self.ids = list(kept)
        self._fill(ego, [ego, *kept.values()], self._config.unseen_m)

    def _fill(self, ego: Vector, taken: list[Vector], unseen_m: float) -> None:
        rows = self._places.within(ego, self._config.radius_m)
        wanted = min(int(len(rows) * _WAYPOINT_SPACING_M / self._config.metres_per_car), self._config.most)
        missing = wanted - len(self.ids)
        if missing <= 0:
            return
        distances = np.linalg.norm(self._places.points[rows] - ego, axis=1)
        unseen = self._random.permutation(rows[distances >= unseen_m])
        chosen = _with_room(self._places.points, unseen, np.array(taken), self._config.room_m, missing)
        self._spawn([self._places.waypoints[row] for row in chosen])

    def _spawn(self, waypoints: list[carla.Waypoint]) -> None:
        if not waypoints:
            return
        port, spawn, autopilot = self._manager.get_port(), carla.command.SpawnActor, carla.command.SetAutopilot
        commands = [spawn(self._blueprint(), _pose(point)).then(autopilot(_NEW, True, port)) for point in waypoints]
        answers = self._client.apply_batch_sync(commands, False)
        came = [answer.actor_id for answer in answers if not answer.error]
        for actor in self._client.get_world().get_actors(came):
            self._manager.auto_lane_change(actor, False)
            self._manager.update_vehicle_lights(actor, True)
        self.ids += came

    def _blueprint(self) -> carla.ActorBlueprint:
        blueprint = self._blueprints[int(self._random.integers(len(self._blueprints)))]
        if blueprint.has_attribute("color"):
            colours = blueprint.get_attribute("color").recommended_values
            blueprint.set_attribute("color", colours[int(self._random.integers(len(colours)))])
        return blueprint

    def _destroy(self, actor_ids: list[int]) -> None:
        if actor_ids:
            self._client.apply_batch_sync([carla.command.DestroyActor(actor_id) for actor_id in actor_ids], False)


def _car_blueprints(library: carla.BlueprintLibrary) -> list[carla.ActorBlueprint]:
    """Cars with lamps and without a special purpose, in the order of their names."""
    wanted = {"base_type": "car", "special_type": "", "has_lights": "true"}
    cars = [blueprint for blueprint in library.filter("vehicle.*") if _has(blueprint, wanted)]
    for blueprint in cars:
        blueprint.set_attribute("role_name", ROLE_NAME)
    return sorted(cars, key=lambda blueprint: blueprint.id)


def _has(blueprint: carla.ActorBlueprint, wanted: dict[str, str]) -> bool:
    return all(
        blueprint.has_attribute(name) and str(_value(blueprint.get_attribute(name))).lower() == value
        for name, value in wanted.items()
    )


def _value(attribute: carla.ActorAttribute) -> object:
    is_bool = attribute.type == carla.ActorAttributeType.Bool
    return attribute.as_bool() if is_bool else attribute.as_str()


def _with_room(
    points: NDArray[np.float64], rows: NDArray[np.intp], taken: NDArray[np.float64], room_m: float, count: int
) -> list[int]:
    """The first `count` rows, in order, whose points have room to the taken places and to each other."""
    chosen: list[int] = []
    for row in rows.tolist():
        if len(chosen) == count:
            break
        if np.linalg.norm(taken - points[row], axis=1).min() > room_m:
            chosen.append(row)
            taken = np.concatenate([taken, points[row : row + 1]])
    return chosen


def _location(actor: carla.ActorSnapshot) -> Vector:
    place = actor.get_transform().location
    return place.x, place.y, place.z


def _pose(waypoint: carla.Waypoint) -> carla.Transform:
    pose = waypoint.transform
    pose.location.z += _LIFT_M
    return pose
