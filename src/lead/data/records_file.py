"""Files of named arrays, read where they lie through a memory map; no pickles.

Layout: 8 bytes of magic, length of the header (uint64), the header in JSON, then the arrays, each at a multiple of 64
bytes. What has another length in every frame is two arrays: `NAME.at` (frames + 1,) and `NAME` (bytes,).
"""

import json
import mmap
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lead.data.errors import DataError
from lead.recording.layout import write_file

MAGIC = b"LEADREC1"
SUFFIX = ".records"
_ALIGN, _ROW_ALIGN = 64, 8
_AT = ".at"
Array = NDArray[Any]


@dataclass(frozen=True)
class RecordsFile:
    """An open file: its `facts` (plain values that its writer noted) and its arrays."""

    path: Path
    facts: Mapping[str, Any]
    arrays: Mapping[str, Array]
    crc: int
    body: memoryview

    def row(self, name: str, frame: int) -> Array:
        """What an array has for a frame, without copying."""
        offsets = self.arrays.get(name + _AT)
        values = self.arrays.get(name)
        if values is None:
            raise DataError(f"{self.path}: there is no {name!r} among its records")
        return values[frame] if offsets is None else values[offsets[frame] : offsets[frame + 1]]

    def has(self, name: str) -> bool:
        """Whether there is such an array."""
        return name in self.arrays

    def verify(self) -> None:
        """DataError when any byte of the arrays is not as it was written."""
        if zlib.crc32(self.body) != self.crc:
            raise DataError(f"{self.path}: its records are damaged; delete the file and build it again")


def write(path: Path, facts: Mapping[str, Any], rows: Sequence[Mapping[str, Array]]) -> None:
    """Write the records of a drive, one mapping a frame, all with the same names; whole or not at all."""
    arrays: dict[str, Array] = {}
    for name in rows[0] if rows else ():
        arrays |= _stack(name, [row[name] for row in rows])
    table, chunks, at = {}, [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        table[name] = [array.dtype.str, list(array.shape), at]
        padding = -len(data) % _ALIGN
        chunks += [data, b"\0" * padding]
        at += len(data) + padding
    body = b"".join(chunks)
    header = {"facts": facts, "arrays": table, "size": len(body), "crc": zlib.crc32(body)}
    text = json.dumps(header).encode()
    text += b" " * (-(len(MAGIC) + 8 + len(text)) % _ALIGN)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, MAGIC + len(text).to_bytes(8, "little") + text + body)


def read(path: Path) -> RecordsFile:
    """Open a file. DataError, naming it, when it is none of ours or ends early."""
    try:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    start = len(MAGIC) + 8
    length = int.from_bytes(data[len(MAGIC) : start], "little")
    if bytes(data[: len(MAGIC)]) != MAGIC or start + length > len(data):
        raise DataError(f"{path}: this is no file of records")
    try:
        header = json.loads(bytes(data[start : start + length]))
        facts, table, size, crc = (header[key] for key in ("facts", "arrays", "size", "crc"))
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{path}: the header of its records is damaged") from None
    body = data[start + length :]
    if len(body) != size:
        raise DataError(f"{path}: it has {len(body)} bytes of records, not {size}; delete the file and build it again")
    return RecordsFile(path, facts, {name: _view(body, *entry) for name, entry in table.items()}, crc, body)


def _stack(name: str, values: Sequence[Array]) -> dict[str, Array]:
    if all(value.shape == values[0].shape for value in values) and values[0].dtype != np.uint8:
        return {name: np.stack(values)}
    padded = [np.pad(value, (0, -len(value) % _ROW_ALIGN)) for value in values]
    offsets = np.cumsum([0, *(len(value) for value in padded)], dtype=np.int64)
    return {name: np.concatenate(padded), name + _AT: offsets}


def _view(body: memoryview, dtype: str, shape: list[int], at: int) -> Array:
    kind = np.dtype(dtype)
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(body, kind, count, at).reshape(shape) if count else np.zeros(shape, kind)
