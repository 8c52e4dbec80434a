"""Fail2Drive's scenarios: what stands, walks or drives where, what is asked of the traffic, and when they end.

Quick tests play them on roads of Town12; the benchmark's own routes are in Town13, which takes long to load.
"""

import carla
import pytest
from test_obstacles import FAR_APART, assert_gone, distance_of, pass_beside, side_of
from theatre import Show

from lead.evaluation.infractions import Infraction
from lead.routes import RouteError, ScenarioConfig, read_routes
from lead.scenarios.registry import parameters_of
from lead.scenarios.stand_ins import stand_in

CRUISE = 8.0
FINE = {Infraction.MIN_SPEED}
BRAKE = int(carla.VehicleLightState.Brake)
QUIET = ("change_road", ("back_vehicles", 0), ("extra_space", 200.0), ("front_vehicles", 0), ("gap", 200.0))
USUAL = ("change_road", ("back_vehicles", 2), ("extra_space", 0.0), ("front_vehicles", 2), ("gap", 15.0))


def value(text: str) -> dict[str, str]:
    return {"value": text}


def place(play: Show, pattern: str) -> tuple[float, float]:
    (actor,) = play.actors(pattern)
    return play.where(actor)


# -- obstacles


@pytest.fixture
def bad_parking(real_route):
    yaw, y = value("-30"), value("1.3")
    car = value("vehicle.volkswagen.t2_2021")
    return real_route("ParkedObstacle", played_as="BadParkingObstacle", vehicle=car, y=y, yaw=yaw)


def test_badly_parked_car(show, bad_parking):
    distance = distance_of(bad_parking)
    with show(bad_parking, CRUISE) as play:
        (car,) = play.vehicles()
        play.until(play.is_triggered)
        assert play.actors("static.prop.warning*") == []
        assert play.where(car) == pytest.approx((distance, 1.3), abs=0.6)
        turn = (car.get_transform().rotation.yaw - play.ego.get_transform().rotation.yaw) % 360.0
        assert turn == pytest.approx(330.0, abs=8.0) and int(car.get_light_state()) == 0
        assert play.asked() == [("leave_space", distance + 20.0)]
        pass_beside(play, 1)
        assert play.where(play.ego)[0] == pytest.approx(distance + 50.0, abs=2.0)
        assert_gone(play)


def test_who_does_not_see_the_badly_parked_car_hits_it(show, bad_parking):
    with show(bad_parking, 12.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)


def test_badly_parked_car_with_oncoming_traffic(show, real_route):
    route = real_route("ParkedObstacleTwoWays", played_as="BadParkingObstacleTwoWays", frequency=FAR_APART)
    with show(route, CRUISE) as play:
        (car,) = play.vehicles()
        play.until(lambda: play.ahead(car) < 25.0)
        play.speed = 0.0
        play.until(lambda: play.rules.wrong_direction_off and len(play.vehicles()) > 1)
        oncoming = play.vehicles()[-1]
        play.step()
        assert play.where(oncoming)[1] == pytest.approx(-3.5, abs=1.0)
        assert ("set_opposite", ("active", False)) in play.asked()


OBJECTS = {"a": "id=static.prop.gnome x=0 y=0.5 yaw=90", "b": "id=static.prop.haybale x=3 y=0.5 z=0.2"}


def test_things_on_the_road(show, real_route):
    route = real_route("ConstructionObstacle", played_as="CustomObstacle", objects=OBJECTS)
    distance = distance_of(route)
    with show(route, CRUISE) as play:
        assert all(one.get_location().z < -100.0 for one in play.actors("static.prop.*"))
        play.until(play.is_triggered)
        play.step()
        assert place(play, "static.prop.gnome") == pytest.approx((distance, 0.5), abs=1.0)
        assert place(play, "static.prop.haybale") == pytest.approx((distance + 3.0, 0.5), abs=1.0)
        assert len(play.actors("static.prop.*")) == 2
        assert [name for name, *_ in play.asked()] == ["remove_lane"]
        pass_beside(play, side_of(route))
        assert play.where(play.ego)[0] == pytest.approx(distance + 50.0, abs=2.0)
        assert play.asked()[-1] == ("restore_lane", 0)
        assert_gone(play)


