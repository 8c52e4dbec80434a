import dataclasses
import math

import pytest
from drives import EVENTS, OUTSIDE, SLOW, bare, drive, event
from hypothesis import given, settings

from lead.evaluation.comparison import measure
from lead.evaluation.infractions import Infraction
from lead.evaluation.metrics import DrivenRoute
from lead.evaluation.metrics.abilities import TYPES
from lead.evaluation.protocol import find_protocol
from lead.evaluation.records import RouteStatus

OLD, NEW = find_protocol("bench2drive@0.0.3"), find_protocol("bench2drive@0.0.4")
RED, STOP, CAR = map(event, (Infraction.RED_LIGHT, Infraction.STOP_SIGN, Infraction.COLLISION_VEHICLE))


def values(protocol, routes):
    return {name: estimate.value for name, estimate in measure(protocol, routes, resamples=1).items()}


def one(**facts):
    return values(OLD, bare(drive(scenario="Accident", **facts)))


@pytest.mark.parametrize(
    ("completion", "events", "failure", "succeeded"),
    [
        (100.0, (), None, True),
        (100.0, (event(SLOW, 20.0),), None, True),
        (100.0, (event(OUTSIDE, 1.0),), None, False),
        (100.0, (RED,), None, False),
        (99.0, (), None, False),
        (99.0, (), RouteStatus.TICKS_EXCEEDED, False),
    ],
)
def test_success(completion, events, failure, succeeded):
    found = one(completion=completion, events=events, failure=failure)
    assert found["success_rate"] == 100.0 * succeeded
    assert found["overtaking"] == 100.0 * succeeded


def test_slowness_costs_nothing():
    assert one(events=(event(SLOW, 20.0),))["driving_score"] == 100.0


def test_efficiency_is_a_mean_of_means_without_what_stands_still():
    fast = drive("1", scenario="Accident", events=(event(SLOW, 50.0), event(SLOW, 250.0), event(SLOW, 1000.1)))
    slow = drive("2", scenario="Accident", events=(event(SLOW, 30.0),))
    silent = drive("3", scenario="Accident")
    absurd = drive("4", scenario="Accident", events=(event(SLOW, 5000.0),))
    assert values(OLD, bare(fast, slow, silent, absurd))["efficiency"] == pytest.approx((150.0 + 30.0) / 2)


def test_comfort_is_a_mean_over_the_routes_with_motion():
    routes = [
        DrivenRoute(drive("1", scenario="Accident"), comfortable_share=0.5),
        DrivenRoute(drive("2", scenario="Accident"), comfortable_share=0.0),
        DrivenRoute(drive("3", scenario="Accident")),
    ]
    assert values(OLD, routes)["comfort"] == 25.0
    assert math.isnan(values(OLD, routes[2:])["comfort"])


def test_the_44_types_and_their_abilities():
    sizes = {name: len(types) for name, types in TYPES.items()}
    assert sizes == {"overtaking": 9, "merging": 16, "emergency_brake": 12, "give_way": 2, "traffic_signs": 19}
    assert len(frozenset().union(*TYPES.values())) == 44


def test_each_ability_is_the_success_rate_of_its_types():
    routes = bare(
        drive("1", scenario="InvadingTurn"),
        drive("2", scenario="YieldToEmergencyVehicle", events=(CAR,)),
        drive("3", scenario="ParkingExit"),
        drive("4", scenario="VehicleOpensDoorTwoWays", events=(RED,)),
        drive("5", scenario="ControlLoss"),
    )
    found = values(OLD, routes)
    assert [found[name] for name in ("overtaking", "merging", "emergency_brake", "give_way")] == [0, 100, 100, 50]
    assert math.isnan(found["traffic_signs"]) and math.isnan(found["mean_ability"])


def test_traffic_signs_count_twice_in_the_old_version_and_either_way_in_the_new():
    def at_junction(route_id, share, **facts):
        return DrivenRoute(drive(route_id, scenario="T_Junction", **facts), junction_share=share)

    routes = [
        at_junction("success", 0.5),
        at_junction("obedient", 0.5, completion=60.0),
        at_junction("hit a car", 0.5, events=(CAR,)),
        at_junction("ran a light", 0.5, events=(RED,)),
        at_junction("ran a stop sign", 0.5, completion=60.0, events=(STOP,)),
        at_junction("stuck before", 0.5, completion=50.0),
    ]
    assert [values(OLD, [route])["traffic_signs"] for route in routes] == [100, 50, 50, 0, 0, 0]
    assert [values(NEW, [route])["traffic_signs_either"] for route in routes] == [100, 100, 100, 0, 0, 0]
    assert values(OLD, routes)["traffic_signs"] == pytest.approx(100.0 * 4 / 12)
    assert values(NEW, routes)["traffic_signs_either"] == pytest.approx(100.0 * 3 / 6)


def test_a_success_needs_no_junction_in_the_new_version():
    route = DrivenRoute(drive(scenario="T_Junction"))
    assert values(NEW, [route])["traffic_signs_either"] == 100.0
    assert math.isnan(values(OLD, [route])["traffic_signs"])


def test_the_mean_ability_is_the_mean_of_the_five():
    routes = bare(
        drive("1", scenario="Accident"),
        drive("2", scenario="HighwayExit", events=(CAR,)),
        drive("3", scenario="ParkingCutIn"),
        drive("4", scenario="InvadingTurn", events=(CAR,)),
    )
    signs = DrivenRoute(drive("5", completion=90.0, scenario="T_Junction"), junction_share=0.5)
    assert values(OLD, [*routes, signs])["mean_ability"] == pytest.approx((100 + 0 + 100 + 0 + 50) / 5)
    assert values(NEW, [*routes, signs])["mean_ability_either"] == pytest.approx((100 + 0 + 100 + 0 + 100) / 5)


@settings(max_examples=30, deadline=None)
@given(EVENTS)
def test_success_means_full_score_and_more(events):
    found = one(events=events)
    if found["success_rate"] == 100.0:
        assert found["driving_score"] == 100.0


def test_types_that_no_record_names_have_no_ability():
    nameless = dataclasses.replace(drive(scenario="Accident"), names=None)
    assert math.isnan(values(OLD, bare(nameless))["overtaking"])
