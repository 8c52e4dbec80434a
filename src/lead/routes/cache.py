"""Derived arrays on disk, found again by the text that they were derived from."""

import hashlib
import logging
import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

logger = logging.getLogger(__name__)

T = TypeVar("T")


def cache_dir() -> Path:
    """Where derived data lies: `$LEAD_CACHE_DIR`, else `$XDG_CACHE_HOME/lead`, else `~/.cache/lead`."""
    own, base = os.environ.get("LEAD_CACHE_DIR"), os.environ.get("XDG_CACHE_HOME")
    if own:
        return Path(own)
    return (Path(base) if base else Path.home() / ".cache") / "lead"


def cached_arrays(kind: type[T], text: str, version: int, build: Callable[[], T]) -> T:
    """A dataclass `kind` of arrays, read from the cache or else built and written there.

    The file's name is the SHA-256 of `text` and `version`. A file that cannot be read or lacks a column is built anew;
    where the cache cannot be written, a warning is logged and the arrays are used as they are.
    """
    digest = hashlib.sha256(f"{kind.__name__} {version}\n{text}".encode()).hexdigest()
    path = cache_dir() / f"{kind.__name__}-{digest}.npz"
    columns = _read(path, [column.name for column in fields(kind)])  # pyright: ignore[reportArgumentType]
    if columns is not None:
        return kind(**columns)
    built = build()
    try:
        _write(path, vars(built))
    except OSError as error:
        logger.warning("%s: cannot be cached (%s)", path, error.strerror or error)
    return built


def _read(path: Path, names: list[str]) -> dict[str, Any] | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in names}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        logger.warning("%s: not readable and built anew (%s)", path, error)
        return None


def _write(path: Path, columns: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **columns)
        Path(unfinished).replace(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
