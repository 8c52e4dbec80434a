"""Who crosses the ego's way at junctions does, lights are as demanded, and who ignores it all is booked for it."""

import math
from itertools import pairwise

import carla
import pytest
from theatre import Show

from lead.evaluation.infractions import Infraction
from lead.scenarios.lanes import before_junction, junction_ahead

RED, GREEN = carla.TrafficLightState.Red, carla.TrafficLightState.Green
#: A place without lights where the route turns left.
LEFT_TURN = ("NonSignalizedJunctionLeftTurnEnterFlow", "Town04")
FLOW = {"flow_speed": {"value": "9"}, "source_dist_interval": {"from": "20", "to": "20"}}


def number(route, name: str) -> float:
    return float(route.scenarios[0].parameters[name]["value"])


def lights(play: Show) -> dict[str, carla.TrafficLight]:
    """The junction's lights: the `ego`'s, and the others by the angle (deg) at which their lanes come in."""
    entry = before_junction(play.map.get_waypoint(play.ego.get_location()))
    found = {}
    for light in play.world.get_traffic_lights_in_junction(junction_ahead(entry).junction_id):
        line = min(
            light.get_stop_waypoints(), key=lambda one: one.transform.location.distance(entry.transform.location)
        )
        if line.transform.location.distance(entry.transform.location) < 8.0:
            found["ego"] = light
        else:
            found[str(round((line.transform.rotation.yaw - entry.transform.rotation.yaw) % 360.0 / 90.0) * 90)] = light
    return found


def states(play: Show, among: dict[str, carla.TrafficLight]) -> dict[str, carla.TrafficLightState]:
    return {name: light.get_state() for name, light in among.items()}


def assert_gone(play: Show) -> None:
    play.step()
    assert play.actors("vehicle.*", "static.*", "walker.*", "sensor.*") == []
    assert (play.rules.blocked_off, play.rules.wrong_direction_off) == (0, False)


def crossed(play: Show) -> list[carla.Actor]:
    """Flow cars that are in the junction or through it."""
    return [car for car in play.vehicles() if play.map.get_waypoint(car.get_location()).is_junction]


def asked(play: Show, name: str) -> dict:
    (request,) = play.requests.named(name)
    return request[2]


def test_left_turn_at_lights(show, real_route):
    route = real_route("SignalizedJunctionLeftTurn", town="Town03", **FLOW)
    with show(route, 5.0) as play:
        known = lights(play)
        times = {name: (light.get_green_time(), light.get_red_time()) for name, light in known.items()}
        play.until(play.is_triggered)
        play.speed = 0.0
        play.step()
        play.step()
        assert states(play, known) == {name: GREEN if name == "180" else RED for name in known}
        request = asked(play, "handle_junction")
        assert (request["clear"], request["clear_ego_entry"], request["stop_entries"]) == (True, True, False)
        assert request["extend_exit"] == pytest.approx(2.5 * 9.0 + 20.0)
        assert len({lane.road_id for lane in request["remove_entries"]}) == 1 and request["remove_exits"]
        assert ("set_opposite", ("active", False)) in play.asked() and play.rules.blocked_off == 1
        assert play.until(lambda: states(play, known)["ego"] == GREEN) == pytest.approx(4.9, abs=0.2)
        assert states(play, known) == {name: GREEN if name in ("ego", "180") else RED for name in known}
        play.until(lambda: bool(crossed(play)))
        flow = play.vehicles()
        assert all(car.get_velocity().length() == pytest.approx(9.0, abs=0.5) for car in flow[:-1])
        gaps = [a.get_location().distance(b.get_location()) for a, b in pairwise(flow)]
        assert gaps and all(19.0 < gap < 23.0 for gap in gaps)
        # Everybody goes straight on in the end.
        first = flow[0]
        play.until(lambda: all(car.id != first.id for car in play.vehicles()))
        end_turn(play)
        assert ("set_opposite", ("active", True)) in play.asked()
        play.step()
        again = {name: (light.get_green_time(), light.get_red_time()) for name, light in known.items()}
        assert again == times


def end_turn(play: Show) -> None:
    """Go through the junction, fast."""
    play.speed = 9.0
    play.until(play.is_over, 60.0)
    assert_gone(play)


def test_who_turns_left_without_looking_hits_somebody(show, real_route):
    dense = {"flow_speed": {"value": "6"}, "source_dist_interval": {"from": "9", "to": "9"}}
    with show(real_route(*LEFT_TURN, played_as="NonSignalizedJunctionLeftTurn", **dense), 4.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions, 40.0)


def test_left_turn_without_lights(show, real_route):
    with show(real_route(*LEFT_TURN, played_as="NonSignalizedJunctionLeftTurn"), 5.0) as play:
        play.until(play.is_triggered)
        play.speed = 0.0
        play.step()
        assert asked(play, "handle_junction")["stop_entries"]
        play.until(lambda: bool(crossed(play)))
        end_turn(play)


