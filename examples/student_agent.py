"""A trained student for other evaluators of the CARLA leaderboard; the agent's configuration is its folder.

leaderboard_evaluator.py --agent examples/student_agent.py --agent-config outputs/nano --track SENSORS ...
python -m lead --agent examples/student_agent.py --agent-config outputs/nano --routes examples/demo_town03.xml
"""

import carla
from leaderboard.autoagents.autonomous_agent import AutonomousAgent, Track

from lead.agents.sensor.config import environment_config, find_checkpoint
from lead.agents.sensor.student import Student


def get_entry_point() -> str:
    """Name of the agent class in this file."""
    return "StudentAgent"


class StudentAgent(AutonomousAgent):
    """Asks the student, whatever evaluator asks it."""

    def setup(self, path_to_conf_file: str) -> None:
        """Load the checkpoint; settings come from LEAD_CLOSED_LOOP_CONFIG."""
        self.track = Track.SENSORS
        self.student = Student(
            find_checkpoint(path_to_conf_file), environment_config(), self._global_plan, self._global_plan_world_coord
        )

    def sensors(self) -> list[dict]:
        """Those that the model was trained with."""
        return self.student.rig.agent_sensors()

    def run_step(self, input_data: dict, timestamp: float) -> carla.VehicleControl:
        """One tick."""
        action = self.student.step({name: data for name, (_, data) in input_data.items()})
        return carla.VehicleControl(
            throttle=action.throttle, steer=action.steer, brake=action.brake, reverse=action.reverse
        )
