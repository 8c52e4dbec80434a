"""A recorded route: a folder of folders, one file a frame, and `results.json`.

While a route is being recorded its folder's name ends in `.incomplete`; it gets its name when everything is in it.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lead.recording.layout import results
from lead.recording.layout.errors import LayoutError
from lead.recording.layout.kinds import KINDS, FileKind

INCOMPLETE = ".incomplete"
_FRAME = re.compile(r"\d{4,}")


@dataclass(frozen=True)
class RouteFolder:
    """One recorded route at `path`."""

    path: Path

    @property
    def is_complete(self) -> bool:
        """Whether its recording came to an end."""
        return not self.path.name.endswith(INCOMPLETE) and (self.path / results.NAME).is_file()

    @property
    def kinds(self) -> list[FileKind]:
        """The kinds of files it has, in the order of names."""
        return [KINDS[one.name] for one in sorted(self.path.iterdir()) if one.is_dir() and one.name in KINDS]

    def frames(self, folder: str = "metas") -> list[str]:
        """Names of its frames, in order, by the files of a folder."""
        suffix = KINDS[folder].suffix
        files = (self.path / folder).glob(f"*{suffix}")
        return sorted((file.stem for file in files if _FRAME.fullmatch(file.stem)), key=int)

    def file(self, folder: str, frame: int | str) -> Path:
        """Where a frame's file of a kind is."""
        name = f"{frame:04d}" if isinstance(frame, int) else frame
        return self.path / folder / f"{name}{KINDS[folder].suffix}"

    def read(self, folder: str, frame: int | str) -> Any:
        """What a frame's file holds; see the kind's module. LayoutError, naming the file, when it is damaged."""
        return read_file(self.file(folder, frame), KINDS[folder].decode)

    def results(self) -> dict[str, Any]:
        """The record of the route. LayoutError, naming the file, when there is none."""
        return read_file(self.path / results.NAME, results.decode)


def read_file(file: Path, decode: Any) -> Any:
    """A file through its reader. LayoutError, naming the file, when it cannot be read or is damaged."""
    try:
        return decode(file.read_bytes())
    except OSError as error:
        raise LayoutError(f"{file}: {error.strerror or error}") from None
    except LayoutError as error:
        raise LayoutError(f"{file}: {error}") from None


def write_file(file: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    temporary = file.with_name(f".{file.name}.part")
    temporary.write_bytes(data)
    temporary.replace(file)


def find_routes(folder: Path) -> list[RouteFolder]:
    """All recorded routes at or under a folder, complete or not, in the order of their paths.

    Routes may be recorded meanwhile: what is renamed while the folder is read is left out.
    """
    found: list[Path] = []
    for path, folders, files in os.walk(folder):
        if "metas" in folders or results.NAME in files:
            found.append(Path(path))
            folders.clear()
    return [RouteFolder(path) for path in sorted(found)]
