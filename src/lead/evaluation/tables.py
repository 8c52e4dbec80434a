"""Metrics and comparisons as tables for people, and as plain data for files."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from lead.evaluation.comparison import CONFIDENCE_PERCENT, Comparison, Estimate, RouteChange
from lead.evaluation.metrics import METRICS
from lead.evaluation.protocol import Protocol
from lead.evaluation.result_files import Run

#: Metrics that the benchmarks' own tools take over all routes, with 0 for those that were not driven.
OVER_ALL_ROUTES = ("driving_score", "success_rate")

_INTERVAL = f"{CONFIDENCE_PERCENT:g} % intervals over routes"


def coverage(run: Run) -> str:
    """How many of the protocol's routes were driven: `88 of 220 routes`."""
    driven = {route.id for route in run.routes}
    expected = run.protocol.routes
    if expected is None:
        text = f"{len(driven)} route" + ("s" if len(driven) != 1 else "")
    else:
        text = f"{len(driven & expected.ids if expected.ids else driven)} of {expected.count} routes"
        foreign = len(driven - expected.ids) if expected.ids else 0
        text += f" and {foreign} that are not of the benchmark" if foreign else ""
    return text + (f", {len(run.routes)} drives" if len(run.routes) != len(driven) else "")


def remarks(run: Run, estimates: Mapping[str, Estimate]) -> list[str]:
    """What a reader of the numbers has to know: missing routes, failed simulations, metrics without a value."""
    driven, expected = len({route.id for route in run.routes}), run.protocol.routes
    lines = [f"{run.name}: left out are {len(run.spoiled)} drives that the simulator failed."] if run.spoiled else []
    if expected is not None and driven < expected.count:
        scaled = ", ".join(
            f"{METRICS[name].label} {estimates[name].value * driven / expected.count:.2f}"
            for name in OVER_ALL_ROUTES
            if name in estimates
        )
        lines.append(f"{run.name}: with 0 for the {expected.count - driven} missing routes: {scaled}.")
    missing: dict[str, list[str]] = {}
    for name, estimate in estimates.items():
        if math.isnan(estimate.value):
            missing.setdefault(METRICS[name].needs, []).append(METRICS[name].label)
    return lines + [f"{run.name}: no {', '.join(labels)}: {needs}." for needs, labels in missing.items()]


def metrics_table(protocol: Protocol, runs: Mapping[str, Mapping[str, Estimate]], title: str = "") -> Table:
    """One row a metric, one column a run, by the runs' names."""
    table = Table(title=title or protocol.name, caption=_INTERVAL)
    table.add_column("metric")
    for name in runs:
        table.add_column(Text(name), justify="right", overflow="fold")
    for name in protocol.metrics:
        table.add_row(_label(name), *(show_estimate(estimates[name]) for estimates in runs.values()))
    return table


def comparison_table(comparison: Comparison) -> Table:
    """One row a metric: both runs, and the difference, in bold where its interval leaves out 0."""
    table = Table(title=f"{comparison.protocol.name}: {comparison.common} common routes", caption=_INTERVAL)
    table.add_column("metric")
    for name in (f"A: {comparison.first}", f"B: {comparison.second}", "B - A"):
        table.add_column(Text(name), justify="right", overflow="fold")
    for line in comparison.metrics:
        difference = show_estimate(line.difference, signed=True)
        sure = line.difference.low > 0.0 or line.difference.high < 0.0
        colour = "green" if (line.difference.value > 0.0) == line.metric.higher_is_better else "red"
        shown = f"[bold {colour}]{difference}[/]" if sure else difference
        table.add_row(_label(line.metric.name), show_estimate(line.first), show_estimate(line.second), shown)
    return table


def changes_table(changes: Sequence[RouteChange], count: int) -> Table:
    """The routes whose driving score changed most."""
    table = Table(title="Largest changes of the driving score")
    for name in ("route", "A", "B", "B - A", "A ended", "B ended"):
        table.add_column(name, justify="right" if name in ("A", "B", "B - A") else "left")
    for line in [line for line in changes if line.change != 0.0][:count]:
        numbers = f"{line.first:.1f}", f"{line.second:.1f}", f"{line.change:+.1f}"
        table.add_row(line.route_id, *numbers, line.first_status, line.second_status)
    return table


def show_estimate(estimate: Estimate, signed: bool = False) -> str:
    """`61.2 (55.0 to 67.1)`; a dash for what is not known."""
    if math.isnan(estimate.value):
        return "-"
    sign = "+" if signed else ""
    value = f"{estimate.value:{sign}.2f}"
    return value if math.isnan(estimate.low) else f"{value} ({estimate.low:{sign}.2f} to {estimate.high:{sign}.2f})"


def estimates_to_json(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    """`{name: {value, low, high, unit}}`, null for what is not known."""
    return {
        name: {
            **{end: None if math.isnan(value) else round(value, 4) for end, value in vars(estimate).items()},
            "unit": METRICS[name].unit,
        }
        for name, estimate in estimates.items()
    }


def run_to_json(run: Run, estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    """A run's metrics and what they are about."""
    return {
        "run": run.name,
        "protocol": run.protocol.name,
        "coverage": coverage(run),
        "metrics": estimates_to_json(estimates),
        "remarks": remarks(run, estimates),
    }


def comparison_to_json(comparison: Comparison) -> dict[str, Any]:
    """All of a comparison."""
    kinds = ("first", "second", "difference")
    return {
        "protocol": comparison.protocol.name,
        "first": comparison.first,
        "second": comparison.second,
        "routes": {
            "common": comparison.common,
            "only_first": comparison.only_first,
            "only_second": comparison.only_second,
        },
        "metrics": {
            kind: estimates_to_json({line.metric.name: getattr(line, kind) for line in comparison.metrics})
            for kind in kinds
        },
        "changes": [vars(line) | {"change": line.change} for line in comparison.changes],
    }


def _label(name: str) -> str:
    metric = METRICS[name]
    return f"{metric.label} ({metric.unit})" if metric.unit else metric.label
