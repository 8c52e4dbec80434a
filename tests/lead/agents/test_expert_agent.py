import carla
import numpy as np
import pytest

from lead.agents import AgentSetupError, Assignment, drive, load_agent
from lead.agents.expert.approaches import read_approaches
from lead.agents.expert.road import STRIDE, read_route
from lead.agents.path import make_path
from lead.control import PATH_SPACING
from lead.expert.facts import ScenarioFact
from lead.expert.scene_log import load_scenes, save_scenes
from lead.geometry import pose_array
from lead.routes import RoadOption

TOLD = ScenarioFact("Accident_1", "Accident", True, (), {"distance": 40.0})


@pytest.fixture
def lane(agents_client, ego):
    """100 m of lane ahead of the ego, a waypoint a metre."""
    waypoints = [agents_client.get_world().get_map().get_waypoint(ego.get_location())]
    while len(waypoints) <= 100:
        waypoints.append(waypoints[-1].next(1.0)[0])
    return waypoints


def assign(client, ego, lane, config=""):
    world_plan = [(point.transform, RoadOption.LANEFOLLOW) for point in lane]
    gps_plan = [({"lat": 0.0, "lon": 0.0, "z": 0.0}, RoadOption.LANEFOLLOW) for _ in lane]
    world = client.get_world()
    return Assignment(client, world, ego, gps_plan, world_plan, config_path=config, scenarios=lambda: [TOLD])


def run(assignment, ticks):
    places = []
    with drive(load_agent("expert"), assignment) as session:
        for _ in range(ticks):
            assignment.world.tick()
            assignment.ego.apply_control(session.step(assignment.world.get_snapshot()))
            places.append(pose_array(assignment.ego.get_transform())[:2])
    return session.agent, np.array(places)


def test_it_drives_along_its_lane_and_stops_behind_what_stands_there(agents_client, ego, lane, tmp_path):
    world = agents_client.get_world()
    pose = lane[50].transform
    pose.location.z += 0.3
    other = world.spawn_actor(world.get_blueprint_library().find("vehicle.tesla.model3"), pose)
    other.apply_control(carla.VehicleControl(hand_brake=True))
    agent, places = run(assign(agents_client, ego, lane), 200)
    middle = np.array([pose_array(point.transform)[:2] for point in lane])
    offsets = np.hypot(*(places[:, None] - middle).transpose(2, 0, 1)).min(1)
    assert offsets.max() < 0.7
    assert 30.0 < np.hypot(*(places[-1] - places[0])) < 46.0
    assert (agent.decision.reason, agent.decision.actor, agent.decision.speed) == ("behind vehicle", other.id, 0.0)
    assert agent.scene.facts == (TOLD,)
    save_scenes([agent.scene], tmp_path / "tick.npz")
    assert load_scenes(tmp_path / "tick.npz")[0].actors.id.tolist() == agent.scene.actors.id.tolist()


def test_a_thrust_of_the_brake_is_not_taken_to_last(agents_client, ego, lane):
    world = agents_client.get_world()
    pose = lane[30].transform
    pose.location.z += 0.3
    other = world.spawn_actor(world.get_blueprint_library().find("vehicle.tesla.model3"), pose)
    ahead = pose.get_forward_vector()
    measured, felt = [], []
    with drive(load_agent("expert"), assign(agents_client, ego, lane)) as session:
        for speed in [*(8.0,) * 20, *(7.0,) * 20]:
            other.set_target_velocity(carla.Vector3D(speed * ahead.x, speed * ahead.y, 0.0))
            world.tick()
            session.step(world.get_snapshot())
            measured.append(other.get_acceleration().dot(ahead))
            actors = session.agent.scene.actors
            felt.append(float(actors.acceleration[actors.id == other.id][0]))
    assert 0.2 * min(measured[20:]) < min(felt[20:]) < 0.05 * min(measured[20:])
    assert abs(felt[-1]) < 0.3


def test_a_wrong_setting_is_told_in_one_sentence(agents_client, ego, lane):
    with (
        pytest.raises(AgentSetupError, match="did you mean visibility"),
        drive(load_agent("expert"), assign(agents_client, ego, lane, "visibilty=false")),
    ):
        pass


def test_it_knows_the_buildings_around(agents_client, ego, lane):
    world = agents_client.get_world()
    agent, _ = run(assign(agents_client, ego, lane), 2)
    near = [box for box in world.get_level_bbs(carla.CityObjectLabel.Buildings) if close(box, ego)]
    assert len(near) > 0
    assert {(round(x, 2), round(y, 2)) for x, y in agent.scene.walls[:, :2].tolist()} >= {
        (round(box.location.x, 2), round(box.location.y, 2)) for box in near
    }
    assert agent.scene.walls.shape[1] == 7 and (agent.scene.walls[:, 6] > agent.scene.walls[:, 5]).all()


def close(box, ego):
    return box.location.distance(ego.get_location()) < 50.0 and abs(box.rotation.pitch) < 5.0


def test_traffic_may_come_from_the_sides_of_a_junction(agents_client):
    town = agents_client.get_world().get_map()
    entry = next(lane for lane, _ in town.get_topology() if lane.is_junction)
    before = entry.previous(30.0)[0]
    lane = [before]
    while len(lane) < 70:
        lane.append(lane[-1].next(1.0)[0])
    path = make_path([point.transform for point in lane])
    table = read_route(town, path)
    approaches = read_approaches(town, table)
    begin = PATH_SPACING * STRIDE * np.flatnonzero(table.in_junction)[0]
    assert len(approaches) > 0
    assert approaches[:, 0].min() == pytest.approx(begin)
    for _, x, y, z in approaches.tolist():
        coming = town.get_waypoint(carla.Location(x, y, z))
        turn = np.radians(coming.transform.rotation.yaw) - path.yaw[int(begin / PATH_SPACING)]
        assert abs(np.cos(turn)) < 0.85
