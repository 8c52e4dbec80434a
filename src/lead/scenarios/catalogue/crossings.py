"""People and bicycles that cross the road."""

from lead.scenarios.catalogue.entry import Chapter, Entry, Example

_THEN = "Whoever crossed is gone, and the ego has driven another 40 m. There is no timeout."
_WAIT = "Brake, and let them cross."

CROSSINGS = Chapter(
    "People and bicycles that cross",
    (
        Entry(
            ("DynamicObjectCrossing",),
            "A walker, hidden by a prop on the pavement, steps onto the road when the ego is 2.1 s or 6 m away, at "
            "`crossing_angle` to the road's normal.",
            _WAIT,
            _THEN,
            "Where there is no room beside the road, the walker comes all the same; the original drops the scenario "
            "after six attempts.",
        ),
        Entry(
            ("ParkingCrossingPedestrian",),
            "A walker steps out from behind a parked car when the ego is 2.15 s or 6 m away.",
            _WAIT,
            _THEN,
            "Where there is no room, the walker comes all the same, as above. Cars of the town that are parked there "
            "are taken away where the parked car is to stand.",
        ),
        Entry(
            ("PedestrianCrossing",),
            "Three walkers cross the ego's road right before a junction, each after a moment and at its own pace.",
            _WAIT,
            _THEN,
        ),
        Entry(
            ("VehicleTurningRoute", "VehicleTurningLeft", "VehicleTurningRight"),
            "A bicycle crosses the road 11 m behind the junction, where the route turns (or, for the other two names, "
            "on the road to the left or right).",
            _WAIT,
            _THEN,
        ),
        Entry(
            ("VehicleTurningRoutePedestrian",),
            "A walker crosses the whole road behind the junction, from the side that the ego sees last in its turn.",
            _WAIT,
            _THEN,
        ),
        Entry(
            ("CrossingBicycleFlow",),
            "Bicycles on their own lane go straight on where the ego turns across it. At lights, theirs is green "
            "first, then the ego's as well.",
            "Wait for a gap between the bicycles.",
            "The ego has left the junction, or after 240 s, which is a scenario timeout.",
            "Every bicycle gets the whole way; the original shortens the common plan with each bicycle, so that later "
            "ones start farther on.",
        ),
    ),
)

FAIL2DRIVE_WALKERS = Chapter(
    "Fail2Drive: people",
    (
        Entry(
            ("PedestrianCrowd",),
            "Many people stand on the pavement, and stay there.",
            "Drive on.",
            "The ego is beyond them, or after 240 s.",
            "",
            Example("DynamicObjectCrossing"),
        ),
        Entry(
            ("PedestriansOnRoad",),
            "Up to three people walk along in the ego's lane, `distance` metres ahead, for `walker_duration` seconds.",
            "Follow them at their pace, or pass with room to the side.",
            "The ego is beyond them, or they are gone. That is no timeout.",
        ),
        Entry(
            ("ConstructionObstaclePedestrian",),
            "A worker steps out of road works into the lane in which the ego passes them.",
            _WAIT,
            "As ConstructionObstacle.",
        ),
    ),
)
