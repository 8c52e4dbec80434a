"""What each type of scenario needs of the road, and within which bounds its parameters are drawn."""

from collections.abc import Mapping
from types import MappingProxyType

from lead.routes import RoadOption
from lead.scenarios.lanes import Approach
from lead.scenarios.places.at_junctions import AtJunction, Control, side_of
from lead.scenarios.places.draws import gaps, number, one_of, word
from lead.scenarios.places.lane_changes import LaneChanges
from lead.scenarios.places.open_road import (
    OpenRoad,
    alone,
    anywhere,
    free_lane,
    lane_to_left,
    lane_to_right,
    oncoming,
    oncoming_with_parking,
    parking,
    pavement,
    queue_lane,
)
from lead.scenarios.places.place import Need
from lead.scenarios.places.streams import AcrossMainRoad, Leaving, Merging, along_bicycle_lane

_LEFT, _RIGHT, _STRAIGHT = (RoadOption.LEFT,), (RoadOption.RIGHT,), (RoadOption.STRAIGHT,)
_TURNS, _ANY_WAY = (RoadOption.LEFT, RoadOption.RIGHT), (RoadOption.LEFT, RoadOption.RIGHT, RoadOption.STRAIGHT)
_LIGHTS, _NO_LIGHTS, _STOP, _NOTHING = Control.LIGHTS, Control.NO_LIGHTS, Control.STOP, Control.NOTHING
_FROM_OPPOSITE, _FROM_LEFT = (Approach.OPPOSITE,), (Approach.LEFT,)

_SLOWER = {"speed": number(40, 70, 5)}
_ONCOMING = {"frequency": gaps((40, 60), (90, 140))}
_CROSSING = {"flow_speed": number(8, 15), "source_dist_interval": gaps((15, 25), (45, 80))}
_FAST = {"flow_speed": number(14, 20), "source_dist_interval": gaps((15, 20), (35, 60))}
_SLOW = {"flow_speed": number(8, 12), "source_dist_interval": gaps((10, 15), (30, 40))}
_MAIN_ROAD = {"flow_speed": number(14, 20), "source_dist_interval": gaps((30, 50), (75, 105))}

#: Things on the road that a car can pass, and such that close a road of two lanes.
_IN_THE_WAY = one_of(
    {"object_1": "id=static.prop.streetbarrier x=0.0 y=0.6 yaw=90", "object_2": "id=static.prop.trashbag x=1.5 y=-0.4"},
    {"object_1": "id=static.prop.clothcontainer x=0.0 y=0.5 yaw=15"},
    {"object_1": "id=static.prop.foodcart x=0.0 y=0.4 yaw=50"},
)
_ACROSS = one_of(
    {f"object_{i}": f"id=static.prop.streetbarrier x=0.0 y={y:g} yaw=90" for i, y in enumerate((-4.5, -2.5, -0.5, 1.5))}
)


def _side_rush(control: Control) -> AtJunction:
    return AtJunction((RoadOption.STRAIGHT, RoadOption.LEFT), control, fits=side_of(Approach.LEFT, Approach.RIGHT))


_ACCIDENT = (60.0, 140.0)
_SITE = (60.0, 120.0)

