"""Junctions: flows, lights, and those who take no notice of either."""

from lead.scenarios.catalogue.entry import Chapter, Entry, Example

_TIMEOUT = "or after 240 s, which is a scenario timeout"
_LEFT = f"The ego is 10 m beyond the junction, {_TIMEOUT}."
_LIGHTS = "At lights, the flow has green and the ego red for 5 s, then both have green."
_RED = "Red is given for the whole of the scenario to all others."
_TURN = "Junction with lights, where the route turns"

JUNCTIONS = Chapter(
    "Junctions",
    (
        Entry(
            ("SignalizedJunctionLeftTurn", "NonSignalizedJunctionLeftTurn"),
            f"The ego turns left across a flow of oncoming cars with gaps from `source_dist_interval`. {_LIGHTS}",
            "Wait for a gap in the flow.",
            _LEFT,
        ),
        Entry(
            ("SignalizedJunctionRightTurn", "NonSignalizedJunctionRightTurn"),
            f"The ego turns right into a flow of cars from the left. {_LIGHTS}",
            "Wait for a gap in the flow.",
            _LEFT,
        ),
        Entry(
            ("SignalizedJunctionLeftTurnEnterFlow", "NonSignalizedJunctionLeftTurnEnterFlow"),
            f"The ego turns left into the road into which a flow of oncoming cars turns right. {_LIGHTS}",
            "Merge into the flow.",
            _LEFT,
        ),
        Entry(
            ("OppositeVehicleRunningRedLight", "OppositeVehicleTakingPriority"),
            "An emergency vehicle comes from the side at 60 km/h and crosses the junction when the ego is 2.2 s or 12 "
            f"m from where their ways meet; at lights (first name) against its red. {_RED}",
            "Brake for it, although the light is green.",
            "It is gone, and the ego has left the junction. There is no timeout.",
        ),
        Entry(
            ("PriorityAtJunction",),
            "The ego has green, and all others red, until it is through the junction.",
            "Drive on.",
            "The ego has left the junction.",
            "",
            Example("SignalizedJunctionRightTurn"),
        ),
        Entry(
            ("CrossJunctionDefectTrafficLight",),
            "Flows from the left, the right, or both cross the junction. After 5 s of red the ego has green, and so, "
            "by a defect, have they.",
            "Wait for a gap, although the light is green.",
            f"The ego is 50 m beyond the junction, {_TIMEOUT}.",
            "",
            Example(
                "SignalizedJunctionRightTurn",
                {
                    "traffic_direction": {"value": "left"},
                    "flow_speed": {"value": "9"},
                    "source_dist_interval": {"from": "24", "to": "26"},
                },
            ),
        ),
        Entry(
            ("RedLightWithoutLeadVehicle",),
            "The next light turns red once when the ego is within 48 m. Whoever stands between it and the light is "
            "taken away.",
            "Stop at the line, with nobody to follow.",
            f"The ego has driven 200 m, {_TIMEOUT}.",
            "The parameters of a flow, which files carry, have no effect, as in the original.",
            Example("SignalizedJunctionRightTurn"),
        ),
        Entry(
            (
                "VanillaSignalizedTurnEncounterGreenLight",
                "VanillaSignalizedTurnEncounterGreenLightLong",
            ),
            "The light at which the route turns is green for 5 s when the ego comes, then red for 5 s.",
            "Turn if the green lasts long enough; else stop.",
            "The ego is 10 m beyond the junction.",
        ),
        Entry(
            ("VanillaSignalizedTurnEncounterRedLight", "VanillaSignalizedTurnEncounterRedLightLong"),
            "The light at which the route turns is red for 5 s when the ego comes, then green for good.",
            "Stop, and turn at green.",
            "The ego is 10 m beyond the junction.",
        ),
        Entry(
            ("VanillaNonSignalizedTurn", "VanillaNonSignalizedTurnLong"),
            "The route turns at a junction without lights. There are no actors.",
            "Turn.",
            "The ego is 10 m beyond the junction.",
        ),
        Entry(
            ("VanillaNonSignalizedTurnEncounterStopsign", "VanillaNonSignalizedTurnEncounterStopsignLong"),
            "The route turns at a stop sign. There are no actors.",
            "Come to a stand at the line, then turn.",
            "The ego is 10 m beyond the junction.",
        ),
        Entry(
            ("T_Junction", "SequentialLaneChange"),
            "There are no actors: the difficulty is the route itself, which turns at a junction of three roads or "
            "changes lanes several times in a row.",
            "Follow the route.",
            f"The ego has driven 200 m, {_TIMEOUT}.",
        ),
        Entry(
            ("BackgroundActivityParametrizer",),
            "The background traffic becomes denser or thinner, as the parameters say.",
            "Nothing.",
            "At once.",
            "Number and distance of the cars at junctions are swapped, as in the original.",
            Example("SignalizedJunctionRightTurn", {"num_front_vehicles": {"value": "4"}}),
        ),
    ),
)

NUMBERED = Chapter(
    "Leaderboard 1.0",
    (
        Entry(
            ("Scenario1",),
            "Debris lies 12, 46 and 72 m ahead. From the first on, a little noise comes on top of every control.",
            "Keep the lane.",
            "30 m beyond the last debris, or 10 m before a junction.",
            "",
            Example("ControlLoss"),
        ),
        Entry(
            ("Scenario2",),
            "A car drives 25 m ahead at 10 m/s and brakes to a stand 20 m before the next junction.",
            "Follow it and stop behind it.",
            "The ego has stood behind it for a second.",
            "",
            Example("ParkedObstacle"),
        ),
        Entry(
            ("Scenario3",),
            "A walker or a bicycle comes onto the road from behind a vending machine.",
            "Brake, and let it cross.",
            "It is gone, and the ego has driven another 40 m.",
            "",
            Example("DynamicObjectCrossing"),
        ),
        Entry(
            ("Scenario4",),
            "A fast bicycle crosses the road into which the route turns, and stays beside it.",
            "Brake, and let it cross.",
            "5 s after the bicycle has crossed.",
            "",
            Example("VehicleTurningRoute"),
        ),
        Entry(
            ("Scenario5",),
            "Two fast cars drive ahead in neighbouring lanes; the one in the ego's slows down.",
            "Follow, or change lanes.",
            "The ego has driven 140 m.",
            "The speeds, meant as km/h, are used as m/s, as in the original.",
            Example("ParkedObstacle"),
        ),
        Entry(
            ("Scenario6",),
            "Two barriers block the lane 50 m ahead; cars come slowly, every 40 m, along the oncoming lane.",
            "Wait for a gap, and pass in the oncoming lane.",
            "The ego has driven 220 m.",
            "",
            Example("ParkedObstacleTwoWays"),
        ),
        Entry(
            (
                "Scenario7",
                "Scenario7left",
                "Scenario7right",
                "Scenario7opposite",
                "Scenario8",
                "Scenario8left",
                "Scenario9",
                "Scenario9right",
            ),
            "10 m before the junction the ego's green light turns yellow, and red 2 s later, while somebody else gets "
            "green; then the ego gets green as well. Who that is hangs on the type: traffic that crosses the ego's way "
            "(7), that comes towards it (8), or into which it turns (9).",
            "Stop at red, and yield when both have green.",
            "The ego is 20 m beyond the junction.",
            "",
            Example("SignalizedJunctionLeftTurn"),
        ),
        Entry(
            ("Scenario10",),
            "The ego crosses a junction without lights. There are no actors.",
            "Look out for the background traffic.",
            "The ego is 20 m beyond the junction.",
            "",
            Example("NonSignalizedJunctionLeftTurn"),
        ),
    ),
)
