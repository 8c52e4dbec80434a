"""A video of one drive from above, frame by frame as the world ticks."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import carla
import numpy as np
from numpy.typing import NDArray

from lead.routes import LaneGraph
from lead.view.birdview import Frame, ViewConfig
from lead.view.drive_view import DriveView
from lead.view.video import VideoWriter

#: Frames that may wait for the painter before the drive waits for it.
_WAITING = 16


@dataclass(frozen=True)
class VideoConfig:
    """How a drive becomes a video."""

    view: ViewConfig = field(default_factory=ViewConfig)
    """Size and look of a frame."""
    every_ticks: int = 2
    """Ticks from one frame to the next."""
    ticks_per_second: int = 20
    """Rate of the simulation, so that the video runs at the speed of the game."""
    quality: int = 28
    """x264's constant rate factor; smaller is better and larger."""

    def __post_init__(self):
        if self.every_ticks < 1 or self.ticks_per_second % self.every_ticks:
            raise ValueError(f"a frame every {self.every_ticks} of {self.ticks_per_second} ticks is no whole rate")


class DriveVideo:
    """Watches one ego drive and writes a file; `tick` every tick, `close` at the end.

    Pictures are painted and written by a thread, while the simulator makes its next steps.
    """

    def __init__(
        self,
        path: Path,
        world: carla.World,
        ego: carla.Vehicle,
        graph: LaneGraph,
        route: NDArray[np.float64],
        config: VideoConfig = VideoConfig(),
    ):
        """`route` (n, 2 or 3): points of the route in the world (m)."""
        self._config = config
        self._view = DriveView(world, ego, graph, route, config.view)
        rate = config.ticks_per_second // config.every_ticks
        self._writer = VideoWriter(path, config.view.width, config.view.height, rate, config.quality)
        self._ticks = 0
        self._painter = ThreadPoolExecutor(1, "video")
        self._waiting: deque[Future[None]] = deque()

    def tick(
        self, snapshot: carla.WorldSnapshot, lines: Sequence[str] = (), alerts: Sequence[str] = (), cause: int = 0
    ) -> None:
        """Take in a tick; every so many become a frame, see `DriveView.look`."""
        self._ticks += 1
        if (self._ticks - 1) % self._config.every_ticks:
            return
        frame = self._view.look(snapshot, lines, alerts, cause)
        if len(self._waiting) == _WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._painter.submit(self._paint, frame))

    def close(self) -> None:
        """Finish the file."""
        try:
            while self._waiting:
                self._waiting.popleft().result()
        finally:
            self._painter.shutdown()
            self._writer.close()

    def _paint(self, frame: Frame) -> None:
        self._writer.write(self._view.paint(frame))
