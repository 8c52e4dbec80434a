"""The agent interface of the CARLA Leaderboard: what a driver must be to be evaluated.

An agent file names its class in `get_entry_point()`. The class derives from `AutonomousAgent` and overrides `setup`,
`sensors`, `run_step` and, if it holds anything, `destroy`.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import carla

from lead.agents.sensors import SensorInterface
from lead.geometry import location_array
from lead.routes import RoadOption
from lead.routes.plan import sparse_indices


class Track(Enum):
    """Which sensors an agent may use; the qualifier tracks allow fewer of them."""

    SENSORS = "SENSORS"
    MAP = "MAP"
    SENSORS_QUALIFIER = "SENSORS_QUALIFIER"
    MAP_QUALIFIER = "MAP_QUALIFIER"


class AutonomousAgent:
    """A driver. The evaluation creates one per route: `set_global_plan`, `setup`, `sensors`, a call a tick, `destroy`.

    Attributes that subclasses rely on: `track`; `hero_actor`, the ego vehicle once there is one; `_global_plan` and
    `_global_plan_world_coord`, the sparse plan as lists of ({lat, lon, z}, RoadOption) and (carla.Transform,
    RoadOption); `sensor_interface`, which holds the readings of the tick.
    """

    plan_spacing = 200.0
    """Metres between the points of the sparse plan, where nothing else asks for a point."""

    def __init__(self, carla_host: str = "127.0.0.1", carla_port: int = 2000, debug: bool = False):
        self.track = Track.SENSORS
        self.hero_actor: carla.Actor | None = None
        self.sensor_interface = SensorInterface()
        self.wallclock_t0: float | None = None
        self._global_plan: Sequence[tuple[Mapping[str, float], RoadOption]] | None = None
        self._global_plan_world_coord: Sequence[tuple[carla.Transform, RoadOption]] | None = None

    def setup(self, path_to_conf_file: str) -> None:
        """Get ready for a route; `path_to_conf_file` is what the user gave as the agent's configuration."""

    def sensors(self) -> list[dict[str, Any]]:
        """The sensors wanted, each a dict with `type`, `id`, pose `x y z roll pitch yaw` (m, degrees) and size."""
        return []

    def run_step(self, input_data: dict[str, tuple[int, Any]], timestamp: float) -> carla.VehicleControl:
        """Decide for one tick. `input_data`: sensor id -> (frame, data); `timestamp`: seconds since the drive began."""
        raise TypeError(f"{type(self).__name__} has no run_step and so cannot drive")

    def destroy(self) -> None:
        """Give back whatever `setup` took."""

    def get_hero(self) -> carla.Actor | None:
        """The ego vehicle, or None before it is spawned."""
        return self.hero_actor

    def set_global_plan(
        self,
        global_plan_gps: Sequence[tuple[Mapping[str, float], RoadOption]],
        global_plan_world_coord: Sequence[tuple[carla.Transform, RoadOption]],
    ) -> None:
        """Take the dense plan (1 m) and keep the sparse one."""
        kept = downsample_route(global_plan_world_coord, self.plan_spacing)
        self._global_plan_world_coord = [(global_plan_world_coord[i][0], global_plan_world_coord[i][1]) for i in kept]
        self._global_plan = [global_plan_gps[i] for i in kept]

    def __call__(self) -> carla.VehicleControl:
        """Decide for the tick whose readings `sensor_interface` holds."""
        input_data = self.sensor_interface.get_data()
        control = self.run_step(input_data, self.sensor_interface.timestamp)
        control.manual_gear_shift = False
        return control

    @staticmethod
    def get_ros_version() -> int:
        """-1: this agent is no ROS node."""
        return -1


def downsample_route(route: Sequence[tuple[carla.Transform, RoadOption]], sample_factor: float) -> list[int]:
    """Indices of a dense plan that its sparse plan keeps, `sample_factor` metres apart at most."""
    locations = [location_array(pose.location) for pose, _ in route]
    return sparse_indices(locations, [option for _, option in route], sample_factor).tolist()
