"""Pictures of every town, weather and blueprint, to be looked at by people."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from carlet.actors.blueprints import Blueprint, library
from carlet.actors.table import Kind
from carlet.episode import Episode, EpisodeError
from carlet.presets import WEATHERS
from carlet.render.picture import Lens, Request
from carlet.render.views import look_along
from carlet.render.weather import lamps_are_lit
from carlet.town import available_towns, load_town

Pixels = NDArray[np.uint8]

WEATHER_TOWN, STUDIO_TOWN = "Town10HD", "Town06"
TALL_M = 1.5
DRAWN_KINDS = (Kind.VEHICLE, Kind.WALKER, Kind.PROP)
SIZE = (640, 360)
FOV_DEG = 75.0
CARS, WALKERS = 24, 12
TICK_S = 0.05
SETTLING_TICKS = 10
SHEET_COLUMNS = 4
CAPTION_PX = 22
#: In large towns only what is near a hero is there.
AWAKE: Mapping[str, str] = MappingProxyType({"role_name": "hero"})


class Shot(NamedTuple):
    """A finished picture (h, w, 3) BGR and its name."""

    name: str
    pixels: Pixels


def draw_gallery(folder: Path, subjects: Sequence[str] = ()) -> Iterator[Path]:
    """Write a PNG for every town, weather and blueprint, or for some `subjects`, and a sheet of each kind.

    Yields every sheet as soon as it is there. OSError when `folder` cannot be written, ValueError for other subjects.
    """
    unknown = [subject for subject in subjects if subject not in SUBJECTS]
    if unknown:
        raise ValueError(f"there is no subject {unknown[0]!r}; there are {', '.join(SUBJECTS)}")
    for subject in subjects or SUBJECTS:
        place = folder / subject
        place.mkdir(parents=True, exist_ok=True)
        finished = list(_kept(place, SUBJECTS[subject]()))
        sheet = folder / f"{subject}.png"
        _write(sheet, contact_sheet(finished))
        yield sheet


def town_shots() -> Iterator[Shot]:
    """A busy street of each town by day."""
    for name in available_towns():
        episode = Episode(load_town(name), episode_id=1)
        episode.weather = WEATHERS["ClearNoon"]
        eye = busy_street(episode)
        yield Shot(name, photograph(episode, eye))


def weather_shots() -> Iterator[Shot]:
    """One street in every preset."""
    episode = Episode(load_town(WEATHER_TOWN), episode_id=1)
    eye = busy_street(episode)
    for name, weather in WEATHERS.items():
        episode.weather = weather
        episode.lamps.follow_sun(weather.sun_altitude_angle)
        _switch_headlights(episode, lamps_are_lit(weather))
        yield Shot(name, photograph(episode, eye))


def blueprint_shots() -> Iterator[Shot]:
    """Every vehicle, walker and prop by itself."""
    episode = Episode(load_town(STUDIO_TOWN), episode_id=1)
    episode.weather = WEATHERS["ClearNoon"]
    spot = _open_spot(episode)
    for blueprint in library().values():
        if blueprint.kind in DRAWN_KINDS and any(blueprint.box_extent):
            yield Shot(blueprint.id, _portrait(episode, blueprint, spot))


def busy_street(episode: Episode) -> NDArray[np.float64]:
    """Fill the streets about the place with the most company; a pose (6,) from which to look."""
    points = episode.town.spawn_points
    rng = np.random.default_rng(zlib.crc32(episode.town.name.encode()))
    apart = np.linalg.norm(points[:, None, :2] - points[None, :, :2], axis=2)
    ahead = _ahead_of(points)
    crowd = ((apart < 90.0) & ahead).sum(axis=1)
    hub = int(np.argmax(crowd))
    near = np.argsort(apart[hub], kind="stable")[1 : CARS + 1]
    vehicles = [b for b in library().values() if b.kind is Kind.VEHICLE]
    walkers = [b for b in library().values() if b.kind is Kind.WALKER]
    _spawn_all(episode, rng.permutation(len(vehicles)), vehicles, points[near])
    beside = points[np.argsort(apart[hub], kind="stable")[1 : WALKERS + 1]].copy()
    beside[:, :2] += 4.5 * np.stack([-np.sin(beside[:, 4]), np.cos(beside[:, 4])], axis=1)
    beside[:, 2] += 1.0
    _spawn_all(episode, rng.permutation(len(walkers)), walkers, beside)
    for _ in range(SETTLING_TICKS):
        episode.tick(TICK_S)
    eye = points[hub].copy()
    eye[2] += 1.6
    return eye


def photograph(episode: Episode, eye: NDArray[np.float64], size: tuple[int, int] = SIZE) -> Pixels:
    """What a camera at `eye` (6,) sees, (h, w, 3) BGR."""
    view = look_along(eye, FOV_DEG, *size)
    picture = episode.look().draw([Request(view, Lens())])[0]
    assert picture.bgra is not None
    return picture.bgra[:, :, :3].copy()


def contact_sheet(shots: Sequence[Shot], columns: int = SHEET_COLUMNS) -> Pixels:
    """All pictures side by side at half size, each with its name under it."""
    width, height = SIZE[0] // 2, SIZE[1] // 2
    cell = height + CAPTION_PX
    rows = -(-len(shots) // columns)
    sheet = np.full((rows * cell, columns * width, 3), 255, np.uint8)
    for i, shot in enumerate(shots):
        top, left = i // columns * cell, i % columns * width
        sheet[top : top + height, left : left + width] = cv2.resize(
            shot.pixels, (width, height), interpolation=cv2.INTER_AREA
        )
        at = (left + 4, top + height + CAPTION_PX - 6)
        cv2.putText(sheet, shot.name, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    return sheet


#: What there are pictures of.
SUBJECTS: Mapping[str, Callable[[], Iterator[Shot]]] = MappingProxyType(
    {"towns": town_shots, "weathers": weather_shots, "blueprints": blueprint_shots}
)


def standing(episode: Episode, blueprint: Blueprint, spot: NDArray[np.float64]) -> NDArray[np.float64]:
    """The pose (6,) at `spot` (6,) in which an actor stands on the ground: walkers have their origin in the middle."""
    pose = spot.copy()
    pose[2] = episode.town.ground.heights(spot[None, :3])[0][0]
    pose[2] += blueprint.box_extent[2] if blueprint.kind is Kind.WALKER else 0.0
    return pose


def _ahead_of(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n, n): whether point j lies in front of point i."""
    forward = np.stack([np.cos(points[:, 4]), np.sin(points[:, 4])], axis=1)
    way = points[None, :, :2] - points[:, None, :2]
    along = (way * forward[:, None]).sum(axis=2)
    return along > 0.7 * np.linalg.norm(way, axis=2)


