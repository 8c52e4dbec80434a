"""Cars of a flow keep to its way."""

from typing import cast

import carla
import numpy as np
import pytest

from lead.geometry import pose_to_carla
from lead.routes import trace_route
from lead.routes.towns import open_town, town_map
from lead.scenarios.approaches import FlowShape, passage
from lead.scenarios.drivers import bend_speeds, dense_path
from lead.scenarios.flows import guide_rows
from lead.scenarios.lanes import Turn, before_junction
from lead.scenarios.parameters import Interval
from lead.simulator import TrafficWatch

SPEED = 20.0


@pytest.mark.parametrize(
    ("way", "index", "rows"),
    [
        ("..........", 0, []),
        ("...JJJ..........", 0, [12]),
        ("...JJJ..JJJ..........", 0, [7, 17]),
        ("...JJJ..........", 2, [12]),
        ("...JJJ..........", 4, []),
        ("...JJJ..JJJ..........", 4, [17]),
        ("...JJJ", 0, []),
    ],
)
def test_a_guide_lies_behind_each_junction(way, index, rows):
    assert guide_rows(np.array([one == "J" for one in way]), index) == rows


def test_a_car_slows_down_for_a_bend_that_would_throw_it_out_of_its_lane():
    """A right angle of 12 m radius."""
    turn = np.linspace(0.0, np.pi / 2, 20)
    bend = np.stack([60.0 + 12.0 * np.sin(turn), 12.0 - 12.0 * np.cos(turn)], axis=1)
    speeds = bend_speeds(dense_path([*((x, 0.0) for x in range(60)), *bend, *((72.0, y) for y in range(13, 60))]))
    assert speeds[0] > 20.0 and speeds[-1] > 25.0
    assert 7.5 < speeds.min() < 9.5


def test_a_stream_ends_before_the_next_junction():
    """In Town01, where 60 m behind the junction lie in the next one, and a way there led round the block."""
    lane = town_map("Town01").get_waypoint(carla.Location(180.0, 55.5, 0.0))
    cars = passage(
        before_junction(lane), FlowShape(Turn.STRAIGHT, 100.0, 60.0, prefill=True), SPEED, Interval(25.0, 50.0)
    )
    assert not cars.stream.sink.is_junction
    ends = [place.transform.location for place in (cars.stream.source, cars.stream.sink)]
    way = trace_route(open_town("Town01"), [(one.x, one.y, one.z) for one in ends]).location
    assert np.hypot(*np.diff(way[:, :2], axis=0).T).sum() < 180.0


@pytest.mark.parametrize("end", [(32.57, -61.08, 0.0), (-47.0, -13.0, 0.0), (110.0, 1.0, 0.0)])
def test_a_fast_car_comes_to_the_end_of_its_way(managed_world, end):
    """Straight on, right and left at a junction of Town05, where places a metre apart led it round the block."""
    trace = trace_route(open_town("Town05"), [(31.58, 75.22, 0.0), end])
    way, guides = trace.location, guide_rows(trace.junction, 0)
    with managed_world("Town05") as (world, manager, _):
        manager.set_random_device_seed(0)
        blueprint = world.get_blueprint_library().find("vehicle.audi.tt")
        step = way[1] - way[0]
        x, y, z = way[0]
        pose = pose_to_carla([x, y, z + 0.3, 0.0, float(np.arctan2(step[1], step[0])), 0.0])
        car = cast(carla.Vehicle, world.spawn_actor(blueprint, pose))
        world.tick()
        car.set_autopilot(True, manager.get_port())
        manager.set_path(car, [carla.Location(*way[row].tolist()) for row in guides])
        manager.auto_lane_change(car, False)
        manager.ignore_lights_percentage(car, 100.0)
        manager.set_desired_speed(car, 3.6 * SPEED)
        away = []
        with TrafficWatch(manager) as watch:
            for _ in range(600):
                watch.tick(world, 60.0)
                place = car.get_location()
                away.append(np.hypot(*(way[:, :2] - (place.x, place.y)).T))
                if away[-1].argmin() > len(way) - 8:
                    break
    assert away[-1].argmin() > len(way) - 8
    assert max(one.min() for one in away) < 6.0
