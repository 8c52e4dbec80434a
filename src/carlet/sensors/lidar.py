"""Rotating LiDARs: a part of the sweep every tick. Model: carla 0.9.16's ray cast LiDARs."""

import math
from abc import ABC, abstractmethod
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carlet.geometry import rotation_matrices
from carlet.render.scene import NOTHING
from carlet.sensors.base import Attributes, Body, Moment, Turn, number, whole, within
from carlet.sensors.ranging import targets
from carlet.wire.records import LIDAR_POINT, SEMANTIC_LIDAR_POINT, SensorType, lidar_header

Floats = NDArray[np.float32]
MAX_CHANNELS = 1024
#: Rays of one message; whoever asks for more a tick gets so many.
MAX_RAYS = 1 << 22
#: Neighbouring channels whose rays are cast together, so that rays that follow each other see nearly the same.
RIBBON = 4
#: Sweeps are counted in degrees and rays in whole numbers, but for errors of time of this size.
_ROUNDING = 1e-6
_JIT: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True}


class Scanner(NamedTuple):
    """How rays are thrown: `elevation` (channels,) in radians, from the top; reach in metres; how many rays a second;
    how often a second the field of view, in degrees, is swept.
    """

    elevation: NDArray[np.float64]
    reach_m: float
    rays_per_s: float
    sweeps_per_s: float
    fov_deg: float


class Shots(NamedTuple):
    """What k rays hit, in the order of channels, then of time: how many `per_channel` (channels,); their unit
    `direction` (k, 3) in the sensor's frame, `distance` (k,) in metres, `row` (k,) as `Stage.cast` has it.
    """

    per_channel: NDArray[np.int64]
    direction: Floats
    distance: Floats
    row: NDArray[np.int32]

    def kept(self, keep: NDArray[np.bool_]) -> "Shots":
        """Those that `keep` (k,) says."""
        channel = np.repeat(np.arange(len(self.per_channel)), self.per_channel)
        per_channel = np.bincount(channel[keep], minlength=len(self.per_channel))
        return Shots(per_channel, self.direction[keep], self.distance[keep], self.row[keep])


def scanner_of(attributes: Attributes) -> Scanner:
    """The scanner that attributes describe. ValueError names the attribute that cannot be."""
    channels = whole(attributes, "channels", 1, MAX_CHANNELS)
    upper, lower = (within(attributes, name, -90.0, 90.0) for name in ("upper_fov", "lower_fov"))
    return Scanner(
        elevation=np.radians(np.linspace(upper, lower, channels)),
        reach_m=within(attributes, "range", 0.0, 1e5),
        rays_per_s=within(attributes, "points_per_second", 0.0, 1e9),
        sweeps_per_s=within(attributes, "rotation_frequency", 0.0, 1e6),
        fov_deg=within(attributes, "horizontal_fov", 0.0, 360.0),
    )


