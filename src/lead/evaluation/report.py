"""The results for people: a table, and a report file with what the official file has no place for.

Attempts that the simulator spoiled are kept apart: means and table are of the routes that were driven.
"""

import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lead.evaluation.attempt import Attempt, RunIdentity
from lead.evaluation.checkpoint import global_record
from lead.evaluation.comparison import Estimate, measure
from lead.evaluation.infractions import Infraction, tally_messages
from lead.evaluation.metric_info import FOLDER as METRIC_INFO_FOLDER
from lead.evaluation.metric_info import driven_routes
from lead.evaluation.protocol import find_protocol
from lead.evaluation.result_files import Run
from lead.evaluation.results import Results
from lead.evaluation.scoring import driven_km, mean, normalised_score
from lead.evaluation.tables import coverage, estimates_to_json, metrics_table, remarks
from lead.files import write_json, write_text

_TEXT_WIDTH = 120
_ROUTE_PREFIX = "RouteScenario_"

#: How the table names each kind of infraction.
_SHORT_NAMES = {
    Infraction.COLLISION_PEDESTRIAN: "pedestrian",
    Infraction.COLLISION_VEHICLE: "vehicle",
    Infraction.COLLISION_LAYOUT: "static",
    Infraction.RED_LIGHT: "red light",
    Infraction.STOP_SIGN: "stop",
    Infraction.OUTSIDE_LANES: "lanes",
    Infraction.MIN_SPEED: "slow",
}


@dataclass(frozen=True)
class RouteReport:
    """One route: its scores in percent (`penalty` 0 to 1), game and wall time, and what became of its scenarios.

    `stand_ins`: by scenario, what took the place of things that the simulator does not have.
    """

    route_id: str
    town: str
    status: str
    driving_score: float
    route_completion: float
    penalty: float
    normalised_score: float
    infractions: dict[str, int]
    route_length_m: float
    duration_game_s: float
    real_time_factor: float
    scenarios_played: tuple[str, ...]
    scenarios_not_run: dict[str, str]
    stand_ins: dict[str, tuple[str, ...]]
    error: str


@dataclass(frozen=True)
class FailureReport:
    """An attempt that the simulator spoiled; `made_up_for`: whether another one was driven."""

    route_id: str
    attempt: int
    outcome: str
    error: str
    made_up_for: bool


@dataclass(frozen=True)
class Report:
    """A run: what it is, the routes done and all there are, the means over those done, and every route.

    `coverage`: how much of the protocol's routes that is; `metrics`: what the protocol measures; `remarks` on them.
    """

    identity: RunIdentity
    done: int
    total: int
    driving_score: float
    route_completion: float
    penalty: float
    normalised_score: float
    routes: tuple[RouteReport, ...]
    simulator_failures: tuple[FailureReport, ...]
    coverage: str
    metrics: Mapping[str, Estimate]
    remarks: tuple[str, ...]


def make_report(results: Results, folder: Path) -> Report:
    """The report of the results so far of the run in `folder`. Raises MetricInfoError for damaged files of a drive."""
    protocol = find_protocol(results.identity.protocol)
    routes = driven_routes([attempt.record for attempt in results.driven], folder / METRIC_INFO_FOLDER)
    run = Run(str(folder), protocol, routes)
    metrics = measure(protocol, routes)
    lines = tuple(_route_report(attempt) for attempt in results.driven)
    means = global_record([attempt.record for attempt in results.driven])["scores_mean"]
    return Report(
        identity=results.identity,
        done=len(lines),
        total=len(results.keys),
        driving_score=means["score_composed"],
        route_completion=means["score_route"],
        penalty=means["score_penalty"],
        normalised_score=round(mean([line.normalised_score for line in lines], len(lines)), 3),
        routes=lines,
        simulator_failures=tuple(_failure_report(attempt, results) for attempt in results.failures),
        coverage=coverage(run),
        metrics=metrics,
        remarks=tuple(remarks(run, metrics)),
    )


