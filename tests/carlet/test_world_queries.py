"""Questions about the world: rays, objects, weather, landmarks, debug shapes."""

import math

import carla
import pytest
from scenes import MKZ, eventually, numbers, run, settled, spawn

PRESETS = [name for name in dir(carla.WeatherParameters) if name[0].isupper()]
FIELDS = [
    "cloudiness",
    "precipitation",
    "precipitation_deposits",
    "wind_intensity",
    "sun_azimuth_angle",
    "sun_altitude_angle",
    "fog_density",
    "fog_distance",
    "fog_falloff",
    "wetness",
    "scattering_intensity",
    "mie_scattering_scale",
    "rayleigh_scattering_scale",
    "dust_storm",
]


# -- rays


def test_the_ground_is_under_every_spawn_point(world: carla.World):
    for point in world.get_map().get_spawn_points()[::10]:
        found = world.ground_projection(point.location, 5.0)
        assert found.label == carla.CityObjectLabel.Roads
        assert 0.2 < point.location.z - found.location.z < 0.7
        assert (found.location.x, found.location.y) == pytest.approx((point.location.x, point.location.y), abs=1e-3)


def test_a_ray_into_the_sky_hits_nothing(world: carla.World):
    point = world.get_map().get_spawn_points()[0].location
    assert world.project_point(point, carla.Vector3D(z=1.0), 50.0) is None
    assert world.cast_ray(point, point + carla.Location(z=50.0)) == []
    assert world.ground_projection(point + carla.Location(z=30.0), 5.0) is None


def test_a_ray_meets_a_car_then_the_road(world: carla.World):
    car = settled(world, MKZ, 4)
    above = car.get_location() + carla.Location(z=10.0)
    hits = world.cast_ray(above, car.get_location() - carla.Location(z=1.0))
    assert [hit.label for hit in hits] == [carla.CityObjectLabel.Car, carla.CityObjectLabel.Roads]
    assert hits[0].location.z == pytest.approx(car.get_location().z + 2 * car.bounding_box.extent.z, abs=0.2)
    first = world.project_point(above, carla.Vector3D(z=-1.0), 20.0)
    assert first.label == carla.CityObjectLabel.Car
    assert first.location.distance(hits[0].location) < 1e-3


def test_a_ray_along_the_road_ends_at_a_car(world: carla.World):
    car = settled(world, MKZ, 4)
    ahead = car.get_transform().get_forward_vector()
    start = car.get_location() + 20.0 * ahead + carla.Location(z=0.7)
    found = world.project_point(start, -1 * ahead, 40.0)
    assert found.label == carla.CityObjectLabel.Car
    assert found.location.distance(car.get_location()) == pytest.approx(car.bounding_box.extent.x, abs=0.8)


# -- objects of the level


def test_level_boxes_come_in_a_fixed_order_by_tag(world: carla.World):
    everything = world.get_level_bbs(carla.CityObjectLabel.Any)
    assert len(everything) > 100
    buildings = world.get_level_bbs(carla.CityObjectLabel.Buildings)
    assert 0 < len(buildings) < len(everything)
    again = world.get_level_bbs(carla.CityObjectLabel.Buildings)
    assert [(b.location.x, b.location.y, b.rotation.yaw) for b in buildings] == [
        (b.location.x, b.location.y, b.rotation.yaw) for b in again
    ]
    assert all(b.extent.x > 0.0 and b.extent.y > 0.0 and b.extent.z > 0.0 for b in buildings)
    assert world.get_level_bbs(carla.CityObjectLabel.Car) == []


def test_buildings_stand_beside_the_road(world: carla.World):
    town = world.get_map()
    for box in world.get_level_bbs(carla.CityObjectLabel.Buildings):
        waypoint = town.get_waypoint(box.location, project_to_road=False)
        assert waypoint is None or waypoint.lane_type != carla.LaneType.Driving


def test_a_hidden_object_is_no_obstacle(world: carla.World):
    (house, *_) = world.get_environment_objects(carla.CityObjectLabel.Buildings)
    box = house.bounding_box
    above = box.location + carla.Location(z=box.extent.z + 5.0)

    def hit() -> carla.LabelledPoint | None:
        return world.project_point(above, carla.Vector3D(z=-1.0), 5.0 + box.extent.z)

    assert hit().label == carla.CityObjectLabel.Buildings
    # Walls are solid, roofs are not.
    assert box.location.z < hit().location.z < box.location.z + box.extent.z + 0.05
    world.enable_environment_objects({house.id}, False)
    world.tick()
    found = hit()
    world.enable_environment_objects({house.id}, True)
    world.tick()
    assert found is None or found.label != carla.CityObjectLabel.Buildings
    assert hit().label == carla.CityObjectLabel.Buildings


def test_objects_have_names_ids_and_boxes(world: carla.World):
    objects = world.get_environment_objects(carla.CityObjectLabel.Any)
    names = world.get_names_of_all_objects()
    assert {o.name for o in objects} <= set(names)
    assert len({o.id for o in objects}) == len(objects)
    assert [o.id for o in world.get_environment_objects(carla.CityObjectLabel.Any)] == [o.id for o in objects]
    boxes = world.get_level_bbs(carla.CityObjectLabel.Any)
    assert len(boxes) == len(objects)
    assert objects[0].transform.location.distance(boxes[0].location) < 1.0


