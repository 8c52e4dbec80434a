"""Measures and colours of vehicles come from the blueprint library and an actor's attributes."""

import numpy as np
import pytest

from carlet.actors.appearance import linear_colour, tints, vehicle_facts
from carlet.actors.blueprints import library


def test_facts_are_those_of_the_library():
    facts = vehicle_facts(library()["vehicle.lincoln.mkz_2020"])
    assert facts.wheelbase == pytest.approx(2.86)
    assert facts.radius == pytest.approx((0.355, 0.355))
    assert facts.tag == 14
    assert facts.moving_doors
    assert vehicle_facts(library()["vehicle.ford.crown"]).special_type == "taxi"


def test_sensors_are_no_vehicles():
    with pytest.raises(KeyError):
        vehicle_facts(library()["sensor.camera.rgb"])


def test_the_colour_attribute_becomes_linear_paint():
    blueprint = library()["vehicle.tesla.model3"]
    paint = tints(blueprint, {"color": "255,128,0"})[0]
    assert paint[0] == pytest.approx(1.0)
    assert paint[1] == pytest.approx(0.2158, abs=1e-3)
    assert 0.0 < paint[2] < 0.02


def test_the_default_colour_is_the_blueprints():
    blueprint = library()["vehicle.audi.a2"]
    assert tints(blueprint, {})[0] == pytest.approx(linear_colour("168,0,27"))


def test_drivers_wear_their_own_clothes_every_time():
    blueprint = library()["vehicle.yamaha.yzf"]
    by_driver = [tints(blueprint, {"driver_id": str(driver)})[1] for driver in (0, 2, 3, 6)]
    assert len({tuple(colour) for colour in by_driver}) > 1
    assert np.array_equal(tints(blueprint, {"driver_id": "3"}), tints(blueprint, {"driver_id": "3"}))


def test_vehicles_without_a_colour_are_white():
    assert tints(library()["vehicle.tesla.cybertruck"], {})[0] == pytest.approx([1.0, 1.0, 1.0])


def test_a_colour_that_is_none_leaves_the_vehicle_white():
    assert tints(library()["vehicle.audi.a2"], {"color": "crimson"})[0] == pytest.approx([1.0, 1.0, 1.0])


@pytest.mark.parametrize("text", ["red", "1,2", "1,2,3,4", "a,b,c"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(ValueError):
        linear_colour(text)
