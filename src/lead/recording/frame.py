"""One frame of a recording: what was read in the tick, made into files away from the drive."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lead.geometry import to_world
from lead.recording import boxes
from lead.recording.boxes import Sighting
from lead.recording.config import RecorderConfig
from lead.recording.hdmap import RoadRaster
from lead.recording.layout import camera_pc, depth, lidar, pickles, png, radar, rgb, write_file
from lead.recording.layout.route import RouteFolder
from lead.recording.motion import Moment, then_to_now
from lead.recording.pictures import Pictures, camera_points, make_pictures
from lead.sensors.clouds import LOWERING, radar_cloud
from lead.sensors.perturbation import Perturbation, perturb_rig
from lead.sensors.rig import PERTURBED, Rig
from lead.sensors.sweeps import Clouds, Sweep, stack_clouds

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Glance:
    """What a frame is made of. `sweeps`: the ego and the clouds of the last ticks, the newest first."""

    name: str
    readings: Mapping[str, Any]
    sighting: Sighting
    sweeps: Sequence[tuple[Moment, "Future[Clouds]"]]


class FrameWriter:
    """Makes and writes the files of frames. Safe to be used by several threads."""

    def __init__(self, folder: RouteFolder, rig: Rig, perturbation: Perturbation, config: RecorderConfig):
        self._folder = folder
        self._rig = rig
        self._moved = perturb_rig(rig, perturbation)
        self._perturbation = perturbation
        self._config = config
        self._painting = threading.Lock()

    def make_folders(self) -> None:
        """Create the folders of all kinds of files."""
        pictures = ["rgb", "semantics", "depth", "hdmap", *(["instance"] if self._config.instance else [])]
        pictures += ["radar"] if self._rig.radars else []
        names = [*pictures, "bboxes", "metas", *(["lidar"] if self._rig.lidars else [])]
        names += [f"{name}{PERTURBED}" for name in pictures] if self._config.perturbed else []
        names += ["camera_pc"] if self._config.camera_pc else []
        for name in names:
            (self._folder.path / name).mkdir(parents=True)

    def write_readings(self, glance: Glance, raster: RoadRaster) -> list[dict[str, Any]]:
        """Write all but meta and boxes; the boxes, with what they have of pixels and points."""
        now = glance.sweeps[0][0]
        seen = make_pictures(self._rig, glance.readings, glance.sighting.shapes)
        self._write_pictures(glance.name, seen, "")
        self._write_map(glance.name, now.pose, raster, "")
        clouds = glance.sweeps[0][1].result()
        self._write("radar", glance.name, radar.encode(clouds.radar) if clouds.radar else None)
        if self._config.perturbed:
            self._write_twin(glance, now, raster)
        if self._config.camera_pc:
            self._write("camera_pc", glance.name, camera_pc.encode(camera_points(self._rig, glance.readings)))
        if self._rig.lidars:
            self._write("lidar", glance.name, lidar.encode(stack_sweeps(glance.sweeps)))
        echoes = _true_height(clouds.radar, self._rig)
        return boxes.finish(glance.sighting, clouds.true, echoes, seen.pixels)

    def write_facts(self, name: str, meta: dict[str, Any], found: list[dict[str, Any]]) -> None:
        """Write the meta and the boxes of a frame; the meta last, so that a frame with a meta is whole."""
        self._write("bboxes", name, pickles.encode(found, smallest=False))
        self._write("metas", name, pickles.encode(meta, smallest=False))

    def _write_twin(self, glance: Glance, now: Moment, raster: RoadRaster) -> None:
        seen = make_pictures(self._moved, glance.readings, glance.sighting.shapes, PERTURBED)
        self._write_pictures(glance.name, seen, PERTURBED)
        shifted = to_world(now.pose, [0.0, self._perturbation.shift_m, 0.0])
        pose = np.concatenate([shifted, now.pose[3:]])
        pose[4] += np.radians(self._perturbation.turn_deg)
        self._write_map(glance.name, pose, raster, PERTURBED)
        if self._rig.radars:
            # By the nominal calibration, so that points are in the twin's own frame.
            echoes = {
                f"radar{number}": radar_cloud(one, glance.readings[f"radar{number}{PERTURBED}"])
                for number, one in enumerate(self._rig.radars, 1)
            }
            self._write(f"radar{PERTURBED}", glance.name, radar.encode(echoes))

    def _write_pictures(self, name: str, seen: Pictures, suffix: str) -> None:
        self._write(f"rgb{suffix}", name, rgb.encode(seen.rgb, self._config.jpeg_quality))
        self._write(f"semantics{suffix}", name, png.encode(seen.semantics))
        stored = depth.quantise(seen.depth, self._config.depth_bits)
        self._write(f"depth{suffix}", name, png.encode(stored))
        if self._config.instance:
            self._write(f"instance{suffix}", name, png.encode(seen.instance))

    def _write_map(self, name: str, pose: NDArray[np.float64], raster: RoadRaster, suffix: str) -> None:
        with self._painting:
            image = raster.around(float(pose[0]), float(pose[1]), float(pose[4]))
        self._write(f"hdmap{suffix}", name, png.encode(image))

    def _write(self, folder: str, name: str, data: bytes | None) -> None:
        if data is not None:
            write_file(self._folder.file(folder, name), data)


def stack_sweeps(sweeps: Sequence[tuple[Moment, "Future[Clouds]"]]) -> Sweep:
    """The points of the last ticks in the present ego frame."""
    now = sweeps[0][0]
    return stack_clouds([(future.result(), then_to_now(moment, now)) for moment, future in sweeps])


def _true_height(radars: Mapping[str, Floats], rig: Rig) -> Floats:
    """All radars' points (n, 3) at their true height."""
    clouds = [
        radars[f"radar{number}"][:, :3] + np.array([0.0, 0.0, LOWERING * one.position[2]], np.float32)
        for number, one in enumerate(rig.radars, 1)
    ]
    return np.concatenate(clouds) if clouds else np.zeros((0, 3), np.float32)