def sweep(scanner: Scanner, start_deg: float, dt: float) -> tuple[NDArray[np.float64], float]:
    """Azimuths (n,) in radians of the rays of each channel in `dt` seconds, from `start_deg` on, and where it ends."""
    channels = len(scanner.elevation)
    count = math.floor(scanner.rays_per_s * dt / channels + 0.5 + _ROUNDING)
    count = min(count, MAX_RAYS // channels)
    turn = scanner.sweeps_per_s * scanner.fov_deg * dt
    if count == 0 or scanner.fov_deg == 0.0:
        return np.zeros(0), start_deg
    angle = (start_deg + np.arange(count) * (turn / count)) % scanner.fov_deg - 0.5 * scanner.fov_deg
    end = (start_deg + turn) % scanner.fov_deg
    return np.radians(angle), 0.0 if scanner.fov_deg - end < _ROUNDING else end


class Lidar(ABC):
    """Sends the points that a tick's part of the sweep met."""

    type: SensorType

    def __init__(self, attributes: Attributes):
        self.scanner = scanner_of(attributes)
        self._angle_deg = 0.0

    def measure(self, moment: Moment, row: int, turn: Turn) -> list[Body]:
        """One body, though nothing was met; none when no ray is due."""
        azimuth, self._angle_deg = sweep(self.scanner, self._angle_deg, turn.since_s)
        if not len(azimuth):
            return []
        return [self.points(moment, row, turn, azimuth)]

    @abstractmethod
    def points(self, moment: Moment, row: int, turn: Turn, azimuth: NDArray[np.float64]) -> Body:
        """The body of a sweep over azimuths (n,)."""

    def shoot(
        self, moment: Moment, row: int, azimuth: NDArray[np.float64], thrown: NDArray[np.bool_] | None = None
    ) -> Shots:
        """What the rays of all channels at azimuths (n,) meet; only those that `thrown` (channels * n,) says."""
        fan = _fan(self.scanner.elevation, azimuth)
        order = ribbons(len(self.scanner.elevation), len(azimuth))
        order = order if thrown is None else order[thrown[order]]
        turn = rotation_matrices(moment.table.rotation[row]).astype(np.float32)
        distance, met = moment.stage.cast(moment.table.location[row], _aim(order, *fan, turn), self.scanner.reach_m)
        return Shots(*_sort(order, *fan, distance, met))

    def body(self, per_channel: NDArray[np.int64], columns: list[NDArray], dtype: np.dtype[np.void]) -> Body:
        """Header and points of `columns`, which are (k,), in the order of the fields of `dtype`."""
        points = np.empty(len(columns[0]), dtype)
        for name, column in zip(dtype.names or (), columns, strict=True):
            points[name] = column
        points.flags.writeable = False
        return lidar_header(math.radians(self._angle_deg), per_channel), points


class RayCast(Lidar):
    """Points with intensities that fade with the distance; some are lost, all may be off."""

    type = SensorType.LIDAR

    def __init__(self, attributes: Attributes):
        super().__init__(attributes)
        self._fading = number(attributes, "atmosphere_attenuation_rate")
        self._lost = number(attributes, "dropoff_general_rate")
        self._limit = number(attributes, "dropoff_intensity_limit")
        self._zero = number(attributes, "dropoff_zero_intensity")
        self._stddev = within(attributes, "noise_stddev", 0.0, 1e6)
        self._seed = abs(int(number(attributes, "noise_seed")))

    def points(self, moment: Moment, row: int, turn: Turn, azimuth: NDArray[np.float64]) -> Body:
        """x y z intensity; the noise hangs on the seed and the sensor's age only."""
        random = np.random.default_rng((self._seed, turn.age))
        thrown = None
        if self._lost > 0.0:
            thrown = random.random(len(azimuth) * len(self.scanner.elevation), np.float32) >= self._lost
        shots = self.shoot(moment, row, azimuth, thrown)
        intensity = np.exp(np.float32(-self._fading) * shots.distance)
        if self._stddev > 0.0:
            error = random.standard_normal(len(intensity), np.float32) * np.float32(self._stddev)
            shots = shots._replace(distance=shots.distance + error)
        if self._limit > 0.0:
            keep = random.random(len(intensity), np.float32) < self._chance(intensity)
            shots, intensity = shots.kept(keep), intensity[keep]
        x, y, z = (shots.direction * shots.distance[:, None]).T
        return self.body(shots.per_channel, [x, y, z, intensity], LIDAR_POINT)

    def _chance(self, intensity: Floats) -> Floats:
        """How likely points of intensities (k,) are kept: 1 over the limit, else falling to where there is no light."""
        chance = np.float32(self._zero / self._limit) * intensity + np.float32(1.0 - self._zero)
        return np.where(intensity > self._limit, np.float32(1.0), chance)


class SemanticRayCast(Lidar):
    """All points, with what they belong to."""

    type = SensorType.SEMANTIC_LIDAR

    def points(self, moment: Moment, row: int, turn: Turn, azimuth: NDArray[np.float64]) -> Body:
        """x y z, the cosine of the angle at which the ray came in, actor and tag."""
        shots = self.shoot(moment, row, azimuth)
        met = targets(moment.stage, shots.row)
        came = met.normal @ rotation_matrices(moment.table.rotation[row]).astype(np.float32)
        cosine = -np.einsum("ij,ij->i", shots.direction, came)
        actor = moment.stage.things.actor[met.thing]
        x, y, z = (shots.direction * shots.distance[:, None]).T
        return self.body(shots.per_channel, [x, y, z, cosine, actor, met.tag], SEMANTIC_LIDAR_POINT)


@lru_cache(maxsize=8)
def ribbons(channels: int, columns: int) -> NDArray[np.int32]:
    """The order in which the rays of a sweep are cast (channels * columns,), a ray being channel * columns + column.

    Each `RIBBON` of channels goes column by column.
    """
    channel, column = np.divmod(np.arange(channels * columns), columns)
    order = np.lexsort((channel, column, channel // RIBBON)).astype(np.int32)
    order.setflags(write=False)
    return order


def _fan(elevation: NDArray[np.float64], azimuth: NDArray[np.float64]) -> tuple[Floats, Floats]:
    """Cosines and sines (channels, 2) and (n, 2) of the angles that rays are made of."""
    up = np.stack([np.cos(elevation), np.sin(elevation)], axis=1, dtype=np.float32)
    return up, np.stack([np.cos(azimuth), np.sin(azimuth)], axis=1, dtype=np.float32)


@njit(**_JIT)
def _aim(order, up, around, turn):
    """Unit vectors (k, 3) in the world of the rays of `order` (k,); `turn` (3, 3) takes the sensor's frame there."""
    world = np.empty((len(order), 3), np.float32)
    for shot in range(len(order)):
        x, y, z = _along(order[shot], up, around)
        for axis in range(3):
            world[shot, axis] = turn[axis, 0] * x + turn[axis, 1] * y + turn[axis, 2] * z
    return world


@njit(**_JIT)
def _sort(order, up, around, distance, row):
    """The columns of `Shots` from what the rays of `order` (k,) met."""
    place = np.full(len(up) * len(around), -1, np.int32)
    hits = 0
    for shot in range(len(order)):
        if row[shot] != NOTHING:
            place[order[shot]] = shot
            hits += 1
    per_channel, direction = np.zeros(len(up), np.int64), np.empty((hits, 3), np.float32)
    sorted_distance, sorted_row = np.empty(hits, np.float32), np.empty(hits, np.int32)
    hit = 0
    for ray in range(len(place)):
        shot = place[ray]
        if shot >= 0:
            per_channel[ray // len(around)] += 1
            direction[hit, 0], direction[hit, 1], direction[hit, 2] = _along(ray, up, around)
            sorted_distance[hit], sorted_row[hit] = distance[shot], row[shot]
            hit += 1
    return per_channel, direction, sorted_distance, sorted_row


@njit(**_JIT)
def _along(ray, up, around):
    """The unit vector of a ray in the sensor's frame."""
    channel, column = ray // len(around), ray % len(around)
    return up[channel, 0] * around[column, 0], up[channel, 0] * around[column, 1], up[channel, 1]
