"""Texts about a recording, in CARLA's layout. Whatever is in the file, the answer is a text."""

import time
from collections.abc import Callable, Iterator, Mapping
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
        stops = sorted(_stops(frames, min_time, min_distance), key=lambda stop: -stop.duration)
        for stop in stops:
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


@dataclass
class _Anchor:
    """Where an actor was when it last had moved: `place` (3,) in cm."""

    place: NDArray[np.float64]
    since: float
    until: float


def _stops(frames: Iterator[Frame], min_time: float, min_distance: float) -> Iterator[_Stop]:
    names: dict[int, str] = {}
    anchors: dict[int, _Anchor] = {}

    def stop(actor_id: int) -> Iterator[_Stop]:
        anchor = anchors.pop(actor_id, None)
        if anchor and anchor.until - anchor.since >= min_time:
            yield _Stop(actor_id, names[actor_id], anchor.since, anchor.until - anchor.since)

    for frame in frames:
        for actor_id in frame.destroyed:
            yield from stop(actor_id)
        names |= {actor.id: actor.type_id for actor in frame.created if actor.category in _MOVING}
        rows = frame.table(Packet.POSITION)
        for actor_id, place in zip(rows["id"].tolist(), rows["location"].astype(np.float64), strict=True):
            if actor_id not in names:
                continue
            anchor = anchors.get(actor_id)
            if anchor is not None:
                anchor.until = frame.elapsed
                if np.linalg.norm(place - anchor.place) < min_distance:
                    continue
                yield from stop(actor_id)
            anchors[actor_id] = _Anchor(place, frame.elapsed, frame.elapsed)
    for actor_id in list(anchors):
        yield from stop(actor_id)


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
