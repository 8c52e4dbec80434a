"""Obstacles in the lane, and what upsets the drive on an open road."""

from lead.scenarios.catalogue.entry import Chapter, Entry

_TIMEOUT = "or after 240 s, which is a scenario timeout"
_PASSED = f"The ego is 50 m beyond the obstacle, {_TIMEOUT}. Nobody is blocked in the meantime."
_ONE_WAY = "Stop behind it, or change into the neighbouring lane in time and come back afterwards."
_TWO_WAYS = "Wait for a gap between the oncoming cars that is long enough, pass in their lane, and come back."
_SLOWER = (
    "Five seconds after the ego has come near, the cars beside drive no faster than `speed`, so that a gap can be found"
)
_ONCOMING = (
    "Five seconds after the ego has come near, cars of the scenario come along the oncoming lane with gaps drawn from "
    "`frequency`; from then on the oncoming lane may be used."
)

OBSTACLES = Chapter(
    "Obstacles in the lane",
    (
        Entry(
            ("Accident",),
            "A warning sign stands at the trigger. `distance` metres on, a police car with flashing lights and, 10 and "
            f"16 m behind it, two crashed cars stand in the lane, shifted to one side. {_SLOWER}.",
            _ONE_WAY,
            _PASSED,
        ),
        Entry(
            ("AccidentTwoWays",),
            f"As Accident, on a road with one lane for each direction. {_ONCOMING}",
            _TWO_WAYS,
            _PASSED,
        ),
        Entry(
            ("ParkedObstacle",),
            f"A warning sign, and `distance` metres on a car with its hazard lights on in the lane. {_SLOWER}.",
            _ONE_WAY,
            _PASSED,
        ),
        Entry(
            ("ParkedObstacleTwoWays",),
            f"As ParkedObstacle, on a road with one lane for each direction. {_ONCOMING}",
            _TWO_WAYS,
            _PASSED,
        ),
        Entry(
            ("ConstructionObstacle",),
            "Road works: a warning sign at the trigger, and `distance` metres on a barrier, rubble and a row of cones "
            f"that closes the lane. The background uses the lane no more. {_SLOWER}.",
            _ONE_WAY,
            _PASSED,
        ),
        Entry(
            ("ConstructionObstacleTwoWays",),
            f"As ConstructionObstacle, on a road with one lane for each direction. {_ONCOMING}",
            _TWO_WAYS,
            _PASSED,
        ),
        Entry(
            ("HazardAtSideLane",),
            "Two bicycles, 9 m apart, ride at `bicycle_speed` at the right edge of the lane, and stop after "
            f"`bicycle_drive_distance`. {_SLOWER}.",
            "Follow them slowly, or pass with room to the side.",
            f"The ego has been ahead of both for 50 m, {_TIMEOUT}.",
        ),
        Entry(
            ("HazardAtSideLaneTwoWays",),
            "As HazardAtSideLane, on a road with one lane for each direction. The background's oncoming cars go on, "
            "but leave gaps of `frequency`.",
            "Pass where the gap between the oncoming cars allows it.",
            f"The ego has been ahead of both for 50 m, {_TIMEOUT}.",
            "The original leaves the test of the wrong direction switched off for the rest of the route, and so do "
            "we, because scores would differ otherwise.",
        ),
        Entry(
            ("VehicleOpensDoorTwoWays",),
            "A car is parked beside the lane. When the ego is 3 s or 10 m away, the door on the ego's side opens, and "
            "the cars behind the ego stop. After 5 s the oncoming lane is free.",
            "Brake for the door, then pass with room to the side.",
            _PASSED,
            "In the original, nobody ever comes along the oncoming lane, since its flow is put on the ego's own; the "
            "same here.",
        ),
        Entry(
            ("InvadingTurn",),
            "Cones along the oncoming lane push its cars `offset` metres into the ego's lane, in a bend.",
            "Keep to the right edge of the lane.",
            f"The ego is `distance` + 30 m beyond the trigger, {_TIMEOUT}.",
        ),
    ),
)

DISTURBANCES = Chapter(
    "On the open road",
    (
        Entry(
            ("YieldToEmergencyVehicle",),
            "An emergency vehicle comes from `distance` metres behind, 90 km/h faster than the ego, and closes up to "
            "it.",
            "Leave the lane, or make room, until it is past.",
            "It has been ahead for 50 m, or 10 s after it has come within 50 m. If it is behind the ego then, that is "
            "an infraction. There is no timeout.",
            "The 90 km/h are a mistake of units in the original that has become the benchmark.",
        ),
        Entry(
            ("BlockedIntersection",),
            "A car with lit brake lights stands 5 m behind the junction on the route. Nobody else is in the junction.",
            "Stop behind it and wait.",
            f"The car is gone 10 s after the ego has come within 13 m, {_TIMEOUT}.",
        ),
        Entry(
            ("ControlLoss",),
            "Debris lies 14, 48 and 74 m ahead. While the ego is on it, noise comes on top of throttle and steering.",
            "Keep the lane.",
            "The ego has driven 110 m, or 36 m beyond the last debris.",
        ),
        Entry(
            ("HardBreakRoute",),
            "All cars ahead of the ego brake to a stand, with lit brake lights, and stand for 10 s.",
            "Brake in time; keep a distance that allows it.",
            "The cars go on after 10 s, and the ego has driven 15 m from then on.",
        ),
        Entry(
            ("ParkingExit",),
            "The ego starts in the parking lane between two parked cars, with a car passing beside. The background "
            "comes with gaps of `flow_distance`.",
            "Wait for a gap, pull out, and get up to speed.",
            f"The ego has driven 15 m more than `front_vehicle_distance`, {_TIMEOUT}.",
        ),
    ),
)
