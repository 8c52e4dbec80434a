import sys

import carla
import pytest

from lead.agents import AgentCrash, AgentSetupError, Assignment, InvalidSensors, drive, load_agent
from lead.routes import RoadOption

FOREIGN = """
import carla
from leaderboard.autoagents.autonomous_agent import AutonomousAgent, Track
from srunner.scenariomanager.carla_data_provider import CarlaDataProvider

def get_entry_point():
    return "Driver"

class Driver(AutonomousAgent):
    def setup(self, path_to_conf_file):
        self.track = Track.SENSORS
        self.config = path_to_conf_file
        if self.config == "fail":
            raise OSError("no checkpoint")
        self.seen = []

    def sensors(self):
        here = {"x": 0.0, "y": 0.0, "z": 0.0, "roll": 0.0, "pitch": 0.0, "yaw": 0.0}
        kind = "sensor.camera.depth" if self.config == "depth" else "sensor.other.imu"
        return [{"type": kind, "id": "imu", **here}, {"type": "sensor.speedometer", "id": "speed"}]

    def run_step(self, input_data, timestamp):
        import srunner.scenariomanager.timer as timer  # imports inside of a drive work too
        if self.config == "crash":
            return 1 / 0
        assert CarlaDataProvider.get_hero_actor().id == self.get_hero().id
        assert timer.GameTime.get_frame() == input_data["imu"][0]
        self.seen.append((timestamp, input_data["speed"][1]["speed"], len(self._global_plan)))
        return carla.VehicleControl(throttle=0.6, manual_gear_shift=True)

    def destroy(self):
        CarlaDataProvider.destroyed = True
"""


@pytest.fixture
def foreign(tmp_path):
    (tmp_path / "driver.py").write_text(FOREIGN)
    return load_agent(str(tmp_path / "driver.py"))


@pytest.fixture
def assign(agents_client, ego):
    """Makes an assignment: 600 m straight on from the ego, whatever the road does."""
    start = ego.get_transform()
    step = start.get_forward_vector()
    poses = [carla.Transform(start.location + step * float(metres), start.rotation) for metres in range(600)]
    world_plan = [(pose, RoadOption.LANEFOLLOW) for pose in poses]
    gps_plan = [({"lat": 0.0, "lon": 0.0, "z": 0.0}, RoadOption.LANEFOLLOW) for _ in poses]

    def make(config="", **values):
        world = agents_client.get_world()
        return Assignment(agents_client, world, ego, gps_plan, world_plan, config, **values)

    return make


def test_a_foreign_agent_drives_from_its_sensors(foreign, assign, ego):
    world = ego.get_world()
    with drive(foreign, assign()) as session:
        assert session.track == "SENSORS"
        assert [sensor["id"] for sensor in session.sensors] == ["imu", "speed"]
        for _ in range(40):
            world.tick()
            control = session.step(world.get_snapshot())
            assert not control.manual_gear_shift
            ego.apply_control(control)
        seen = session.agent.seen
    assert len(seen) == 40
    assert [timestamp for timestamp, *_ in seen[:3]] == [0.05, 0.1, 0.15]  # of the drive, not of the world
    assert seen[-1][1] > 3.0
    assert seen[0][2] == 4  # first, last, and two beyond 200 m from the one before
    assert "srunner" not in sys.modules
    world.tick()
    assert len(world.get_actors().filter("sensor.*")) == 0


def test_the_plan_can_be_finer(foreign, assign):
    with drive(foreign, assign(plan_spacing=50.0)) as session:
        assert len(session.agent._global_plan_world_coord) > 10


def test_what_goes_wrong_is_told_apart(foreign, assign, ego):
    world = ego.get_world()
    with pytest.raises(AgentSetupError, match="OSError: no checkpoint"), drive(foreign, assign("fail")):
        pass
    with pytest.raises(InvalidSensors, match=r"sensor\.camera\.depth"), drive(foreign, assign("depth")):
        pass
    with (
        pytest.raises(AgentCrash, match="ZeroDivisionError: division by zero"),
        drive(foreign, assign("crash")) as session,
    ):
        world.tick()
        session.step(world.get_snapshot())
    world.tick()
    assert len(world.get_actors().filter("sensor.*")) == 0