def _route_report(attempt: Attempt) -> RouteReport:
    record, bill = attempt.record, attempt.scenarios
    tally = tally_messages(record.infractions)
    km = driven_km([record.route_length], [record.score_route])
    counts_slow = find_protocol(attempt.run.protocol).min_speed_counts
    wall = record.duration_system
    return RouteReport(
        route_id=record.route_id,
        town=attempt.town,
        status=record.status.value,
        driving_score=record.score_composed,
        route_completion=record.score_route,
        penalty=record.score_penalty,
        normalised_score=round(normalised_score(record.score_route, km, tally, counts_slow), 3),
        infractions={kind.value: tally.count(kind) for kind in Infraction},
        route_length_m=record.route_length,
        duration_game_s=record.duration_game,
        real_time_factor=round(record.duration_game / wall, 2) if wall > 0.0 else 0.0,
        scenarios_played=bill.played,
        scenarios_not_run=dict(bill.dropped),
        stand_ins=dict(bill.notes),
        error=attempt.error,
    )


def _failure_report(attempt: Attempt, results: Results) -> FailureReport:
    return FailureReport(
        route_id=attempt.record.route_id,
        attempt=attempt.number,
        outcome=attempt.outcome.value,
        error=attempt.error,
        made_up_for=attempt.key in results.finished,
    )


def make_table(report: Report) -> Table:
    """The table of an evaluation, one row a route and the means below; it fits 80 columns."""
    table = Table(title=f"{report.identity.protocol}: {report.done} of {report.total} routes", show_footer=True)
    totals = {kind.value: sum(line.infractions[kind.value] for line in report.routes) for kind in Infraction}
    columns = [
        ("route", f"{report.done} routes"),
        ("town", ""),
        ("status", ""),
        ("infractions", _tally(totals)),
        ("DS", f"{report.driving_score:.1f}"),
        ("RC", f"{report.route_completion:.1f}"),
        ("game s", f"{sum(line.duration_game_s for line in report.routes):.0f}"),
        ("speed", ""),
    ]
    for position, (name, footer) in enumerate(columns):
        table.add_column(name, footer=footer, justify="left" if position < 4 else "right", overflow="fold")
    for line in report.routes:
        table.add_row(*_cells(line))
    return table


def make_metrics_table(report: Report) -> Table:
    """What the protocol measures, with intervals."""
    protocol = find_protocol(report.identity.protocol)
    return metrics_table(protocol, {"value": report.metrics}, f"{protocol.name}: {report.coverage}")


def _tally(counts: Mapping[str, int]) -> str:
    """What happened, in words: `2 slow, 1 red light`."""
    return ", ".join(f"{counts[kind.value]} {name}" for kind, name in _SHORT_NAMES.items() if counts[kind.value]) or "-"


def notes(report: Report) -> list[str]:
    """What the table cannot say: errors, scenarios that did not run or not as they should, the simulator's failures."""
    routes = report.routes
    lines = [f"{line.route_id}: {line.error}" for line in routes if line.error]
    for line in routes:
        not_run = line.scenarios_not_run.items()
        lines += [f"{line.route_id}: scenario {name} did not run: {reason}" for name, reason in not_run]
        stand_ins = [(name, text) for name, texts in line.stand_ins.items() for text in texts]
        lines += [f"{line.route_id}: scenario {name}: {text}" for name, text in stand_ins]
    return [*lines, *map(_failure_note, report.simulator_failures), *report.remarks]


def _failure_note(failure: FailureReport) -> str:
    end = "driven again" if failure.made_up_for else "not driven"
    return f"{failure.route_id}, attempt {failure.attempt}, {end}: {failure.outcome}: {failure.error}"


def write_report(folder: Path, report: Report) -> None:
    """Write `report.json` and `report.txt`."""
    write_json(folder / "report.json", asdict(report) | {"metrics": estimates_to_json(report.metrics)})
    text = io.StringIO()
    Console(file=text, width=_TEXT_WIDTH).print(make_table(report), make_metrics_table(report))
    write_text(folder / "report.txt", "\n".join([text.getvalue(), *notes(report), ""]))


def _cells(line: RouteReport) -> list[str]:
    return [
        line.route_id.removeprefix(_ROUTE_PREFIX),
        line.town,
        line.status,
        _tally(line.infractions),
        f"{line.driving_score:.1f}",
        f"{line.route_completion:.1f}",
        f"{line.duration_game_s:.0f}",
        f"{line.real_time_factor:.1f}x",
    ]
