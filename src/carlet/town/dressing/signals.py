"""Where traffic lights hang and signs stand: at their own places, as drivers see them."""

import re

import numpy as np

from carlet.models.faces import SPEEDS_KMH
from carlet.models.street.signals import HEAD_FORWARD, HEAD_HEIGHT, LOW_HEAD_HEIGHT, MAST, POST
from carlet.town.dressing.clearance import WHEELED, clear_of_lanes, gaps_to
from carlet.town.dressing.style import Site
from carlet.town.dressing.table import Objects, join_objects, make_objects
from carlet.town.model import Floats, Ints, Lights
from carlet.town.objects import ObjectKind

#: Models of light poles: a post, a mast with an arm; the same with few triangles.
POLE_POST, POLE_MAST, POLE_LEAN = 0, 1, 2
#: Faces of signs by model.
SIGN_FACES = ("stop", "yield", "warning", *(f"speed_{speed}" for speed in SPEEDS_KMH))
_SPEED_TYPE = re.compile(r"\.speed_limit\.(\d+)$")
_PLATE_HEIGHT = 2.35
_POST_TOP = 0.35
_NEAR = 6.0  # a light this close behind the line cannot be seen from it, and is repeated across the junction
_AHEAD = np.arange(8.0, 46.0, 1.0)
_STRAIGHT_ON = 14.0
_ASIDE = (1.2, 2.4, 3.8, 5.4)
_SHIFTS = np.array([0.0, *(sign * step for step in np.arange(0.5, 9.1, 0.5) for sign in (1.0, -1.0))])
_KEPT = gaps_to(WHEELED, 0.3)


def place_lights(site: Site) -> Objects:
    """Poles and heads of all lights; those near the line have a second head on the far side of the junction."""
    lights = site.lights
    random = site.random("lights")
    toward = _toward(lights)
    base = _off_lanes(site, lights.pose[:, :3], toward)
    row = np.arange(len(toward))
    middle, width, along = _approach(lights, base, toward)
    near = along < _NEAR
    across, far_width = middle[~near], width[~near]
    parts = [
        *_posts(site, base[near], toward[near], row[near], random),
        *_masts(site, base[~near], toward[~near], row[~near], across, far_width, random),
    ]
    spot, found, lateral = _repeaters(site, toward, near)
    parts += _masts(site, spot[found], toward[found], row[found], lateral[found], width[found], random)
    return join_objects(parts)


def place_signs(site: Site) -> Objects:
    """Posts and plates of all signs, facing the traffic they speak to."""
    signs, random = site.signs, site.random("signs")
    toward = signs.pose[:, 4] + 0.5 * np.pi
    base = _off_lanes(site, signs.pose[:, :3], toward)
    row = np.arange(len(toward))
    face = np.array([SIGN_FACES.index(_face(name)) for name in signs.type_id], np.uint8)
    plate = base + np.column_stack([0.07 * np.cos(toward), 0.07 * np.sin(toward), np.full(len(row), _PLATE_HEIGHT)])
    height = np.array([1.0, 1.0, _PLATE_HEIGHT + _POST_TOP])
    lean = int(site.style.lean)
    posts = make_objects(
        ObjectKind.SIGN_POST, base, toward, model=lean, size=height, half=POST, source=row, random=random
    )
    return join_objects(
        [posts, make_objects(ObjectKind.SIGN, plate, toward, model=face, half=0.05, source=row, random=random)]
    )


def _face(type_id: str) -> str:
    found = _SPEED_TYPE.search(type_id)
    if found:
        return f"speed_{min(SPEEDS_KMH, key=lambda speed: abs(speed - int(found.group(1))))}"
    return {"traffic.stop": "stop", "traffic.yield": "yield"}.get(type_id, "warning")


def _toward(lights: Lights) -> Floats:
    """Yaw (n,) from each light to the traffic that it governs."""
    toward = lights.pose[:, 4] + 0.5 * np.pi
    nearest = _nearest_lines(lights)
    known = nearest >= 0
    heading = lights.line_pose[nearest[known], 4]
    opposite = np.cos(toward[known] - heading) > 0.0
    toward[known] += np.where(opposite, np.pi, 0.0)
    return toward


def _nearest_lines(lights: Lights) -> Ints:
    """The stop line (n,) nearest to each light among its own, -1 without any."""
    distance = np.linalg.norm(lights.line_pose[:, :2] - lights.pose[lights.line_light, :2], axis=1)
    order = np.lexsort((distance, lights.line_light))
    nearest = np.full(len(lights.pose), -1, np.int64)
    light, first = np.unique(lights.line_light[order], return_index=True)
    nearest[light] = order[first]
    return nearest


def _approach(lights: Lights, base: Floats, toward: Floats) -> tuple[Floats, Floats, Floats]:
    """Of the lanes that each light governs on its approach: how far left of `base` their middle lies and how wide they
    are together, as the driver sees it; and how far the light stands behind their lines.
    """
    light = lights.line_light
    forward = -np.column_stack([np.cos(toward), np.sin(toward)])
    left = np.column_stack([forward[:, 1], -forward[:, 0]])
    way = lights.line_pose[:, :2] - base[light, :2]
    aside, ahead = np.sum(way * left[light], axis=1), -np.sum(way * forward[light], axis=1)
    aligned = np.cos(lights.line_pose[:, 4] - toward[light]) < -0.8
    low, high, along = np.full(len(base), np.inf), np.full(len(base), -np.inf), np.full(len(base), np.inf)
    rows = np.flatnonzero(aligned & (np.abs(aside) < 20.0))
    np.minimum.at(low, light[rows], aside[rows] - lights.line_half_width[rows])
    np.maximum.at(high, light[rows], aside[rows] + lights.line_half_width[rows])
    np.minimum.at(along, light[rows], ahead[rows])
    known = np.isfinite(low)
    low, high = np.where(known, low, 1.25), np.where(known, high, 4.75)
    return 0.5 * (low + high), high - low, along


