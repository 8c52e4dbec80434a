"""What Bench2Drive and LEAD add: flows to turn into, lights that change, and routes without anybody."""

import carla
import pytest
from test_junctions import GREEN, RED, asked, assert_gone, crossed, end_turn, lights, states

from lead.evaluation.infractions import Infraction
from lead.scenarios.lanes import before_junction

#: A junction with lights, where the route turns right.
PLACE, TOWN = "SignalizedJunctionRightTurn", "Town05"
FLOW = {"flow_speed": {"value": "8"}, "source_dist_interval": {"from": "20", "to": "20"}}


@pytest.mark.parametrize("kind", ["SignalizedJunctionLeftTurnEnterFlow", "NonSignalizedJunctionLeftTurnEnterFlow"])
def test_turn_into_a_flow(show, real_route, kind):
    with show(real_route(kind, town="Town04", **FLOW), 6.0) as play:
        play.until(play.is_triggered)
        play.speed = 0.0
        play.step()
        assert asked(play, "handle_junction")["stop_entries"] is kind.startswith("Non")
        play.until(lambda: bool(crossed(play)))
        (first, *_) = crossed(play)
        play.until(lambda: not play.map.get_waypoint(first.get_location()).is_junction)
        # Behind the junction it drives where the ego will.
        assert abs(play.where(first)[1]) < 5.0 and play.where(first)[0] > 10.0
        end_turn(play)


@pytest.mark.parametrize("kind", ["SequentialLaneChange", "T_Junction"])
def test_stretches_that_are_hard_in_themselves(show, real_route, kind):
    with show(real_route("T_Junction", town="Town04", played_as=kind), 8.0) as play:
        play.until(play.is_triggered)
        play.step()
        assert play.rules.blocked_off == 1 and play.vehicles() == []
        play.speed = 0.0
        play.wait(1.0)
        assert not play.is_over()


def test_a_stretch_ends(show, real_route):
    with show(real_route("T_Junction", town="Town04"), 12.0) as play:
        play.until(play.is_triggered)
        begin = play.seen.progress.index
        play.until(lambda: play.is_over() or play.panel.completion.arrived, 60.0)
        assert play.is_over() or play.seen.progress.index - begin < 200


@pytest.mark.parametrize(
    "kind", ["VanillaSignalizedTurnEncounterGreenLight", "VanillaSignalizedTurnEncounterGreenLightLong"]
)
def test_turn_at_a_green_light_that_turns_red(show, real_route, kind):
    route = real_route(PLACE, TOWN, played_as=kind)
    with show(route, 4.0) as play:
        known = lights(play)
        times = [light.get_green_time() for light in known.values()]
        play.until(play.is_triggered)
        play.speed = 0.0
        play.wait(0.2)
        assert states(play, known) == {name: GREEN if name == "ego" else RED for name in known}
        assert play.until(lambda: states(play, known)["ego"] == RED) == pytest.approx(4.8, abs=0.2)
        play.wait(4.5)
        assert set(states(play, known).values()) == {RED}
        play.wait(1.0)
        assert [light.get_green_time() for light in known.values()] == times and not play.is_over()
        assert play.rules.blocked_off == 0
        play.speed = 8.0
        play.until(play.is_over, 30.0)


@pytest.mark.parametrize(
    "kind", ["VanillaSignalizedTurnEncounterRedLight", "VanillaSignalizedTurnEncounterRedLightLong"]
)
def test_turn_at_a_red_light_that_turns_green(show, real_route, kind):
    route = real_route(PLACE, TOWN, played_as=kind)
    with show(route, 4.0) as play:
        known = lights(play)
        play.until(play.is_triggered)
        play.speed = 0.0
        play.wait(0.2)
        assert set(states(play, known).values()) == {RED}
        assert play.until(lambda: states(play, known)["ego"] == GREEN) == pytest.approx(4.8, abs=0.2)
        play.wait(15.0)
        assert states(play, known) == {name: GREEN if name == "ego" else RED for name in known}
        play.speed = 8.0
        play.until(play.is_over, 30.0)
        assert Infraction.RED_LIGHT not in play.infractions


def test_who_does_not_wait_for_green(show, real_route):
    route = real_route(PLACE, TOWN, played_as="VanillaSignalizedTurnEncounterRedLight")
    with show(route, 8.0) as play:
        play.until(lambda: Infraction.RED_LIGHT in play.infractions, 15.0)


@pytest.mark.parametrize(
    "kind",
    ["VanillaNonSignalizedTurn", "VanillaNonSignalizedTurnLong", "VanillaNonSignalizedTurnEncounterStopsignLong"],
)
def test_turns_without_lights(show, real_route, kind):
    route = real_route(PLACE, TOWN, played_as=kind)
    with show(route, 8.0) as play:
        play.until(play.is_over, 30.0)
        assert play.asked() == []
        assert not play.map.get_waypoint(play.ego.get_location()).is_junction


