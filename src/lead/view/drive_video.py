"""A video of one drive from above, frame by frame as the world ticks."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import carla
import numpy as np
from numpy.typing import NDArray

from lead.geometry import box_arrays, location_array
from lead.routes import LaneGraph
from lead.simulator.scene import SceneReader
from lead.view.birdview import BirdView, Frame, StopLine, ViewConfig
from lead.view.tiles import TownTiles
from lead.view.video import VideoWriter

Floats = NDArray[np.float64]

_IN_VIEW = 130.0
_TRACE_POINTS = 600


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
    """Watches one ego drive and writes a file; `tick` every tick, `close` at the end."""

    def __init__(
        self,
        path: Path,
        world: carla.World,
        ego: carla.Vehicle,
        graph: LaneGraph,
        route: Floats,
        config: VideoConfig = VideoConfig(),
    ):
        """`route` (n, 2 or 3): points of the route in the world (m)."""
        self._config = config
        self._ego = ego
        self._route = route[:, :2]
        _, extent = box_arrays(ego.bounding_box)
        self._extent = (float(extent[0]), float(extent[1]))
        self._signs = _Signs()
        self._reader = SceneReader(world, ego.id, self._signs.add)
        self._view = BirdView(TownTiles(graph, config.view.scale), config.view)
        rate = config.ticks_per_second // config.every_ticks
        self._writer = VideoWriter(path, config.view.width, config.view.height, rate, config.quality)
        self._trace: list[tuple[float, float]] = []
        self._ticks = 0

    def tick(
        self, snapshot: carla.WorldSnapshot, lines: Sequence[str] = (), alerts: Sequence[str] = (), cause: int = 0
    ) -> None:
        """Take in a tick; every so many become a frame with the text `lines`, red `alerts` and a marked `cause`."""
        self._ticks += 1
        if (self._ticks - 1) % self._config.every_ticks:
            return
        transform = self._ego.get_transform()
        ego = np.array([transform.location.x, transform.location.y, math.radians(transform.rotation.yaw)])
        self._trace = [*self._trace[1 - _TRACE_POINTS :], (ego[0], ego[1])]
        frame = Frame(
            ego=ego,
            extent=self._extent,
            scene=self._reader.read(snapshot, ego),
            route=_near(self._route, ego),
            trace=np.array(self._trace),
            stop_lines=self._signs.stop_lines(ego),
            stop_signs=self._signs.stops(ego),
            cause=cause,
            lines=lines,
            alerts=alerts,
        )
        self._writer.write(self._view.paint(frame))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


class _Signs:
    """The lights and stop signs seen so far."""

    def __init__(self) -> None:
        self._lights: list[tuple[Floats, carla.TrafficLight]] = []
        self._lines: dict[int, list[StopLine]] = {}
        self._stops: list[Floats] = []

    def add(self, actors: Iterable[carla.Actor]) -> None:
        for actor in actors:
            if isinstance(actor, carla.TrafficLight):
                self._lights.append((_trigger_centre(actor), actor))
            elif isinstance(actor, carla.TrafficSign) and actor.type_id == "traffic.stop":
                self._stops.append(_trigger_centre(actor))

    def stop_lines(self, place: Floats) -> list[StopLine]:
        near = [light for centre, light in self._lights if np.abs(centre - place[:2]).max() < _IN_VIEW]
        for light in near:
            if light.id not in self._lines:
                self._lines[light.id] = [StopLine(light, _across(waypoint)) for waypoint in light.get_stop_waypoints()]
        return [line for light in near for line in self._lines[light.id]]

    def stops(self, place: Floats) -> Floats:
        near = [stop for stop in self._stops if np.abs(stop - place[:2]).max() < _IN_VIEW]
        return np.array(near).reshape(-1, 2)


def _trigger_centre(actor: carla.TrafficSign) -> Floats:
    box = actor.trigger_volume.location
    centre = actor.get_transform().transform(carla.Location(box.x, box.y, box.z))
    return location_array(centre)[:2]


def _across(waypoint: carla.Waypoint) -> Floats:
    """Both ends (2, 2) of a line across the lane."""
    place, right = location_array(waypoint.transform.location)[:2], waypoint.transform.get_right_vector()
    half = np.array([right.x, right.y]) * waypoint.lane_width / 2.0
    return np.stack([place - half, place + half])


def _near(points: Floats, place: Floats) -> Floats:
    """The stretch of points from the first to the last that is in view."""
    rows = np.flatnonzero(np.abs(points - place[:2]).max(axis=1) < 2.0 * _IN_VIEW)
    return points[rows[0] : rows[-1] + 1] if len(rows) else points[:0]
