"""`metric_info.json`: the ego's motion along a route in Bench2Drive's format, written while driving and read back.

Each route has a folder of its own, named as Bench2Drive's tools look for it. `junction.json` beside it tells where on
the route its first junction is passed, which the ability to obey traffic signs asks for.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import carla
import numpy as np
from numpy.typing import NDArray

from lead.evaluation.files import write_json
from lead.evaluation.junctions import junction_share
from lead.evaluation.metrics.base import DrivenRoute
from lead.evaluation.metrics.comfort import Motion, comfortable_share
from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.records import RouteKey, RouteRecord

FOLDER = "metric_info"
MOTION_FILE = "metric_info.json"
JUNCTION_FILE = "junction.json"

_VECTORS = ("acceleration", "forward_vector", "right_vector", "angular_velocity")


class MetricInfoError(Exception):
    """A file that tells no motion; the message is one sentence."""


class MetricInfo:
    """An observer that writes the files of a route when it ends."""

    def __init__(self) -> None:
        self._folder = Path()
        self._entries: dict[str, dict[str, list[float]]] = {}
        self._junction_share: float | None = None

    def on_route_start(self, context: RouteContext) -> None:
        """Begin anew."""
        self._folder = context.output / FOLDER / folder_name(context.key)
        self._entries = {}
        self._junction_share = junction_share(context.trace.junction)

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        """Note the ego's motion."""
        self._entries[str(len(self._entries))] = entry_of(context.ego)

    def on_route_end(self, record: RouteRecord) -> None:
        """Write the files."""
        write_json(self._folder / MOTION_FILE, self._entries)
        write_json(self._folder / JUNCTION_FILE, {"junction_share": self._junction_share})


def folder_name(route: RouteKey | RouteRecord) -> str:
    """The folder of a route: the name that Bench2Drive's records give it, or else its id."""
    return route.route_id if route.names is None else route.names.save_name


def entry_of(ego: carla.Vehicle) -> dict[str, list[float]]:
    """The ego's motion in the last tick: world frame, m, m/s², deg and deg/s."""
    transform = ego.get_transform()
    rotation = transform.rotation
    return {
        "acceleration": _components(ego.get_acceleration()),
        "angular_velocity": _components(ego.get_angular_velocity()),
        "forward_vector": _components(transform.get_forward_vector()),
        "right_vector": _components(transform.get_right_vector()),
        "location": _components(transform.location),
        "rotation": [rotation.roll, rotation.pitch, rotation.yaw],
    }


def read_motion(path: Path) -> Motion:
    """The motion in a `metric_info.json`; MetricInfoError for any other file."""
    entries = _read(path)
    try:
        columns = [_column(entries, name) for name in _VECTORS]
    except (KeyError, TypeError, ValueError) as error:
        raise MetricInfoError(f"{path} is no metric_info.json ({type(error).__name__}: {error})") from None
    acceleration, forward, right, angular = columns
    return Motion(acceleration, forward, right, angular[:, 2])


def driven_route(record: RouteRecord, folder: Path | None) -> DrivenRoute:
    """A record with what the files in `folder/<its name>` tell of its drive, if there are any.

    Raises MetricInfoError for damaged ones.
    """
    if folder is None:
        return DrivenRoute(record)
    motion, junction = folder / folder_name(record) / MOTION_FILE, folder / folder_name(record) / JUNCTION_FILE
    return DrivenRoute(
        record,
        comfortable_share(read_motion(motion)) if motion.exists() else None,
        _read(junction).get("junction_share") if junction.exists() else None,
    )


def driven_routes(records: Sequence[RouteRecord], folder: Path | None) -> tuple[DrivenRoute, ...]:
    """`driven_route` of each record."""
    return tuple(driven_route(record, folder) for record in records)


def _column(entries: Mapping[str, Any], name: str) -> NDArray[np.float64]:
    rows = [entries[step][name] for step in entries]
    return np.array(rows, dtype=np.float64).reshape(len(rows), 3)


def _components(vector: carla.Vector3D) -> list[float]:
    return [vector.x, vector.y, vector.z]


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MetricInfoError(f"{path} cannot be read ({error})") from None
    if not isinstance(data, dict):
        raise MetricInfoError(f"{path} holds no table of entries by step")
    return data
