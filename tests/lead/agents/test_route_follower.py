import carla
import numpy as np
import pytest

from lead.agents import Assignment, drive, load_agent
from lead.agents.path import make_path
from lead.agents.signals import SignalMap
from lead.geometry import pose_array
from lead.routes import RoadOption
from lead.simulator.scene import Kind, SceneReader


def lane_ahead(waypoint, metres):
    """Waypoints every metre along the lane, straight on or right at junctions."""
    lane = [waypoint]
    while len(lane) <= metres:
        lane.append(lane[-1].next(1.0)[0])
    return lane


@pytest.fixture
def course(agents_client, ego):
    """Puts the ego in front of a traffic light and makes the assignment to go on for 120 m; returns both."""
    world = agents_client.get_world()
    lights = [actor for actor in world.get_actors() if isinstance(actor, carla.TrafficLight)]
    stop = next(line for light in lights for line in light.get_stop_waypoints() if line.previous(60.0))
    lane = lane_ahead(stop.previous(60.0)[0], 120)
    start = lane[0].transform
    start.location.z += 0.3
    ego.set_transform(start)
    for _ in range(5):
        world.tick()
    world_plan = [(point.transform, RoadOption.LANEFOLLOW) for point in lane]
    gps_plan = [({"lat": 0.0, "lon": 0.0, "z": 0.0}, RoadOption.LANEFOLLOW) for _ in lane]
    return lane, Assignment(agents_client, world, ego, gps_plan, world_plan)


@pytest.fixture
def set_lights(agents_client):
    """`set_lights(state)` freezes all lights in a state; they go on by themselves afterwards."""
    world = agents_client.get_world()

    def set_all(state):
        for actor in world.get_actors():
            if isinstance(actor, carla.TrafficLight):
                actor.set_state(state)
        world.freeze_all_traffic_lights(True)

    yield set_all
    world.freeze_all_traffic_lights(False)
    world.reset_all_traffic_lights()


def run(assignment, ticks):
    """Let the route follower drive; returns its decisions and the ego's positions (n, 2)."""
    world, ego = assignment.world, assignment.ego
    decisions, places = [], []
    with drive(load_agent("route_follower"), assignment) as session:
        for _ in range(ticks):
            world.tick()
            ego.apply_control(session.step(world.get_snapshot()))
            decisions.append(session.agent.decision)
            places.append(pose_array(ego.get_transform())[:2])
    return decisions, np.array(places)


def along(lane, place):
    """Metres along the lane of its point nearest to a place."""
    points = np.array([pose_array(point.transform)[:2] for point in lane])
    return int(np.argmin(np.hypot(*(points - place).T)))


def off_lane(lane, places):
    """Distance of each place to the lane's nearest point (m)."""
    points = np.array([pose_array(point.transform)[:2] for point in lane])
    return np.array([np.hypot(*(points - place).T).min() for place in places])


def test_it_goes_at_green_and_keeps_its_lane(course, set_lights):
    lane, assignment = course
    set_lights(carla.TrafficLightState.Green)
    _, places = run(assignment, 260)
    assert along(lane, places[-1]) > 90
    assert off_lane(lane, places).max() < 0.8


def test_it_stops_before_the_line_at_red(course, set_lights):
    lane, assignment = course
    set_lights(carla.TrafficLightState.Red)
    decisions, places = run(assignment, 260)
    front = along(lane, places[-1]) + 2.45
    assert 53.0 < front < 60.0
    assert decisions[-1].reason == "red light"
    assert np.hypot(*(places[-1] - places[-20])) < 0.05


def test_it_stops_behind_a_standing_car_without_touching_it(course, set_lights):
    lane, assignment = course
    set_lights(carla.TrafficLightState.Green)
    world = assignment.world
    blueprint = world.get_blueprint_library().find("vehicle.audi.tt")
    pose = lane[40].transform
    pose.location.z += 0.3
    other = world.spawn_actor(blueprint, pose)
    other.apply_control(carla.VehicleControl(hand_brake=True))
    decisions, places = run(assignment, 200)
    assert (decisions[-1].reason, decisions[-1].actor) == ("behind vehicle", other.id)
    gap = np.hypot(*(pose_array(other.get_transform())[:2] - places[-1])) - 2.45 - other.bounding_box.extent.x
    assert 1.5 < gap < 6.0


def test_it_lets_a_walker_cross(course, set_lights):
    lane, assignment = course
    set_lights(carla.TrafficLightState.Green)
    world = assignment.world
    blueprint = world.get_blueprint_library().filter("walker.pedestrian.*")[0]
    right = lane[32].transform.get_right_vector()
    spot = lane[32].transform.location + right * 5.0 + carla.Location(z=1.0)
    walker = world.spawn_actor(blueprint, carla.Transform(spot))
    walker.apply_control(carla.WalkerControl(direction=right * -1.0, speed=1.8))
    contacts = []
    sensor = world.spawn_actor(
        world.get_blueprint_library().find("sensor.other.collision"), carla.Transform(), assignment.ego
    )
    sensor.listen(lambda event: contacts.append(event.other_actor.type_id))
    decisions, places = run(assignment, 330)
    sensor.stop()
    assert any("walker" in decision.reason for decision in decisions)
    assert along(lane, places[-1]) > 60
    assert contacts == []


def test_the_light_of_the_lane_is_found_where_it_stops_it(course):
    lane, assignment = course
    path = make_path([point.transform for point in lane])
    signals = SignalMap(path)
    signals.add(assignment.world.get_actors())
    light = signals.next_light(0.0)
    assert light is not None
    assert light.s == pytest.approx(60.0, abs=1.0)
    assert any(line.lane_id == lane[59].lane_id for line in light.actor.get_stop_waypoints())
    assert signals.next_light(light.s + 1.0) is None or signals.next_light(light.s + 1.0).s > 80.0


def test_scenes_hold_what_is_near_by_kind_and_forget_what_is_gone(agents_client, ego):
    world = agents_client.get_world()
    blueprints = world.get_blueprint_library()
    seen = []
    reader = SceneReader(world, ego.id, seen.extend)
    here = ego.get_transform()
    kinds = {
        "vehicle.audi.tt": Kind.VEHICLE,
        "vehicle.diamondback.century": Kind.BICYCLE,
        "static.prop.trafficcone01": Kind.OBSTACLE,
    }
    spawned = {}
    for number, (name, kind) in enumerate(kinds.items()):
        ahead = carla.Transform(here.transform(carla.Location(x=12.0 + 8.0 * number, z=0.5)), here.rotation)
        spawned[world.spawn_actor(blueprints.find(name), ahead).id] = kind
    world.tick()
    scene = reader.read(world.get_snapshot(), pose_array(here))
    assert dict(zip(scene.id.tolist(), map(Kind, scene.kind), strict=True)) == spawned
    car = scene.pick(scene.kind == Kind.VEHICLE)
    assert np.hypot(*(car.centre[0, :2] - pose_array(here)[:2])) == pytest.approx(12.0, abs=0.6)
    assert set(spawned) < {actor.id for actor in seen}
    for actor in world.get_actors(list(spawned)):
        actor.destroy()
    for _ in range(6):
        world.tick()
        scene = reader.read(world.get_snapshot(), pose_array(here))
    assert len(scene) == 0
