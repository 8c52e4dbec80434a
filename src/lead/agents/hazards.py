"""Who is in the way: what stands or drives in the ego's corridor, and whose way crosses it at the same time."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lead.agents.path import DrivePath
from lead.control import PATH_SPACING
from lead.geometry import wrap_angle
from lead.simulator.scene import Kind, Scene

Floats = NDArray[np.float64]

_STRIDE = 5  # path points between two points of a corridor
_STOREY = 3.0  # metres of height that part two roads which cross
_OUTLINE = np.array([(along, side) for along in np.linspace(-1.0, 1.0, 7) for side in (-1.0, 1.0)])
_DISCS = np.linspace(-1.0, 1.0, 4)
_STEPS = 16
_ACCELERATION = 2.5  # m/s2 that the ego's forecast speeds up with


@dataclass(frozen=True)
class EgoBody:
    """How far the ego reaches from its origin: to the front, to the rear and to a side (m)."""

    front: float
    rear: float
    half_width: float


@dataclass(frozen=True)
class Corridor:
    """The path ahead, coarser: `points` (m, 2), `height` (m,), `yaw` (m,), `s` (m,) metres from the ego's origin."""

    points: Floats
    height: Floats
    yaw: Floats
    s: Floats


@dataclass(frozen=True)
class Leader:
    """The first thing in the corridor. `gap`: metres from bumper to bumper; `speed`: along the path (m/s)."""

    id: int
    kind: Kind
    gap: float
    speed: float
    is_crossing: bool


@dataclass(frozen=True)
class Conflict:
    """Whose forecast meets the ego's. `distance`: metres from the ego's front to where its way is first touched."""

    id: int
    kind: Kind
    distance: float
    seconds: float


def corridor_ahead(path: DrivePath, index: int, behind: float, ahead: float) -> Corridor:
    """The path from `behind` metres before to `ahead` metres after the point `index`."""
    first = max(index - int(behind / PATH_SPACING), 0)
    rows = np.arange(first, min(index + int(ahead / PATH_SPACING), len(path)), _STRIDE)
    return Corridor(
        path.points[rows, :2], path.points[rows, 2], path.yaw[rows], PATH_SPACING * (rows - index).astype(np.float64)
    )


def find_leader(corridor: Corridor, scene: Scene, body: EgoBody, margin: float) -> Leader | None:
    """The nearest actor whose outline reaches into the corridor ahead, widened by `margin` (m) to each side."""
    if len(scene) == 0:
        return None
    best: Leader | None = None
    for row in _close_rows(corridor, scene, body.half_width + margin):
        gap = _gap(corridor, _outline(scene, row), body, margin)
        if gap is None or (best is not None and best.gap <= gap):
            continue
        at = int(np.searchsorted(corridor.s, gap + body.front).clip(0, len(corridor.s) - 1))
        direction = np.array([np.cos(corridor.yaw[at]), np.sin(corridor.yaw[at])])
        turn = abs(float(wrap_angle(scene.yaw[row] - corridor.yaw[at])))
        speed = max(float(scene.velocity[row] @ direction), 0.0)
        is_crossing = bool(math.radians(40.0) < turn < math.radians(140.0))
        best = Leader(int(scene.id[row]), Kind(scene.kind[row]), gap, speed, is_crossing)
    return best


def find_conflict(
    corridor: Corridor, scene: Scene, body: EgoBody, pose: Floats, speed: float, desired: float, horizon: float
) -> Conflict | None:
    """The earliest meeting within `horizon` seconds, if the ego drives on and all others keep their turn and speed.

    `pose`: x, y, yaw of the ego; `speed`, `desired` in m/s. Actors that follow the ego in its lane do not count.
    """
    scene = scene.pick(_may_conflict(scene, pose, body, corridor))
    if len(scene) == 0:
        return None
    times = np.arange(1, _STEPS + 1) * horizon / _STEPS
    ego = _ego_discs(corridor, body, speed, desired, times)
    others, radii = _other_discs(scene, times)
    reach = radii[:, None, None, None] + body.half_width + 0.25
    offsets = others[:, :, :, None, :] - ego[None, :, None, :, :]
    hits = (offsets**2).sum(-1) < reach**2
    meets = hits.any((2, 3))
    best: Conflict | None = None
    for row in np.flatnonzero(meets.any(1)):
        step = int(np.argmax(meets[row]))
        if not hits[row, step, :, 1:].any():
            continue  # it would run into the rear: braking makes that worse
        seconds = float(times[step])
        if best is not None and best.seconds <= seconds:
            continue
        entry = _entry(corridor, others[row], float(radii[row]) + body.half_width + 0.5)
        best = Conflict(int(scene.id[row]), Kind(scene.kind[row]), entry - body.front, seconds)
    return best


