import carla
import pytest

from lead.agents import AgentSetupError, Assignment, drive, load_agent
from lead.routes import RoadOption


@pytest.fixture
def assign(agents_client, ego):
    """Makes an assignment: 200 m straight on from the ego, whatever the road does."""
    start = ego.get_transform()
    step = start.get_forward_vector()
    poses = [carla.Transform(start.location + step * float(metres), start.rotation) for metres in range(200)]
    plan = [(pose, RoadOption.LANEFOLLOW) for pose in poses]
    gps = [({"lat": 0.0, "lon": 0.0, "z": 0.0}, RoadOption.LANEFOLLOW) for _ in poses]
    return lambda config: Assignment(agents_client, agents_client.get_world(), ego, gps, plan, config)


@pytest.mark.parametrize(("config", "speed"), [("", 6.0), ("3", 3.0)])
def test_it_holds_its_speed(assign, ego, config, speed):
    with drive(load_agent("constant_speed"), assign(config)) as session:
        for _ in range(60):
            ego.get_world().tick()
            ego.apply_control(session.step(ego.get_world().get_snapshot()))
    assert ego.get_velocity().length() == pytest.approx(speed, abs=0.3)


@pytest.mark.parametrize("config", ["0", "fast"])
def test_a_speed_that_is_none_is_refused(assign, config):
    with pytest.raises(AgentSetupError), drive(load_agent("constant_speed"), assign(config)):
        pass
