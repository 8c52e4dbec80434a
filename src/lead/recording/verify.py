"""Looks at every file of recorded routes: whether it can be read, and whether all of a frame belong together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from lead.recording.layout import LayoutError, RouteFolder, results
from lead.recording.layout.kinds import NEEDED
from lead.sensors.rig import PERTURBED

_MAP_SHAPE = (256, 256)
_NEAR_M = 0.1


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file or folder."""

    path: Path
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


def verify_route(route: RouteFolder) -> Iterator[Problem]:
    """Everything that is wrong with a route."""
    if not route.is_complete:
        yield Problem(route.path, "the recording did not come to an end")
        return
    try:
        route.results()
    except LayoutError as error:
        yield Problem(route.path / results.NAME, _without_path(error))
    yield from _counts(route)
    names = route.frames()
    metas: dict[str, Mapping[str, Any]] = {}
    for name in names:
        yield from _file(route, "metas", name, metas)
    shapes = _shapes(next(iter(metas.values()))) if metas else {}
    for kind in route.kinds:
        if kind.folder == "metas":
            continue
        for name in route.frames(kind.folder):
            yield from _file(route, kind.folder, name, metas, shapes.get(kind.folder.removesuffix(PERTURBED)))
    yield from _timeline(route, names, metas)


def _counts(route: RouteFolder) -> Iterator[Problem]:
    present = [kind.folder for kind in route.kinds]
    for folder in NEEDED:
        if folder not in present:
            yield Problem(route.path, f"there is no folder {folder}")
    frames = {folder: route.frames(folder) for folder in present}
    longest = max(frames.values(), key=len, default=[])
    expected = [f"{number:04d}" for number in range(len(longest))]
    for folder, names in frames.items():
        # LEAD makes this folder and never fills it.
        if folder == f"camera_pc{PERTURBED}" and not names:
            continue
        missing = sorted(set(expected) - set(names), key=int)
        if missing:
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            yield Problem(route.file(folder, missing[0]), f"this file is missing{more}")


def _file(
    route: RouteFolder,
    folder: str,
    name: str,
    metas: dict[str, Mapping[str, Any]],
    shape: tuple[int, int] | None = None,
) -> Iterator[Problem]:
    path = route.file(folder, name)
    try:
        content = route.read(folder, name)
        if folder == "metas":
            metas[name] = {key: content[key] for key in _USED}
        elif folder == "bboxes":
            yield from _boxes(path, content)
        elif shape is not None and content.shape[:2] != shape:
            yield Problem(path, f"its size is {content.shape[:2]}, not {shape}")
    except LayoutError as error:
        yield Problem(path, _without_path(error))
    except (KeyError, TypeError) as error:
        yield Problem(path, f"it lacks {error}")


_USED = ("pos_global", "ego_matrix", "future_positions", "sensor_information", "dataset_information")


def _boxes(path: Path, content: Any) -> Iterator[Problem]:
    if not isinstance(content, list) or not any(box["class"] == "ego_car" for box in content):
        yield Problem(path, "the ego is not among the boxes")
        return
    ids = [box["id"] for box in content if box["class"] != "traffic_light"]
    if len(set(ids)) < len(ids):
        yield Problem(path, "an actor is in it twice")


def _shapes(meta: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Height and width of the pictures by folder."""
    cameras = meta["sensor_information"]["camera_calibration"].values()
    height, width = max(camera["height"] for camera in cameras), sum(camera["width"] for camera in cameras)
    ratio = meta["dataset_information"]["save_depth_resolution_ratio"]
    strip = (height, width)
    return {
        "rgb": strip,
        "semantics": strip,
        "instance": strip,
        "depth": (height // ratio, width // ratio),
        "hdmap": _MAP_SHAPE,
    }


def _timeline(route: RouteFolder, names: list[str], metas: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Each frame's future must lead to where the next frame is, and its boxes must be round the same ego."""
    for name, following in pairwise(names):
        if name not in metas or following not in metas:
            continue
        meta, ticks = metas[name], metas[name]["dataset_information"]["data_save_freq"]
        if len(meta["future_positions"]) <= ticks:
            continue
        matrix = np.asarray(meta["ego_matrix"], np.float64)
        expected = matrix[:3, :3] @ np.asarray(meta["future_positions"][ticks], np.float64) + matrix[:3, 3]
        off = float(np.linalg.norm(expected[:2] - np.asarray(metas[following]["pos_global"])[:2]))
        if off > _NEAR_M:
            yield Problem(route.file("metas", following), f"it is {off:.1f} m from where frame {name} says it will be")
    for name in names[:1] + names[-1:]:
        if name not in metas or not route.file("bboxes", name).is_file():
            continue
        try:
            ego = next(box for box in route.read("bboxes", name) if box["class"] == "ego_car")
        except (LayoutError, StopIteration, KeyError, TypeError):
            continue
        if not np.allclose(ego["matrix"], metas[name]["ego_matrix"], atol=1e-2):
            yield Problem(route.file("bboxes", name), "its ego is not where the meta of the same frame has it")


def _without_path(error: LayoutError) -> str:
    return str(error).rsplit(": ", 1)[-1]
