"""What Fail2Drive changes, to see whether a driver copes with what it has not seen."""

from lead.scenarios.catalogue.entry import Chapter, Entry, Example

_STAND_INS = (
    "Walls, pictures and animals that CARLA 0.9.16 does not have are replaced by props and walkers of about their "
    "size; the report names them."
)

FAIL2DRIVE = Chapter(
    "Fail2Drive: obstacles, pictures and traffic",
    (
        Entry(
            ("BadParkingObstacle",),
            "A car is parked so badly, shifted by `x` and `y` and turned by `yaw`, that it stands in the lane. No sign "
            "warns.",
            "Pass in the neighbouring lane.",
            "As ParkedObstacle.",
        ),
        Entry(
            ("BadParkingObstacleTwoWays",),
            "As BadParkingObstacle, where the way round leads through oncoming cars.",
            "Wait for a gap, and pass.",
            "As ParkedObstacleTwoWays.",
            "",
            Example("ParkedObstacleTwoWays", {"y": {"value": "1.2"}, "yaw": {"value": "-30"}}),
        ),
        Entry(
            ("PermutedConstructionObstacle",),
            "Road works of which `warning_sign`, `debris` and some of the `cones` are missing or others than usual.",
            "Pass in the neighbouring lane.",
            "As ConstructionObstacle.",
            "",
            Example("ConstructionObstacle", {"cones": {"value": "0000111"}}),
        ),
        Entry(
            ("PermutedConstructionObstacleTwoWays",),
            "As PermutedConstructionObstacle, where the way round leads through oncoming cars.",
            "Wait for a gap, and pass.",
            "As ConstructionObstacleTwoWays.",
            "",
            Example("ConstructionObstacleTwoWays", {"cones": {"value": "0000111"}}),
        ),
        Entry(
            ("CustomObstacle",),
            "The `objects` of the route file lie on the road or beside it. Some can be passed within the lane.",
            "Pass them, or drive on where the lane is free.",
            "As ConstructionObstacle.",
            _STAND_INS,
        ),
        Entry(
            ("CustomObstacleTwoWays",),
            "As CustomObstacle, where the way round leads through oncoming cars.",
            "Wait for a gap, and pass.",
            "As ConstructionObstacleTwoWays.",
            _STAND_INS,
        ),
        Entry(
            ("ConstructionObstacleRightLane",),
            "Road works in the lane or strip to the right of the ego's, which stays free.",
            "Drive on.",
            "The ego is 50 m beyond them, or after 240 s.",
        ),
        Entry(
            ("ConstructionObstacleOppositeLane",),
            "Road works in the oncoming lane, from which nobody comes. The ego's lane stays free.",
            "Drive on.",
            "The ego is 50 m beyond them, or after 240 s.",
        ),
        Entry(
            ("RoadBlocked",),
            "The `objects` of the route file, a wall or a queue of barriers, block the whole road for `wait` seconds.",
            "Stop and wait.",
            "What blocks the road is gone. There is no timeout.",
            _STAND_INS,
        ),
        Entry(
            ("HardBrakeNoLights",),
            "As HardBreakRoute, but no brake light is lit.",
            "Brake in time.",
            "As HardBreakRoute.",
        ),
        Entry(
            ("NormalVehicleRunningRedLight", "NormalVehicleTakingPriority"),
            "As OppositeVehicleRunningRedLight and OppositeVehicleTakingPriority, with an ordinary `vehicle` that has "
            "no flashing lights.",
            "Brake for it, although the light is green.",
            "It is gone, and the ego has left the junction.",
        ),
        Entry(
            ("ObscuredStopSign",),
            "Something sticks to the next stop sign, which can hardly be read.",
            "Stop all the same.",
            "The ego is 10 m beyond the junction, or after 240 s.",
            _STAND_INS,
        ),
        Entry(
            ("ImageOnObject",),
            "An object at the right edge of the road shows a picture, of a traffic light or a child, that means "
            "nothing.",
            "Drive on.",
            "The ego has driven 10 m more than `distance`, or after 240 s.",
            _STAND_INS,
        ),
    ),
)
