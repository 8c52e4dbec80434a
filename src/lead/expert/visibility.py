"""Who can be seen from the ego: inside the sensors' view, large enough in the picture, and not hidden by others or by
what stands around.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lead.expert.scene import Actors, Bools, Ego, Floats, Scene
from lead.geometry import footprint, wrap_angle
from lead.kinds import Kind

SENSOR_HEIGHT_M = 2.25
"""Height of cameras and LiDAR above the ground."""

_AHEAD_M, _BEHIND_M, _BESIDE_M = 66.0, 34.0, 42.0
_HALF_FIELD = math.radians(84.5)  # three cameras of 60 degrees, 54.5 degrees apart
_FOCAL_PX = 332.0  # 384 pixels over 60 degrees
_PIXELS = {Kind.VEHICLE: 5.0, Kind.BICYCLE: 10.0, Kind.WALKER: 15.0, Kind.OBSTACLE: 5.0}
_LIDAR_M = 60.0
_LIGHT_M = 64.0
_HEIGHTS = np.array([0.25, 0.6, 0.95])
_ACROSS = np.array([-0.8, 0.0, 0.8])


@dataclass(frozen=True)
class Evidence:
    """What sensors say of n actors, where there are any: `pixels` of instance images, LiDAR `points`; -1: unknown."""

    pixels: Floats
    points: Floats


class _Blinds(NamedTuple):
    """Upright boxes that hide: `corners` (b, 4, 2), `centre` (b, 2), `reach` (b,) around it, `bottom`, `top` (b,)."""

    corners: Floats
    centre: Floats
    reach: Floats
    bottom: Floats
    top: Floats


def visible_actors(scene: Scene, evidence: Evidence | None = None) -> Bools:
    """Which actors (n,) a student's cameras and LiDAR see; by `evidence` where it is given, else by geometry."""
    actors, ego = scene.actors, scene.ego
    if len(actors) == 0:
        return np.zeros(0, dtype=bool)
    x, y = _local(ego, actors.centre[:, :2])
    in_picture = np.abs(np.arctan2(y, x)) < _HALF_FIELD
    share = seen_share(ego, actors, scene.walls)
    distance = np.maximum(np.hypot(x, y), 1.0)
    size = 2.0 * np.maximum(actors.extent[:, 1], 0.2) * 2.0 * actors.extent[:, 2]
    pixels = np.where(in_picture, share * size * (_FOCAL_PX / distance) ** 2, 0.0)
    points = np.where(distance < _LIDAR_M, share * 10.0, 0.0)
    if evidence is not None:
        pixels = np.where(evidence.pixels >= 0.0, evidence.pixels, pixels)
        points = np.where(evidence.points >= 0.0, evidence.points, points)
    least = np.array([_PIXELS[kind] for kind in Kind])[actors.kind]
    # Of a walker a point cloud says too little.
    by_points = (points >= 1.0) & (actors.kind != Kind.WALKER)
    return is_in_field(ego, actors.centre) & ((pixels >= least) | by_points)


def visible_lights(scene: Scene) -> Bools:
    """Which lights (k,) of the route ahead are in the picture, and near by the way to their stop lines."""
    x, y = _local(scene.ego, scene.signals.light_position[:, :2])
    return (np.abs(np.arctan2(y, x)) < _HALF_FIELD) & (scene.signals.light_s - scene.ego.s < _LIGHT_M)


def last_sight_of_light(scene: Scene, index: int) -> float:
    """Where on the route (m) the ego's origin may be at most if it is to see a light of the route, on a straight way to
    its stop line.
    """
    route, signals = scene.route, scene.signals
    row = int(np.searchsorted(route.s, signals.light_s[index]).clip(0, len(route.s) - 1))
    step = signals.light_position[index, :2] - route.points[row, :2]
    ahead, aside = float(step @ _along(route.yaw[row])), float(step @ _along(route.yaw[row] + math.pi / 2.0))
    return float(route.s[row]) + ahead - abs(aside) / math.tan(_HALF_FIELD)


def seen_share(ego: Ego, actors: Actors, walls: Floats | None = None) -> Floats:
    """Which share (n,) of nine points on each actor can be seen past the other actors' boxes and `walls` (w, 7)."""
    ground = actors.centre[:, 2] - actors.extent[:, 2]
    points = _points_on(eye_of(ego), actors, ground)
    own = _blinds(walls_of(actors))
    seen = ~_hidden(eye_of(ego), points.reshape(-1, 3), np.repeat(np.arange(len(actors)), points.shape[1]), *own)
    if walls is not None and len(walls):
        seen &= in_sight(ego, points.reshape(-1, 3), walls)
    return seen.reshape(points.shape[:2]).mean(axis=1)


