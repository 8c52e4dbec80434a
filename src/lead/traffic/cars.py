"""The cars of the background: spawned and removed in batches, driven by the Traffic Manager at commanded speeds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

import carla
import numpy as np
from numpy.typing import NDArray

from lead.scenarios.cast import FLOW, choose_vehicles
from lead.scenarios.road_users import Lookout

Floats = NDArray[np.float64]

ROLE_NAME = "background"
LEADING_M, LANE_OFFSET_M, LIFT_M = 10.0, 0.1, 0.2
FASTEST_KMH = 90.0
BRAKE = int(carla.VehicleLightState.Brake)
HAZARD = int(carla.VehicleLightState.RightBlinker | carla.VehicleLightState.LeftBlinker)
_SPEED_STEP_KMH = 0.5
_NEW = cast(int, carla.command.FutureActor)


class Placed(NamedTuple):
    """n cars that the present tick knows: `id` (n,), `location` (n, 3), `yaw` (n,) rad, `speed` (n,) m/s."""

    id: NDArray[np.int64]
    location: Floats
    yaw: Floats
    speed: Floats


class Cars:
    """All cars of one drive's background; `ids` in the order of their coming. While `is_paused` none comes; none is
    faster than `fastest_kmh`.
    """

    def __init__(
        self,
        client: carla.Client,
        world: carla.World,
        manager: carla.TrafficManager,
        lookout: Lookout,
        rng: np.random.Generator,
    ):
        self._client, self._world, self._manager, self._lookout, self._rng = client, world, manager, lookout, rng
        self._blueprints = choose_vehicles(world.get_blueprint_library(), FLOW)
        self._actors: dict[int, carla.Vehicle] = {}
        self._speeds: dict[int, float] = {}
        self._lamps: dict[int, int] = {}
        self._seen: set[int] = set()
        self.is_paused = False
        self.fastest_kmh = FASTEST_KMH
        for blueprint in self._blueprints:
            blueprint.set_attribute("role_name", ROLE_NAME)

    def __contains__(self, car_id: int) -> bool:
        return car_id in self._actors

    @property
    def ids(self) -> list[int]:
        """Every car that is there."""
        return list(self._actors)

    def spawn(self, places: Sequence[carla.Waypoint], speed: float = 0.0, obeys: bool = True) -> list[int]:
        """Put cars on lanes, driving at `speed` m/s; the ids of those that had room. `obeys`: lights and signs."""
        if not places or self.is_paused:
            return []
        port, autopilot = self._manager.get_port(), carla.command.SetAutopilot
        commands = [
            carla.command.SpawnActor(self._blueprint(), _pose(place)).then(autopilot(_NEW, True, port))
            for place in places
        ]
        answers = self._client.apply_batch_sync(commands, False)
        came = {answer.actor_id: place for answer, place in zip(answers, places, strict=True) if not answer.error}
        for actor in self._world.get_actors(list(came)):
            self._instruct(cast(carla.Vehicle, actor), came[actor.id], min(speed, self.fastest_kmh / 3.6), obeys)
        return list(came)

    def remove(self, car_ids: Iterable[int]) -> None:
        """Take cars away; unknown ones are ignored."""
        gone = [car_id for car_id in list(car_ids) if self._actors.pop(car_id, None) is not None]
        for car_id in gone:
            self._speeds.pop(car_id, None)
            self._lamps.pop(car_id, None)
        if gone:
            self._client.apply_batch_sync([carla.command.DestroyActor(car_id) for car_id in gone], False)

    def command(self, speeds_kmh: Mapping[int, float]) -> None:
        """Let cars drive at these speeds from now on."""
        for car_id, speed in speeds_kmh.items():
            wanted = max(min(speed, self.fastest_kmh), 0.0)
            known = self._speeds.get(car_id)
            changed = known is None or abs(known - wanted) > _SPEED_STEP_KMH or (wanted == 0.0) != (known == 0.0)
            if car_id in self._actors and changed:
                self._manager.set_desired_speed(self._actors[car_id], wanted)
                self._speeds[car_id] = wanted

    def light(self, car_ids: Iterable[int], lamps: int) -> None:
        """Light these lamps (bits of CARLA's light state) and only these; 0: what the Traffic Manager wants."""
        for car_id in car_ids:
            actor = self._actors.get(car_id)
            if actor is None or self._lamps.get(car_id, 0) == lamps:
                continue
            self._lamps[car_id] = lamps
            self._manager.update_vehicle_lights(actor, lamps == 0)
            actor.set_light_state(carla.VehicleLightState(lamps))

    def teleport(self, car_id: int, place: carla.Waypoint) -> None:
        """Put a car elsewhere."""
        self._actors[car_id].set_transform(_pose(place))

    def stand(self, car_ids: Iterable[int]) -> None:
        """Take all speed from cars at once."""
        for car_id in car_ids:
            if car_id in self._actors:
                self._actors[car_id].set_target_velocity(carla.Vector3D())

    def placed(self) -> Placed:
        """Where every car is that the present tick knows."""
        users = self._lookout.users()
        mine = np.array([car_id in self._actors for car_id in users.id.tolist()], dtype=bool)
        speed = np.linalg.norm(users.velocity[mine], axis=1)
        return Placed(users.id[mine], users.location[mine], users.yaw[mine], speed)

    def forget_dead(self) -> None:
        """Drop cars that somebody else removed: the Traffic Manager does with those that are stuck."""
        alive = self._lookout.present()
        for car_id in [car_id for car_id in self._actors if car_id not in alive and car_id in self._seen]:
            del self._actors[car_id]
        self._seen = {car_id for car_id in self._actors if car_id in alive}

    def _instruct(self, car: carla.Vehicle, place: carla.Waypoint, speed: float, obeys: bool) -> None:
        manager = self._manager
        manager.auto_lane_change(car, False)
        manager.distance_to_leading_vehicle(car, LEADING_M)
        manager.vehicle_lane_offset(car, LANE_OFFSET_M)
        manager.update_vehicle_lights(car, True)
        if not obeys:
            manager.ignore_lights_percentage(car, 100.0)
            manager.ignore_signs_percentage(car, 100.0)
        if speed > 0.0:
            heading = place.transform.get_forward_vector()
            car.set_target_velocity(carla.Vector3D(speed * heading.x, speed * heading.y, speed * heading.z))
        self._actors[car.id] = car

    def _blueprint(self) -> carla.ActorBlueprint:
        blueprint = self._blueprints[int(self._rng.integers(len(self._blueprints)))]
        if blueprint.has_attribute("color"):
            colours = blueprint.get_attribute("color").recommended_values
            blueprint.set_attribute("color", colours[int(self._rng.integers(len(colours)))])
        return blueprint


def _pose(place: carla.Waypoint) -> carla.Transform:
    pose = place.transform
    pose.location.z += LIFT_M
    return pose
