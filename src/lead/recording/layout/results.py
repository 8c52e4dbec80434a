"""`results.json`: the leaderboard's record of the route."""

import json
from collections.abc import Mapping
from typing import Any

from lead.recording.layout.errors import LayoutError

NAME = "results.json"
_NEEDED = ("status", "infractions", "scores", "meta")
_FAILED = frozenset(
    {
        "Failed",
        "Failed - Agent couldn't be set up",
        "Failed - Simulation crashed",
        "Failed - Agent crashed",
        # Bench2Drive's: the ticks were over, mostly because the ego stood for minutes. LEAD's drives never end so.
        "Failed - TickRuntime",
    }
)
_HARMLESS = frozenset({"min_speed_infractions", "outside_route_lanes"})


def encode(record: Mapping[str, Any]) -> bytes:
    """The file of a record."""
    return json.dumps(record, indent=2).encode()


def decode(data: bytes) -> dict[str, Any]:
    """The record of a file. LayoutError when it is none."""
    try:
        record = json.loads(data)
    except ValueError as error:
        raise LayoutError(f"this is no JSON: {error}") from None
    missing = [key for key in _NEEDED if not isinstance(record, dict) or key not in record]
    if missing:
        raise LayoutError(f"this is no route record: it has no {missing[0]!r}")
    return record


def is_accepted(record: Mapping[str, Any]) -> bool:
    """Whether LEAD trains on a route: driven perfectly, or with no other fault than driving slowly.

    A route that was completed may also have left its lanes.
    """
    status = record["status"]
    if status in _FAILED:
        return False
    faults = {kind for kind, messages in record["infractions"].items() if messages}
    if status == "Perfect" or record["scores"]["score_composed"] >= 100.0:
        return True
    return faults <= {"min_speed_infractions"} or (status == "Completed" and faults <= _HARMLESS)
