"""What a model is shown in a tick: exactly what it was trained on, made of the same readings by the same functions."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lead.models.tfv6.configuration import TFv6Config
from lead.navigation.odometry import seen_from
from lead.sensors.bev import rasterise
from lead.sensors.clouds import Area
from lead.sensors.pictures import colour_strip, shrink, through_jpeg, to_channels
from lead.sensors.rig import Rig
from lead.sensors.suites import find_rig
from lead.sensors.sweeps import RADAR_SWEEPS, Clouds, make_clouds, quantise, radar_rows, stack_clouds

Floats = NDArray[np.floating]

_RIGS = {"carla_3": "lead_3cameras", "carla_6": "lead_6cameras", "navsim_4": "navsim"}


@dataclass(frozen=True)
class Glimpse:
    """A tick's pictures as they came, `strip` (h, w, 3) blue green red, and its LiDAR points at their true height,
    `cloud` (n, 3).
    """

    strip: NDArray[np.uint8]
    cloud: Floats


@dataclass(frozen=True)
class Observation:
    """What the model is shown: `rgb` (3, h, w) uint8; `lidar` (1, rows, columns) and `radar` (300, 5), None where it
    takes none.
    """

    rgb: NDArray[np.uint8]
    lidar: NDArray[np.float32] | None
    radar: NDArray[np.float32] | None


def rig_of(config: TFv6Config) -> Rig:
    """The sensors that a model was trained with, those of them that it uses."""
    rig = find_rig(_RIGS[config.cameras.rig])
    rig = rig.with_cameras(rig.name, [number - 1 for number in config.cameras.used], rig.target_dataset)
    if config.latent and config.radar is None:
        return Rig(rig.name, rig.cameras, target_dataset=rig.target_dataset)
    # Radar points are part of the LiDAR raster, so that models without radar need them too.
    return rig


class Senses:
    """Makes observations of readings: `take_in` every tick, `observe` when the model is asked."""

    def __init__(self, rig: Rig, config: TFv6Config):
        self._rig, self._config = rig, config
        self._past: deque[tuple[Clouds, NDArray[np.float64]]] = deque(maxlen=RADAR_SWEEPS)

    def take_in(self, readings: Mapping[str, Any], reckoned: NDArray[np.float64]) -> Glimpse:
        """What is there of a tick without further work. `reckoned` (3,): x, y (m) and yaw (rad) of the ego by dead
        reckoning.
        """
        strip = colour_strip(self._rig, readings)
        if not self._rig.lidars:
            return Glimpse(strip, np.zeros((0, 3)))
        clouds = make_clouds(self._rig, readings, self._config.observation.ego_filter)
        self._past.appendleft((clouds, reckoned))
        return Glimpse(strip, clouds.true)

    def observe(self, glimpse: Glimpse) -> Observation:
        """What the model is shown in the tick that was taken in last."""
        rgb = to_channels(prepare_picture(glimpse.strip, self._config))
        if not self._past:
            return Observation(rgb, None, None)
        clouds, reckoned = self._past[0]
        lidar = None if self._config.latent else self._raster(reckoned)
        return Observation(rgb, lidar, self._radar(clouds))

    def _raster(self, now: NDArray[np.float64]) -> NDArray[np.float32]:
        bev = self._config.bev
        sweep = quantise(stack_clouds([(clouds, seen_from(now, then)) for clouds, then in self._past]))
        area = Area(bev.min_x_m, bev.max_x_m, bev.min_y_m, bev.max_y_m)
        points = sweep.points[sweep.age <= self._config.observation.oldest_age]
        return rasterise(points, area, bev.pixels_per_metre)[None]

    def _radar(self, clouds: Clouds) -> NDArray[np.float32] | None:
        radar = self._config.radar
        if radar is None:
            return None
        # Recordings keep radar points in 16 bits.
        points = [cloud.astype(np.float16) for cloud in clouds.radar.values()]
        return radar_rows(points, radar.points_per_sensor, self._config.observation.nearest_radar_points)


def prepare_picture(strip: NDArray[np.uint8], config: TFv6Config) -> NDArray[np.uint8]:
    """The strip (h, w, 3) as the model knows pictures: through the files of recordings, and in the model's size."""
    cameras, observation = config.cameras, config.observation
    recorded = through_jpeg(strip, observation.jpeg_quality)
    if recorded.shape[:2] == (cameras.height, cameras.picture_width):
        return recorded
    smaller = shrink(recorded, cameras.height, cameras.picture_width)
    # The lamp of a traffic light is a pixel or two.
    return through_jpeg(smaller, observation.shrunk_jpeg_quality, whole_colours=True)
