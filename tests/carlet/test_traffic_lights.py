"""Traffic lights and signs: states, times, groups, stop lines, and what vehicles before them see."""

import carla
import pytest
from scenes import DT, MKZ, run, spawn

RED, YELLOW, GREEN = carla.TrafficLightState.Red, carla.TrafficLightState.Yellow, carla.TrafficLightState.Green


@pytest.fixture
def lights(world: carla.World) -> list[carla.TrafficLight]:
    found = sorted((a for a in world.get_actors() if a.type_id == "traffic.traffic_light"), key=lambda a: a.id)
    world.reset_all_traffic_lights()
    world.tick()
    yield found
    for light in found:
        light.set_green_time(10.0)
        light.set_yellow_time(3.0)
        light.set_red_time(2.0)
    world.freeze_all_traffic_lights(False)
    world.reset_all_traffic_lights()
    world.tick()


def group_of(light: carla.TrafficLight) -> list[carla.TrafficLight]:
    return sorted(light.get_group_traffic_lights(), key=lambda a: a.id)


def test_spectator_signs_and_lights_have_the_first_ids(world: carla.World, lights: list[carla.TrafficLight]):
    signs = [a.id for a in world.get_actors() if a.type_id.startswith("traffic.") and "light" not in a.type_id]
    assert world.get_spectator().id == 1
    assert signs
    assert max(signs) < min(light.id for light in lights)
    assert len(lights) == 36


def test_one_light_of_a_junction_is_green(lights: list[carla.TrafficLight]):
    for light in lights:
        states = [member.state for member in group_of(light)]
        assert states.count(GREEN) == 1
        assert states.count(RED) == len(states) - 1


def test_a_controller_goes_through_green_yellow_and_red(world: carla.World, lights: list[carla.TrafficLight]):
    group = group_of(lights[0])
    turns = []
    for _ in range(int(15.3 * len(group) / 1.0)):
        states = tuple(member.state for member in group)
        if not turns or turns[-1] != states:
            turns.append(states)
        for _ in range(20):
            world.tick()
            assert sum(member.state != RED for member in group) <= 1
    shown = {state for states in turns for state in states}
    assert shown == {RED, YELLOW, GREEN}
    assert len({states.index(GREEN) for states in turns if GREEN in states}) == len(group)


def test_times_are_carlas_and_can_be_changed(world: carla.World, lights: list[carla.TrafficLight]):
    light = next(light for light in lights if light.state == GREEN)
    assert (light.get_green_time(), light.get_yellow_time(), light.get_red_time()) == (10.0, 3.0, 2.0)
    light.set_green_time(0.5)
    light.set_yellow_time(0.3)
    light.set_red_time(0.2)
    world.tick()
    assert (light.get_green_time(), light.get_yellow_time()) == (pytest.approx(0.5), pytest.approx(0.3))
    seen = []
    for _ in range(30):
        seen.append((light.state, round(light.get_elapsed_time(), 3)))
        world.tick()
    states = [state for state, _ in seen]
    assert states.count(YELLOW) in (6, 7)
    assert states[-1] == RED
    yellow = [elapsed for state, elapsed in seen if state == YELLOW]
    assert yellow[1] - yellow[0] == pytest.approx(DT, abs=1e-3)


def test_a_state_set_by_hand_shows_next_tick_and_yields_to_the_cycle(
    world: carla.World, lights: list[carla.TrafficLight]
):
    light = next(light for light in lights if light.state == RED)
    for state in (GREEN, YELLOW, carla.TrafficLightState.Off, RED):
        light.set_state(state)
        world.tick()
        assert light.get_state() == state
    light.set_state(GREEN)
    turns = len(group_of(light)) * 15.0
    run(world, int(turns / DT) + 60)
    assert light.state != carla.TrafficLightState.Off


def test_frozen_lights_stand_still(world: carla.World, lights: list[carla.TrafficLight]):
    light = next(light for light in lights if light.state == GREEN)
    light.freeze(True)
    world.tick()
    assert light.is_frozen()
    elapsed = light.get_elapsed_time()
    run(world, 250)
    assert light.state == GREEN
    assert light.get_elapsed_time() == elapsed
    light.freeze(False)
    run(world, 250)
    assert light.state != GREEN


