"""Reading a recording frame by frame, whatever is in the file."""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from carlet.recorder.layout import (
    FRAME_START,
    PACKET_HEADER,
    RECORDS,
    Creation,
    Cursor,
    Information,
    Packet,
    RecordingError,
    read_creations,
    read_information,
    read_physics_controls,
    read_records,
)

HEAD_BYTES = 1 << 18
ALL_PACKETS = frozenset(Packet)
EVENTS = frozenset({Packet.EVENT_ADD, Packet.EVENT_DEL, Packet.EVENT_PARENT, Packet.COLLISION})
_NUMBERS = frozenset(int(number) for number in Packet)
_PLAIN = {Packet.PLATFORM_TIME: np.dtype("<f8"), Packet.FRAME_COUNTER: np.dtype("<u8")}


@dataclass
class Frame:
    """One frame: `duration` until the next and `elapsed` since the first in s; `rows` by packet, as in `RECORDS`."""

    id: int
    duration: float
    elapsed: float
    created: list[Creation] = field(default_factory=list)
    rows: dict[Packet, NDArray[np.void]] = field(default_factory=dict)
    numbers: dict[Packet, float] = field(default_factory=dict)
    physics: list[tuple[int, Any]] = field(default_factory=list)

    def table(self, number: Packet) -> NDArray[np.void]:
        """Records of a packet, none when the frame has no such packet."""
        return self.rows[number] if number in self.rows else np.zeros(0, RECORDS[number])

    @property
    def destroyed(self) -> list[int]:
        """Ids of the actors that go."""
        return self.table(Packet.EVENT_DEL)["id"].tolist()

    @property
    def parents(self) -> Mapping[int, int]:
        """Child -> parent of the actors that were attached."""
        rows = self.table(Packet.EVENT_PARENT)
        return dict(zip(rows["id"].tolist(), rows["parent"].tolist(), strict=True))


class Recording:
    """An open recording. RecordingError when there is none at the path, or when what is there is not one."""

    def __init__(self, path: Path):
        self.path = path
        if not is_file(path):
            raise RecordingError(f"File {path} not found on server")
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise RecordingError(f"File {path} cannot be read: {error.strerror}") from None
        try:
            self.info, self._begin = self._read_head()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def frames(self, wanted: Collection[Packet] = ALL_PACKETS) -> Iterator[Frame]:
        """All frames in order, with the packets that are `wanted` in them.

        RecordingError behind the last whole frame when the file breaks off or makes no sense from there on.
        """
        self._file.seek(self._begin)
        last: Frame | None = None
        while (frame := self._next_frame(wanted, last)) is not None:
            yield frame
            last = frame

    def extent(self) -> tuple[int, float, str]:
        """Number of frames, seconds, and what is wrong with the file (empty when nothing is)."""
        count, seconds = 0, 0.0
        try:
            for frame in self.frames(()):
                count, seconds = count + 1, frame.elapsed
        except RecordingError as error:
            return count, seconds, str(error)
        return count, seconds, ""

    def _read_head(self) -> tuple[Information, int]:
        head = self._file.read(HEAD_BYTES)
        cursor = Cursor(head)
        try:
            return read_information(cursor), cursor.position
        except RecordingError as error:
            raise RecordingError(f"File {self.path} is not a recording: {error}") from None

    def _next_frame(self, wanted: Collection[Packet], last: Frame | None) -> Frame | None:
        after = f"after frame {last.id}" if last else "before its first frame"
        header = self._file.read(PACKET_HEADER.size)
        if not header:
            return None
        try:
            frame = self._open_frame(header, last)
            while (number := self._read_packet(frame, wanted)) != Packet.FRAME_END:
                if number == Packet.FRAME_START:
                    raise RecordingError("a frame begins within another")
        except RecordingError as error:
            raise RecordingError(f"the recording cannot be read {after}: {error}") from None
        return frame

    def _open_frame(self, header: bytes, last: Frame | None) -> Frame:
        if len(header) < PACKET_HEADER.size:
            raise RecordingError("it breaks off there")
        number, size = PACKET_HEADER.unpack(header)
        if number != Packet.FRAME_START or size != FRAME_START.size:
            raise RecordingError("a frame does not begin like one")
        frame = Frame(*FRAME_START.unpack(self._body(size)))
        earliest = last.elapsed if last else 0.0
        if not (earliest <= frame.elapsed < np.inf and -np.inf < frame.duration < np.inf):
            raise RecordingError(f"its time goes from {earliest:g} to {frame.elapsed:g} seconds")
        return frame

    def _read_packet(self, frame: Frame, wanted: Collection[Packet]) -> int:
        header = self._file.read(PACKET_HEADER.size)
        if len(header) < PACKET_HEADER.size:
            raise RecordingError("it breaks off there")
        number, size = PACKET_HEADER.unpack(header)
        if number in _NUMBERS and Packet(number) in wanted:
            _put(frame, Packet(number), self._body(size))
        elif size:
            self._skip(size)
        return number

    def _body(self, size: int) -> bytes:
        """The next `size` bytes; memory is asked for only when the file has them."""
        if size > HEAD_BYTES and size > os.fstat(self._file.fileno()).st_size - self._file.tell():
            raise RecordingError("it breaks off there")
        body = self._file.read(size)
        if len(body) < size:
            raise RecordingError("it breaks off there")
        return body

    def _skip(self, size: int) -> None:
        self._file.seek(size - 1, 1)
        if not self._file.read(1):
            raise RecordingError("it breaks off there")


def is_file(path: Path) -> bool:
    """Whether a regular file is there; pipes and devices would hold the server up."""
    return "\0" not in str(path) and path.is_file()


def _put(frame: Frame, number: Packet, body: bytes) -> None:
    if number is Packet.EVENT_ADD:
        frame.created += read_creations(body)
    elif number is Packet.PHYSICS_CONTROL:
        frame.physics += read_physics_controls(body)
    elif number in _PLAIN:
        if len(body) != _PLAIN[number].itemsize:
            raise RecordingError(f"a packet {number.name} has {len(body)} bytes")
        frame.numbers[number] = np.frombuffer(body, _PLAIN[number])[0].item()
    elif number in RECORDS:
        frame.rows[number] = read_records(number, body)