def test_a_hidden_layer_is_no_obstacle(world: carla.World):
    box = world.get_environment_objects(carla.CityObjectLabel.Buildings)[0].bounding_box
    above = box.location + carla.Location(z=box.extent.z + 5.0)

    def hit() -> carla.LabelledPoint | None:
        return world.project_point(above, carla.Vector3D(z=-1.0), 5.0 + box.extent.z)

    assert hit().label == carla.CityObjectLabel.Buildings
    world.unload_map_layer(carla.MapLayer.Buildings)
    world.tick()
    found = hit()
    world.load_map_layer(carla.MapLayer.All)
    world.tick()
    assert found is None or found.label != carla.CityObjectLabel.Buildings
    assert hit().label == carla.CityObjectLabel.Buildings


def test_street_lamps_are_lit_at_night(world: carla.World):
    manager = world.get_lightmanager()
    lamps = manager.get_all_lights(carla.LightGroup.Street)
    assert len(lamps) > 50
    roads = [world.get_map().get_waypoint(lamp.location).transform.location for lamp in lamps]
    assert all(lamp.location.distance_2d(road) < 12.0 for lamp, road in zip(lamps, roads, strict=True))
    assert all(3.0 < lamp.location.z < 9.0 for lamp in lamps)
    assert not any(manager.is_active(lamps))
    day = world.get_weather()
    world.set_weather(carla.WeatherParameters.ClearNight)
    run(world, 3)
    eventually(lambda: all(manager.is_active(manager.get_all_lights())))
    world.set_weather(day)
    run(world, 3)
    eventually(lambda: not any(manager.is_active(manager.get_all_lights())))


# -- weather, gravity


@pytest.mark.parametrize("preset", PRESETS)
def test_every_weather_reads_back_as_set(world: carla.World, preset: str):
    sent = getattr(carla.WeatherParameters, preset)
    world.set_weather(sent)
    world.tick()
    found = world.get_weather()
    assert [getattr(found, name) for name in FIELDS] == [getattr(sent, name) for name in FIELDS]


def test_all_presets_are_known():
    assert len(PRESETS) == 23


def test_the_gravity_of_accelerometers_can_be_changed(world: carla.World):
    assert world.get_imui_sensor_gravity() == pytest.approx(9.81)
    world.set_imui_sensor_gravity(1.62)
    assert world.get_imui_sensor_gravity() == pytest.approx(1.62)
    world.set_imui_sensor_gravity(9.81)


# -- map


def test_the_map_answers_geographic_questions(world: carla.World):
    town = world.get_map()
    here = town.transform_to_geolocation(carla.Location(100.0, -50.0, 3.0))
    east = town.transform_to_geolocation(carla.Location(101.0, -50.0, 3.0))
    assert east.longitude > here.longitude
    assert here.altitude == pytest.approx(3.0)


def test_landmarks_and_crosswalks(world: carla.World):
    town = world.get_map()
    assert len(town.get_all_landmarks_of_type("1000001")) >= 36
    assert len(town.get_crosswalks()) % 5 == 0
    assert len(town.get_topology()) > 50


def test_a_spectator_goes_where_it_is_put(world: carla.World):
    spectator = world.get_spectator()
    pose = carla.Transform(carla.Location(10.0, 20.0, 30.0), carla.Rotation(pitch=-45.0, yaw=30.0))
    spectator.set_transform(pose)
    run(world, 3)
    assert numbers(spectator.get_transform()) == pytest.approx(numbers(pose), abs=1e-4)
    assert spectator.id in {actor.id for actor in world.get_actors()}


# -- debug shapes


def test_all_debug_shapes_are_taken(world: carla.World, raw):
    a, b = carla.Location(z=1.0), carla.Location(x=5.0, z=1.0)
    box = carla.BoundingBox(a, carla.Vector3D(1.0, 2.0, 0.5))
    draw = world.debug
    draw.draw_point(a, 0.1, carla.Color(255, 0, 0), 0.2)
    draw.draw_line(a, b, 0.1, carla.Color(0, 255, 0), 0.2)
    draw.draw_arrow(a, b, 0.1, 0.2, carla.Color(0, 0, 255), 0.2)
    draw.draw_box(box, carla.Rotation(yaw=30.0), 0.1, carla.Color(1, 2, 3), 0.2)
    draw.draw_string(a, "here", True, carla.Color(9, 9, 9), 0.2)
    run(world, 8)
    bad = [[9, [[0.0, 0.0, 0.0], 0.1]], [255, 0, 0], 1.0, False]
    assert "no shape of kind 9" in raw.call("draw_debug_shape", bad)[2]
    assert "color" in raw.call("draw_debug_shape", [[0, [[0.0, 0.0, 0.0], 0.1]], [256, 0, 0], 1.0, False])[2]


def test_distances_are_metres(world: carla.World):
    car = spawn(world, MKZ, 0)
    world.tick()
    point = world.get_map().get_spawn_points()[0]
    assert math.isclose(car.get_location().x, point.location.x, abs_tol=0.005)