NEEDS: Mapping[str, Need] = MappingProxyType(
    {
        # obstacles in the lane
        "Accident": OpenRoad(free_lane(after_m=76.0), 90.0, _ACCIDENT, draws=_SLOWER),
        "AccidentTwoWays": OpenRoad(oncoming(after_m=76.0), 90.0, _ACCIDENT, draws=_ONCOMING),
        "ParkedObstacle": OpenRoad(free_lane(), 70.0, _SITE, draws=_SLOWER),
        "ParkedObstacleTwoWays": OpenRoad(oncoming(), 70.0, _SITE, draws=_ONCOMING),
        "ConstructionObstacle": OpenRoad(free_lane(), 70.0, _SITE, draws=_SLOWER),
        "ConstructionObstacleTwoWays": OpenRoad(oncoming(), 70.0, _SITE, draws=_ONCOMING),
        "HazardAtSideLane": OpenRoad(
            lane_to_left(after_m=80.0),
            130.0,
            (40.0, 80.0),
            draws={**_SLOWER, "bicycle_speed": number(8, 14), "bicycle_drive_distance": number(60, 90, 10)},
        ),
        "HazardAtSideLaneTwoWays": OpenRoad(
            oncoming(after_m=80.0),
            130.0,
            (40.0, 80.0),
            draws={
                "bicycle_speed": number(8, 12),
                "bicycle_drive_distance": number(50, 90, 10),
                "frequency": number(75, 110, 5),
            },
        ),
        "VehicleOpensDoorTwoWays": OpenRoad(
            oncoming_with_parking(8.0, 15.0), 60.0, (40.0, 70.0), draws={"frequency": gaps((25, 40), (85, 100))}
        ),
        "InvadingTurn": OpenRoad(
            oncoming(before_m=60.0, after_m=35.0), 80.0, (60.0, 110.0), draws={"offset": number(0.15, 0.3, 0.05)}
        ),
        # on the open road
        "YieldToEmergencyVehicle": OpenRoad(
            free_lane(before_m=0.0, after_m=120.0),
            150.0,
            before_m=80.0,
            draws={"distance": number(40, 70, 5)},
        ),
        "BlockedIntersection": AtJunction(_TURNS, approach_m=(15.0, 45.0)),
        "ControlLoss": OpenRoad(anywhere, 115.0),
        "HardBreakRoute": OpenRoad(anywhere, 65.0, before_m=50.0),
        "ParkingExit": OpenRoad(
            parking(12.0, 20.0),
            90.0,
            before_m=0.0,
            draws={"front_vehicle_distance": number(9, 11), "behind_vehicle_distance": number(9, 10)},
        ),
        # cut-ins and streams
        "ParkingCutIn": OpenRoad(parking(-20.0, 42.0), 85.0),
        "StaticCutIn": OpenRoad(queue_lane(), 150.0, (60.0, 120.0)),
        "HighwayCutIn": Merging((60.0, 80.0), (70.0, 140.0), 150.0, beside=True),
        "EnterActorFlow": Merging(draws=_FAST),
        "EnterActorFlowV2": Merging((80.0, 120.0), (30.0, 80.0), 150.0, draws=_FAST),
        "MergerIntoSlowTraffic": Merging(draws=_SLOW),
        "MergerIntoSlowTrafficV2": Merging((80.0, 120.0), (24.0, 80.0), 150.0, draws=_SLOW),
        "HighwayExit": Leaving(draws=_SLOW),
        "InterurbanActorFlow": AcrossMainRoad(entering=False, draws=_MAIN_ROAD),
        "InterurbanAdvancedActorFlow": AcrossMainRoad(entering=True, draws=_MAIN_ROAD),
        # people and bicycles that cross
        "DynamicObjectCrossing": OpenRoad(
            alone,
            60.0,
            (30.0, 50.0),
            draws={
                "direction": word("right"),
                "blocker_model": word(
                    "static.prop.vendingmachine", "static.prop.container", "static.prop.advertisement"
                ),
                "crossing_angle": number(0, 15, 5),
            },
        ),
        "ParkingCrossingPedestrian": OpenRoad(
            parking(8.0, 14.0), 60.0, (30.0, 50.0), draws={"crossing_angle": number(0, 10, 5)}
        ),
        "PedestrianCrossing": AtJunction(_ANY_WAY, approach_m=(30.0, 60.0)),
        "VehicleTurningRoute": AtJunction(_TURNS, approach_m=(15.0, 60.0), after_m=70.0),
        "VehicleTurningLeft": AtJunction(_LEFT, approach_m=(15.0, 60.0), after_m=70.0),
        "VehicleTurningRight": AtJunction(_RIGHT, approach_m=(15.0, 60.0), after_m=70.0),
        "VehicleTurningRoutePedestrian": AtJunction(_TURNS, approach_m=(15.0, 60.0), after_m=70.0),
        "CrossingBicycleFlow": AtJunction(
            _RIGHT,
            approach_m=(40.0, 70.0),
            fits=along_bicycle_lane,
            draws={"flow_speed": number(6, 9), "source_dist_interval": gaps((5, 15), (25, 40))},
        ),
        # junctions
        "SignalizedJunctionLeftTurn": AtJunction(_LEFT, _LIGHTS, _FROM_OPPOSITE, draws=_CROSSING),
        "NonSignalizedJunctionLeftTurn": AtJunction(_LEFT, _NO_LIGHTS, _FROM_OPPOSITE, draws=_CROSSING),
        "SignalizedJunctionRightTurn": AtJunction(_RIGHT, _LIGHTS, _FROM_LEFT, draws=_CROSSING),
        "NonSignalizedJunctionRightTurn": AtJunction(_RIGHT, _NO_LIGHTS, _FROM_LEFT, draws=_CROSSING),
        "SignalizedJunctionLeftTurnEnterFlow": AtJunction(
            _LEFT, _LIGHTS, (Approach.OPPOSITE, Approach.RIGHT), draws=_CROSSING
        ),
        "NonSignalizedJunctionLeftTurnEnterFlow": AtJunction(
            _LEFT, _NO_LIGHTS, (Approach.OPPOSITE, Approach.RIGHT), draws=_CROSSING
        ),
        "OppositeVehicleRunningRedLight": _side_rush(_LIGHTS),
        "OppositeVehicleTakingPriority": _side_rush(_NO_LIGHTS),
        "PriorityAtJunction": AtJunction(_ANY_WAY, _LIGHTS),
        "CrossJunctionDefectTrafficLight": AtJunction(
            _STRAIGHT,
            _LIGHTS,
            fits=side_of(Approach.LEFT, Approach.RIGHT, name="traffic_direction"),
            draws=_CROSSING,
            after_m=70.0,
        ),
        "RedLightWithoutLeadVehicle": AtJunction(_ANY_WAY, _LIGHTS, approach_m=(40.0, 100.0), after_m=120.0),
        "VanillaSignalizedTurnEncounterGreenLight": AtJunction(_TURNS, _LIGHTS),
        "VanillaSignalizedTurnEncounterGreenLightLong": AtJunction(_TURNS, _LIGHTS, approach_m=(60.0, 140.0)),
        "VanillaSignalizedTurnEncounterRedLight": AtJunction(_TURNS, _LIGHTS),
        "VanillaSignalizedTurnEncounterRedLightLong": AtJunction(_TURNS, _LIGHTS, approach_m=(60.0, 140.0)),
        "VanillaNonSignalizedTurn": AtJunction(_TURNS, _NOTHING),
        "VanillaNonSignalizedTurnLong": AtJunction(_TURNS, _NOTHING, approach_m=(60.0, 140.0)),
        "VanillaNonSignalizedTurnEncounterStopsign": AtJunction(_TURNS, _STOP),
        "VanillaNonSignalizedTurnEncounterStopsignLong": AtJunction(_TURNS, _STOP, approach_m=(60.0, 140.0)),
        "T_Junction": AtJunction(_TURNS, arms=3, after_m=120.0),
        "SequentialLaneChange": LaneChanges(),
        "BackgroundActivityParametrizer": OpenRoad(
            anywhere, 150.0, draws={"num_front_vehicles": number(1, 4), "num_back_vehicles": number(1, 3)}
        ),
        # Fail2Drive
        "BadParkingObstacle": OpenRoad(
            free_lane(),
            70.0,
            (40.0, 80.0),
            draws={**_SLOWER, "y": number(1.5, 2.5, 0.1), "yaw": number(-40, 40, 10)},
        ),
        "BadParkingObstacleTwoWays": OpenRoad(
            oncoming(),
            70.0,
            (40.0, 80.0),
            draws={**_ONCOMING, "y": number(1.2, 1.8, 0.1), "yaw": number(-40, 40, 10)},
        ),
        "PermutedConstructionObstacle": OpenRoad(
            free_lane(), 70.0, _SITE, draws={**_SLOWER, "cones": word("0000111", "1010111", "1111000")}
        ),
        "PermutedConstructionObstacleTwoWays": OpenRoad(
            oncoming(), 70.0, _SITE, draws={**_ONCOMING, "cones": word("0000111", "1010111", "1111000")}
        ),
        "CustomObstacle": OpenRoad(free_lane(), 70.0, (50.0, 90.0), draws={**_SLOWER, "objects": _IN_THE_WAY}),
        "CustomObstacleTwoWays": OpenRoad(oncoming(), 70.0, (50.0, 90.0), draws={**_ONCOMING, "objects": _IN_THE_WAY}),
        "ConstructionObstaclePedestrian": OpenRoad(free_lane(), 70.0, _SITE),
        "ConstructionObstacleRightLane": OpenRoad(
            lane_to_right(), 70.0, (40.0, 80.0), draws={"direction": word("right")}
        ),
        "ConstructionObstacleOppositeLane": OpenRoad(oncoming(), 70.0, (60.0, 100.0)),
        "RoadBlocked": OpenRoad(
            oncoming(20.0, 20.0), 60.0, (60.0, 100.0), draws={"objects": _ACROSS, "wait": number(10, 25, 5)}
        ),
        "PedestrianCrowd": OpenRoad(
            pavement(-20.0, 55.0),
            90.0,
            draws={
                "pedestrian_center": word("40"),
                "pedestrian_radius": word("10"),
                "pedestrians": number(10, 20, 5),
                "side": word("right"),
            },
        ),
        "PedestriansOnRoad": OpenRoad(
            anywhere, 110.0, (40.0, 60.0), draws={"walker_speed": number(2, 3, 0.5), "walker_duration": word("20")}
        ),
        "HardBrakeNoLights": OpenRoad(anywhere, 65.0, before_m=50.0),
        "NormalVehicleRunningRedLight": _side_rush(_LIGHTS),
        "NormalVehicleTakingPriority": _side_rush(_NO_LIGHTS),
        "ObscuredStopSign": AtJunction(_ANY_WAY, _STOP, approach_m=(20.0, 45.0)),
        "ImageOnObject": OpenRoad(
            alone, 60.0, (30.0, 50.0), draws={"prop": word("static.prop.advertisement", "static.prop.busstop")}
        ),
        # Leaderboard 1.0
        "Scenario1": OpenRoad(anywhere, 115.0),
        "Scenario2": AtJunction(_ANY_WAY, approach_m=(70.0, 150.0)),
        "Scenario3": OpenRoad(alone, 80.0),
        "Scenario4": AtJunction(_TURNS, approach_m=(20.0, 60.0), after_m=70.0),
        "Scenario5": OpenRoad(lane_to_left(before_m=-30.0, after_m=140.0), 150.0),
        "Scenario6": OpenRoad(oncoming(-40.0, 115.0), 180.0),
        "Scenario7": AtJunction(_ANY_WAY, _LIGHTS, _FROM_LEFT),
        "Scenario7left": AtJunction(_LEFT, _LIGHTS, _FROM_LEFT),
        "Scenario7right": AtJunction(_RIGHT, _LIGHTS, _FROM_LEFT),
        "Scenario7opposite": AtJunction(_STRAIGHT, _LIGHTS, (Approach.RIGHT,)),
        "Scenario8": AtJunction(_LEFT, _LIGHTS, _FROM_OPPOSITE),
        "Scenario8left": AtJunction(_LEFT, _LIGHTS, _FROM_OPPOSITE),
        "Scenario9": AtJunction(_RIGHT, _LIGHTS, _FROM_LEFT),
        "Scenario9right": AtJunction(_RIGHT, _LIGHTS, _FROM_LEFT),
        "Scenario10": AtJunction(_ANY_WAY, _NO_LIGHTS),
    }
)
