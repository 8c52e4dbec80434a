"""What the driver decides, and what it remembers from tick to tick."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lead.expert.path import Floats, LaneChange, Shift, change_offset, total_offset


@dataclass(frozen=True)
class Decision:
    """A speed (m/s, negative backwards), why, because of which actor, and how far away that is (m)."""

    speed: float
    reason: str
    actor: int = 0
    distance: float = math.inf


@dataclass(frozen=True)
class Note:
    """What a strategy remembers of its scenario: its `phase`, places along the route, since when (s), and how far
    (m) to the right of the lane's centre its `left` side is.
    """

    phase: str = "approach"
    first: float = math.inf
    last: float = -math.inf
    since: float = 0.0
    left: float = math.inf


@dataclass(frozen=True)
class Memory:
    """What the driver remembers.

    `free_speed` (m/s): how fast it would have gone with nobody in its way; `standing_s`: how long it has stood,
    `slow_s` how long it has not been faster than a walker; `at_stop_s`: how long at a stop sign; `stops_done`: those it
    has stood at; `seen` actors and `shown` lights with the time of the last look (and the state); `shifts` of the way;
    `changes` of lane that the plan makes, as they are driven; `notes` of the strategies by scenario; `yields`: whether
    it gave way to somebody in the last tick, `yielding_s` for how long it has done so without getting away, and `edge`
    the nearest place (m along the route) that it lately gave way at, seen at `edge_s`.
    """

    time_s: float = -1.0
    free_speed: float = 0.0
    standing_s: float = 0.0
    slow_s: float = 0.0
    at_stop_s: float = 0.0
    stops_done: frozenset[int] = frozenset()
    seen: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({}))
    shown: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    yields: bool = False
    yielding_s: float = 0.0
    edge: float = math.inf
    edge_s: float = -math.inf
    shifts: tuple[Shift, ...] = ()
    changes: tuple[LaneChange, ...] = ()
    notes: Mapping[str, Note] = field(default_factory=lambda: MappingProxyType({}))

    def way_offset(self, s: Floats) -> Floats:
        """How far (m,) to the right of the route the way lies at places (m,): shifts, lane changes driven otherwise."""
        return change_offset(self.changes, s) + total_offset(self.shifts, s)