@pytest.mark.slow
def test_stop_sign(show, real_route):
    with show(real_route("VanillaNonSignalizedTurnEncounterStopsign"), 6.0) as play:
        play.until(lambda: Infraction.STOP_SIGN in play.infractions or play.is_over(), 30.0)
        assert Infraction.STOP_SIGN in play.infractions


def test_who_stops_at_the_sign(show, real_route):
    with show(real_route("VanillaNonSignalizedTurnEncounterStopsign"), 5.0) as play:
        line = before_junction(play.map.get_waypoint(play.ego.get_location())).transform.location
        play.until(lambda: play.ego.get_location().distance(line) < 5.0, 30.0)
        play.speed = 0.0
        play.wait(2.0)
        play.speed = 6.0
        play.until(play.is_over, 30.0)
        assert Infraction.STOP_SIGN not in play.infractions
        assert_gone(play)


@pytest.mark.parametrize("side", ["left", "both"])
def test_defect_lights(show, real_route, side):
    kind, sides = "CrossJunctionDefectTrafficLight", {"value": side}
    gaps = {"from": "60", "to": "60"}  # wide enough for an ego that yields to nobody
    route = real_route(PLACE, TOWN, played_as=kind, traffic_direction=sides, **FLOW | {"source_dist_interval": gaps})
    with show(route, 5.0) as play:
        known = lights(play)
        crossing = {"left": {"90"}, "both": {"90", "270"}}[side] & known.keys()
        play.until(play.is_triggered)
        play.speed = 0.0
        play.wait(0.2)
        assert states(play, known) == {name: GREEN if name in crossing else RED for name in known}
        play.until(lambda: states(play, known)["ego"] == GREEN)
        assert states(play, known) == {name: GREEN if name in {"ego", *crossing} else RED for name in known}
        assert play.vehicles()
        play.speed = 9.0
        play.until(lambda: ("pause_spawning", True) in play.asked(), 60.0)
        way = [0.0]

        def is_over() -> bool:
            way.append(way[-1] + 0.05 * play.seen.ego.speed)
            return play.is_over()

        play.until(is_over, 30.0)
        assert way[-1] == pytest.approx(50.0, abs=3.0)
        assert ("pause_spawning", False) in play.asked()
        assert_gone(play)


def test_red_without_a_leader(show, real_route):
    route = real_route(PLACE, TOWN, played_as="RedLightWithoutLeadVehicle", **FLOW)
    with show(route, 4.0) as play:
        known = lights(play)
        times = {name: light.get_red_time() for name, light in known.items()}
        reds = {name for name, state in states(play, known).items() if state == RED}
        place = play.map.get_waypoint(play.ego.get_location()).next(18.0)[0].transform
        place.location.z += 0.5
        blueprint = play.world.get_blueprint_library().find("vehicle.tesla.model3")
        leader = play.world.spawn_actor(blueprint, place)
        play.until(play.is_triggered)
        play.wait(0.2)
        assert states(play, known)["ego"] == RED and play.rules.blocked_off == 1
        longer = {name for name, light in known.items() if light.get_red_time() == times[name] + 5.0}
        assert longer >= reds
        play.until(lambda: leader.id not in {actor.id for actor in play.world.get_snapshot()})
        play.speed = 0.0
        play.until(lambda: states(play, known)["ego"] == GREEN, 40.0)
        assert not play.is_over()
    play.stage.tick(play.world)
    assert {name: light.get_red_time() for name, light in known.items()} == times


def test_who_passes_red_without_a_leader(show, real_route):
    route = real_route(PLACE, TOWN, played_as="RedLightWithoutLeadVehicle")
    with show(route, 9.0) as play:
        play.until(lambda: Infraction.RED_LIGHT in play.infractions, 15.0)


def test_vehicles_that_drive_are_left_alone(show, real_route):
    route = real_route(PLACE, TOWN, played_as="RedLightWithoutLeadVehicle")
    with show(route, 4.0) as play:
        place = play.map.get_waypoint(play.ego.get_location()).get_left_lane()
        if place is None or place.lane_type != carla.LaneType.Driving:
            pytest.skip("the ego has the road for itself")
        pose = place.next(15.0)[0].transform
        pose.location.z += 0.5
        other = play.world.spawn_actor(play.world.get_blueprint_library().find("vehicle.tesla.model3"), pose)
        play.until(play.is_triggered)
        play.wait(1.0)
        assert other.id in {actor.id for actor in play.world.get_snapshot()}
        other.destroy()
