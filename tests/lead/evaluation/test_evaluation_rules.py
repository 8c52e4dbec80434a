"""Red lights and stop signs of real towns, as a driver meets them that knows no rules."""

import itertools
import math

import carla
import numpy as np
import pytest

from lead.evaluation.config import EvaluationConfig
from lead.evaluation.runner import evaluate
from lead.evaluation.signals import Signals
from lead.routes import Route, write_routes
from lead.traffic import BackgroundConfig

AGENT = """
import carla
from leaderboard.autoagents.autonomous_agent import AutonomousAgent, Track


def get_entry_point():
    return "Straight"


class Straight(AutonomousAgent):
    def setup(self, path_to_conf_file):
        self.track = Track.SENSORS
        self.stops_at = float(path_to_conf_file or "inf")
        self.start = None
        self.stood = False

    def sensors(self):
        return [dict(type="sensor.speedometer", id="speed")]

    def run_step(self, input_data, timestamp):
        place = self.hero_actor.get_location()
        self.start = self.start or place
        speed = input_data["speed"][1]["speed"]
        braking = not self.stood and place.distance(self.start) > self.stops_at
        self.stood = self.stood or (braking and speed < 0.01)
        throttle = 0.5 if speed < 6.0 else 0.0
        return carla.VehicleControl(throttle=0.0 if braking else throttle, brake=1.0 if braking else 0.0)
"""


@pytest.fixture
def world(port):
    """Enters a town and returns its world."""

    def enter(town: str) -> carla.World:
        client = carla.Client("127.0.0.1", port)
        client.set_timeout(30.0)
        return client.load_world(town)

    return enter


@pytest.fixture
def drive(tmp_path, port):
    """Drives straight along a route with lights held in one state; returns the record."""

    drives = itertools.count()

    def run(route: Route, state=carla.TrafficLightState.Green, stops_at: float | None = None):
        (tmp_path / "straight.py").write_text(AGENT)
        write_routes(tmp_path / "route.xml", [route])
        config = EvaluationConfig(
            str(tmp_path / "straight.py"),
            tmp_path / "route.xml",
            tmp_path / f"out{next(drives)}",
            port=port,
            agent_config="" if stops_at is None else str(stops_at),
            background=BackgroundConfig(present=False),
            simulator_timeout_s=30.0,
        )
        (record,) = evaluate(config, [Lights(state)]).results.records
        return record

    return run


class Lights:
    """Holds every light in one state."""

    def __init__(self, state: carla.TrafficLightState):
        self.state = state

    def on_route_start(self, context):
        for light in context.world.get_actors().filter("traffic.traffic_light*"):
            light.set_state(self.state)
            light.freeze(True)

    def on_tick(self, context, seen): ...

    def on_route_end(self, record): ...


def straight_through(place: carla.Location, town: carla.Map, before: float, behind: float) -> Route | None:
    """A route through a place on a lane and the junction behind it, if the way is straight."""
    middle = town.get_waypoint(place)
    first = middle.previous(before)[0]
    heading = middle.transform.rotation.yaw
    ahead = sorted(middle.next(behind), key=lambda point: turn(heading, point))[:1]
    if not ahead or ahead[0].is_junction or turn(heading, ahead[0]) > 2.0 or turn(heading, first) > 0.5:
        return None
    ends = [point.transform.location for point in (first, ahead[0])]
    return Route("1", town.name.rsplit("/", 1)[-1], np.array([(end.x, end.y, end.z) for end in ends]))


def turn(heading: float, waypoint: carla.Waypoint) -> float:
    return abs(math.remainder(heading - waypoint.transform.rotation.yaw, 360.0))


def signals_of(world: carla.World) -> Signals:
    signals = Signals(world)
    signals.refresh((0.0, 0.0, 0.0))
    return signals


def first_route(places, town, before, behind) -> Route:
    return next(route for place in places if (route := straight_through(place, town, before, behind)))


def test_a_red_light_is_an_infraction_and_a_green_one_is_not(world, drive):
    town_world = world("Town01")
    lights = signals_of(town_world).lights_near((0.0, 0.0, 0.0), 1e4)
    assert len(lights) == 36
    assert all(light.stop_lines for light in lights)
    places = [carla.Location(*light.stop_lines[0].location) for light in lights]
    route = first_route(places, town_world.get_map(), 25.0, 35.0)
    red, green = drive(route, carla.TrafficLightState.Red), drive(route, carla.TrafficLightState.Green)
    yellow = drive(route, carla.TrafficLightState.Yellow)
    assert [len(record.infractions["red_light"]) for record in (red, green, yellow)] == [1, 0, 0]
    assert red.score_penalty == pytest.approx(0.7)
    assert (red.status.value, green.status.value) == ("Completed", "Perfect")


def test_a_stop_sign_wants_a_stop(world, drive):
    town_world = world("Town07")
    signs = signals_of(town_world).stop_signs_near((0.0, 0.0, 0.0), 1e4)
    assert len(signs) == 19
    places = [carla.Location(*sign.centre) for sign in signs]
    route = first_route(places, town_world.get_map(), 20.0, 25.0)
    through, stopped = drive(route), drive(route, stops_at=16.0)
    assert [len(record.infractions["stop_infraction"]) for record in (through, stopped)] == [1, 0]
    assert through.score_penalty == pytest.approx(0.8)
    assert stopped.duration_game > through.duration_game
    assert drive(route, stops_at=5.0).infractions["stop_infraction"]