def in_sight(ego: Ego, points: Floats, walls: Floats) -> Bools:
    """Which points (n, 3) the ego sees past `walls` (w, 7); those inside one are not hidden by it."""
    return ~_hidden(eye_of(ego), points, np.full(len(points), -1), *_blinds(walls))


def _along(yaw: float) -> Floats:
    return np.array([math.cos(yaw), math.sin(yaw)])


def _blinds(walls: Floats) -> _Blinds:
    half = walls[:, 3:5]
    corners = footprint(walls[:, :2], walls[:, 2], half)
    return _Blinds(corners, walls[:, :2], np.hypot(half[:, 0], half[:, 1]), walls[:, 5], walls[:, 6])


def is_in_field(ego: Ego, points: Floats) -> Bools:
    """Which points (n, 2 or 3) lie in the field that a student's sensors cover."""
    x, y = _local(ego, points[:, :2])
    return (x > -_BEHIND_M) & (x < _AHEAD_M) & (np.abs(y) < _BESIDE_M)


def walls_of(actors: Actors) -> Floats:
    """The boxes of actors as `Scene.walls` (n, 7)."""
    x, y, z = actors.centre.T
    length, width, height = actors.extent.T
    return np.stack([x, y, actors.yaw, length, width, z - height, z + height], axis=1)


def eye_of(ego: Ego) -> Floats:
    """Where cameras and LiDAR are (3,)."""
    return np.array([*ego.position[:2], ego.position[2] + SENSOR_HEIGHT_M])


def _local(ego: Ego, points: Floats) -> tuple[Floats, Floats]:
    step = points - ego.position[:2]
    c, s = math.cos(ego.yaw), math.sin(ego.yaw)
    return step[:, 0] * c + step[:, 1] * s, -step[:, 0] * s + step[:, 1] * c


def _points_on(eye: Floats, actors: Actors, ground: Floats) -> Floats:
    """Points (n, 9, 3) across the middle of each actor, as wide as it looks from the eye."""
    step = actors.centre[:, :2] - eye[:2]
    bearing = np.arctan2(step[:, 1], step[:, 0])
    turn = wrap_angle(actors.yaw - bearing)
    half = np.abs(np.sin(turn)) * actors.extent[:, 0] + np.abs(np.cos(turn)) * actors.extent[:, 1]
    side = np.stack([-np.sin(bearing), np.cos(bearing)], axis=-1)
    flat = actors.centre[:, None, :2] + (half[:, None] * _ACROSS)[:, :, None] * side[:, None, :]
    height = ground[:, None] + 2.0 * actors.extent[:, 2:] * _HEIGHTS
    points = np.empty((len(actors), 3, 3, 3))
    points[..., :2] = flat[:, :, None, :]
    points[..., 2] = height[:, None, :]
    return points.reshape(len(actors), 9, 3)


@njit(cache=True)
def _hidden(eye, points, owner, corners, centre, reach, bottom, top) -> NDArray[np.bool_]:
    """Whether a box hides each point from the eye; the box of its `owner` does not count."""
    hidden = np.zeros(len(points), dtype=np.bool_)
    for n in range(len(points)):
        for other in range(len(centre)):
            if (
                other != owner[n]
                and _near_line(eye, points[n], centre[other], reach[other])
                and _blocks(eye, points[n], corners[other], bottom[other], top[other])
            ):
                hidden[n] = True
                break
    return hidden


@njit(cache=True)
def _near_line(eye, point, centre, reach):
    """Whether the line from the eye to a point comes within `reach` of a centre, seen from above."""
    dx, dy = point[0] - eye[0], point[1] - eye[1]
    cx, cy = centre[0] - eye[0], centre[1] - eye[1]
    square = dx * dx + dy * dy
    along = cx * dx + cy * dy
    if along < 0.0 or along > square + reach * np.sqrt(square):
        return False
    across = cx * dy - cy * dx
    return across * across < reach * reach * square


@njit(cache=True)
def _blocks(eye, point, corners, bottom, top):
    """Whether the line from the eye to a point passes through an upright box that neither of them is in."""
    dx, dy = point[0] - eye[0], point[1] - eye[1]
    first, last = 0.0, 1.0
    for i in range(4):
        j = (i + 1) % 4
        ex, ey = corners[j, 0] - corners[i, 0], corners[j, 1] - corners[i, 1]
        # Clockwise corners in a left-handed frame: the inside is where the cross product is positive.
        start = ex * (eye[1] - corners[i, 1]) - ey * (eye[0] - corners[i, 0])
        step = ex * dy - ey * dx
        if step == 0.0:
            if start < 0.0:
                return False
            continue
        at = -start / step
        if step > 0.0:
            first = max(first, at)
        else:
            last = min(last, at)
        if first >= last:
            return False
    if first == 0.0 or last == 1.0:
        return False
    height = eye[2] + 0.5 * (first + last) * (point[2] - eye[2])
    return bottom < height < top
