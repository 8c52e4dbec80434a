"""`metric_info.json`: the ego's motion along a route in Bench2Drive's format, written while driving and read back.

Each route has a folder of its own, named as Bench2Drive's tools look for it. `shares.json` beside it has what the
metrics need: the share of comfortable segments, and where on the route its first junction is passed.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import carla
import numpy as np
from numpy.typing import NDArray

from lead.evaluation.junctions import junction_share
from lead.evaluation.metrics.base import DrivenRoute
from lead.evaluation.metrics.comfort import Motion, comfortable_share
from lead.evaluation.observation import Observation
from lead.evaluation.observers import Observer, RouteContext
from lead.evaluation.protocol import Protocol
from lead.evaluation.records import RouteKey, RouteRecord
from lead.files import write_json, write_text

FOLDER = "metric_info"
MOTION_FILE = "metric_info.json"
SHARES_FILE = "shares.json"

_VECTORS = ("acceleration", "forward_vector", "right_vector", "angular_velocity")


class MetricInfoError(ValueError):
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
        write_text(self._folder / MOTION_FILE, json.dumps(self._entries))
        share = comfortable_share(motion_of(self._entries)) if self._entries else None
        write_json(self._folder / SHARES_FILE, {"comfortable_share": share, "junction_share": self._junction_share})


def watchers(protocol: Protocol) -> list[Observer]:
    """What has to watch a drive for the metrics of the protocol."""
    return [MetricInfo()] if "comfort" in protocol.metrics else []


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


def motion_of(entries: Mapping[str, Any]) -> Motion:
    """The motion in the entries of a `metric_info.json`; KeyError, TypeError or ValueError when they have none."""
    acceleration, forward, right, angular = (_column(entries, name) for name in _VECTORS)
    return Motion(acceleration, forward, right, angular[:, 2])


def driven_route(record: RouteRecord, folder: Path | None) -> DrivenRoute:
    """A record with what the files in `folder/<its name>` tell of its drive, if there are any.

    Raises MetricInfoError for damaged ones.
    """
    if folder is None:
        return DrivenRoute(record)
    motion, shares = folder / folder_name(record) / MOTION_FILE, folder / folder_name(record) / SHARES_FILE
    try:
        if shares.exists():
            return DrivenRoute(record, **_read(shares))
        return DrivenRoute(record, comfortable_share(motion_of(_read(motion))) if motion.exists() else None)
    except (KeyError, TypeError, ValueError) as error:
        raise MetricInfoError(f"{motion.parent} tells no motion ({type(error).__name__}: {error})") from None


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
        raise MetricInfoError(f"{path} holds no table")
    return data