def test_a_group_starts_over(world: carla.World, lights: list[carla.TrafficLight]):
    light = lights[0]
    first = [member.state for member in group_of(light)]
    run(world, 220)
    assert [member.state for member in group_of(light)] != first
    light.reset_group()
    world.tick()
    assert [member.state for member in group_of(light)] == first
    assert max(member.get_elapsed_time() for member in group_of(light)) <= 2 * DT


def test_groups_hold_each_other(lights: list[carla.TrafficLight]):
    for light in lights:
        members = group_of(light)
        assert light.id in {member.id for member in members}
        assert all([m.id for m in group_of(member)] == [m.id for m in members] for member in members)
    for i, light in enumerate(lights[:4]):
        assert light.get_pole_index() == i


def test_stop_lines_and_landmarks_agree(world: carla.World, lights: list[carla.TrafficLight]):
    town = world.get_map()
    ids = {landmark.id for landmark in town.get_all_landmarks_of_type("1000001")}
    found = 0
    for light in lights:
        assert light.get_opendrive_id() in ids
        stops, affected = light.get_stop_waypoints(), light.get_affected_lane_waypoints()
        assert stops
        lanes = {(w.road_id, w.lane_id) for w in stops}
        assert all(not waypoint.is_junction for waypoint in stops)
        found += len(lanes)
        assert affected
        centre = light.get_transform().transform(light.trigger_volume.location)
        for stop in stops:
            assert stop.transform.location.distance(centre) < 10.0
            across = light.get_transform().get_forward_vector().dot(stop.transform.get_forward_vector())
            assert abs(across) < 0.3
    assert found >= len(lights)


def test_waypoints_before_a_junction_name_their_light(world: carla.World, lights: list[carla.TrafficLight]):
    light = lights[3]
    (stop, *_) = light.get_stop_waypoints()
    back = stop.previous(10.0)[0]
    assert light.id in {a.id for a in world.get_traffic_lights_from_waypoint(back, 30.0)}
    landmarks = world.get_map().get_all_landmarks_from_id(light.get_opendrive_id())
    assert world.get_traffic_light(landmarks[0]).id == light.id
    assert world.get_traffic_light_from_opendrive_id(light.get_opendrive_id()).id == light.id


def test_a_vehicle_at_the_line_knows_its_light(world: carla.World, lights: list[carla.TrafficLight]):
    world.freeze_all_traffic_lights(True)
    light = lights[5]
    (stop, *_) = light.get_stop_waypoints()
    before = stop.previous(3.5)[0].transform
    before.location.z += 0.3
    car = spawn(world, MKZ, before)
    run(world, 10)
    assert car.is_at_traffic_light()
    assert car.get_traffic_light().id == light.id
    for state in (RED, GREEN, YELLOW):
        light.set_state(state)
        world.tick()
        assert car.get_traffic_light_state() == state
    back = stop.previous(25.0)[0].transform
    back.location.z += 0.3
    car.set_transform(back)
    world.tick()
    assert not car.is_at_traffic_light()
    assert car.get_traffic_light() is None
    assert car.get_traffic_light_state() == GREEN


def test_boxes_of_lamps_hang_over_the_light(lights: list[carla.TrafficLight]):
    boxes = lights[0].get_light_boxes()
    assert boxes
    gaps = [box.location - lights[0].get_location() for box in boxes]
    assert len(gaps) % 3 == 0
    assert all(2.0 < gap.z < 8.0 for gap in gaps)
    assert min(gap.x**2 + gap.y**2 for gap in gaps) < 100.0
    assert max(gap.x**2 + gap.y**2 for gap in gaps) < 60.0**2
    assert [gap.z for gap in gaps[:3]] == sorted((gap.z for gap in gaps[:3]), reverse=True)


def test_what_only_lights_know_is_an_error_for_others(world: carla.World, raw):
    car = spawn(world, MKZ, 0)
    world.tick()
    for method in ("get_group_traffic_lights", "get_light_boxes"):
        assert raw.call(method, car.id)[3] == [[0, ["Actor is not a traffic light"]]]
    assert raw.call("set_traffic_light_state", car.id, 2)[3] == [[True, ["Actor is not a traffic light"]]]
    assert raw.call("set_traffic_light_state", 5, 9)[2].startswith("traffic light state: expected")
