"""What a student's LiDAR makes it do: pass aside of what reaches into its way, and brake for what is on it."""

import carla
import numpy as np
import pytest
from clouds_ahead import ground, thing
from students import save_straight_driver

from lead.agents import Assignment, drive, load_agent
from lead.agents.plan_following import Action
from lead.agents.sensor.collision_avoidance import Gaps, brake_in_emergency, find_obstacles, pass_aside
from lead.geometry import location_array
from lead.routes import RoadOption
from lead.routes.plan import geo_reference, gps_from_location

GO = Action(0.1, 0.6, 0.0)
AHEAD = np.column_stack([np.arange(2.5, 12.5), np.zeros(10)])
ANGLE = np.arange(2.5, 12.5) / 12.0
LEFT = 12.0 * np.column_stack([np.sin(ANGLE), np.cos(ANGLE) - 1.0])


def gap_ahead(route, cloud):
    return find_obstacles(route, cloud).gap(1.1)


@pytest.mark.parametrize("slope", [-0.1, 0.0, 0.1])
def test_things_on_the_way_are_told_from_the_ground(slope):
    assert gap_ahead(AHEAD, ground(slope)) == np.inf
    seen = gap_ahead(AHEAD, np.concatenate([ground(slope), thing(15.0, slope=slope)]))
    assert seen == pytest.approx(15.0 - 2.45, abs=0.05)


def test_only_the_planned_way_counts():
    wall = thing(11.0)
    assert gap_ahead(AHEAD, wall) < 9.0 and gap_ahead(LEFT, wall) == np.inf
    assert gap_ahead(AHEAD, thing(11.0, y=2.5)) == np.inf, "the next lane"
    assert gap_ahead(AHEAD, thing(11.0, low=4.5, high=5.5)) == np.inf, "a sign above the road"
    assert gap_ahead(AHEAD, thing(-6.0)) == np.inf, "behind"
    assert gap_ahead(np.zeros((10, 2)), wall) < 9.0, "a plan that stands"


def drive_towards(speed, start, its_speed):
    """Metres left after ten seconds, and the ticks braked."""
    state, gap, braked = Gaps(), start, 0
    for _ in range(200):
        action, state = brake_in_emergency(state, GO, speed, find_obstacles(AHEAD, thing(gap + 2.45)))
        braked += action.brake > 0.0
        speed = max(speed - 0.35, 0.0) if action.brake > 0.0 else speed
        gap += 0.05 * (its_speed - speed)
    return gap, braked


@pytest.mark.parametrize("speed", [3.0, 8.0, 12.0])
def test_it_stops_before_what_stands(speed):
    gap, _ = drive_towards(speed, 30.0, 0.0)
    assert 0.8 < gap < 6.0


def test_who_drives_as_fast_may_be_near():
    gap, braked = drive_towards(10.0, 6.0, 10.0)
    assert braked < 8 and gap > 5.0, "but for the first ticks, when its speed is not known"


def test_throttle_and_steering():
    action, _ = brake_in_emergency(Gaps(), GO, 5.0, find_obstacles(AHEAD, thing(5.0)))
    assert action == Action(GO.steer, 0.0, 1.0)
    assert brake_in_emergency(Gaps(), GO, 5.0, find_obstacles(AHEAD, ground()))[0] == GO


def way_past(route, *clouds, speed=7.0):
    """The way after the last of some ticks."""
    state, way = Gaps(), route
    for cloud in clouds:
        way, state = pass_aside(state, route, find_obstacles(route, cloud), speed, cloud)
    return way


def nearing(y, since=11.3, step=0.3):
    return [thing(since - step * tick, y=y) for tick in range(8)]


def test_it_passes_aside_of_what_reaches_into_its_way():
    left = way_past(AHEAD, *nearing(2.1))
    assert np.allclose(left[-1], [11.5, -0.25]) and np.allclose(left[0], AHEAD[0], atol=0.05)
    assert np.allclose(way_past(AHEAD, *nearing(-1.6))[-1], [11.5, 0.75])
    clouds = nearing(0.2, 6.5, 0.1)
    bent = way_past(LEFT, *clouds, speed=2.0)
    assert gap_ahead(LEFT, clouds[-1]) < 4.0 and gap_ahead(bent, clouds[-1]) == np.inf


@pytest.mark.parametrize("why, clouds", [
    ("nothing", [ground()] * 8),
    ("in the whole way", nearing(0.0)),
    ("the next lane", nearing(2.5)),
    ("too late", nearing(1.5, 5.0)),
    ("not known yet", nearing(2.1)[-3:]),
    ("as fast", nearing(2.1, 9.0, 0.0)),
    ("somebody on each side, not in the way", [*map(np.concatenate, zip(nearing(-2.1), nearing(2.05), strict=True))]),
    ("somebody beside", [np.concatenate([cloud, thing(0.0, y=-2.3)]) for cloud in nearing(2.1)]),
])  # fmt: skip
def test_else_it_keeps_to_its_route(why, clouds):
    assert way_past(AHEAD, *clouds) is AHEAD, why


def drive_at_a_parked_car(tmp_path, client, ego, ticks):
    """Metres from bumper to bumper that are left to the car parked 30 m ahead, negative beyond, and what was noted."""
    world, start = client.get_world(), ego.get_transform()
    step = start.get_forward_vector()
    place = carla.Transform(start.location + step * 30.0 + carla.Location(z=0.2), start.rotation)
    parked = world.spawn_actor(world.get_blueprint_library().find("vehicle.audi.a2"), place)
    poses = [carla.Transform(start.location + step * float(metres), start.rotation) for metres in range(100)]
    rows = gps_from_location(geo_reference(world.get_map().to_opendrive()), [location_array(p.location) for p in poses])
    gps = [({"lat": lat, "lon": lon, "z": z}, RoadOption.LANEFOLLOW) for lat, lon, z in rows.tolist()]
    route = [(pose, RoadOption.LANEFOLLOW) for pose in poses]
    notes = set()
    assignment = Assignment(client, world, ego, gps, route, str(save_straight_driver(tmp_path)))
    with drive(load_agent("student"), assignment) as session:
        for _ in range(ticks):
            world.tick()
            ego.apply_control(session.step(world.get_snapshot()))
            notes.add(session.agent.student.moment.note)
    left = place.location - ego.get_location()
    gap = left.x * step.x + left.y * step.y - 2.45 - parked.bounding_box.extent.x
    parked.destroy()
    return gap, notes


@pytest.mark.parametrize("brakes", [True, False])
def test_a_student_stops_behind_a_parked_car(tmp_path, agents_client, ego, monkeypatch, brakes):
    monkeypatch.setenv("LEAD_CLOSED_LOOP_CONFIG", f"collision_avoidance={str(brakes).lower()}")
    gap, notes = drive_at_a_parked_car(tmp_path, agents_client, ego, 160)
    assert ("emergency brake" in notes) == brakes and (0.5 < gap < 4.0) == brakes


def test_a_student_that_has_waited_goes_round_a_parked_car(tmp_path, agents_client, ego, monkeypatch):
    monkeypatch.setenv("LEAD_CLOSED_LOOP_CONFIG", "sensor_agent_stuck_threshold=40")
    hits = []
    sensor = agents_client.get_world().spawn_actor(
        agents_client.get_world().get_blueprint_library().find("sensor.other.collision"), carla.Transform(), ego
    )
    sensor.listen(hits.append)
    gap, notes = drive_at_a_parked_car(tmp_path, agents_client, ego, 600)
    sensor.destroy()
    assert {"backs off", "goes round"} <= notes and gap < -9.5 and not hits