def test_who_drives_into_things_on_the_road(show, real_route):
    route = real_route("ConstructionObstacle", played_as="CustomObstacle", objects=OBJECTS)
    with show(route, 12.0) as play:
        play.until(lambda: Infraction.COLLISION_LAYOUT in play.infractions)


def test_things_on_the_road_with_oncoming_traffic(show, real_route):
    route = real_route("ConstructionObstacleTwoWays", played_as="CustomObstacleTwoWays", objects=OBJECTS)
    with show(route, CRUISE) as play:
        play.until(lambda: play.is_triggered() and play.ahead(play.actors("static.prop.gnome")[0]) < 20.0)
        play.speed = 0.0
        play.until(lambda: play.rules.wrong_direction_off and bool(play.vehicles()))
        assert ("set_opposite", ("active", False)) in play.asked()


def blocked(real_route):
    wall = {"a": "id=static.prop.brickwall x=0 y=0 z=1.5 yaw=90 roll=90", "b": "id=vehicle.audi.a2 y=-3.5 z=1 yaw=90"}
    return real_route("ConstructionObstacle", played_as="RoadBlocked", objects=wall, wait=value("8"))


def test_wall_across_the_road(show, real_route):
    route = blocked(real_route)
    with show(route, CRUISE) as play:
        play.until(play.is_triggered)
        assert play.director.bill.notes["ConstructionObstacle_1"] == [
            "static.prop.busstop stands in for static.prop.brickwall, which the simulator does not have"
        ]
        play.step()
        (wall,) = play.actors("static.prop.busstop")
        assert play.where(wall) == pytest.approx((distance_of(route), 0.0), abs=1.0)
        assert wall.get_transform().rotation.roll == pytest.approx(0.0, abs=3.0)
        assert place(play, "vehicle.audi.a2")[1] == pytest.approx(-3.5, abs=0.6)
        assert play.asked() == [QUIET, ("set_opposite", ("active", False))]
        play.speed = 3.0
        assert play.until(play.is_over) == pytest.approx(8.0, abs=0.2)
        assert play.asked()[2:] == [("set_opposite", ("active", True)), USUAL]
        assert_gone(play)


def test_who_drives_into_the_wall(show, real_route):
    with show(blocked(real_route), 12.0) as play:
        play.until(lambda: Infraction.COLLISION_LAYOUT in play.infractions)


# -- road works


def test_incomplete_road_works(show, real_route):
    parts = {"cones": value("0000111"), "debris": value("none"), "warning_sign": value("static.prop.streetbarrier")}
    route = real_route("ConstructionObstacle", played_as="PermutedConstructionObstacle", **parts)
    distance = distance_of(route)
    with show(route, CRUISE) as play:
        play.until(play.is_triggered)
        play.step()
        assert play.actors("static.prop.trafficwarning", "static.prop.dirtdebris*") == []
        assert place(play, "static.prop.streetbarrier")[0] == pytest.approx(distance - 5.0, abs=1.0)
        cones = [play.where(cone)[0] for cone in play.actors("static.prop.constructioncone")]
        assert cones == pytest.approx([distance + 6.0] * 3, abs=1.0)
        pass_beside(play, side_of(route))
        assert play.where(play.ego)[0] == pytest.approx(distance + 50.0, abs=2.0)
        assert_gone(play)


def test_road_works_without_cones_and_oncoming_traffic(show, real_route):
    played_as = "PermutedConstructionObstacleTwoWays"
    route = real_route("ConstructionObstacleTwoWays", played_as=played_as, cones=value("0000000"))
    with show(route, CRUISE) as play:
        play.until(play.is_triggered)
        (board,) = play.actors("static.prop.trafficwarning")
        assert play.actors("static.prop.constructioncone") == []
        play.until(lambda: play.ahead(board) < 15.0)
        play.speed = 0.0
        play.until(lambda: play.rules.wrong_direction_off and bool(play.vehicles()))


def worker_route(real_route):
    return real_route("ConstructionObstacle", played_as="ConstructionObstaclePedestrian")


