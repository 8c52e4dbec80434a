"""The numbered scenarios of Leaderboard 1.0: who is where, what the ego meets, and when they end."""

import dataclasses

import carla
import numpy as np
import pytest
from test_junctions import GREEN, RED, lights, states
from test_obstacles import assert_gone

from lead.evaluation.infractions import Infraction
from lead.routes import Route

FINE = {Infraction.MIN_SPEED}


def longer(route: Route, length: float) -> Route:
    """A route that goes straight on so far from its trigger."""
    x, y, z, yaw = route.scenarios[0].trigger
    end = (x + length * np.cos(np.radians(yaw)), y + length * np.sin(np.radians(yaw)), z)
    return dataclasses.replace(route, keypoints=np.array([route.keypoints[0], (x, y, z), end]))


def test_control_is_lost_a_little(show, real_route):
    with show(real_route("ControlLoss", town="Town01", played_as="Scenario1"), 8.0) as play:
        debris = play.actors("static.prop.dirtdebris01")
        play.until(play.is_triggered)
        assert [play.where(one)[0] for one in debris] == pytest.approx([12.0, 46.0, 72.0], abs=1.0)
        noise: list[tuple[float, float, float]] = []

        def watch() -> bool:
            told = play.control
            play.step()
            given = play.ego.get_control()
            noise.append((play.where(play.ego)[0], given.throttle - told.throttle, given.steer - told.steer))
            return play.is_over()

        play.until(watch, 30.0)
        along, throttle, steer = np.array(noise[:-1]).T
        on = (along > 12.0) & (along < 100.0)
        assert np.abs(steer[along < 9.0]).max() < 1e-5 and np.abs(throttle[along < 9.0]).max() < 1e-5
        assert (steer[on] <= 1e-5).all() and (steer[on] > -0.04).all()
        assert np.median(throttle[on]) == pytest.approx(0.053, abs=0.015)
        assert play.where(play.ego)[0] == pytest.approx(101.0, abs=3.0)
        assert_gone(play)


def test_leader_brakes_before_the_junction(show, real_route):
    with show(real_route("DynamicObjectCrossing", town="Town01", played_as="Scenario2"), 7.0) as play:
        (leader,) = play.vehicles()
        play.until(play.is_triggered)
        play.step()
        assert leader.type_id == "vehicle.nissan.patrol"
        assert play.where(leader)[0] == pytest.approx(25.0, abs=2.0)
        play.until(lambda: leader.get_velocity().length() > 8.0)
        play.until(lambda: leader.get_velocity().length() < 0.1, 60.0)
        ahead = play.map.get_waypoint(leader.get_location())
        assert not ahead.is_junction and any(one.is_junction for one in ahead.next(23.0))
        play.until(lambda: play.ahead(leader) < 16.0, 60.0)
        play.speed = 0.0
        play.until(play.is_over)
        assert play.infractions <= FINE
        assert_gone(play)


def test_who_does_not_brake_hits_the_leader(show, real_route):
    with show(real_route("DynamicObjectCrossing", town="Town01", played_as="Scenario2"), 12.0) as play:
        play.until(lambda: Infraction.COLLISION_VEHICLE in play.infractions, 40.0)


@pytest.mark.parametrize("adversary", ["walker", "bicycle"])
def test_crossing_behind_a_vending_machine(show, real_route, adversary: str):
    route = real_route("DynamicObjectCrossing", town="Town03", played_as="Scenario3", adversary={"value": adversary})
    with show(route, 3.0) as play:
        (machine,) = play.actors("static.prop.vendingmachine")
        play.until(play.is_triggered)
        (crosser,) = play.actors("walker.*", "vehicle.*")
        play.step()
        further, right = play.where(crosser)
        assert 13.0 < further < 18.0 and right > 3.0
        assert play.where(machine)[0] < further and 2.0 < play.where(machine)[1] < right
        play.until(lambda: crosser.get_velocity().length() > 3.0)
        play.speed = 0.0
        play.until(lambda: play.where(crosser)[1] < -1.0)
        play.until(lambda: not play.actors("walker.*", "vehicle.*"))
        begin = play.where(play.ego)[0]
        play.speed = 8.0
        play.until(play.is_over)
        assert play.where(play.ego)[0] - begin == pytest.approx(40.0, abs=3.0)
        assert Infraction.COLLISION_PEDESTRIAN not in play.infractions
        assert_gone(play)


def test_bicycle_after_the_turn(show, real_route):
    with show(real_route("VehicleTurningRoute", town="Town03", played_as="Scenario4"), 6.0) as play:
        (bicycle,) = play.vehicles()
        play.until(play.is_triggered)
        play.step()
        after = play.map.get_waypoint(bicycle.get_location())
        assert not after.is_junction and play.where(bicycle)[1] > 2.0
        play.until(lambda: bicycle.get_velocity().length() > 9.0, 40.0)
        play.speed = 0.0
        play.wait(2.5)
        assert bicycle.get_velocity().length() < 1.0
        assert play.until(play.is_over) == pytest.approx(3.5, abs=1.0)
        assert_gone(play)


