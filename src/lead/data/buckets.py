"""Collections of frames to train on, as data: which drives, which frames of them, and how often each kind."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lead.data.errors import DataError
from lead.data.mining import BAD_WEATHER, MINED, Bucket, Meta, waits
from lead.suggestions import suggest

ACCEPTED, FAILED = "accepted", "failed"
Condition = Callable[[str, Meta], bool]


@dataclass(frozen=True)
class Collection:
    """Frames to train on; a frame belongs to the first bucket that holds, and to the collection if there is one."""

    name: str
    buckets: tuple[Bucket, ...]
    skip_first: int = 1
    """Frames left out at the start of each drive."""
    skip_last: int = 1
    """Frames left out at the end of each drive."""
    outcome: str = ACCEPTED
    """Which drives: those that are `accepted`, or those that `failed` for what the driver did."""
    keeps_length: bool = False
    """Whether ratios are scaled until an epoch has as many draws as the collection has frames."""
    planning: bool = False
    """Whether frames need all their waypoints."""


def _all(drive: str, meta: Meta) -> bool:
    return True


def _is_town13(drive: str, meta: Meta) -> bool:
    return "Town13" in drive


def _waits(drive: str, meta: Meta) -> bool:
    return waits(meta)


def _has(*names: str) -> Condition:
    return lambda drive, meta: any(meta.get(name) for name in names)


def _next_light(*states: str) -> Condition:
    return lambda drive, meta: meta.get("traffic_light_state") in states


def _starts(drive: str, meta: Meta) -> bool:
    return float(meta["speed"]) < 2.5 and float(meta["target_speed"]) > 0.5


def _brakes(drive: str, meta: Meta) -> bool:
    return float(meta["speed"]) > 1.0 and float(meta["target_speed"]) < float(meta["speed"]) - 1.5


def _bends(drive: str, meta: Meta) -> bool:
    return float(meta["route_largest_offset"]) > 1.5


_EVERYTHING = (Bucket("all", 1.0, _all),)
_HELD_OUT = (Bucket("town13", 0.0, _is_town13), Bucket("others", 1.0, _all))
_FEW_WAIT = (Bucket("waits", 0.2, _waits), Bucket("drives", 1.0, _all))
_BALANCED = (
    Bucket("red", 4.0, _has("light_hazard")),
    Bucket("hazards", 2.0, _has("vehicle_hazard", "walker_hazard", "stop_sign_hazard")),
    Bucket("waits", 1.5, _waits),
    Bucket("comes to red", 2.5, _next_light("Red", "Yellow")),
    Bucket("starts", 2.0, _starts),
    Bucket("green", 2.0, _next_light("Green")),
    Bucket("brakes", 3.0, _brakes),
    Bucket("bends", 1.5, _bends),
    Bucket("drives", 1.0, _all),
)
_POST = {"skip_first": 8, "skip_last": 8, "planning": True}

COLLECTIONS: Mapping[str, Collection] = MappingProxyType(
    {
        one.name: one
        for one in (
            Collection("full_pretrain", _EVERYTHING),
            Collection("full_posttrain", _EVERYTHING, **_POST),
            Collection("town13_heldout_pretrain", _HELD_OUT, keeps_length=True),
            Collection("town13_heldout_posttrain", _HELD_OUT, keeps_length=True, **_POST),
            Collection("closed_loop_posttrain", _FEW_WAIT, skip_last=8, planning=True),
            Collection("closed_loop_balanced", _BALANCED, skip_last=8, planning=True),
            Collection("failed", _EVERYTHING, outcome=FAILED),
            Collection("navsim_pretrain", (BAD_WEATHER, *MINED)),
            Collection("navsim_posttrain", (BAD_WEATHER, *MINED), 8, 16, planning=True),
            Collection("waymo_pretrain", MINED),
        )
    }
)
"""LEAD's collections by name, and ours: `closed_loop_posttrain` with the start of drives and fewer frames of waiting;
`closed_loop_balanced` with more frames of red lights, hazards, starts, braking and bends, for records of which waiting
was thinned."""


def find_collection(name: str) -> Collection:
    """A collection by its name. DataError, with a suggestion, for any other."""
    if name in COLLECTIONS:
        return COLLECTIONS[name]
    raise DataError(f"there is no collection called {name!r}{suggest(name, COLLECTIONS)}")


def is_held_out(drive: str, share: float) -> bool:
    """Whether a drive belongs to the share that is kept for validation: always the same ones, by their names."""
    return zlib.crc32(drive.encode()) < share * 2.0**32


def bucket_of(drive: str, meta: Meta, buckets: Sequence[Bucket]) -> int | None:
    """The number of the first bucket that holds, or None."""
    return next((number for number, bucket in enumerate(buckets) if bucket.holds(drive, meta)), None)