def test_worker_steps_out(show, real_route):
    route = worker_route(real_route)
    distance, side = distance_of(route), side_of(route)
    with show(route, CRUISE) as play:
        play.until(play.is_triggered)
        play.step()
        (worker,) = play.actors("walker.*")
        assert play.where(worker) == pytest.approx((distance + 1.0, 0.0), abs=1.0)
        assert worker.type_id == "walker.pedestrian.0030"
        assert play.asked()[0][0] == "remove_lane" and play.asked()[1] == QUIET
        play.shift = -side * 3.5
        play.until(lambda: side * play.where(worker)[1] < -0.3)
        assert 5.0 < play.ahead(worker) < 14.0
        play.speed = 0.0
        play.until(lambda: side * play.where(worker)[1] < -3.0)
        play.until(lambda: not play.actors("walker.*"))
        play.speed = CRUISE
        play.until(play.is_over, 30.0)
        assert play.asked()[-3:] == [("set_max_speed", None), USUAL, ("restore_lane", 0)]
        assert play.infractions <= FINE
        assert_gone(play)


def test_who_does_not_stop_hits_the_worker(show, real_route):
    route = worker_route(real_route)
    with show(route, 5.0) as play:
        play.shift = -side_of(route) * 3.5
        play.until(lambda: Infraction.COLLISION_PEDESTRIAN in play.infractions, 14.0)


def test_road_works_beside_the_lane(show, real_route):
    route = real_route("ConstructionObstacleTwoWays", played_as="ConstructionObstacleRightLane")
    distance = distance_of(route)
    with show(route, CRUISE) as play:
        play.until(play.is_triggered)
        play.step()
        cones = [play.where(cone) for cone in play.actors("static.prop.constructioncone")]
        assert len(cones) == 7 and all(right > 1.7 for _, right in cones)
        assert place(play, "static.prop.trafficwarning")[1] > 3.0
        play.until(play.is_over, 40.0)
        assert play.where(play.ego)[0] == pytest.approx(distance + 50.0, abs=2.0)
        assert play.infractions <= FINE
        assert_gone(play)


def test_road_works_in_the_oncoming_lane(show, real_route):
    route = real_route("ConstructionObstacleTwoWays", played_as="ConstructionObstacleOppositeLane")
    distance = distance_of(route)
    with show(route, CRUISE) as play:
        play.until(play.is_triggered)
        play.step()
        cones = [play.where(cone) for cone in play.actors("static.prop.constructioncone")]
        assert len(cones) == 7 and all(right < -1.7 for _, right in cones)
        assert place(play, "static.prop.trafficwarning")[0] == pytest.approx(distance + 5.0, abs=1.5)
        assert play.asked() == [("set_opposite", ("active", False))]
        play.until(play.is_over, 40.0)
        assert play.asked()[-1] == ("set_opposite", ("active", True))
        assert play.infractions <= FINE
        assert_gone(play)


# -- walkers


def test_crowd_on_the_pavement(show, real_route):
    numbers = {"pedestrian_center": value("20"), "pedestrian_radius": value("10"), "pedestrians": value("12")}
    route = real_route("DynamicObjectCrossing", town="Town03", played_as="PedestrianCrowd", **numbers)
    with show(route, CRUISE) as play:
        play.until(play.is_triggered)
        play.step()
        places = [play.where(one) for one in play.actors("walker.*")]
        assert 8 <= len(places) <= 12
        assert all(9.0 < ahead < 31.0 and right > 2.0 for ahead, right in places)
        yaws = {round(one.get_transform().rotation.yaw) for one in play.actors("walker.*")}
        assert len(yaws) > 4
        play.until(play.is_over)
        assert play.where(play.ego)[0] == pytest.approx(50.0, abs=3.0)
        assert Infraction.COLLISION_PEDESTRIAN not in play.infractions
        assert_gone(play)


def people_route(real_route):
    group = {"a": "walker.pedestrian.0034", "b": "walker.pedestrian.0007", "c": "walker.pedestrian.0015"}
    return real_route("ParkedObstacle", played_as="PedestriansOnRoad", distance=value("25"), pedestrians=group)


