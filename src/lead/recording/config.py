"""How drives are recorded."""

from dataclasses import dataclass
from pathlib import Path

from lead.sensors.clouds import BOX, CROSS, EgoFilter
from lead.sensors.rig import Rig


@dataclass(frozen=True)
class RecorderConfig:
    """A recording; ValueError, one sentence, for what cannot be."""

    folder: Path
    """Where data sets go: routes are in `data/<scenario type>/` of it."""
    rig: Rig
    """The sensors."""
    perturbed: bool = True
    """Whether the perturbed twin of the rig is recorded too."""
    seed: int = 0
    """Seed of the twin's place."""
    ticks_between: int = 5
    """Ticks of 0.05 s from one frame to the next."""
    jpeg_quality: int = 30
    """Of the colour pictures; LEAD's is 30."""
    depth_bits: int = 8
    """8: up to 50 m, 16: up to 96 m."""
    ego_filter: EgoFilter = CROSS
    """Which LiDAR points count as the ego's own: LEAD's `cross`, or `box`; see `lead.sensors.clouds`."""
    ground_removed: bool = True
    """Whether points of the ground are left out of LiDAR files."""
    instance: bool = False
    """Whether instance pictures are kept."""
    camera_pc: bool = False
    """Whether the pixels' points are kept; large."""
    threads: int = 2
    """Threads that encode and write."""
    waiting: int = 12
    """Frames that may wait to be written before the drive has to wait."""
    stem: str = ""
    """Name of the route file in the routes' folders; the route's id by default."""

    def __post_init__(self):
        if not self.rig.cameras:
            raise ValueError(f"rig {self.rig.name} has no camera, so there is nothing to record by")
        if self.ticks_between < 1 or self.threads < 1 or self.waiting < 1:
            raise ValueError("ticks_between, threads and waiting must be 1 or more")
        if not 1 <= self.jpeg_quality <= 100:
            raise ValueError(f"jpeg_quality must be from 1 to 100, not {self.jpeg_quality}")
        if self.depth_bits not in (8, 16):
            raise ValueError(f"depth_bits must be 8 or 16, not {self.depth_bits}")
        if self.ego_filter not in (CROSS, BOX):
            raise ValueError(f"ego_filter must be {CROSS!r} or {BOX!r}, not {self.ego_filter!r}")
