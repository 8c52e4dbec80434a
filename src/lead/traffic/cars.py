"""The cars of the background: spawned and removed in batches, driven by the Traffic Manager at commanded speeds."""

from collections.abc import Mapping, Sequence
from typing import cast

import carla
import numpy as np
from numpy.typing import NDArray

from lead.scenarios.cast import FLOW, choose_vehicles
from lead.scenarios.road_users import Lookout

Floats = NDArray[np.float64]

ROLE_NAME = "background"
LEADING_M, LANE_OFFSET_M, LIFT_M = 10.0, 0.1, 0.2
FASTEST_KMH = 90.0
_SPEED_STEP_KMH = 0.5
_NEW = cast(int, carla.command.FutureActor)


class Cars:
    """All cars of one drive's background; `ids` in the order of their coming."""

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
        self._brakes: set[int] = set()
        self._seen: set[int] = set()
        for blueprint in self._blueprints:
            blueprint.set_attribute("role_name", ROLE_NAME)

    @property
    def ids(self) -> list[int]:
        """Every car that is there."""
        return list(self._actors)

    def spawn(self, places: Sequence[carla.Waypoint], speed: float = 0.0, obeys: bool = True) -> list[int]:
        """Put cars on lanes, driving at `speed` m/s; the ids of those that had room. `obeys`: lights and signs."""
        if not places:
            return []
        port, autopilot = self._manager.get_port(), carla.command.SetAutopilot
        commands = [
            carla.command.SpawnActor(self._blueprint(), _pose(place)).then(autopilot(_NEW, True, port))
            for place in places
        ]
        answers = self._client.apply_batch_sync(commands, False)
        came = [answer.actor_id for answer in answers if not answer.error]
        for actor in self._world.get_actors(came):
            self._instruct(cast(carla.Vehicle, actor), speed, obeys)
        return came

    def remove(self, car_ids: Sequence[int]) -> None:
        """Take cars away; unknown ones are ignored."""
        gone = [car_id for car_id in car_ids if self._actors.pop(car_id, None) is not None]
        for car_id in gone:
            self._speeds.pop(car_id, None)
            self._brakes.discard(car_id)
        if gone:
            self._client.apply_batch_sync([carla.command.DestroyActor(car_id) for car_id in gone], False)

    def command(self, speeds_kmh: Mapping[int, float]) -> None:
        """Let cars drive at these speeds from now on."""
        for car_id, speed in speeds_kmh.items():
            wanted = min(speed, FASTEST_KMH)
            if car_id in self._actors and abs(self._speeds.get(car_id, -1e3) - wanted) > _SPEED_STEP_KMH:
                self._manager.set_desired_speed(self._actors[car_id], wanted)
                self._speeds[car_id] = wanted

    def show_brakes(self, car_ids: Sequence[int], lit: bool) -> None:
        """Switch brake lamps on, or leave lamps to the Traffic Manager again."""
        for car_id in car_ids:
            actor = self._actors.get(car_id)
            if actor is None or (car_id in self._brakes) == lit:
                continue
            self._manager.update_vehicle_lights(actor, not lit)
            state = int(actor.get_light_state())
            brake = int(carla.VehicleLightState.Brake)
            actor.set_light_state(carla.VehicleLightState(state | brake if lit else state & ~brake))
            self._brakes ^= {car_id}

    def teleport(self, car_id: int, place: carla.Waypoint) -> None:
        """Put a car elsewhere."""
        self._actors[car_id].set_transform(_pose(place))

    def stand(self, car_ids: Sequence[int]) -> None:
        """Take all speed from cars at once."""
        for car_id in car_ids:
            self._actors[car_id].set_target_velocity(carla.Vector3D())

    def places(self) -> dict[int, tuple[Floats, float]]:
        """Location (3,) and speed (m/s) of every car that the present tick knows."""
        users = self._lookout.users()
        speeds = np.linalg.norm(users.velocity, axis=1)
        rows = zip(users.id.tolist(), users.location, speeds.tolist(), strict=True)
        return {car_id: (place, speed) for car_id, place, speed in rows if car_id in self._actors}

    def forget_dead(self) -> None:
        """Drop cars that somebody else removed: the Traffic Manager does with those that are stuck."""
        alive = {actor.id for actor in self._world.get_snapshot()}
        for car_id in [car_id for car_id in self._actors if car_id not in alive and car_id in self._seen]:
            self._actors.pop(car_id)
        self._seen = {car_id for car_id in self._actors if car_id in alive}

    def _instruct(self, car: carla.Vehicle, speed: float, obeys: bool) -> None:
        manager = self._manager
        manager.auto_lane_change(car, False)
        manager.distance_to_leading_vehicle(car, LEADING_M)
        manager.vehicle_lane_offset(car, LANE_OFFSET_M)
        manager.update_vehicle_lights(car, True)
        if not obeys:
            manager.ignore_lights_percentage(car, 100.0)
            manager.ignore_signs_percentage(car, 100.0)
        if speed > 0.0:
            heading = car.get_transform().get_forward_vector()
            car.set_target_velocity(carla.Vector3D(speed * heading.x, speed * heading.y, 0.0))
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