def _close_rows(corridor: Corridor, scene: Scene, half_width: float) -> NDArray[np.intp]:
    """Rows whose centre is near enough to the corridor that their outline may reach it, on the same storey."""
    offsets = scene.centre[:, None, :2] - corridor.points
    squares = np.einsum("nmk,nmk->nm", offsets, offsets)
    nearest = squares.argmin(1)
    size = np.hypot(scene.extent[:, 0], scene.extent[:, 1]) + half_width + 0.5
    same_storey = np.abs(scene.centre[:, 2] - corridor.height[nearest]) < _STOREY
    return np.flatnonzero((squares.min(1) < size**2) & same_storey)


def _outline(scene: Scene, row: int) -> Floats:
    """Points (14, 2) around the actor's box in the world."""
    c, s = math.cos(scene.yaw[row]), math.sin(scene.yaw[row])
    local = _OUTLINE * scene.extent[row]
    return scene.centre[row, :2] + local @ np.array([[c, s], [-s, c]])


def _gap(corridor: Corridor, outline: Floats, body: EgoBody, margin: float) -> float | None:
    """Metres from the ego's front to the outline where it reaches into the corridor ahead; None where it does not."""
    offsets = outline[:, None, :] - corridor.points
    nearest = np.einsum("nmk,nmk->nm", offsets, offsets).argmin(1)
    step = outline - corridor.points[nearest]
    yaw = corridor.yaw[nearest]
    along = step[:, 0] * np.cos(yaw) + step[:, 1] * np.sin(yaw)
    lateral = -step[:, 0] * np.sin(yaw) + step[:, 1] * np.cos(yaw)
    s = corridor.s[nearest] + along
    beside = (np.abs(along) < 1.0) & (s > body.front - 0.5)
    inside = beside & (np.abs(lateral) < body.half_width + margin)
    if not inside.any():
        return None
    return max(float(s[inside].min()) - body.front, 0.0)


def _may_conflict(scene: Scene, pose: Floats, body: EgoBody, corridor: Corridor) -> NDArray[np.bool_]:
    step = scene.centre[:, :2] - pose[:2]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    forward, side = step[:, 0] * c + step[:, 1] * s, -step[:, 0] * s + step[:, 1] * c
    turn = np.abs(wrap_angle(scene.yaw - pose[2]))
    follows = (forward < 0.0) & (np.abs(side) < body.half_width + 1.0) & (turn < 0.8)
    slowest = np.where(scene.kind == Kind.WALKER, 0.2, 0.5)
    near = np.hypot(step[:, 0], step[:, 1]) < 70.0
    same_storey = np.abs(scene.centre[:, 2] - corridor.height[0]) < 2.0 * _STOREY
    return (scene.speed > slowest) & near & same_storey & ~follows


def _ego_discs(corridor: Corridor, body: EgoBody, speed: float, desired: float, times: Floats) -> Floats:
    """Centres (t, 3, 2) of discs over the ego, rear to front, as it drives on along the corridor."""
    speeds = np.minimum(speed + _ACCELERATION * times, max(desired, speed))
    travelled = np.cumsum(speeds) * (times[1] - times[0])
    inner = np.array([body.half_width - body.rear, 0.0, body.front - body.half_width])
    s = travelled[:, None] + inner
    return np.stack([np.interp(s, corridor.s, corridor.points[:, axis]) for axis in range(2)], axis=-1)


def _other_discs(scene: Scene, times: Floats) -> tuple[Floats, Floats]:
    """Centres (n, t, 4, 2) of discs over the actors as they go on turning, and their radii (n,)."""
    yaw = scene.yaw[:, None] + scene.yaw_rate[:, None] * times
    dt = times[1] - times[0]
    course = np.arctan2(scene.velocity[:, 1], scene.velocity[:, 0])[:, None] + scene.yaw_rate[:, None] * times
    step = scene.speed[:, None, None] * np.stack([np.cos(course), np.sin(course)], axis=-1) * dt
    centre = scene.centre[:, None, :2] + np.cumsum(step, axis=1)
    radii = np.minimum(scene.extent[:, 0], scene.extent[:, 1]) + 0.2
    reach = np.maximum(scene.extent[:, 0] - scene.extent[:, 1], 0.0)
    forward = np.stack([np.cos(yaw), np.sin(yaw)], axis=-1)
    offsets = (reach[:, None] * _DISCS)[:, None, :, None] * forward[:, :, None, :]
    return centre[:, :, None, :] + offsets, radii


def _entry(corridor: Corridor, discs: Floats, reach: float) -> float:
    """Metres from the ego's origin to the first point of the corridor that the discs (t, 4, 2) ever come near."""
    offsets = discs.reshape(-1, 1, 2) - corridor.points
    touched = (np.einsum("nmk,nmk->nm", offsets, offsets) < reach**2).any(0)
    return float(corridor.s[np.argmax(touched)]) if touched.any() else float(corridor.s[-1])
