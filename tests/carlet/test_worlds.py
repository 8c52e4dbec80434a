"""From one world to the next: load, reload, worlds from OpenDRIVE."""

from collections.abc import Callable

import carla
import pytest
from own_process import in_a_process_of_its_own
from scenes import DT, MKZ, blueprint, connected, eventually, run, settings, speed

#: Too large for a walk through all maps; they have tests of their own.
LARGE = ("Town11", "Town12", "Town13")
ROAD = """<?xml version="1.0"?>
<OpenDRIVE>
  <header revMajor="1" revMinor="4" name="one" version="1" north="0" south="0" east="0" west="0">
    <geoReference><![CDATA[+proj=tmerc +lat_0=49 +lon_0=8]]></geoReference>
  </header>
  <road name="only" length="200.0" id="1" junction="-1">
    <link/>
    <type s="0.0" type="town"><speed max="50" unit="km/h"/></type>
    <planView><geometry s="0.0" x="0.0" y="0.0" hdg="0.0" length="200.0"><line/></geometry></planView>
    <elevationProfile><elevation s="0.0" a="0.0" b="0.0" c="0.0" d="0.0"/></elevationProfile>
    <lanes>
      <laneSection s="0.0">
        <left><lane id="1" type="driving" level="false"><link/><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane>
        </left>
        <center><lane id="0" type="none" level="false"/></center>
        <right><lane id="-1" type="driving" level="false"><link/><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane>
        </right>
      </laneSection>
    </lanes>
    <signals>
      <signal s="150.0" t="-5.0" id="10" name="light" dynamic="yes" orientation="+" zOffset="0" type="1000001"
              subtype="-1" value="-1" hOffset="0"><validity fromLane="-1" toLane="-1"/></signal>
    </signals>
  </road>
  <controller id="5" name="ctrl"><control signalId="10" type="0"/></controller>
</OpenDRIVE>
"""


@pytest.fixture
def client(solo_shared: carla.Client) -> carla.Client:
    """A server whose world may change; it is brought back to asynchronous Town01."""
    solo_shared.load_world("Town01")
    return solo_shared


@pytest.fixture(scope="module")
def solo_shared(launch) -> carla.Client:
    server = launch("--town", "Town01")
    return connected(server.host, server.port)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("Town02", "Carla/Maps/Town02"),
        ("Town02_Opt", "Carla/Maps/Town02_Opt"),
        ("/Game/Carla/Maps/Town01", "Carla/Maps/Town01"),
        ("Carla/Maps/Town01_Opt", "Carla/Maps/Town01_Opt"),
    ],
)
@pytest.mark.parametrize("synchronous", [False, True])
def test_every_spelling_of_a_map_loads(client: carla.Client, spelling: str, name: str, synchronous: bool):
    old = client.get_world()
    old.apply_settings(settings(synchronous_mode=synchronous))
    before = old.get_snapshot().frame
    world = client.load_world(spelling)
    assert world.id != old.id
    assert world.get_map().name == name
    assert world.get_settings() == carla.WorldSettings(deterministic_ragdolls=True)
    assert world.wait_for_tick(10.0).frame > before


def test_a_reload_keeps_the_map_and_starts_clean(client: carla.Client):
    world = client.get_world()
    world.apply_settings(settings())
    car = world.spawn_actor(blueprint(world, MKZ), world.get_map().get_spawn_points()[0])
    world.set_weather(carla.WeatherParameters(cloudiness=77.0))
    frame = run(world, 10)
    name = world.get_map().name
    fresh = client.reload_world()
    assert fresh.get_map().name == name
    assert not fresh.get_actors().filter("vehicle.*")
    assert fresh.get_actor(car.id) is None
    assert fresh.spawn_actor(blueprint(fresh, MKZ), fresh.get_map().get_spawn_points()[0]).id > car.id
    assert fresh.get_weather().cloudiness == 0.0
    snapshot = fresh.wait_for_tick(10.0)
    assert snapshot.frame > frame
    assert snapshot.timestamp.elapsed_seconds < 10.0


def test_settings_survive_when_they_are_not_reset(client: carla.Client):
    world = client.get_world()
    world.apply_settings(settings())
    for load in (lambda: client.load_world("Town02", reset_settings=False), lambda: client.reload_world(False)):
        world = load()
        assert world.get_settings().synchronous_mode
        assert world.get_settings().fixed_delta_seconds == pytest.approx(DT)
        first = world.tick()
        assert world.tick() == first + 1
        assert world.get_snapshot().timestamp.elapsed_seconds < 1.0


def test_synchronous_reloads_one_after_the_other(client: carla.Client):
    ids = set()
    for _ in range(4):
        world = client.reload_world()
        ids.add(world.id)
        world.apply_settings(settings())
        world.tick()
    assert len(ids) == 4


