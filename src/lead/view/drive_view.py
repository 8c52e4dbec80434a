"""One drive seen from above, as the world is now."""

import math
from collections.abc import Iterable, Sequence

import carla
import numpy as np
from numpy.typing import NDArray

from lead.geometry import box_arrays, location_array
from lead.routes import LaneGraph
from lead.simulator.scene import SceneReader
from lead.view.birdview import BirdView, Frame, StopLine, ViewConfig
from lead.view.tiles import Image, TownTiles

Floats = NDArray[np.float64]

_IN_VIEW = 130.0
_TRACE_POINTS = 600
#: Actors that wait far below the ground, or drive on another storey, are not in the picture (m).
_STOREY = 20.0


class DriveView:
    """Watches one ego drive; `look` takes in a tick, with the way that the ego came since the first, `paint` makes a
    picture of it.
    """

    def __init__(self, world: carla.World, ego: carla.Vehicle, graph: LaneGraph, route: Floats, config: ViewConfig):
        """`route` (n, 2 or 3): points of the route in the world (m)."""
        self._ego = ego
        self._route = route[:, :2]
        _, extent = box_arrays(ego.bounding_box)
        self._extent = (float(extent[0]), float(extent[1]))
        self._signs = _Signs()
        self._reader = SceneReader(world, ego.id, self._signs.add)
        self._view = BirdView(TownTiles(graph, config.scale), config)
        self._trace: list[tuple[float, float]] = []

    def look(
        self,
        snapshot: carla.WorldSnapshot,
        lines: Sequence[str] = (),
        alerts: Sequence[str] = (),
        cause: int = 0,
        marked: Iterable[int] = (),
        spots: Floats | None = None,
    ) -> Frame:
        """What the picture of a tick shows, with the text `lines`, red `alerts`, a framed `cause`, actors `marked` by
        colour, and `spots` (n, 2) on the road.
        """
        transform = self._ego.get_transform()
        place = transform.location
        ego = np.array([place.x, place.y, math.radians(transform.rotation.yaw)])
        self._trace = [*self._trace[1 - _TRACE_POINTS :], (ego[0], ego[1])]
        scene = self._reader.read(snapshot, ego)
        return Frame(
            ego=ego,
            extent=self._extent,
            scene=scene.pick(np.abs(scene.centre[:, 2] - place.z) < _STOREY),
            route=_near(self._route, ego),
            trace=np.array(self._trace),
            stop_lines=self._signs.stop_lines(ego),
            stop_signs=self._signs.stops(ego),
            cause=cause,
            marked=frozenset(marked),
            spots=spots,
            lines=lines,
            alerts=alerts,
        )

    def paint(self, frame: Frame) -> Image:
        """The picture; asks nothing of the simulator, so that another thread may do it."""
        return self._view.paint(frame)


class _Signs:
    """The lights and stop signs seen so far."""

    def __init__(self) -> None:
        self._lights: list[tuple[Floats, carla.TrafficLight]] = []
        self._ends: dict[int, list[Floats]] = {}
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
            if light.id not in self._ends:
                self._ends[light.id] = [_across(waypoint) for waypoint in light.get_stop_waypoints()]
        return [StopLine(light.get_state(), ends) for light in near for ends in self._ends[light.id]]

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
