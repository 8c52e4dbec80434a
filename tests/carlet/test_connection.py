"""The first things that a client asks: versions, blueprints, maps; and that several of them may ask."""

import re

import carla
import pytest
from scenes import blueprint, eventually

COUNTS = {"vehicle.*": 41, "walker.*": 52, "sensor.*": 19, "static.*": 100, "controller.*": 1, "*": 214}


@pytest.fixture(scope="module")
def library(town01: carla.Client) -> carla.BlueprintLibrary:
    return town01.get_world().get_blueprint_library()


def test_the_server_has_the_version_of_the_client(town01: carla.Client):
    assert town01.get_server_version() == town01.get_client_version() == "0.9.16"


@pytest.mark.parametrize(("pattern", "count"), COUNTS.items())
def test_the_library_has_all_blueprints(library: carla.BlueprintLibrary, pattern: str, count: int):
    assert len(library.filter(pattern)) == count


def test_ids_have_three_parts(library: carla.BlueprintLibrary):
    wrong = [b.id for b in library if len([part for part in b.id.split(".") if part.strip()]) < 3]
    assert wrong == []
    wrong = [b.id for b in library.filter("vehicle.*") if not re.fullmatch(r"vehicle\.[^.\s]+\.[^.\s]+", b.id)]
    assert wrong == []


def test_every_modifiable_attribute_takes_its_own_value(library: carla.BlueprintLibrary):
    tried = 0
    for found in library:
        for attribute in found:
            if not attribute.is_modifiable:
                continue
            choices = attribute.recommended_values or [_text(attribute)]
            for value in choices:
                found.set_attribute(attribute.id, value)
                assert _text(found.get_attribute(attribute.id)) == value or attribute.type != "String"
                tried += 1
    assert tried > 1000


def _text(attribute: carla.ActorAttribute) -> str:
    match attribute.type:
        case carla.ActorAttributeType.Bool:
            return "true" if attribute.as_bool() else "false"
        case carla.ActorAttributeType.Int:
            return str(attribute.as_int())
        case carla.ActorAttributeType.Float:
            return str(attribute.as_float())
        case carla.ActorAttributeType.RGBColor:
            color = attribute.as_color()
            return f"{color.r},{color.g},{color.b}"
        case _:
            return attribute.as_str()


def test_an_unknown_attribute_is_an_error(library: carla.BlueprintLibrary):
    with pytest.raises(IndexError):
        library.find("vehicle.tesla.model3").set_attribute("wings", "2")


def test_walkers_recommend_three_speeds(library: carla.BlueprintLibrary):
    for walker in library.filter("walker.pedestrian.*"):
        still, walking, running = map(float, walker.get_attribute("speed").recommended_values)
        assert still == 0.0 < walking < running


def test_vehicles_say_what_traffic_scripts_ask(library: carla.BlueprintLibrary):
    kinds = set()
    for vehicle in library.filter("vehicle.*"):
        assert vehicle.get_attribute("number_of_wheels").as_int() in (2, 4)
        assert vehicle.get_attribute("generation").as_int() in (1, 2)
        assert vehicle.get_attribute("sticky_control").recommended_values
        kinds.add(vehicle.get_attribute("base_type").as_str())
    assert {"car", "truck", "van", "bicycle", "motorcycle"} <= kinds


def test_attributes_reach_the_actor(world: carla.World):
    found = blueprint(world, "vehicle.tesla.model3", role_name="hero", color="17,37,103")
    car = world.spawn_actor(found, world.get_map().get_spawn_points()[3])
    assert car.attributes["role_name"] == "hero"
    assert car.attributes["color"] == "17,37,103"
    assert car.attributes["base_type"] == "car"
    assert car.semantic_tags == [14]
    assert car.type_id == found.id


def test_maps_are_named_like_carlas(town01: carla.Client):
    maps = town01.get_available_maps()
    assert {f"/Game/Carla/Maps/Town0{i}" for i in range(1, 8)} <= set(maps)
    assert "/Game/Carla/Maps/Town10HD_Opt" in maps
    assert "/Game/Carla/Maps/Town12/Town12" in maps
    assert len(set(maps)) == len(maps)


def test_clients_see_the_same_world(town01: carla.Client, world: carla.World, town01_port: int):
    other = carla.Client("127.0.0.1", town01_port)
    other.set_timeout(10.0)
    car = world.spawn_actor(blueprint(world, "vehicle.audi.tt"), world.get_map().get_spawn_points()[5])
    elsewhere = other.get_world()
    frame = elsewhere.tick()
    assert elsewhere.id == world.id
    assert elsewhere.get_actor(car.id).type_id == "vehicle.audi.tt"
    eventually(lambda: world.get_snapshot().frame == frame)
