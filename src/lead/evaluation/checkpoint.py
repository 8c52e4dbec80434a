"""`checkpoint_endpoint.json`: the results of an evaluation in the official schema.

Besides the official keys the file has `lead`, the identity of the run: only files that agree in it, but for the seed,
are results of the same thing.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lead.evaluation.infractions import Infraction, metres_in
from lead.evaluation.records import RouteRecord, RouteStatus
from lead.evaluation.results import Results
from lead.evaluation.scoring import deviation, driven_km, mean

_RATE_DIGITS = 3
_SCORE_DIGITS = 6
_SCORES = ("score_composed", "score_route", "score_penalty")

#: Labels of the summary and where each value comes from, in the official order.
LABELS: Sequence[tuple[str, str]] = (
    ("Avg. driving score", "score_composed"),
    ("Avg. route completion", "score_route"),
    ("Avg. infraction penalty", "score_penalty"),
    ("Collisions with pedestrians", Infraction.COLLISION_PEDESTRIAN.value),
    ("Collisions with vehicles", Infraction.COLLISION_VEHICLE.value),
    ("Collisions with layout", Infraction.COLLISION_LAYOUT.value),
    ("Red lights infractions", Infraction.RED_LIGHT.value),
    ("Stop sign infractions", Infraction.STOP_SIGN.value),
    ("Off-road infractions", Infraction.OUTSIDE_LANES.value),
    ("Route deviations", Infraction.ROUTE_DEVIATION.value),
    ("Route timeouts", Infraction.ROUTE_TIMEOUT.value),
    ("Agent blocked", Infraction.BLOCKED.value),
    ("Yield emergency vehicles infractions", Infraction.YIELD_TO_EMERGENCY_VEHICLE.value),
    ("Scenario timeouts", Infraction.SCENARIO_TIMEOUT.value),
    ("Min speed infractions", Infraction.MIN_SPEED.value),
)


def to_json(results: Results) -> dict[str, Any]:
    """The file's content. Means are over the routes tried so far, and so over all in the end."""
    summary = global_record(results.records)
    flat = summary["infractions"] | summary["scores_mean"]
    return {
        "_checkpoint": {
            "global_record": summary,
            "progress": [len(results.final), len(results.keys)],
            "records": [record.to_json() for record in results.records],
        },
        "entry_status": results.entry_status,
        "eligible": results.entry_status == "Finished",
        "sensors": list(results.sensors),
        "values": [str(flat[key]) for _, key in LABELS],
        "labels": [label for label, _ in LABELS],
        "lead": {"identity": asdict(results.identity)},
    }


def global_record(records: Sequence[RouteRecord]) -> dict[str, Any]:
    """Means, deviations and infractions per kilometre over `records`; kilometres outside the lanes are a sum."""
    scores = {key: [getattr(record, key) for record in records] for key in _SCORES}
    failed = [record for record in records if record.status.value.startswith("Failed")]
    worst = RouteStatus.PERFECT if all(r.status is RouteStatus.PERFECT for r in records) else RouteStatus.COMPLETED
    return {
        "index": -1,
        "route_id": -1,
        "status": (RouteStatus.FAILED if failed else worst).value,
        "infractions": infraction_rates(records),
        "scores_mean": {key: round(mean(values, len(records)), _SCORE_DIGITS) for key, values in scores.items()},
        "scores_std_dev": {key: round(deviation(values, len(records)), _RATE_DIGITS) for key, values in scores.items()},
        "meta": {
            "total_length": round(sum(record.route_length for record in records), _RATE_DIGITS),
            "duration_game": round(sum(record.duration_game for record in records), _RATE_DIGITS),
            "duration_system": round(sum(record.duration_system for record in records), _RATE_DIGITS),
            "exceptions": [[record.route_id, record.index, record.status.value] for record in failed],
        },
    }


def infraction_rates(records: Sequence[RouteRecord]) -> dict[str, float]:
    """Infractions per driven kilometre by kind; for OUTSIDE_LANES the kilometres themselves."""
    km = driven_km([record.route_length for record in records], [record.score_route for record in records])
    rates: dict[str, float] = {}
    for kind in Infraction:
        messages = [message for record in records for message in record.infractions[kind.value]]
        outside = kind is Infraction.OUTSIDE_LANES
        value = sum(map(metres_in, messages)) / 1000.0 if outside else len(messages) / km
        rates[kind.value] = round(value, _RATE_DIGITS)
    return rates