def test_one_of_two_leaders_slows_down(show, real_route):
    with show(longer(real_route("ParkedObstacle", played_as="Scenario5"), 200.0), 8.0) as play:
        own, beside = play.vehicles()
        play.until(play.is_triggered)
        play.step()
        assert play.where(own) == pytest.approx((35.0, 0.0), abs=2.0)
        assert play.where(beside) == pytest.approx((36.0, -3.5), abs=2.0)
        play.wait(4.0)
        assert own.get_velocity().length() < 19.0 and beside.get_velocity().length() > 10.0
        assert play.until(play.is_over, 40.0) == pytest.approx(140.0 / 8.0 - 4.0, abs=1.0)
        assert play.infractions <= FINE
        assert_gone(play)


def test_barriers_and_slow_oncoming_cars(show, real_route):
    with show(real_route("ParkedObstacleTwoWays", played_as="Scenario6"), 8.0) as play:
        barriers = play.actors("static.prop.streetbarrier")
        play.until(play.is_triggered)
        assert [play.where(one)[0] for one in barriers] == pytest.approx([50.0, 50.0], abs=1.0)
        play.until(lambda: play.ahead(barriers[0]) < 15.0)
        play.speed = 0.0
        play.until(lambda: len(play.vehicles()) > 1, 30.0)
        first = play.vehicles()[0]
        assert first.type_id in ("vehicle.audi.tt", "vehicle.tesla.model3", "vehicle.nissan.micra")
        assert play.where(first)[1] == pytest.approx(-3.5, abs=1.0)
        assert first.get_velocity().length() == pytest.approx(5.56, abs=0.7)
        # A gap of 40 m at this speed.
        gap = play.where(play.vehicles()[1])[0] - play.where(first)[0]
        assert gap == pytest.approx(40.0, abs=3.0)


def test_barriers_are_gone_when_the_ego_is_far_beyond(show, real_route):
    with show(longer(real_route("ParkedObstacleTwoWays", played_as="Scenario6"), 260.0), 14.0) as play:
        play.until(play.is_triggered)
        begin = play.where(play.ego)[0]
        barrier, _ = play.actors("static.prop.streetbarrier")
        play.until(lambda: play.ahead(barrier) < 15.0)
        beyond = play.map.get_waypoint(play.ego.get_location()).next(30.0)[0].transform
        beyond.location.z += 0.3
        play.ego.set_transform(beyond)
        play.until(play.is_over, 40.0)
        assert play.where(play.ego)[0] - begin == pytest.approx(220.0, abs=4.0)
        assert_gone(play)


def test_who_drives_into_the_barriers(show, real_route):
    with show(real_route("ParkedObstacleTwoWays", played_as="Scenario6"), 8.0) as play:
        play.until(lambda: Infraction.COLLISION_LAYOUT in play.infractions)


#: Whose light turns green with the ego's, the first that is there, by the angle (deg) at which they come in.
ORDERS = {
    "Scenario7": ["90", "180", "270"],
    "Scenario7left": ["90", "180", "270"],
    "Scenario7right": ["90", "180"],
    "Scenario7opposite": ["270", "90", "180"],
    "Scenario8": ["180"],
    "Scenario8left": ["180"],
    "Scenario9": ["90", "180"],
    "Scenario9right": ["90", "180"],
}
VARIANTS = ("Scenario7left", "Scenario7right", "Scenario8", "Scenario9")


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow if kind in VARIANTS else ()) for kind in ORDERS]
)
def test_lights_in_the_hands_of_a_scenario(show, real_route, kind: str):
    place = (
        ("SignalizedJunctionRightTurn", "Town05") if "9" in kind or "right" in kind else ("SignalizedJunctionLeftTurn",)
    )
    with show(real_route(*place, played_as=kind), 7.0) as play:
        known = lights(play)
        other = next(side for side in ORDERS[kind] if side in known)
        play.until(play.is_triggered)
        play.step()
        assert states(play, known) == {name: GREEN if name == "ego" else RED for name in known}
        play.until(lambda: states(play, known)["ego"] == carla.TrafficLightState.Yellow, 60.0)
        play.speed = 0.0
        assert play.until(lambda: states(play, known)["ego"] == RED) == pytest.approx(2.0, abs=0.2)
        assert states(play, known) == {name: GREEN if name == other else RED for name in known}
        assert 1.5 < play.until(lambda: states(play, known)["ego"] == GREEN) < 5.0
        assert states(play, known) == {name: GREEN if name in ("ego", other) else RED for name in known}
        play.speed = 7.0
        play.until(play.is_over, 60.0)
        assert Infraction.RED_LIGHT not in play.infractions
        assert_gone(play)


def test_junction_without_lights(show, real_route):
    with show(real_route("NonSignalizedJunctionLeftTurn", played_as="Scenario10"), 8.0) as play:
        inside: list[carla.Location] = []

        def watch() -> bool:
            place = play.ego.get_location()
            if play.map.get_waypoint(place).is_junction:
                inside.append(place)
            return play.is_over()

        play.until(watch, 60.0)
        assert play.ego.get_location().distance(inside[-1]) == pytest.approx(20.0, abs=3.0)
        assert_gone(play)
