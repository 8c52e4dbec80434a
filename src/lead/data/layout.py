"""Drives in LEAD's layout, as `lead.recording` writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lead.data.classes import SEMANTIC_OF_CARLA
from lead.data.config import RecordConfig
from lead.data.errors import DataError
from lead.data.source import Frame, View
from lead.recording.layout import RouteFolder, results
from lead.recording.layout.errors import LayoutError
from lead.recording.layout.route import find_routes
from lead.sensors.perturbation import Perturbation

_TWIN = "_perturbated"
_UNUSABLE = ("Failed",)


@dataclass(frozen=True)
class LayoutDrive:
    """A recorded route; `name` is its path under the data set's root."""

    route: RouteFolder
    name: str
    config: RecordConfig

    @property
    def frames(self) -> Sequence[str]:
        """Names of its frames, without those that the stride leaves out."""
        return tuple(self.route.frames())[:: self.config.frame_stride]

    @property
    def inputs(self) -> Sequence[Path]:
        """Every file of the kinds that records are made of, and the record of the route."""
        kinds = [kind for kind in self.route.kinds if kind.folder in {*self._folders, *map(_twin, self._folders)}]
        files = [self.route.file(kind.folder, frame) for kind in kinds for frame in self.route.frames(kind.folder)]
        return [*files, self.route.path / results.NAME]

    @property
    def outcome(self) -> str:
        """See `Drive`; LEAD's rules."""
        if not (self.route.is_complete and self.frames):
            return "unusable"
        record = self.route.results()
        if results.is_accepted(record):
            return "accepted"
        return "unusable" if str(record["status"]).startswith(_UNUSABLE) else "failed"

    @property
    def has_twin(self) -> bool:
        """Whether the perturbed rig was recorded."""
        return (self.route.path / _twin("rgb")).is_dir()

    def read(self, frame: str) -> Frame:
        """See `Drive`."""
        meta = self._read("metas", frame)
        if not isinstance(meta, Mapping):
            raise DataError(f"{self.route.file('metas', frame)}: this is no meta, but {type(meta).__name__}")
        twin = self._twin_pose(meta, frame) if self.has_twin else None
        poses = [Perturbation()] if twin is None else [Perturbation(), twin]
        if self.config.one_view:
            poses = [poses[int(frame) // self.config.frame_stride % len(poses)]]
        first, *second = (self._view(frame, meta, pose, twin=pose is twin) for pose in poses)
        sweep = self._read("lidar", frame) if self.config.lidar else None
        return Frame(meta, self._read("bboxes", frame), sweep, first, second[0] if second else None)

    @property
    def _folders(self) -> list[str]:
        config = self.config
        wanted = {"semantics": config.semantic, "depth": config.depth, "hdmap": config.bev_semantic}
        wanted |= {"radar": config.radar, "lidar": config.lidar}
        return ["metas", "bboxes", "rgb", *(folder for folder, used in wanted.items() if used)]

    def _view(self, frame: str, meta: Mapping[str, Any], pose: Perturbation, twin: bool) -> View:
        def read(folder: str) -> Any:
            if folder not in self._folders:
                return None
            return self._read(_twin(folder) if twin else folder, frame)

        # Decoded only to notice now, and not in the middle of training, that it is damaged.
        read("rgb")
        picture = self.route.file(_twin("rgb") if twin else "rgb", frame).read_bytes()
        semantic = read("semantics")
        if semantic is not None and not meta.get("dataset_information", {}).get("save_grouped_semantic", True):
            semantic = SEMANTIC_OF_CARLA[semantic]
        return View(picture, semantic, read("depth"), read("hdmap"), read("radar"), pose)

    def _twin_pose(self, meta: Mapping[str, Any], frame: str) -> Perturbation:
        try:
            return Perturbation(float(meta["perturbation_translation"]), float(meta["perturbation_rotation"]))
        except (KeyError, TypeError):
            file = self.route.file("metas", frame)
            raise DataError(f"{file}: it does not say where the perturbed rig stood") from None

    def _read(self, folder: str, frame: str) -> Any:
        try:
            return self.route.read(folder, frame)
        except LayoutError as error:
            raise DataError(str(error)) from None


def find_drives(root: Path, config: RecordConfig) -> list[LayoutDrive]:
    """All drives under a data set's root, in the order of their paths. DataError when there is none."""
    if not root.is_dir():
        raise DataError(f"{root}: there is no such folder")
    routes = find_routes(root)
    if not routes:
        raise DataError(f"{root}: no recorded route lies in or under this folder")
    base = root.resolve()
    return [LayoutDrive(route, _name(route.path.resolve(), base), config) for route in routes]


def _name(path: Path, base: Path) -> str:
    return base.name if path == base else path.relative_to(base).as_posix()


def _twin(folder: str) -> str:
    return f"{folder}{_TWIN}"