def test_people_on_the_road(show, real_route):
    with show(people_route(real_route), 4.0) as play:
        play.until(play.is_triggered)
        play.step()
        people = play.actors("walker.*")
        assert [one.type_id[-4:] for one in people] == ["0034", "0007", "0015"]
        places = [play.where(one) for one in people]
        assert [ahead for ahead, _ in places] == pytest.approx([25.5, 25.0, 26.0], abs=0.8)
        assert [right for _, right in places] == pytest.approx([0.5, 0.0, -0.5], abs=0.3)
        assert play.asked() == [("leave_space", 75.0), ("change_road", ("extra_space", 75.0))]
        play.wait(1.0)
        assert [one.get_velocity().length() for one in people] == pytest.approx([2.0] * 3, abs=0.1)
        play.speed = 0.0
        play.until(lambda: play.where(people[0])[0] > 45.0)
        play.until(lambda: people[0].get_velocity().length() < 0.1)
        assert play.where(people[0])[0] == pytest.approx(55.5, abs=1.5)
        play.until(play.is_over)
        assert play.asked()[-1] == ("change_road", ("extra_space", 0.0))
        assert_gone(play)


def test_who_does_not_slow_down_for_people_on_the_road(show, real_route):
    with show(people_route(real_route), 9.0) as play:
        play.until(lambda: Infraction.COLLISION_PEDESTRIAN in play.infractions)


# -- traffic


def test_cars_ahead_brake_without_lights(show, real_route):
    route = real_route("ParkedObstacle", played_as="HardBrakeNoLights")
    with show(route, 8.0, traffic=True, lead_in_m=16.0) as play:
        play.until(play.is_triggered)
        ahead = [car for car in play.world.get_actors(play.activity.ids) if 0.0 < play.ahead(car) < 60.0]
        play.speed = 0.0
        play.wait(4.0)
        assert ahead and all(car.get_velocity().length() < 0.2 for car in ahead)
        assert not any(int(car.get_light_state()) & BRAKE for car in ahead)
        play.until(lambda: ("stop_front", False) in play.asked())
        play.speed = 4.0
        play.until(play.is_over)
        assert Infraction.COLLISION_VEHICLE not in play.infractions


def test_who_does_not_see_that_they_brake_hits_the_car_ahead(show, real_route):
    route = real_route("ParkedObstacle", played_as="HardBrakeNoLights")
    with show(route, 9.0, traffic=True, lead_in_m=16.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions)


def test_motorcycle_runs_a_red_light(show, real_route):
    wanted = value("vehicle.kawasaki.ninja")
    kind, played_as = "OppositeVehicleRunningRedLight", "NormalVehicleRunningRedLight"
    with show(real_route(kind, played_as=played_as, vehicle=wanted), 7.0) as play:
        (vehicle,) = play.vehicles()
        assert vehicle.type_id == "vehicle.kawasaki.ninja" and vehicle.get_location().z < -100.0
        play.until(play.is_triggered)
        play.until(lambda: vehicle.get_velocity().length() > 15.0, 40.0)
        assert int(vehicle.get_light_state()) == 0
        play.speed = 0.0
        play.until(lambda: not play.vehicles())
        play.speed = 7.0
        play.until(play.is_over, 40.0)
        assert Infraction.COLLISION_VEHICLE not in play.infractions
        assert_gone(play)


def test_some_vehicle_takes_the_right_of_way(show, real_route):
    with show(real_route("OppositeVehicleTakingPriority", played_as="NormalVehicleTakingPriority"), 7.0) as play:
        (vehicle,) = play.vehicles()
        assert vehicle.attributes["base_type"] != "bicycle" and vehicle.attributes["special_type"] != "emergency"
        play.until(lambda: vehicle.get_velocity().length() > 15.0, 40.0)
        play.speed = 0.0
        play.until(lambda: not play.vehicles())
        play.speed = 7.0
        play.until(play.is_over, 40.0)
        assert Infraction.COLLISION_VEHICLE not in play.infractions
        assert_gone(play)


# -- pictures


