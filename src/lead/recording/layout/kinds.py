"""The kinds of files of a frame: their folder, the ending of their names, and how they are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lead.recording.layout import camera_pc, depth, lidar, pickles, png, radar, rgb
from lead.recording.layout.errors import LayoutError

__all__ = ["KINDS", "NEEDED", "FileKind", "LayoutError"]


@dataclass(frozen=True)
class FileKind:
    """A folder of one file a frame. `decode` raises LayoutError."""

    folder: str
    suffix: str
    decode: Callable[[bytes], Any]


_TWICE = (
    FileKind("rgb", ".jpg", rgb.decode),
    FileKind("semantics", ".png", png.decode),
    FileKind("depth", ".png", depth.decode),
    FileKind("instance", ".png", png.decode),
    FileKind("hdmap", ".png", png.decode),
    FileKind("radar", ".npz", radar.decode),
    FileKind("camera_pc", ".npz", camera_pc.decode),
)
_ONCE = (
    FileKind("lidar", ".laz", lidar.decode),
    FileKind("bboxes", ".pkl", pickles.decode),
    FileKind("metas", ".pkl", pickles.decode),
    FileKind("3rd_person", ".jpg", rgb.decode),
)

KINDS: Mapping[str, FileKind] = MappingProxyType(
    {kind.folder: kind for kind in _ONCE}
    | {kind.folder: kind for kind in _TWICE}
    | {f"{kind.folder}_perturbated": FileKind(f"{kind.folder}_perturbated", *_rest) for kind in _TWICE
       for _rest in [(kind.suffix, kind.decode)]}
)  # fmt: skip
"""All kinds by folder; those of the perturbed twin end in `_perturbated`."""
NEEDED = ("metas", "bboxes")
"""Folders that every route has."""
