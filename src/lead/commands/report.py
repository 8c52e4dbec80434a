"""`lead report`: what runs came to, how two of them differ, and several result files as one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console

from lead.commands.exits import BAD_INPUT, BadInputError, fail
from lead.evaluation.comparison import compare, measure
from lead.evaluation.metric_info import MetricInfoError
from lead.evaluation.protocol import ProtocolError, one_protocol
from lead.evaluation.result_files import ResultError, merge, read_files, read_run
from lead.evaluation.tables import (
    changes_table,
    comparison_table,
    comparison_to_json,
    coverage,
    metrics_table,
    remarks,
    run_to_json,
)
from lead.files import write_json
from lead.routes import RouteError

RunPath = Annotated[Path, tyro.conf.Positional]
RunPaths = Annotated[tuple[Path, ...], tyro.conf.Positional]


def show(
    runs: RunPaths,
    /,
    protocol: str | None = None,
    metric_info: Path | None = None,
    routes: Path | None = None,
    json: Path | None = None,
):
    """Show the metrics of runs, with intervals, side by side.

    Args:
        runs: Run folders, official result files, or folders of such files.
        protocol: What the results were driven under, where the files do not say it.
        metric_info: Folder with Bench2Drive's metric_info.json files, by default metric_info in the run's folder.
        routes: The route files, which Bench2Drive's traffic signs ask for when the runs are not lead's.
        json: File for the same as JSON.
    """
    if not runs:
        raise BadInputError("name at least one run folder or result file")
    found = [read_run(path, protocol, metric_info, routes) for path in runs]
    rules = one_protocol({run.name: run.protocol.name for run in found})
    estimates = {run.name: measure(rules, run.routes) for run in found}
    console = Console()
    console.print(metrics_table(rules, estimates))
    for run in found:
        console.print(f"{run.name}: {coverage(run)}.", highlight=False, soft_wrap=True)
        for remark in remarks(run, estimates[run.name]):
            console.print(remark, style="yellow", highlight=False, soft_wrap=True)
    if json is not None:
        write_json(json, {"runs": [run_to_json(run, estimates[run.name]) for run in found]})


def compare_runs(
    a: RunPath,
    b: RunPath,
    /,
    protocol: str | None = None,
    routes: Path | None = None,
    largest: int = 10,
    json: Path | None = None,
):
    """Compare two runs of one protocol on the routes that both drove.

    Args:
        a: Run folder, official result file, or folder of such files.
        b: The one that is compared with it.
        protocol: What the results were driven under, where the files do not say it.
        routes: The route files, which Bench2Drive's traffic signs ask for when the runs are not lead's.
        largest: How many routes to list, those with the largest changes.
        json: File for all of the comparison as JSON.
    """
    first, second = (read_run(path, protocol, routes=routes) for path in (a, b))
    comparison = compare(first, second)
    console = Console()
    console.print(comparison_table(comparison))
    console.print(changes_table(comparison.changes, largest))
    for name, alone in ((first.name, comparison.only_first), (second.name, comparison.only_second)):
        if alone:
            console.print(
                f"{name}: {alone} more routes that the other did not drive.",
                style="yellow",
                highlight=False,
                soft_wrap=True,
            )
    if json is not None:
        write_json(json, comparison_to_json(comparison))


def merge_runs(output: RunPath, runs: RunPaths, /, protocol: str | None = None):
    """Put the results of one protocol from several places into one file of the leaderboard's schema.

    Args:
        output: The file to write; it must not exist.
        runs: Run folders, official result files, or folders of such files.
        protocol: What the results were driven under, where the files do not say it.
    """
    if output.exists():
        raise BadInputError(f"{output} exists already")
    if not runs:
        raise BadInputError("name at least one run folder or result file to merge")
    merged = merge([file for path in runs for file in read_files(path)], protocol)
    write_json(output, merged)
    done, total = merged["_checkpoint"]["progress"]
    rules = merged["lead"]["identity"]["protocol"]
    Console().print(f"{output}: {done} of {total} drives under {rules}", highlight=False, soft_wrap=True)


def main(arguments: Sequence[str]) -> int:
    """Run `lead report ARGUMENTS` and return the exit code."""
    commands = {"show": show, "compare": compare_runs, "merge": merge_runs}
    try:
        tyro.extras.subcommand_cli_from_dict(commands, prog="lead report", args=arguments)
    except (BadInputError, ResultError, ProtocolError, MetricInfoError, RouteError) as error:
        return fail(error, BAD_INPUT)
    return 0
