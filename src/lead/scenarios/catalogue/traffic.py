"""Cut-ins, and flows to merge into or to cross."""

from lead.scenarios.catalogue.entry import Chapter, Entry, Example

_TIMEOUT = "or after 240 s, which is a scenario timeout"
_FLOW = (
    "The cars of the flow drive `flow_speed` m/s, whatever is in their way, until one of them collides with something."
)
_AT_SINK = f"The ego comes to where the flow ends, {_TIMEOUT}."

CUT_INS = Chapter(
    "Cars that cut in",
    (
        Entry(
            ("ParkingCutIn",),
            "A car that is parked beside the lane, hidden behind another one, pulls out when the ego is 2.35 s or 10 m "
            "away.",
            "Brake for it.",
            "The car has driven 30 m, and is gone.",
        ),
        Entry(
            ("StaticCutIn",),
            "Six cars stand in the neighbouring lane. One in their middle changes into the ego's lane when the ego is "
            "2.7 s or 15 m away.",
            "Brake for it, and follow.",
            "The car has driven 70 m in the ego's lane, or 30 s are over.",
        ),
        Entry(
            ("HighwayCutIn",),
            "A car on the ramp adapts its speed so that it comes to the junction together with the ego, and changes "
            "into its lane, a fifth slower than the ego.",
            "Slow down and let it in.",
            "The change of lanes is done; the car is gone.",
        ),
    ),
)

FLOWS = Chapter(
    "Flows to merge into and to cross",
    (
        Entry(
            ("EnterActorFlow",),
            f"The ego enters a road on which cars come on every lane, with gaps from `source_dist_interval`. {_FLOW}",
            "Wait for a gap, and come up to the speed of the flow.",
            _AT_SINK,
        ),
        Entry(
            ("EnterActorFlowV2",),
            f"As EnterActorFlow with cars on one lane only; the road behind the junction is cleared for it. {_FLOW}",
            "Wait for a gap, and come up to the speed of the flow.",
            _AT_SINK,
            "",
            Example("EnterActorFlow"),
        ),
        Entry(
            ("MergerIntoSlowTraffic",),
            f"A dense and slow flow drives along the lane that the route joins. {_FLOW}",
            "Adapt the speed and merge into a gap.",
            _AT_SINK,
        ),
        Entry(
            ("MergerIntoSlowTrafficV2",),
            f"As MergerIntoSlowTraffic; the road behind the junction is cleared for the flow. {_FLOW}",
            "Adapt the speed and merge into a gap.",
            _AT_SINK,
        ),
        Entry(
            ("HighwayExit",),
            f"Between the ego and its exit lies a lane with a flow. {_FLOW}",
            "Find a gap in the flow, and change through it to the exit in time.",
            f"The ego has left the junction of the exit, {_TIMEOUT}.",
        ),
        Entry(
            ("InterurbanActorFlow",),
            f"The route turns off a main road across the lane of the oncoming cars. {_FLOW}",
            "Wait for a gap.",
            f"The ego has left the junction, {_TIMEOUT}.",
        ),
        Entry(
            ("InterurbanAdvancedActorFlow",),
            f"The route turns into a main road: across the flow of one direction, into that of the other. {_FLOW}",
            "Wait until both have a gap.",
            _AT_SINK,
        ),
    ),
)
