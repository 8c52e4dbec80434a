"""Parameters are read as the benchmarks' files have them, and bad ones are named."""

from dataclasses import dataclass

import pytest

from lead.routes import ScenarioConfig
from lead.scenarios.parameters import (
    Interval,
    Objects,
    ParameterError,
    Place,
    PlacedObject,
    Side,
    parse_parameters,
    unused_parameters,
)


@dataclass(frozen=True)
class Everything:
    start: Place
    distance: float = 12.0
    direction: Side = Side.RIGHT
    frequency: Interval = Interval(20.0, 100.0)
    model: str = "static.prop.vendingmachine"
    objects: Objects = ()
    pedestrians: tuple[str, ...] = ()


def config(**parameters: dict[str, str]) -> ScenarioConfig:
    return ScenarioConfig("Test_1", "Test", (0.0, 0.0, 0.0, 0.0), parameters)


START = {"x": "1.5", "y": "-2", "z": "0"}


def test_all_kinds_of_elements():
    found = parse_parameters(
        Everything,
        config(
            start=START,
            distance={"value": "40"},
            direction={"value": "left"},
            frequency={"from": "40", "to": "145.5"},
            objects={"a": "id=static.prop.slide x=0.5 y=-1 yaw=50.00", "b": "id=vehicle.mini.cooper_s z=2"},
            pedestrians={"a": "walker.pedestrian.0034", "b": "walker.pedestrian.0007"},
        ),
    )
    assert found.start == Place(1.5, -2.0, 0.0)
    assert (found.distance, found.direction, found.frequency) == (40.0, Side.LEFT, Interval(40.0, 145.5))
    assert found.model == "static.prop.vendingmachine"
    assert found.objects == (
        PlacedObject("static.prop.slide", x=0.5, y=-1.0, yaw=50.0),
        PlacedObject("vehicle.mini.cooper_s", z=2.0),
    )
    assert found.pedestrians == ("walker.pedestrian.0034", "walker.pedestrian.0007")


def test_elements_without_effect_are_told():
    assert unused_parameters(Everything, config(start=START, speed={"value": "1"})) == ("speed",)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({}, r"Test_1 \(Test\) needs <start>"),
        ({"start": {"x": "1", "y": "2"}}, "Test_1, start: there is no attribute 'z'"),
        ({"start": START, "distance": {"value": "far"}}, "Test_1, distance: 'far' is not a finite number"),
        ({"start": START, "distance": {"from": "1"}}, "Test_1, distance: there is no attribute 'value'"),
        ({"start": START, "direction": {"value": "40"}}, "Test_1, direction: '40' is no side"),
        ({"start": START, "frequency": {"from": "9", "to": "3"}}, "Test_1, frequency: from 9 is more than to 3"),
        ({"start": START, "objects": {"a": "x=1"}}, "Test_1, objects a: 'x=1' has no id="),
        ({"start": START, "objects": {"a": "id=p size=1"}}, "Test_1, objects a: 'size' is not one of"),
    ],
)
def test_bad_parameters_name_scenario_and_field(parameters: dict[str, dict[str, str]], sentence: str):
    with pytest.raises(ParameterError, match=sentence):
        parse_parameters(Everything, config(**parameters))
