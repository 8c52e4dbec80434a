"""Texts about a recording, in CARLA's layout. Whatever is in the file, the answer is a text."""

import heapq
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from carlet.recorder.layout import Category, Creation, Information, Packet, RecordingError
from carlet.recorder.narration import show_events, show_state
from carlet.recorder.reading import ALL_PACKETS, EVENTS, Frame, Recording

#: A text longer than this is cut off: the client has to hold it too.
TEXT_LIMIT = 1 << 25
STOPS_LIMIT = 100_000
ANY, HERO = "a", "h"
LETTERS: Mapping[str, Category] = MappingProxyType(
    {
        "v": Category.VEHICLE,
        "w": Category.WALKER,
        "t": Category.TRAFFIC_LIGHT,
        "o": Category.OTHER,
    }
)
_LETTER_OF: Mapping[int, str] = MappingProxyType({category: letter for letter, category in LETTERS.items()})
_MOVING = (Category.VEHICLE, Category.WALKER)

Body = Callable[[Iterator[Frame]], Iterator[str]]


def file_info(path: Path, show_all: bool) -> str:
    """Every frame in which something happened, or every frame with all that is in it."""

    def body(frames: Iterator[Frame]) -> Iterator[str]:
        for frame in frames:
            lines = [*show_events(frame), *(show_state(frame) if show_all else [])]
            if lines:
                yield "".join([f"Frame {frame.id} at {frame.elapsed:g} seconds\n", *lines, "\n"])

    return _report(path, body, ALL_PACKETS if show_all else EVENTS, "{:g}")


def collision_table(path: Path, first: str, second: str) -> str:
    """Collisions between actors of two kinds: h hero, v vehicle, w walker, t light, o other, a any.

    A collision that lasts is one line. ValueError for other letters.
    """
    for letter in (first, second):
        if letter not in (ANY, HERO, *LETTERS):
            raise ValueError(f"{letter!r} is no kind of actor: use one of {' '.join([HERO, *LETTERS, ANY])}")

    def body(frames: Iterator[Frame]) -> Iterator[str]:
        yield f"{'Time':>8} {'Types':>6} {'Id':>6} {'Actor 1':<35} {'Id':>6} {'Actor 2':<35}\n"
        cast: dict[int, Creation] = {}
        touching: set[tuple[int, int]] = set()
        for frame in frames:
            cast |= {actor.id: actor for actor in frame.created}
            rows = frame.table(Packet.COLLISION)
            pairs = {(int(row["first"]), int(row["second"])): None for row in rows}
            for a, b in pairs:
                if (a, b) not in touching and _fits(cast.get(a), first) and _fits(cast.get(b), second):
                    yield _collision_line(frame.elapsed, a, cast.get(a), b, cast.get(b))
            touching = set(pairs)
        yield "\n"

    return _report(path, body, EVENTS, "{:.0f}")


def actors_blocked(path: Path, min_time: float, min_distance: float) -> str:
    """Vehicles and walkers that moved less than `min_distance` centimetres for `min_time` seconds, longest first."""

    def body(frames: Iterator[Frame]) -> Iterator[str]:
        yield f"{'Time':>8} {'Id':>6} {'Actor':<35} {'Duration':>10}\n"
        stops = _Watch(min_time, min_distance).stops(frames)
        for stop in heapq.nlargest(STOPS_LIMIT, stops, key=lambda stop: stop.duration):
            yield f"{stop.since:8.0f} {stop.id:6d} {stop.type_id:<35} {stop.duration:10.0f}\n"
        yield "\n"

    return _report(path, body, {*EVENTS, Packet.POSITION}, "{:.0f}")


# -- collisions


def _fits(actor: Creation | None, letter: str) -> bool:
    if letter == ANY:
        return True
    if letter == HERO:
        return actor is not None and actor.hero
    return LETTERS[letter] == (actor.category if actor else Category.OTHER)


def _collision_line(seconds: float, a: int, first: Creation | None, b: int, second: Creation | None) -> str:
    kinds = [_LETTER_OF.get(actor.category, "o") if actor else "o" for actor in (first, second)]
    names = [actor.type_id if actor else "" for actor in (first, second)]
    return f"{seconds:8.0f}   {kinds[0]} {kinds[1]}  {a:6d} {names[0]:<35} {b:6d} {names[1]:<35}\n"


