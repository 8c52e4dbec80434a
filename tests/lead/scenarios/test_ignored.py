"""An ego that takes no notice of a scenario is booked for it: types whose other tests do not show that."""

import pytest

from lead.evaluation.infractions import Infraction

VEHICLE, LAYOUT = Infraction.COLLISION_VEHICLE, Infraction.COLLISION_LAYOUT
WALKER, RED, STOP = Infraction.COLLISION_PEDESTRIAN, Infraction.RED_LIGHT, Infraction.STOP_SIGN
DENSE = {"source_dist_interval": {"from": "9", "to": "10"}, "flow_speed": {"value": "7"}}
HAYBALE = {"objects": {"a": "id=static.prop.haybale x=0 y=0 yaw=90"}}
LIGHTS, SIGN = ("SignalizedJunctionRightTurn", "Town05"), ("VanillaNonSignalizedTurnEncounterStopsign", "Town12")
VANILLA = "VanillaSignalizedTurnEncounter"

RED_RUNNER, TAKER = "OppositeVehicleRunningRedLight", "OppositeVehicleTakingPriority"
CAR = {"vehicle": {"value": "vehicle.audi.a2"}}

#: Type, where it is played (a type that the route files have there, and the town), the ego's speed (m/s), what it is
#: booked for, and parameters.
QUICK = (
    ("ConstructionObstacleTwoWays", "ConstructionObstacleTwoWays", "Town12", 12.0, LAYOUT, {}),
    ("HazardAtSideLaneTwoWays", "HazardAtSideLane", "Town12", 12.0, VEHICLE, {"frequency": {"value": "80"}}),
    ("EnterActorFlowV2", "EnterActorFlow", "Town12", 8.0, VEHICLE, {}),
    ("MergerIntoSlowTraffic", "MergerIntoSlowTraffic", "Town12", 14.0, VEHICLE, DENSE),
    ("InterurbanActorFlow", "InterurbanActorFlow", "Town12", 4.0, VEHICLE, DENSE),
    ("ParkingCrossingPedestrian", "ParkingCrossingPedestrian", "Town03", 5.0, WALKER, {}),
    ("VehicleTurningRoutePedestrian", "VehicleTurningRoute", "Town03", 3.5, WALKER, {}),
    ("CrossingBicycleFlow", "CrossingBicycleFlow", "Town12", 5.0, VEHICLE, DENSE),
    ("SignalizedJunctionLeftTurn", "SignalizedJunctionLeftTurn", "Town03", 6.0, RED, {}),
    ("NonSignalizedJunctionRightTurn", *LIGHTS, 6.0, VEHICLE, DENSE),
    (RED_RUNNER, RED_RUNNER, "Town12", 4.5, VEHICLE, {}),
    (TAKER, TAKER, "Town12", 6.0, VEHICLE, {}),
    ("NonSignalizedJunctionLeftTurnEnterFlow", "NonSignalizedJunctionLeftTurnEnterFlow", "Town04", 4.0, VEHICLE, DENSE),
    (f"{VANILLA}GreenLight", *LIGHTS, 3.0, RED, {}),
    ("CrossJunctionDefectTrafficLight", *LIGHTS, 5.0, VEHICLE, {"traffic_direction": {"value": "left"}, **DENSE}),
    ("PermutedConstructionObstacle", "ConstructionObstacle", "Town12", 12.0, LAYOUT, {}),
    ("NormalVehicleRunningRedLight", RED_RUNNER, "Town12", 4.5, VEHICLE, CAR),
    ("NormalVehicleTakingPriority", TAKER, "Town12", 6.0, VEHICLE, CAR),
    ("Scenario3", "DynamicObjectCrossing", "Town03", 9.0, WALKER, {}),
    ("Scenario7", "SignalizedJunctionLeftTurn", "Town12", 3.5, RED, {}),
    ("Scenario9", *LIGHTS, 3.5, RED, {}),
)
#: Those that share nearly everything with one that is booked above or elsewhere.
SLOW = (
    ("AccidentTwoWays", "AccidentTwoWays", "Town12", 12.0, VEHICLE, {}),
    ("ParkedObstacle", "ParkedObstacle", "Town12", 12.0, VEHICLE, {}),
    ("MergerIntoSlowTrafficV2", "MergerIntoSlowTrafficV2", "Town12", 14.0, VEHICLE, DENSE),
    ("VehicleTurningLeft", "SignalizedJunctionLeftTurnEnterFlow", "Town04", 3.5, VEHICLE, {}),
    ("VehicleTurningRight", *LIGHTS, 3.5, VEHICLE, {}),
    ("SignalizedJunctionLeftTurnEnterFlow", "SignalizedJunctionLeftTurnEnterFlow", "Town04", 6.0, RED, {}),
    (f"{VANILLA}GreenLightLong", *LIGHTS, 3.0, RED, {}),
    (f"{VANILLA}RedLightLong", *LIGHTS, 8.0, RED, {}),
    (f"{SIGN[0]}Long", *SIGN, 6.0, STOP, {}),
    ("BadParkingObstacleTwoWays", "ParkedObstacleTwoWays", "Town12", 12.0, VEHICLE, {}),
    ("CustomObstacleTwoWays", "ConstructionObstacleTwoWays", "Town12", 12.0, LAYOUT, HAYBALE),
    ("PermutedConstructionObstacleTwoWays", "ConstructionObstacleTwoWays", "Town12", 12.0, LAYOUT, {}),
    ("Scenario5", "ParkedObstacle", "Town12", 25.0, VEHICLE, {}),
    *(
        (f"Scenario7{turn}", "SignalizedJunctionLeftTurn", "Town12", 3.5, RED, {})
        for turn in ("left", "right", "opposite")
    ),
    *((f"Scenario8{turn}", "SignalizedJunctionLeftTurn", "Town12", 3.5, RED, {}) for turn in ("", "left")),
    ("Scenario9right", *LIGHTS, 3.5, RED, {}),
)


#: To load a town takes longer than most of these scenarios.
BY_TOWN = sorted([*QUICK, *SLOW], key=lambda one: one[2])


@pytest.mark.parametrize(
    ("kind", "like", "town", "speed", "booked", "parameters"),
    [pytest.param(*one, id=one[0], marks=pytest.mark.slow if one in SLOW else ()) for one in BY_TOWN],
)
def test_who_takes_no_notice(show, real_route, kind, like, town, speed, booked, parameters):
    with show(real_route(like, town, played_as=kind, **parameters), speed) as play:
        play.until(lambda: booked in play.infractions, 40.0)
        assert play.is_triggered()