def _off_lanes(site: Site, points: Floats, toward: Floats) -> Floats:
    """The points (n, 3) on the ground, shifted across the road as far as it takes to be off the lanes."""
    count, tries = len(points), len(_SHIFTS)
    aside = np.column_stack([-np.sin(toward), np.cos(toward), np.zeros(count)])
    spots = points[:, None] - _SHIFTS[None, :, None] * aside[:, None]
    flat = spots.reshape(-1, 3)
    free = clear_of_lanes(site.quads, flat, MAST, np.repeat(toward, tries), _KEPT, flat[:, 2])
    first = np.argmax(free.reshape(count, tries), axis=1)
    return site.on_ground(spots[np.arange(count), first]) if count else points.copy()


def _posts(site: Site, base: Floats, toward: Floats, row: Ints, random: np.random.Generator) -> tuple[Objects, Objects]:
    lean = int(site.style.lean)
    pole = make_objects(
        ObjectKind.LIGHT_POLE,
        base,
        toward,
        model=POLE_POST + POLE_LEAN * lean,
        half=0.07,
        source=row,
        random=random,
    )
    return pole, _heads(site, base, toward, row, np.zeros(len(row)), LOW_HEAD_HEIGHT, random)


def _masts(
    site: Site,
    base: Floats,
    toward: Floats,
    row: Ints,
    across: Floats,
    width: Floats,
    random: np.random.Generator,
) -> list[Objects]:
    """Masts with an arm over the lanes, whose middle lies `across` to the left; a head over it, and more over others
    and at the mast where there may be many triangles.
    """
    lean = int(site.style.lean)
    arm = np.sign(across) * np.clip(np.abs(across), 1.3, 8.0)
    size = np.column_stack([np.ones(len(row)), arm, np.ones(len(row))])
    model = POLE_MAST + POLE_LEAN * lean
    pole = make_objects(
        ObjectKind.LIGHT_POLE, base, toward, model=model, size=size, half=MAST, source=row, random=random
    )
    parts = [pole, _heads(site, base, toward, row, arm - 0.45 * np.sign(arm), HEAD_HEIGHT, random)]
    if not lean:
        wide = (width > 5.0) & (np.abs(arm) > 5.2)
        parts.append(
            _heads(site, base[wide], toward[wide], row[wide], (arm - 3.6 * np.sign(arm))[wide], HEAD_HEIGHT, random)
        )
        side = np.abs(arm) > 2.5
        parts.append(_heads(site, base[side], toward[side], row[side], 0.0 * arm[side], LOW_HEAD_HEIGHT, random))
    return parts


def _heads(
    site: Site, base: Floats, toward: Floats, row: Ints, aside: Floats, height: float, random: np.random.Generator
) -> Objects:
    """Heads `aside` metres to the left of `base`, as the driver sees it, whose middle is at `height`."""
    cos, sin = np.cos(toward), np.sin(toward)
    offset = np.column_stack([HEAD_FORWARD * cos - aside * sin, HEAD_FORWARD * sin + aside * cos, 0.0 * cos + height])
    return make_objects(
        ObjectKind.LIGHT_HEAD,
        base + offset,
        toward,
        model=int(site.style.lean),
        half=0.05,
        source=row,
        random=random,
    )


def _repeaters(site: Site, toward: Floats, wanted: np.ndarray) -> tuple[Floats, Ints, Floats]:
    """Places (n, 3) beyond the junction to the right of the way ahead, the rows of lights that have one, and how far
    left of it their lanes go on.
    """
    lights, count = site.lights, len(toward)
    line = _nearest_lines(lights)
    forward = -np.column_stack([np.cos(toward), np.sin(toward)])
    right = np.column_stack([-forward[:, 1], forward[:, 0]])
    start = lights.line_pose[np.maximum(line, 0)]
    spots, lateral = np.zeros((count, 3)), np.zeros(count)
    missing = wanted & (line >= 0)
    for aside in _ASIDE:
        rows = np.flatnonzero(missing)
        if not len(rows):
            break
        away = lights.line_half_width[np.maximum(line[rows], 0)] + aside
        flat = (
            start[rows, None, :2] + _AHEAD[None, :, None] * forward[rows, None] + (away[:, None] * right[rows])[:, None]
        )
        points = np.concatenate([flat, np.broadcast_to(start[rows, None, 2:3], (*flat.shape[:2], 1))], axis=2)
        points = points.reshape(-1, 3)
        free = clear_of_lanes(
            site.quads, points, 0.3, np.repeat(toward[rows], len(_AHEAD)), _KEPT, points[:, 2]
        ).reshape(len(rows), -1)
        beyond = (np.cumsum(~free, axis=1) > 0) | (_AHEAD >= _STRAIGHT_ON)
        first = np.argmax(free & beyond, axis=1)
        good = np.take_along_axis(free, first[:, None], axis=1)[:, 0] & (first > 0)
        spots[rows[good]] = points.reshape(len(rows), -1, 3)[good, first[good]]
        lateral[rows[good]] = away[good]
        missing[rows[good]] = False
    found = np.flatnonzero(wanted & (line >= 0) & ~missing)
    spots[found] = site.on_ground(spots[found]) if len(found) else spots[found]
    return spots, found, lateral