# -- blocked actors


@dataclass(frozen=True)
class _Stop:
    id: int
    type_id: str
    since: float
    duration: float


class _Watch:
    """Where actors were when they last had moved: `place` (n, 3) in cm, `since` and `until` (n,) in s, by slot."""

    def __init__(self, min_time: float, min_distance: float):
        self._least = min_time, min_distance
        self._names: dict[int, str] = {}
        self._ids: NDArray[np.uint32] = np.zeros(0, np.uint32)
        self._place = np.zeros((0, 3))
        self._since = np.zeros(0)
        self._until = np.zeros(0)

    def stops(self, frames: Iterable[Frame]) -> Iterator[_Stop]:
        """All stops that were long enough, in the order of their ends."""
        for frame in frames:
            yield from self._look(frame)
        yield from self._ending(np.ones(len(self._ids), bool))

    def _look(self, frame: Frame) -> Iterator[_Stop]:
        """Take a frame in; yields the stops that end with it."""
        self._names |= {actor.id: actor.type_id for actor in frame.created if actor.category in _MOVING}
        rows = frame.table(Packet.POSITION)
        if not np.array_equal(rows["id"], self._ids):
            yield from self._change(rows, frame.elapsed)
        self._until[:] = frame.elapsed
        moved = np.linalg.norm(rows["location"] - self._place, axis=1) >= self._least[1]
        yield from self._ending(moved)
        self._place[moved] = rows["location"][moved]
        self._since[moved] = frame.elapsed

    def _change(self, rows: NDArray[np.void], now: float) -> Iterator[_Stop]:
        """Other actors: those that are gone end their stops, those that stay keep their anchors."""
        yield from self._ending(~np.isin(self._ids, rows["id"]))
        _, new, old = np.intersect1d(rows["id"], self._ids, return_indices=True)
        place, since = rows["location"].astype(np.float64), np.full(len(rows), now)
        place[new], since[new] = self._place[old], self._since[old]
        self._ids, self._place, self._since, self._until = rows["id"].copy(), place, since, since.copy()

    def _ending(self, chosen: NDArray[np.bool_]) -> Iterator[_Stop]:
        lasted = self._until - self._since
        for slot in np.flatnonzero(chosen & (lasted >= self._least[0])):
            actor_id = int(self._ids[slot])
            if actor_id in self._names:
                yield _Stop(actor_id, self._names[actor_id], float(self._since[slot]), float(lasted[slot]))


# -- all reports


def _report(path: Path, body: Body, wanted: frozenset[Packet] | set[Packet], seconds: str) -> str:
    try:
        recording = Recording(path)
    except RecordingError as error:
        return f"{error}\n"
    with recording:
        ledger = _Ledger(recording, wanted)
        parts, size = [_head(recording.info)], 0
        for part in body(ledger.frames()):
            parts.append(part)
            size += len(part)
            if size > TEXT_LIMIT:
                ledger.problem = f"the text is cut off after {TEXT_LIMIT} characters"
                break
        note = f"\nThis is not all: {ledger.problem}\n" if ledger.problem else ""
    return "".join([*parts, f"Frames: {ledger.count}\nDuration: {seconds.format(ledger.seconds)} seconds\n", note])


class _Ledger:
    """Counts the frames that go by, and ends them quietly, with the reason kept, where the file makes no sense."""

    def __init__(self, recording: Recording, wanted: frozenset[Packet] | set[Packet]):
        self._recording = recording
        self._wanted = wanted
        self.count = 0
        self.seconds = 0.0
        self.problem = ""

    def frames(self) -> Iterator[Frame]:
        """The frames of the recording."""
        try:
            for frame in self._recording.frames(self._wanted):
                self.count, self.seconds = self.count + 1, frame.elapsed
                yield frame
        except RecordingError as error:
            self.problem = str(error)


def _head(info: Information) -> str:
    return f"Version: {info.version}\nMap: {info.map_name}\nDate: {_date(info.date)}\n\n"


def _date(seconds: int) -> str:
    try:
        return time.strftime("%m/%d/%y %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "unknown"