def test_stop_sign_that_cannot_be_read(show, real_route):
    kind = "VanillaNonSignalizedTurnEncounterStopsign"
    with show(real_route(kind, played_as="ObscuredStopSign", prop=value("static.prop.snow")), 7.0) as play:
        play.until(play.is_triggered)
        play.step()
        (stain,) = play.actors("static.prop.dirtdebris01")
        assert any("stands in for static.prop.snow" in note for note in play.director.bill.notes.popitem()[1])
        pose = stain.get_transform()
        assert pose.rotation.roll == pytest.approx(90.0, abs=1.0) and play.where(stain)[1] > 1.5
        faces = play.world.get_level_bbs(carla.CityObjectLabel.TrafficSigns)
        assert min(face.location.distance(pose.location) for face in faces) < 0.2
        # It faces those who come: its flat side looks back along the road.
        up, heading = pose.get_up_vector(), play.ego.get_transform().get_forward_vector()
        assert up.x * heading.x + up.y * heading.y < -0.7
        ((name, *arguments),) = play.asked()
        assert name == "handle_junction"
        assert dict(arguments) == {"clear": True, "clear_ego_entry": True, "stop_entries": True}
        play.until(play.is_over, 60.0)
        assert Infraction.STOP_SIGN in play.infractions
        assert_gone(play)


def test_picture_beside_the_road(show, real_route):
    what = {"image": value("static.prop.walkingkidlarge"), "distance": value("30"), "offset_z": value("0.15")}
    with show(real_route("DynamicObjectCrossing", town="Town03", played_as="ImageOnObject", **what), 8.0) as play:
        play.until(play.is_triggered)
        play.step()
        (prop,) = play.actors("static.prop.advertisement")
        (image,) = play.actors("static.prop.ironplank")
        ahead, right = play.where(prop)
        assert ahead == pytest.approx(30.0, abs=1.0) and right > 2.0
        assert -0.4 < play.where(image)[0] - ahead < -0.1
        height = image.get_location().z - prop.get_location().z
        assert height == pytest.approx(prop.bounding_box.extent.z + 0.15, abs=0.1)
        play.until(play.is_over)
        assert play.where(play.ego)[0] == pytest.approx(40.0, abs=2.0)
        assert Infraction.COLLISION_LAYOUT not in play.infractions
        assert_gone(play)


# -- all


def test_stand_ins_for_what_the_simulator_does_not_have(stage):
    library = stage.client.get_world().get_blueprint_library()
    assert stand_in(library, "static.prop.haybale") is None
    assert stand_in(library, "static.prop.thing") is None
    for wanted in ("walker.animal.1009", "static.prop.brickwall", "static.prop.ampel", "static.prop.graffiti"):
        other = stand_in(library, wanted)
        assert other is not None and len(library.filter(other.instead)) == 1


PARTS = 8


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_all_routes_of_the_benchmark(show, routes_folder, part):
    """Every scenario of the benchmark's own routes begins."""
    routes = [route for route in read_routes(routes_folder / "fail2drive") if route.scenarios]
    for route in routes[part::PARTS]:
        with show(route, 6.0) as play:
            bill, count = play.director.bill, len(route.scenarios)
            play.until(lambda bill=bill, count=count: len(bill.played) == count)
            play.wait(0.5)
            assert (route.id, bill.dropped) == (route.id, {})


@pytest.mark.parametrize(
    ("kind", "name", "attributes"),
    [
        ("PermutedConstructionObstacle", "cones", {"value": "00021"}),
        ("PedestriansOnRoad", "pedestrians", dict.fromkeys("abcd", "walker.pedestrian.0001")),
        ("PedestriansOnRoad", "walker_speed", {"value": "0"}),
        ("Scenario3", "adversary", {"value": "tram"}),
        ("CustomObstacle", "objects", {"a": "x=1 y=2"}),
    ],
)
def test_malformed_parameters_name_scenario_and_field(kind: str, name: str, attributes: dict[str, str]):
    config = ScenarioConfig("Some_1", kind, (0.0, 0.0, 0.0, 0.0), {name: attributes})
    with pytest.raises(RouteError, match=f"route 7: scenario Some_1, .*{name}"):
        parameters_of(config, "7")
