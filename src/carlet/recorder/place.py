"""Where recordings lie."""

import os
from collections.abc import Mapping
from pathlib import Path

PATH_MARKS = "/\\:"


def recordings_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """$CARLET_RECORDINGS, else the user's data directory."""
    if own := environment.get("CARLET_RECORDINGS"):
        return Path(own)
    data = environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "carlet" / "recordings"


def path_of(name: str, folder: Path) -> Path:
    """File of a recording: names with a `/`, `\\` or `:` are paths as they are, others lie in `folder`."""
    is_path = any(mark in name for mark in PATH_MARKS)
    return (Path(name) if is_path else folder / name).absolute()