@pytest.mark.parametrize("kind", ["SignalizedJunctionRightTurn", "NonSignalizedJunctionRightTurn"])
def test_right_turn(show, real_route, kind):
    has_lights = kind.startswith("Signalized")
    route = real_route("SignalizedJunctionRightTurn", town="Town05", played_as=kind)
    speed = number(route, "flow_speed")
    with show(route, 6.0) as play:
        known = lights(play)
        play.until(play.is_triggered)
        play.step()
        # Cars are on their way already.
        assert len(play.vehicles()) >= 2
        request = asked(play, "handle_junction")
        assert request["stop_entries"] is not has_lights and request["remove_exits"] == []
        assert request["extend_exit"] == pytest.approx(3.0 * speed + 20.0)
        play.speed = 0.0
        play.step()
        if has_lights:
            # From the left, they drive at a right angle to the ego.
            assert states(play, known) == {name: GREEN if name == "90" else RED for name in known}
        play.until(lambda: bool(crossed(play)))
        heading = crossed(play)[0].get_transform().rotation.yaw - math.degrees(play.seen.ego.yaw)
        assert abs((heading - 90.0 + 180.0) % 360.0 - 180.0) < 30.0
        if has_lights:
            play.until(lambda: states(play, known)["ego"] == GREEN)
            assert Infraction.RED_LIGHT not in play.infractions
        end_turn(play)


def test_who_turns_right_at_red_is_booked(show, real_route):
    with show(real_route("SignalizedJunctionRightTurn", town="Town05"), 6.0) as play:
        play.until(lambda: {Infraction.RED_LIGHT, Infraction.COLLISION_VEHICLE} <= play.infractions)


@pytest.mark.parametrize("kind", ["OppositeVehicleRunningRedLight", "OppositeVehicleTakingPriority"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_somebody_takes_the_right_of_way(show, real_route, kind, side):
    route = real_route("SignalizedJunctionRightTurn", town="Town05", played_as=kind, direction={"value": side})
    with show(route, 8.0) as play:
        known = lights(play)
        (vehicle,) = play.vehicles()
        assert vehicle.attributes["special_type"] == "emergency"
        assert vehicle.get_location().z < play.ego.get_location().z - 100.0
        play.until(play.is_triggered)
        play.wait(0.2)
        assert abs(vehicle.get_location().z - play.ego.get_location().z) < 2.0
        assert int(vehicle.get_light_state()) & int(carla.VehicleLightState.Special1)
        if kind == "OppositeVehicleRunningRedLight":
            assert states(play, known) == {name: GREEN if name == "ego" else RED for name in known}
        assert asked(play, "handle_junction")["stop_entries"] is (kind == "OppositeVehicleTakingPriority")
        yaw, offset = play.seen.ego.yaw, vehicle.get_location() - play.ego.get_location()
        right = offset.y * math.cos(yaw) - offset.x * math.sin(yaw)
        assert right > 10.0 if side == "right" else right < -10.0
        play.until(lambda: vehicle.get_velocity().length() > 15.0)
        play.speed = 0.0
        assert vehicle.get_velocity().length() == pytest.approx(60.0 / 3.6, abs=0.5)
        play.until(lambda: play.map.get_waypoint(vehicle.get_location()).is_junction)
        play.until(lambda: play.vehicles() == [])
        assert not play.is_over()
        play.speed = 8.0
        play.until(play.is_over)
        assert Infraction.COLLISION_VEHICLE not in play.infractions
        assert_gone(play)


def test_priority(show, real_route):
    route = real_route("SignalizedJunctionRightTurn", town="Town05", played_as="PriorityAtJunction")
    with show(route, 6.0) as play:
        known = lights(play)
        play.until(play.is_triggered)
        play.step()
        play.step()
        assert states(play, known) == {name: GREEN if name == "ego" else RED for name in known}
        play.until(play.is_over, 30.0)
        assert Infraction.RED_LIGHT not in play.infractions


def test_background_is_parametrized(show, real_route):
    values = {
        "num_front_vehicles": "1",
        "num_back_vehicles": "3",
        "road_spawn_dist": "12",
        "opposite_source_dist": "90",
        "opposite_spawn_dist": "30",
        "opposite_active": "true",
        "junction_source_dist": "45",
        "junction_max_actors": "5",
        "junction_spawn_dist": "18",
        "junction_source_perc": "60",
    }
    parameters = {name: {"value": one} for name, one in values.items()}
    kind = "BackgroundActivityParametrizer"
    route = real_route("SignalizedJunctionRightTurn", town="Town05", played_as=kind, **parameters)
    with show(route, 6.0) as play:
        play.until(play.is_over)
        assert asked(play, "change_road") == {"front_vehicles": 1, "back_vehicles": 3, "gap": 12.0}
        (opposite,) = play.requests.named("set_opposite")
        assert opposite == ("set_opposite", (True, 30.0), {"source_distance": 90.0})
        # Number and distance are swapped, as in the leaderboard.
        assert asked(play, "change_junctions") == {"source_distance": 45.0, "most": 18, "gap": 5.0, "share": 0.6}
