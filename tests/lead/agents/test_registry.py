import importlib.util
import sys

import pytest

from lead.agents import AgentLoadError, AutonomousAgent, load_agent

FOREIGN = """
from neighbour import SPEED
from leaderboard.autoagents import autonomous_agent
from leaderboard.autoagents.autonomous_agent import AutonomousAgent, Track
from leaderboard.utils.route_manipulation import downsample_route
from srunner.scenariomanager.carla_data_provider import CarlaDataProvider
from srunner.scenariomanager.timer import GameTime
from agents.navigation.local_planner import RoadOption

def get_entry_point():
    return "Driver"

class Driver(AutonomousAgent):
    def setup(self, path_to_conf_file):
        self.track = autonomous_agent.Track.MAP
        self.left = RoadOption.LEFT.value
        self.world = CarlaDataProvider.get_world()
        self.time = GameTime.get_time()
    def run_step(self, input_data, timestamp):
        return SPEED
"""


@pytest.fixture
def foreign_file(tmp_path):
    (tmp_path / "neighbour.py").write_text("SPEED = 7.0\n")
    (tmp_path / "driver.py").write_text(FOREIGN)
    yield tmp_path / "driver.py"
    sys.modules.pop("neighbour", None)


def test_a_foreign_file_loads_unchanged_and_sees_its_drive(foreign_file):
    loaded = load_agent(str(foreign_file))
    loaded.context.timestamp = 4.5
    with loaded.environment():
        agent = loaded.agent_class("localhost", 2000, False)
        agent.setup("")
    assert isinstance(agent, AutonomousAgent)
    assert (agent.left, agent.world, agent.time, agent.run_step({}, 0.0)) == (1, None, 4.5, 7.0)
    assert agent.track.value == "MAP"


def test_the_stand_ins_are_gone_outside_of_a_drive(foreign_file):
    before = set(sys.modules)
    load_agent(str(foreign_file))
    names = ("leaderboard", "leaderboard.autoagents.autonomous_agent", "srunner", "agents")
    assert not any(name in sys.modules and name not in before for name in names)
    assert importlib.util.find_spec("srunner") is None
    assert str(foreign_file.parent) not in sys.path


def test_a_name_gets_our_agent():
    assert load_agent("route_follower").source is None


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("route_folower", "did you mean route_follower"),
        ("xyz", "known are constant_speed, expert, route_follower, student"),
        ("/nowhere/agent.py", "there is no agent file /nowhere/agent.py"),
    ],
)
def test_an_unknown_agent_is_one_sentence(name, sentence):
    with pytest.raises(AgentLoadError, match=sentence):
        load_agent(name)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import no_such_module_at_all\n", "ModuleNotFoundError: No module named 'no_such_module_at_all'"),
        ("x = 1\n", r"has no get_entry_point\(\)"),
        ("def get_entry_point():\n    return 'Driver'\n", "'Driver' is no agent class"),
        ("def (:\n", "SyntaxError"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path, text, sentence):
    (tmp_path / "broken.py").write_text(text)
    with pytest.raises(AgentLoadError, match=sentence):
        load_agent(str(tmp_path / "broken.py"))
