"""Towns by name or from text, kept on disk once they are built."""

import difflib
import gzip
import hashlib
import logging
import os
from importlib.resources import files
from pathlib import Path

from carlet.town.model import Town, TownError
from carlet.town.storage import StorageError, load, save

#: Goes up with every change of what is derived from a text; old files are then left alone and new ones written.
VERSION = 22

_SUFFIX = ".xodr.gz"
_OPTIONAL_LAYERS = "_Opt"
_log = logging.getLogger(__name__)


def available_towns() -> list[str]:
    """Names of the towns whose OpenDRIVE text is installed, sorted."""
    return sorted(item.name.removesuffix(_SUFFIX) for item in _maps().iterdir() if item.name.endswith(_SUFFIX))


def load_town(name: str, cache_dir: Path | None = None) -> Town:
    """An installed town by any of CARLA's spellings (`Town01`, `Town01_Opt`, `/Game/Carla/Maps/Town01`).

    TownError names the closest town when there is none of that name.
    """
    short = name.rstrip("/").rpartition("/")[2]
    base = base_name(short)
    known = available_towns()
    if base not in known:
        close = difflib.get_close_matches(base, known, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."
        raise TownError(f"There is no town named {name!r}; {hint}")
    return _load(base, short, (_maps() / (base + _SUFFIX)).read_bytes(), cache_dir)


def load_opendrive(name: str, xodr: str, cache_dir: Path | None = None) -> Town:
    """A town from OpenDRIVE text; TownError in one sentence when it has none in it."""
    return _load(name, name, xodr.encode(), cache_dir)


def base_name(name: str) -> str:
    """The town's name without its suffix for optional layers, which change nothing here."""
    return name.removesuffix(_OPTIONAL_LAYERS)


def beforehand(base: str) -> str:
    """What a notice of slow work for a town ends with: how to have it done earlier, if the town is an installed one."""
    return f"; `carlet warmup --town {base}` does it beforehand" if base in available_towns() else ""


def cache_directory() -> Path:
    """Where built towns are kept: $CARLET_CACHE_DIR, else the user's cache directory."""
    own = os.environ.get("CARLET_CACHE_DIR")
    if own:
        return Path(own)
    user = os.environ.get("XDG_CACHE_HOME")
    return (Path(user) if user else Path.home() / ".cache") / "carlet"


def _maps() -> Path:
    try:
        return Path(str(files("py123d.parser.opendrive.carla_maps")))
    except ModuleNotFoundError as error:
        raise TownError("The CARLA towns are missing because the package py123d is not installed.") from error


def _load(base: str, name: str, packed: bytes, cache_dir: Path | None) -> Town:
    key = hashlib.sha256(packed + f"{base} {VERSION}".encode()).hexdigest()[:24]
    path = (cache_dir or cache_directory()) / "towns" / f"{key}.town"
    given = {"name": name, "packed": packed}
    try:
        return load(path, Town, given)
    except FileNotFoundError:
        _log.warning("Building %s, once%s.", base, beforehand(base))
    except (StorageError, OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("Building %s again: %s.", base, error)
    from carlet.town.build import build_town

    text = gzip.decompress(packed) if packed.startswith(b"\x1f\x8b") else packed
    town = build_town(base, name, packed, text)
    try:
        save(path, town)
    except OSError as error:
        _log.warning("%s cannot be kept: %s.", base, error)
    return town
