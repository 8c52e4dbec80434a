"""The student as an agent of the leaderboard."""

from typing import Any

import carla

from lead.agents.interface import AutonomousAgent, Track
from lead.agents.sensor.config import ClosedLoopConfig, environment_config, find_checkpoint
from lead.agents.sensor.student import Moment, Student
from lead.agents.sensor.weather import set_wanted_weather
from lead.expert.decision import Decision


class SensorAgent(AutonomousAgent):
    """Drives with a checkpoint. `moment` is its last tick; `student` the one that drives."""

    student: Student

    def __init__(self, carla_host: str = "127.0.0.1", carla_port: int = 2000, debug: bool = False):
        super().__init__(carla_host, carla_port, debug)
        self.track = Track.SENSORS

    @property
    def moment(self) -> Moment | None:
        """What it saw, planned and did in the last tick."""
        return self.student.moment

    @property
    def config(self) -> ClosedLoopConfig:
        """Its settings."""
        return self.student.config

    @property
    def decision(self) -> Decision:
        """What it wants in this tick, for captions and recordings."""
        moment = self.student.moment
        target = None if moment is None else moment.prediction.target_speed
        if moment is None or target is None:
            return Decision(0.0, "ready" if moment is None else "along its waypoints")
        speed = float(target[0])
        return Decision(speed, moment.note or f"aims at {3.6 * speed:.0f} km/h")

    def setup(self, path_to_conf_file: str) -> None:
        """Load the checkpoint that the configuration names; settings come from LEAD_CLOSED_LOOP_CONFIG."""
        source, config = find_checkpoint(path_to_conf_file), environment_config()
        self.student = Student(source, config, self._global_plan or (), self._global_plan_world_coord or ())
        if self.hero_actor is not None:
            set_wanted_weather(self.hero_actor.get_world(), config)

    def sensors(self) -> list[dict[str, Any]]:
        """Those that the model was trained with."""
        return self.student.rig.agent_sensors()

    def run_step(self, input_data: dict[str, tuple[int, Any]], timestamp: float) -> carla.VehicleControl:
        """One tick."""
        action = self.student.step({name: data for name, (_, data) in input_data.items()})
        return carla.VehicleControl(
            throttle=action.throttle, steer=action.steer, brake=action.brake, reverse=action.reverse
        )
