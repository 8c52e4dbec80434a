"""The smallest agent for the CARLA leaderboard interface: straight ahead at 5 m/s. Copy it, and let run_step think.

python -m lead --agent examples/agent_template.py --routes examples/demo_town03.xml
"""

import carla
from leaderboard.autoagents.autonomous_agent import AutonomousAgent, Track


def get_entry_point() -> str:
    """Name of the agent class in this file."""
    return "StraightAhead"


class StraightAhead(AutonomousAgent):
    """Holds a speed and looks at nothing."""

    def setup(self, path_to_conf_file: str) -> None:
        """Called once a route, with the value of --agent-config."""
        self.track = Track.SENSORS
        self.target_speed = 5.0

    def sensors(self) -> list[dict]:
        """The rig: each entry becomes a sensor on the car."""
        return [
            {"type": "sensor.speedometer", "id": "speed"},
            {"type": "sensor.other.gnss", "id": "gps", "x": 0.0, "y": 0.0, "z": 0.0},
        ]

    def run_step(self, input_data: dict, timestamp: float) -> carla.VehicleControl:
        """Called every 0.05 s with {id: (frame, data)}; the control acts in the next tick."""
        _, reading = input_data["speed"]
        slow = reading["speed"] < self.target_speed
        return carla.VehicleControl(throttle=0.6 if slow else 0.0)

    def destroy(self) -> None:
        """Called when the route is over."""