def test_actors_and_sensors_of_an_old_world_are_gone(client: carla.Client):
    world = client.get_world()
    world.apply_settings(settings())
    car = world.spawn_actor(blueprint(world, MKZ), world.get_map().get_spawn_points()[0])
    imu = world.spawn_actor(blueprint(world, "sensor.other.imu"), carla.Transform(), attach_to=car)
    heard: list[int] = []
    imu.listen(lambda data: heard.append(data.frame))
    run(world, 5)
    last = world.get_snapshot().frame
    fresh = client.load_world("Town02", reset_settings=False)
    run(fresh, 5)
    assert all(frame <= last for frame in heard)
    assert imu.id not in {actor.id for actor in fresh.get_actors() if actor.type_id.startswith("sensor")}


def test_an_unknown_map_is_an_error_and_the_world_goes_on(client: carla.Client):
    world = client.get_world()
    with pytest.raises(RuntimeError, match="There is no town named 'Atlantis'"):
        client.load_world("Atlantis")
    assert client.get_world().id == world.id
    assert world.wait_for_tick(5.0).frame > 0


def drive_in_two_worlds(host: str, port: int, traffic_manager_port: int) -> list[float]:
    """How fast the fastest car of one Traffic Manager gets in each of two worlds, m/s."""
    client = connected(host, port)
    world, fastest = client.get_world(), []
    world.apply_settings(settings())
    manager = client.get_trafficmanager(traffic_manager_port)
    manager.set_synchronous_mode(True)
    world.tick()
    for town in ("Town02", "Town01"):
        points = world.get_map().get_spawn_points()
        cars = [world.spawn_actor(blueprint(world, MKZ), points[i]) for i in range(0, 30, 10)]
        world.tick()
        for car in cars:
            car.set_autopilot(True, manager.get_port())
        run(world, 60)
        fastest.append(max(speed(car) for car in cars))
        world = client.load_world(town, reset_settings=False)
        # The Traffic Manager fetches the new map for all; until it has, the client hands out the old one.
        eventually(lambda name=town, world=world: world.get_map().name.endswith(name))
        run(world, 2)
    manager.shut_down()
    return fastest


def test_a_synchronous_traffic_manager_drives_on_in_the_next_world(launch: Callable, free_port: int):
    fastest = in_a_process_of_its_own(drive_in_two_worlds, lambda: (*launch("--town", "Town01").address, free_port))
    assert min(fastest) > 2.0


def test_a_world_from_opendrive_can_be_driven(client: carla.Client):
    world = client.generate_opendrive_world(ROAD, carla.OpendriveGenerationParameters(wall_height=0.0))
    world.apply_settings(settings())
    town = world.get_map()
    assert town.name.endswith("OpenDriveMap")
    assert town.to_opendrive().strip() == ROAD.strip()
    points = town.get_spawn_points()
    assert points
    assert all(town.get_waypoint(point.location, project_to_road=False) is not None for point in points)
    car = world.spawn_actor(blueprint(world, MKZ), points[0])
    car.apply_control(carla.VehicleControl(throttle=0.5))
    run(world, 40)
    assert car.get_velocity().length() > 2.0
    assert abs(car.get_location().z) < 0.1
    assert car.get_speed_limit() == pytest.approx(50.0)
    (light,) = world.get_actors().filter("traffic.traffic_light*")
    assert light.get_opendrive_id() == "10"
    assert min(light.get_green_time(), light.get_yellow_time(), light.get_red_time()) > 0.0
    for state in (carla.TrafficLightState.Red, carla.TrafficLightState.Yellow, carla.TrafficLightState.Green):
        light.set_state(state)
        world.tick()
        assert light.state == state
    (stop,) = light.get_stop_waypoints()
    assert stop.lane_id == -1
    assert 140.0 < stop.transform.location.x < 152.0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<OpenDRIVE><road", "not well-formed"),
        ("<OpenDRIVE/>", "no roads"),
        ("no xml at all", "not well-formed"),
        (ROAD.replace('a="3.5"', 'a="wide"'), "wide"),
    ],
)
def test_a_broken_description_is_an_error_and_the_world_goes_on(client: carla.Client, text: str, why: str):
    world = client.get_world()
    with pytest.raises(RuntimeError, match=why):
        client.generate_opendrive_world(text)
    assert client.get_world().id == world.id
    assert world.wait_for_tick(5.0).frame > 0


@pytest.mark.slow
def test_all_maps_load_and_can_be_walked(client: carla.Client):
    for path in client.get_available_maps():
        name = path.rsplit("/", 1)[-1]
        if name in LARGE:
            continue
        world = client.load_world(path)
        town = world.get_map()
        assert town.name.rsplit("/", 1)[-1] == name
        for point in town.get_spawn_points():
            assert town.get_waypoint(point.location, project_to_road=False) is not None
        assert town.get_topology()
        assert town.generate_waypoints(2.0)
        assert town.to_opendrive()
        for point in town.get_spawn_points()[::20]:
            waypoint = town.get_waypoint(point.location)
            for _ in range(20):
                assert waypoint.lane_width >= 0.0
                following = waypoint.next(4.0)
                if not following:
                    break
                waypoint = following[0]
            assert abs(town.transform_to_geolocation(point.location).latitude) < 90.0
