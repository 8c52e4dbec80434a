"""The files of a run that are made from its store: the official one, the reports, the incidents of each route."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from lead.evaluation.attempt import Attempt
from lead.evaluation.checkpoint import to_json
from lead.evaluation.incidents import incidents
from lead.evaluation.report import make_report, write_report
from lead.evaluation.results import Results
from lead.evaluation.store import CHECKPOINT_NAME
from lead.files import write_json

INCIDENTS_NAME = "infractions.json"


def write_outputs(folder: Path, results: Results, fresh: Iterable[Attempt]) -> None:
    """Write the files of the run, and those of the routes of `fresh`."""
    write_json(folder / CHECKPOINT_NAME, to_json(results))
    write_report(folder, make_report(results, folder))
    for attempt in fresh:
        content = incidents(attempt)
        write_json(route_folder(folder, attempt.record.route_id) / INCIDENTS_NAME, content)
        if len(results.keys) == 1:
            # Where LEAD's tools look for it, beside the videos.
            write_json(folder / INCIDENTS_NAME, content)


def route_folder(folder: Path, route_id: str) -> Path:
    """Where the files of one route are."""
    return folder / quote(route_id, safe="")
