"""A user's own rig, from a TOML file.

name = "mine"

[[camera]]
position = [0.3, 0.0, 2.2]
rotation_deg = [0.0, 0.0, 0.0]
width = 640
height = 360
fov_deg = 90.0

[[lidar]]
position = [0.0, 0.0, 2.5]
rotation_deg = [0.0, 0.0, -90.0]
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from lead.sensors.rig import Camera, Lidar, Radar, Rig, RigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pyright: ignore[reportMissingImports]

_TABLES: Mapping[str, type[Any]] = {"camera": Camera, "lidar": Lidar, "radar": Radar}
_INTEGERS = ("width", "height", "cropped_height")


def read_rig(file: Path) -> Rig:
    """The rig of a file. RigError, naming the file and the sensor, for whatever is wrong with it."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RigError(f"there is no readable rig file {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RigError(f"{file} is no TOML file: {error}") from None
    unknown = content.keys() - {"name", *_TABLES}
    if unknown:
        raise RigError(f"{file}: unknown key {min(unknown)!r}; a rig has name, {', '.join(_TABLES)}")
    cameras, lidars, radars = (tuple(_sensors(file, content, table, kind)) for table, kind in _TABLES.items())
    if not cameras + lidars + radars:
        raise RigError(f"{file} has no sensors: it needs a [[camera]], a [[lidar]] or a [[radar]]")
    try:
        return Rig(str(content.get("name", file.stem)), cameras, lidars, radars)
    except RigError as error:
        raise RigError(f"{file}: {error}") from None


def _sensors(file: Path, content: Mapping[str, Any], table: str, kind: type[Any]) -> Iterator[Any]:
    rows = content.get(table, [])
    if not isinstance(rows, list):
        raise RigError(f"{file}: write [[{table}]], not [{table}]")
    for number, row in enumerate(rows, 1):
        try:
            yield _sensor(kind, row)
        except RigError as error:
            raise RigError(f"{file}: {table} {number}: {error}") from None


def _sensor(kind: type[Any], row: Mapping[str, Any]) -> Any:
    known = {field.name: field for field in fields(kind)}
    unknown = row.keys() - known.keys()
    if unknown:
        raise RigError(f"unknown key {min(unknown)!r}; known are {', '.join(known)}")
    missing = [name for name, field in known.items() if field.default is MISSING and name not in row]
    if missing:
        raise RigError(f"{missing[0]!r} is missing")
    return kind(**{name: _value(name, value) for name, value in row.items()})


def _value(name: str, value: Any) -> Any:
    numbers = value if isinstance(value, list) else [value]
    wanted = (int,) if name in _INTEGERS else (int, float)
    if not all(isinstance(one, wanted) and not isinstance(one, bool) for one in numbers):
        raise RigError(f"{name!r} must be {'a whole number' if name in _INTEGERS else 'numbers'}, not {value!r}")
    return tuple(map(float, value)) if isinstance(value, list) else value