def _spawn_all(
    episode: Episode, order: NDArray[np.int64], blueprints: Sequence[Blueprint], poses: NDArray[np.float64]
) -> None:
    for i, pose in enumerate(poses):
        try:
            episode.spawn(blueprints[int(order[i % len(order)])].id, AWAKE, pose)
        except EpisodeError:
            continue  # no room there: the street is full enough


def _open_spot(episode: Episode) -> NDArray[np.float64]:
    """The spawn point (6,) that is farthest from everything that could throw a shadow on it."""
    points, scenery = episode.town.spawn_points, episode.town.scenery
    tall = scenery.centre[scenery.extent[:, 2] > 0.5 * TALL_M, :2]
    apart = np.array([np.hypot(*(tall - point[:2]).T).min(initial=np.inf) for point in points])
    return points[int(apart.argmax())]


def _switch_headlights(episode: Episode, lit: bool) -> None:
    rows = episode.table.rows_of(Kind.VEHICLE)
    episode.table.light_bits[rows] = 1 | 2 if lit else 0


def _portrait(episode: Episode, blueprint: Blueprint, spot: NDArray[np.float64]) -> Pixels:
    """A picture of one actor from before and a little above, filling the frame."""
    pose = standing(episode, blueprint, spot)
    actor = episode.spawn(blueprint.id, {}, pose, check_room=False)
    for _ in range(SETTLING_TICKS):
        episode.tick(TICK_S)
    row = episode.table.row(actor)
    middle = episode.table.location[row] + np.array([0.0, 0.0, blueprint.box_centre[2]])
    size = float(np.linalg.norm(blueprint.box_extent))
    angle = pose[4] + np.radians(35.0)
    eye = middle + 2.4 * size * np.array([np.cos(angle), np.sin(angle), 0.35])
    way = middle - eye
    turn = [np.arctan2(way[2], np.hypot(way[0], way[1])), np.arctan2(way[1], way[0]), 0.0]
    pixels = photograph(episode, np.concatenate([eye, turn]))
    episode.destroy([actor])
    return pixels


def _kept(folder: Path, shots: Iterable[Shot]) -> Iterator[Shot]:
    for shot in shots:
        _write(folder / f"{shot.name}.png", shot.pixels)
        yield shot


def _write(path: Path, pixels: Pixels) -> None:
    ok, data = cv2.imencode(".png", pixels)
    if not ok:
        raise OSError(f"{path}: the picture cannot be encoded")
    path.write_bytes(data.tobytes())
