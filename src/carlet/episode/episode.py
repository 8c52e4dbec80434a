"""One world from its loading to the next: a town, its actors, a clock, settings and weather."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from carlet.actors.blueprints import Blueprint, library
from carlet.actors.lights import LightState
from carlet.actors.registry import ActorInfo
from carlet.actors.table import Activity, ActorTable, Kind
from carlet.episode.attachments import place_attached
from carlet.episode.crowd import Crowd
from carlet.episode.friction import FrictionTriggers
from carlet.episode.lamps import Lamps, street_lamps
from carlet.episode.large_map import near_tiles, put_to_sleep
from carlet.episode.level import Level
from carlet.episode.rays import Hit, cast
from carlet.episode.run_over import run_over
from carlet.episode.sensing import Measurement, SensorSuite
from carlet.episode.signals import Signals
from carlet.episode.vehicle_facts import telemetry
from carlet.episode.ways import WaySigns
from carlet.physics import Contacts, derive_parameters, overlaps, step
from carlet.sensors import CLIENT_SIDE, Moment, mercator, number
from carlet.town import Town
from carlet.wire import values
from carlet.wire.controls import PhysicsControl, Telemetry
from carlet.wire.drawings import DebugShape
from carlet.wire.records import ACTOR_RECORD, SnapshotFlags, actor_records, fill_vehicles, fill_walkers, snapshot
from carlet.wire.values import EpisodeSettings, Weather

if TYPE_CHECKING:
    from carlet.render.stage import Stage

SPECTATOR_ID = 1
SPRING_ARMS = frozenset({values.Attachment.SPRING_ARM, values.Attachment.SPRING_ARM_GHOST})
HERO_ROLES = frozenset({"hero", "ego_vehicle"})
DEFAULT_GRAVITY = 9.81
#: Sensors that need the stage.
SEEING = ("sensor.camera.", "sensor.lidar.", "sensor.other.radar")


class EpisodeError(ValueError):
    """A request that this world cannot meet; the message goes to the client as it is."""


@dataclass(frozen=True)
class Attachment:
    """How an actor hangs on its parent: the pose (6,) is then relative to it."""

    parent: int
    kind: values.Attachment = values.Attachment.RIGID


class Episode:
    """A loaded world. All poses are (6,) `x y z pitch yaw roll` in metres and radians."""

    def __init__(
        self,
        town: Town,
        episode_id: int,
        *,
        frame: int = 0,
        settings: EpisodeSettings | None = None,
        map_name: str = "",
        seed: int = 0,
        first_id: int = 0,
    ):
        self.town = town
        self.id = episode_id
        self.frame = frame
        self.time = 0.0
        self.dt = 0.0
        self.settings = settings or EpisodeSettings()
        self.weather = Weather()
        self.map_name = map_name or town.name
        self.seed = seed
        self.imu_gravity = DEFAULT_GRAVITY
        self.table = ActorTable()
        self.actors: dict[int, ActorInfo] = {}
        self.level = Level(town)
        self.surroundings = self.level.surroundings()
        self.signals = Signals(town, first_id=SPECTATOR_ID + 1)
        self.sensors = SensorSuite()
        self.lamps = Lamps(street_lamps(town))
        self.contacts = Contacts.none()
        self._friction = FrictionTriggers()
        self._crowd = Crowd(town.ground)
        self._ways = WaySigns.of(town)
        self.next_id = max(self.signals.next_id, first_id)
        self._gone: dict[int, Blueprint] = {}
        self._stage: Stage | None = None
        # Rain, clouds and blinking lamps go by the time since somebody looks, so that they repeat themselves.
        self._seen_since = 0.0
        self._add_spectator()

    # -- actors ---------------------------------------------------------------------------------------------------

    def spawn(
        self,
        type_id: str,
        given: Mapping[str, str],
        pose: NDArray[np.float64],
        attachment: Attachment | None = None,
        stream_id: int | None = None,
        token: bytes = b"",
        check_room: bool = True,
    ) -> int:
        """Create an actor and return its id. EpisodeError in CARLA's words when it cannot be there."""
        blueprint = library().get(type_id)
        if blueprint is None:
            raise EpisodeError("Spawn failed because of invalid actor description")
        if attachment and attachment.parent not in self.table:
            raise EpisodeError("unable to attach actor: parent actor not found")
        if check_room:
            self._check_room(blueprint, pose)
        attributes = blueprint.full_attributes(given)
        info = ActorInfo(
            id=self.next_id,
            blueprint=blueprint,
            attributes=attributes,
            parent=attachment.parent if attachment else 0,
            physics=blueprint.physics,
        )
        if blueprint.kind is Kind.SENSOR and type_id not in CLIENT_SIDE:
            self.sensors.add(info, self.frame)
            if type_id.startswith(SEEING):
                if not any(other.blueprint.id.startswith(SEEING) for other in self.actors.values()):
                    self._seen_since = self.time
                self._set_stage()  # now, where the client expects to wait, and not in the next tick
            info.stream_id, info.token = stream_id, token
        self.next_id += 1
        self.actors[info.id] = info
        self._add_row(info, np.asarray(pose, dtype=np.float64), attachment)
        return info.id

    def destroy(self, actor_ids: Iterable[int]) -> list[bool]:
        """Take actors out of the world; says for each whether it was there."""
        ids = list(actor_ids)
        there = [i in self.actors and i != SPECTATOR_ID for i in ids]
        gone = {i for i, found in zip(ids, there, strict=True) if found}
        for actor_id in gone:
            self._gone[actor_id] = self.actors.pop(actor_id).blueprint
            self.sensors.remove(actor_id)
            self._friction.remove(actor_id)
        self.table.remove(gone)
        return there

    def info(self, actor_id: int) -> ActorInfo:
        """Identity of a living actor (lights and signs are not among them). EpisodeError when there is none."""
        try:
            return self.actors[actor_id]
        except KeyError:
            raise EpisodeError("Actor could not be found in the registry") from None

    def row(self, actor_id: int, *kinds: Kind) -> int:
        """Table row of a living actor, of one of `kinds` when given. EpisodeError otherwise."""
        info = self.actors.get(actor_id)
        if info is None or (kinds and info.blueprint.kind not in kinds):
            raise EpisodeError(self._why_no_row(actor_id, kinds))
        return self.table.row(actor_id)

    def _why_no_row(self, actor_id: int, kinds: Sequence[Kind]) -> str:
        if actor_id not in self.signals and actor_id not in self.actors:
            return "Actor could not be found in the registry"
        return f"Actor is not a {kinds[0].name.capitalize()}" if kinds else "Actor does not move"

    def awake(self, actor_id: int) -> int:
        """`row` of an actor that physics has. EpisodeError, in CARLA's words, when it is dormant."""
        row = self.row(actor_id)
        if self.table.activity[row] == Activity.DORMANT:
            raise EpisodeError("Function not availiable when the actor is dormant")
        return row

    def alive(self, actor_id: int, kind: Kind) -> int:
        """`row` of a vehicle or walker that still obeys. EpisodeError when it is dead."""
        row = self.row(actor_id, kind)
        if self.actors[actor_id].dead:
            raise EpisodeError(f"{kind.name.capitalize()} is already dead")
        return row

    def kill(self, actor_id: int) -> None:
        """Let a vehicle or walker obey no more; it comes to rest by itself, and others walk over a dead walker."""
        row, table = self.row(actor_id, Kind.VEHICLE, Kind.WALKER), self.table
        self.actors[actor_id].dead = True
        table.throttle[row] = table.steer[row] = table.walk_speed[row] = 0.0
        table.ackermann[row] = table.jump[row] = False
        if table.kind[row] == Kind.WALKER:
            table.collides[row] = False

    def wire(self, actor_id: int) -> list[Any] | None:
        """The actor as the client reads it, None when there is none."""
        if actor_id in self.signals:
            return self.signals.wire(actor_id)
        info = self.actors.get(actor_id)
        return info.wire if info else None

    def box(self, actor_id: int) -> list[Any]:
        """Bounding box in the actor's frame; also of actors that are already gone."""
        if actor_id in self.signals:
            return self.signals.box(actor_id)
        info = self.actors.get(actor_id)
        blueprint = info.blueprint if info else self._gone.get(actor_id)
        if blueprint is None:
            raise EpisodeError("Actor could not be found in the registry")
        return blueprint.box

    def pose(self, row: int) -> NDArray[np.float64]:
        """World pose (6,) of a row."""
        return np.concatenate([self.table.location[row], self.table.rotation[row]])

    def place(self, actor_id: int, pose: NDArray[np.float64]) -> None:
        """Teleport; relative to the parent when attached."""
        row, table = self.row(actor_id), self.table
        if table.parent[row]:
            table.local_location[row], table.local_rotation[row] = pose[:3], pose[3:]
        else:
            table.location[row], table.rotation[row] = pose[:3], pose[3:]
            table.grounded[row] = False

    def move_walker(self, actor_id: int, feet: NDArray[np.float64], speed: float) -> None:
        """Put a walker's feet at a pose (6,) with the next tick, walking at `speed` m/s."""
        self.table.walk_speed[self.row(actor_id, Kind.WALKER)] = speed
        self._crowd.send(actor_id, feet)

    def set_physics(self, actor_id: int, control: PhysicsControl) -> None:
        """Change what a vehicle is made of."""
        row, info = self.row(actor_id, Kind.VEHICLE), self.info(actor_id)
        info.physics = control
        self._apply_parameters(row, info)

    def telemetry(self, actor_id: int) -> Telemetry:
        """State of a vehicle's drive."""
        row = self.row(actor_id, Kind.VEHICLE)
        return telemetry(self.table, row, self.info(actor_id).physics_now())

    def enable_objects(self, object_ids: Iterable[int], enabled: bool) -> None:
        """Show or hide level objects, for sensors and for physics."""
        self.level.enable(object_ids, enabled)
        self.surroundings = self.level.surroundings()

    def show_layers(self, layers: int, shown: bool) -> None:
        """Show or hide layers of the map, for sensors and for physics."""
        self.level.show_layers(layers, shown)
        self.surroundings = self.level.surroundings()

    def cast(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> list[Hit]:
        """Surfaces between two points (3,), the nearest first."""
        return cast(self.level, self.table, self.actors, start, end)

    # -- time -----------------------------------------------------------------------------------------------------

    def tick(self, dt: float) -> None:
        """Let `dt` seconds pass: physics, lights, what vehicles see."""
        self.frame += 1
        self.time += dt
        self.dt = dt
        for actor_id, row in self._friction.changed(self.table, self.actors):
            self._apply_parameters(row, self.actors[actor_id])
        if self.town.large:
            heroes, ids = self._heroes()
            put_to_sleep(self.table, heroes, ids, self.settings.actor_active_distance)
        self._crowd.move(self.table, dt)
        self.contacts = step(self.table, self.surroundings, dt)
        for actor_id in run_over(self.table, self.contacts, self.actors):
            self.kill(actor_id)
        place_attached(self.table, dt)
        self.signals.cycle.step(dt)
        self._look_around(dt)

    def snapshot(self, platform_time: float, flags: SnapshotFlags = SnapshotFlags.NOTHING) -> bytes:
        """The world as it is, as a stream message."""
        return snapshot(
            frame=self.frame,
            time=self.time,
            episode_id=self.id,
            platform_time=platform_time,
            delta=self.dt,
            records=np.frombuffer(self._dynamic_records().tobytes() + self._static_records().tobytes(), ACTOR_RECORD),
            flags=flags,
        )

    def measure(self, listening: Sequence[int], shapes: Sequence[DebugShape] = ()) -> Iterator[Measurement]:
        """What the sensors with these actor ids have to say of the tick just done, as they come to say it. Pictures
        show the `shapes`.
        """
        moment = Moment(
            frame=self.frame,
            time=self.time,
            dt=self.dt,
            table=self.table,
            surroundings=self.surroundings,
            contacts=self.contacts,
            geolocation=lambda location: mercator(self.town.geo_origin, location),
            imu_gravity=self.imu_gravity,
            actor=lambda row: self.actors[int(self.table.id[row])].wire,
            level_actor=self.level.actor,
            look=lambda: self.look(shapes),
            draws=not self.settings.no_rendering,
        )
        return self.sensors.measure(moment, listening)

    def look(self, shapes: Sequence[DebugShape] = ()) -> "Stage":
        """All that can be seen and ranged, as it is after the tick just done."""
        from carlet.render.stage import Sight

        stage = self._set_stage()
        stage.show(
            Sight(
                time=round(self.time - self._seen_since, 6),
                dt=self.dt,
                table=self.table,
                actors=self.actors,
                weather=self.weather,
                light_state=self.signals.cycle.state,
                first_light=self.signals.first_light_id,
                first_sign=self.signals.first_id,
                lamps=self.lamps.records,
                hidden=self.level.hidden_rows(),
                shapes=shapes,
            )
        )
        return stage

    # -- inside ---------------------------------------------------------------------------------------------------

    def _set_stage(self) -> "Stage":
        # Imported here: most worlds have nothing that sees, and are ready sooner without it.
        from carlet.render.stage import Stage

        if self._stage is None:
            self._stage = Stage(self.town)
        return self._stage

    def _add_spectator(self) -> None:
        blueprint = replace(library()["util.actor.empty"], id="spectator", kind=Kind.SPECTATOR)
        self.actors[SPECTATOR_ID] = ActorInfo(SPECTATOR_ID, blueprint, {})
        start = self.town.spawn_points[0] if len(self.town.spawn_points) else np.zeros(6)
        self.table.add(
            SPECTATOR_ID,
            kind=Kind.SPECTATOR,
            location=start[:3] + (0.0, 0.0, 3.0),
            rotation=start[3:],
        )

    def _check_room(self, blueprint: Blueprint, pose: NDArray[np.float64]) -> None:
        solid = blueprint.kind in (Kind.VEHICLE, Kind.WALKER)
        box = np.array(blueprint.box_centre), np.array(blueprint.box_extent)
        if solid and overlaps(self.table, self.surroundings, np.asarray(pose), *box):
            raise EpisodeError("Spawn failed because of collision at spawn position")

    def _add_row(self, info: ActorInfo, pose: NDArray[np.float64], attachment: Attachment | None) -> None:
        blueprint = info.blueprint
        solid = blueprint.kind in (Kind.VEHICLE, Kind.WALKER, Kind.PROP)
        row = self.table.add(
            info.id,
            kind=blueprint.kind,
            blueprint=blueprint.uid,
            location=pose[:3],
            rotation=pose[3:],
            parent=info.parent,
            springy=attachment is not None and attachment.kind in SPRING_ARMS,
            box_centre=blueprint.box_centre,
            box_extent=blueprint.box_extent,
            mass=blueprint.mass,
            simulates=blueprint.kind in (Kind.VEHICLE, Kind.WALKER),
            collides=solid and any(blueprint.box_extent) and not info.parent,
            flat=blueprint.flat,
            sticky_control=info.value("sticky_control", "true").lower() != "false",
        )
        if blueprint.kind is Kind.VEHICLE:
            self._apply_parameters(row, info)
        if blueprint.kind is Kind.TRIGGER:
            self._friction.add(info)
        if blueprint.id == "static.prop.mesh" and info.value("mass"):
            self.table.mass[row] = number({"mass": info.value("mass")}, "mass")
            self.table.simulates[row] = self.table.mass[row] > 0.0
        if info.parent:
            self.table.local_location[row], self.table.local_rotation[row] = pose[:3], pose[3:]
            place_attached(self.table, 0.0)

    def _apply_parameters(self, row: int, info: ActorInfo) -> None:
        for column, value in derive_parameters(info.physics_now()).items():
            getattr(self.table, column)[row] = value

    def _heroes(self) -> tuple[NDArray[np.float64], list[int]]:
        ids = [i for i, info in self.actors.items() if info.role_name in HERO_ROLES]
        if not ids and self.settings.spectator_as_ego:
            ids = [SPECTATOR_ID]
        return self.table.location[[self.table.row(i) for i in ids]].reshape(-1, 3), ids

    def _look_around(self, dt: float) -> None:
        """What CARLA's trigger boxes tell a vehicle: its speed limit, and the light or sign that it stands before."""
        table = self.table
        rows = table.rows_of(Kind.VEHICLE)
        if not len(rows):
            return
        location, yaw = table.location[rows], table.rotation[rows, 1]
        table.speed_limit_kmh[rows] = self.level.speed_limits(location)
        reach = table.box_centre[rows, 0] + table.box_extent[rows, 0]
        fronts = location + reach[:, None] * np.column_stack([np.cos(yaw), np.sin(yaw), np.zeros(len(rows))])
        light = self.signals.light_at(fronts, yaw)
        at_light = light >= 0
        table.at_light[rows] = at_light
        table.light_id[rows] = np.where(at_light, self.signals.first_light_id + light, 0)
        shown = self.signals.cycle.state[light] if len(self.signals.cycle.state) else LightState.GREEN
        table.light_state[rows] = np.where(at_light, shown, self._ways.tell(table, rows, fronts, dt))

    def _dynamic_records(self) -> NDArray[np.void]:
        table = self.table
        records = actor_records(
            table.id,
            table.activity,
            table.location,
            table.rotation,
            table.velocity,
            table.angular_velocity,
            table.acceleration,
        )
        vehicles, walkers = table.rows_of(Kind.VEHICLE), table.rows_of(Kind.WALKER)
        fill_vehicles(
            records,
            vehicles,
            throttle=table.throttle[vehicles],
            steer=table.steer[vehicles],
            brake=table.brake[vehicles],
            hand_brake=table.hand_brake[vehicles],
            reverse=table.reverse[vehicles],
            manual_gear=table.manual_gear[vehicles],
            gear=table.gear[vehicles],
            speed_limit_kmh=table.speed_limit_kmh[vehicles],
            light_state=table.light_state[vehicles],
            at_light=table.at_light[vehicles],
            light_id=table.light_id[vehicles],
            failure=table.failure[vehicles],
        )
        fill_walkers(
            records,
            walkers,
            direction=table.direction[walkers],
            speed=table.walk_speed[walkers],
            jump=table.jump[walkers],
        )
        return records

    def _static_records(self) -> NDArray[np.void]:
        signals = self.signals
        signals.update_records()
        if not self.town.large:
            return signals.records
        heroes, _ = self._heroes()
        return signals.records[near_tiles(signals.location, heroes, self.settings.tile_stream_distance)]
