"""The results for people: a table, and a report file with what the official file has no place for."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lead.evaluation.checkpoint import Checkpoint, global_record, write_json
from lead.evaluation.infractions import Infraction, tally_messages
from lead.evaluation.protocol import find_protocol
from lead.evaluation.records import RouteRecord
from lead.evaluation.scoring import driven_km, mean, normalised_score
from lead.routes import Route

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
    """One route: its scores in percent (`penalty` 0 to 1), game and wall time, and why scenarios did not run."""

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
    scenarios_not_run: dict[str, str]
    error: str


@dataclass(frozen=True)
class Report:
    """An evaluation: its protocol, the routes done and all there are, the means, and every route."""

    protocol: str
    agent_digest: str
    seed: int
    done: int
    total: int
    driving_score: float
    route_completion: float
    penalty: float
    normalised_score: float
    routes: tuple[RouteReport, ...]


def make_report(checkpoint: Checkpoint, routes: Sequence[Route]) -> Report:
    """The report of the results so far; `routes` by the index of the records."""
    lines = tuple(_route_report(record, routes[record.index], checkpoint) for record in checkpoint.records)
    means = global_record(checkpoint.records)["scores_mean"]
    return Report(
        protocol=checkpoint.identity.protocol,
        agent_digest=checkpoint.identity.agent,
        seed=checkpoint.identity.seed,
        done=len(checkpoint.records),
        total=checkpoint.total,
        driving_score=means["score_composed"],
        route_completion=means["score_route"],
        penalty=means["score_penalty"],
        normalised_score=round(mean([line.normalised_score for line in lines], len(lines)), 3),
        routes=lines,
    )


def _route_report(record: RouteRecord, route: Route, checkpoint: Checkpoint) -> RouteReport:
    tally = tally_messages(record.infractions)
    km = driven_km([record.route_length], [record.score_route])
    counts_slow = find_protocol(checkpoint.identity.protocol).min_speed_counts
    wall = record.duration_system
    return RouteReport(
        route_id=record.route_id,
        town=route.town,
        status=record.status.value,
        driving_score=record.score_composed,
        route_completion=record.score_route,
        penalty=record.score_penalty,
        normalised_score=round(normalised_score(record.score_route, km, tally, counts_slow), 3),
        infractions={kind.value: tally.count(kind) for kind in Infraction},
        route_length_m=record.route_length,
        duration_game_s=record.duration_game,
        real_time_factor=round(record.duration_game / wall, 2) if wall > 0.0 else 0.0,
        scenarios_not_run=dict(checkpoint.not_played.get(record.route_id, {})),
        error=checkpoint.errors.get(record.route_id, ""),
    )


def make_table(report: Report) -> Table:
    """The table of an evaluation, one row a route and the means below; it fits 80 columns."""
    table = Table(title=f"{report.protocol}: {report.done} of {report.total} routes", show_footer=True)
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


def _tally(counts: Mapping[str, int]) -> str:
    """What happened, in words: `2 slow, 1 red light`."""
    return ", ".join(f"{counts[kind.value]} {name}" for kind, name in _SHORT_NAMES.items() if counts[kind.value]) or "-"


def notes(report: Report) -> list[str]:
    """What the table cannot say: scenarios that did not run, and errors."""
    lines = [f"{line.route_id}: {line.error}" for line in report.routes if line.error]
    return lines + [
        f"{line.route_id}: scenario {name} did not run: {reason}"
        for line in report.routes
        for name, reason in line.scenarios_not_run.items()
    ]


def write_report(folder: Path, report: Report) -> None:
    """Write `report.json` and `report.txt`."""
    write_json(folder / "report.json", asdict(report))
    console = Console(file=io.StringIO(), width=_TEXT_WIDTH)
    console.print(make_table(report))
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    (folder / "report.txt").write_text("\n".join([text, *notes(report), ""]), encoding="utf-8")


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
