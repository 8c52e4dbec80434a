"""`checkpoint_endpoint.json`: the results of an evaluation in the official schema, written after every route.

Besides the official keys the file has `lead`: the identity of the run, so that another run is never mixed in, and
what errors said.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lead.evaluation.infractions import Infraction, metres_in
from lead.evaluation.records import RouteRecord, RouteStatus
from lead.evaluation.scoring import deviation, driven_km, mean

CHECKPOINT_NAME = "checkpoint_endpoint.json"

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


class CheckpointError(Exception):
    """A result file that cannot be continued; the message is one sentence."""


@dataclass(frozen=True)
class RunIdentity:
    """What makes two evaluations the same: protocol, seed, and digests of routes and agent."""

    protocol: str
    routes: str
    agent: str
    seed: int


@dataclass(frozen=True)
class Checkpoint:
    """The results so far. `records` are in the order of their indices, `total` is the number of routes to drive.

    `errors`: what went wrong with a route, in one sentence, by its `route_id`; `not_played`: by the same, why scenarios
    of it did not run, by their names.
    """

    identity: RunIdentity
    total: int
    records: tuple[RouteRecord, ...] = ()
    sensors: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    not_played: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def with_record(
        self, record: RouteRecord, error: str = "", not_played: Mapping[str, str] = MappingProxyType({})
    ) -> "Checkpoint":
        """The checkpoint with one more record, or with the record of that index replaced."""
        others = [other for other in self.records if other.index != record.index]
        records = tuple(sorted([*others, record], key=lambda one: one.index))
        errors = {name: text for name, text in self.errors.items() if name != record.route_id}
        return replace(
            self,
            records=records,
            errors=errors | ({record.route_id: error} if error else {}),
            not_played={**self.not_played, record.route_id: dict(not_played)},
        )

    def with_sensors(self, sensors: Sequence[str]) -> "Checkpoint":
        """The checkpoint with the agent's sensors."""
        return replace(self, sensors=tuple(sensors))

    @property
    def finished(self) -> frozenset[int]:
        """Indices of the routes that need not be driven again; those that the simulator spoiled are not among them."""
        spoiled = RouteStatus.SIMULATION_CRASHED
        return frozenset(record.index for record in self.records if record.status is not spoiled)

    @property
    def entry_status(self) -> str:
        """The official word for how far the evaluation is and whether it is valid."""
        statuses = {record.status for record in self.records}
        if RouteStatus.SIMULATION_CRASHED in statuses:
            return "Crashed"
        if RouteStatus.SENSORS_INVALID in statuses:
            return "Rejected"
        return "Finished" if len(self.records) == self.total else "Started"


def to_json(checkpoint: Checkpoint) -> dict[str, Any]:
    """The file's content. Means are over the routes driven so far, and so over all in the end."""
    summary = global_record(checkpoint.records)
    flat = summary["infractions"] | summary["scores_mean"]
    return {
        "_checkpoint": {
            "global_record": summary,
            "progress": [len(checkpoint.records), checkpoint.total],
            "records": [record.to_json() for record in checkpoint.records],
        },
        "entry_status": checkpoint.entry_status,
        "eligible": checkpoint.entry_status == "Finished",
        "sensors": list(checkpoint.sensors),
        "values": [str(flat[key]) for _, key in LABELS],
        "labels": [label for label, _ in LABELS],
        "lead": {
            "identity": asdict(checkpoint.identity),
            "errors": dict(checkpoint.errors),
            "not_played": dict(checkpoint.not_played),
        },
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


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write the file so that it is either the old or the new one, never half of it."""
    write_json(path, to_json(checkpoint))


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write JSON to a temporary name beside `path` and rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_text(json.dumps(data, indent=4) + "\n", encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def resume(path: Path, identity: RunIdentity, total: int) -> Checkpoint:
    """The results that `path` holds, or none where there is no file.

    Raises CheckpointError when the file is damaged, was not written by lead, or belongs to another run.
    """
    if not path.exists():
        return Checkpoint(identity, total)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise CheckpointError(f"{path} is damaged ({error}); move it away or start anew without resuming") from None
    if not isinstance(data, dict) or "lead" not in data:
        raise CheckpointError(f"{path} was not written by lead and cannot be continued")
    try:
        found = RunIdentity(**data["lead"]["identity"])
        errors, not_played = dict(data["lead"]["errors"]), dict(data["lead"]["not_played"])
        records = tuple(RouteRecord.from_json(record) for record in data["_checkpoint"]["records"])
        sensors = tuple(map(str, data["sensors"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} is no result file ({type(error).__name__}: {error})") from None
    _refuse_mixing(path, found, identity)
    return Checkpoint(identity, total, records, sensors, errors, not_played)


def count_finished(path: Path) -> int:
    """Number of records in a result file; 0 where there is none that can be read."""
    try:
        return len(json.loads(path.read_text(encoding="utf-8"))["_checkpoint"]["records"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _refuse_mixing(path: Path, found: RunIdentity, wanted: RunIdentity) -> None:
    different = [name for name, value in asdict(wanted).items() if getattr(found, name) != value]
    if different:
        what = " and ".join(different)
        raise CheckpointError(
            f"{path} holds results of a run that differs in {what}; choose another output or do not resume"
        )
