"""Frozen dataclasses of arrays in one file: a JSON head, then the arrays as they lie in memory, to be mapped back.

Layout: magic (8 bytes), CRC-32 of all that follows the fixed part (u32), zero (u32), length of the head (u64), length
of the whole file (u64), the head, the arrays, each on a multiple of 64 bytes.
"""

import json
import mmap
import os
import struct
import tempfile
import zlib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_origin, get_type_hints

import numpy as np

_MAGIC = b"carlet01"
_FIXED = struct.Struct("<8sIIQQ")
_ALIGNMENT = 64


class StorageError(Exception):
    """A stored file that is truncated, corrupt or of another layout."""


def save(path: Path, value: Any) -> None:
    """Write a dataclass to `path` by way of a temporary name beside it; OSError when that is impossible."""
    arrays: list[np.ndarray] = []
    head = json.dumps(_describe(value, arrays)).encode()
    head += b" " * (-(len(head) + _FIXED.size) % _ALIGNMENT)
    pieces = [head]
    for array in arrays:
        data = np.ascontiguousarray(array).tobytes()
        pieces.append(data + bytes(-len(data) % _ALIGNMENT))
    checksum, size = 0, _FIXED.size
    for piece in pieces:
        checksum, size = zlib.crc32(piece, checksum), size + len(piece)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_FIXED.pack(_MAGIC, checksum, 0, len(head), size))
            file.writelines(pieces)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: Path, kind: type, given: dict[str, Any]) -> Any:
    """The dataclass of type `kind` stored at `path`, its arrays mapped read-only; `given` fields are not in the file.

    FileNotFoundError when there is none, StorageError when it cannot be used.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < _FIXED.size:
            raise StorageError(f"{path} is truncated")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    magic, checksum, _, head_size, whole = _FIXED.unpack_from(mapped)
    if magic != _MAGIC or whole != size:
        raise StorageError(f"{path} is truncated or of another layout")
    with memoryview(mapped) as view, view[_FIXED.size :] as body:
        if zlib.crc32(body) != checksum:
            raise StorageError(f"{path} is corrupt")
    head = json.loads(mapped[_FIXED.size : _FIXED.size + head_size])
    return _restore(kind, head, mapped, [_FIXED.size + head_size], given)


def _describe(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return [value.dtype.str, list(value.shape)]
    if is_dataclass(value):
        stored = [item.name for item in fields(value) if item.metadata.get("stored", True)]
        return {name: _describe(getattr(value, name), arrays) for name in stored}
    return value


def _restore(kind: type, head: dict[str, Any], mapped: mmap.mmap, at: list[int], given: dict[str, Any]) -> Any:
    hints = get_type_hints(kind)
    values = dict(given)
    for name, part in head.items():
        hint = hints[name]
        origin = _origin(hint)
        if isinstance(hint, type) and is_dataclass(hint):
            values[name] = _restore(hint, part, mapped, at, {})
        elif origin is np.ndarray:
            values[name] = _array(part, mapped, at)
        else:
            values[name] = origin(part)
    return kind(**values)


def _origin(hint: Any) -> Any:
    while hasattr(hint, "__value__"):  # what `type X = ...` names; numpy's NDArray is one from numpy 2.5 on
        hint = hint.__value__
    origin = get_origin(hint)
    return hint if origin is None else _origin(origin)


def _array(part: list[Any], mapped: mmap.mmap, at: list[int]) -> np.ndarray:
    dtype, shape = np.dtype(part[0]), tuple(part[1])
    count = int(np.prod(shape))
    array = np.frombuffer(mapped, dtype, count, at[0]).reshape(shape)
    at[0] += count * dtype.itemsize + (-count * dtype.itemsize) % _ALIGNMENT
    return array
