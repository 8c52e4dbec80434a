"""Recording a world: one frame a tick, appended to a file."""

import logging
import time
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from carlet.episode import Episode
from carlet.recorder import observing
from carlet.recorder.layout import (
    MAGIC,
    Information,
    Packet,
    RecordingError,
    frame_start,
    information_block,
    number_packet,
    packet,
)
from carlet.recorder.reading import is_file

log = logging.getLogger(__name__)

BUFFER_BYTES = 1 << 18
HEAD_BYTES = 64


class Recorder:
    """Writes what happens after every tick while it is started. It holds one frame in memory, whatever the length."""

    def __init__(self) -> None:
        self._take: _Take | None = None

    @property
    def recording(self) -> bool:
        """Whether a recording is being made."""
        return self._take is not None

    def start(self, path: Path, episode: Episode, additional: bool) -> None:
        """Begin a recording, ending a running one. RecordingError when the file cannot be written."""
        self.stop()
        self._take = _Take(_create(path), episode, additional)
        log.info("recording to %s", path)

    def stop(self) -> None:
        """End the recording, if there is one."""
        take, self._take = self._take, None
        if take is not None:
            take.close()

    def flush(self) -> None:
        """Bring what was written so far to the file, for readers."""
        if self._take is not None:
            self._take.flush()

    def after_tick(self, episode: Episode, platform_time: float) -> None:
        """Record the tick just done; another world ends the recording, and so does a full disk."""
        if self._take is None:
            return
        if self._take.episode is not episode:
            self.stop()
            return
        try:
            self._take.frame(platform_time)
        except (OSError, RecordingError) as error:
            log.error("the recording ends here: %s", error)
            self._take.abandon()
            self._take = None


class _Take:
    """One recording of one world."""

    def __init__(self, file: BinaryIO, episode: Episode, additional: bool):
        self.episode = episode
        self._file = file
        self._additional = additional
        self._known: NDArray[np.uint32] = np.zeros(0, np.uint32)
        self._watched: frozenset[int] = frozenset()
        self._light_times: NDArray[np.float64] = np.zeros(0)
        self._collisions = 0
        self._number = 0
        self._elapsed = 0.0
        self._held = b""
        file.write(information_block(Information(int(time.time()), episode.map_name)))

    def frame(self, platform_time: float) -> None:
        """Take the world as it is now; the frame before goes to the file, as its length is known at last."""
        if self._number:
            self._write_held(self.episode.dt)
            self._elapsed += self.episode.dt
        self._number += 1
        self._held = self._observe(platform_time)

    def flush(self) -> None:
        """Bring whole frames to the file."""
        self._file.flush()

    def close(self) -> None:
        """Write the last frame and close. A disk that is full by now costs that frame."""
        try:
            if self._number:
                self._write_held(0.0)
            self._file.close()
        except OSError as error:
            log.error("the end of the recording is lost: %s", error)

    def abandon(self) -> None:
        """Close without another frame."""
        self._number = 0
        self.close()

    def _write_held(self, duration: float) -> None:
        self._file.write(frame_start(self._number, duration, self._elapsed) + self._held)

    def _observe(self, platform_time: float) -> bytes:
        episode, first = self.episode, self._number == 1
        born, dead = self._changes()
        hits, count = observing.collisions(episode, self._watched, self._collisions + 1) if self._watched else (b"", 0)
        self._collisions += count
        parts = [
            observing.events(episode, born, dead, with_signals=first),
            hits,
            observing.state(episode),
            observing.additional(episode, born, first, platform_time) if self._additional else b"",
            self._new_light_times() if self._additional else b"",
            number_packet(Packet.FRAME_COUNTER, episode.frame),
            packet(Packet.FRAME_END),
        ]
        return b"".join(parts)

    def _new_light_times(self) -> bytes:
        """The packet of the lights' times when a client has changed them, and at first."""
        times = self.episode.signals.cycle.times
        if np.array_equal(times, self._light_times):
            return b""
        self._light_times = times.copy()
        return observing.light_times(self.episode)

    def _changes(self) -> tuple[list[int], list[int]]:
        """Ids of the actors that came and went since the frame before."""
        present = self.episode.table.id
        if np.array_equal(present, self._known):
            return [], []
        born = np.setdiff1d(present, self._known, assume_unique=True).tolist()
        dead = np.setdiff1d(self._known, present, assume_unique=True).tolist()
        self._known = present.copy()
        self._watched = observing.watched_by_sensors(self.episode)
        return born, dead


def _create(path: Path) -> BinaryIO:
    """A new file at `path`; only recordings are written over."""
    try:
        if _may_write(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("wb", buffering=BUFFER_BYTES)
    except (OSError, ValueError) as error:
        raise RecordingError(f"{path} cannot be written: {error}") from error
    raise RecordingError(f"{path} is there already and is no recording")


def _may_write(path: Path) -> bool:
    if not path.exists():
        return True
    if not is_file(path):
        return False
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return not head or MAGIC.encode() in head
