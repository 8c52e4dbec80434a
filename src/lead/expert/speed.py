"""How fast the driver would go with nobody in its way."""

from dataclasses import dataclass

import numpy as np

from lead.expert.config import ExpertConfig
from lead.expert.scene import Actors, Scene, Weather
from lead.kinds import Kind

_SLOW_TRAFFIC = 30.0 / 3.6
_TRAFFIC_SHARE = 0.9
_SLOW_ROAD, _SLOW_TOWN = 60.0 / 3.6, 40.0 / 3.6
_CLUTTER = 2
_CLUTTER_BOX = (-8.0, 32.0, 10.0)
_JUNCTION_M = 30.0


@dataclass(frozen=True)
class Cautions:
    """Why one drives slower than the road allows: `darkness` 0 to 1, much that hides who may step out, a junction of
    slow roads ahead.
    """

    darkness: float = 0.0
    clutter: bool = False
    junction: bool = False


def free_speed(scene: Scene, actors: Actors, config: ExpertConfig, leaves_flow: bool) -> float:
    """The speed (m/s) for this road, traffic, weather and view.

    `leaves_flow`: a scenario makes the ego merge with fast traffic, where to be slow is no help.
    """
    limit = _limit(scene, actors, config)
    if leaves_flow:
        limit = max(limit, _SLOW_TOWN)
    limit = _careful(limit, cautions(scene, actors, config, leaves_flow), config)
    return float(np.clip(limit, config.min_free_speed, config.max_speed))


def cautions(scene: Scene, actors: Actors, config: ExpertConfig, leaves_flow: bool) -> Cautions:
    """What the driver is careful about here; nothing where to be slow is no help, or on fast roads."""
    if leaves_flow or not config.uncertainty or _limit(scene, actors, config) >= _SLOW_ROAD:
        return Cautions()
    ego, route = scene.ego, scene.route
    ahead = (route.s > ego.s) & (route.s < ego.s + _JUNCTION_M)
    junction = bool(route.in_junction[ahead].any()) and ego.speed_limit < _SLOW_TOWN
    return Cautions(darkness(scene.weather), clutter(scene, actors) >= _CLUTTER, junction)


def _limit(scene: Scene, actors: Actors, config: ExpertConfig) -> float:
    return _as_traffic(scene.ego.speed_limit, actors) if config.visibility else scene.ego.speed_limit


def _as_traffic(limit: float, actors: Actors) -> float:
    """Signs cannot be read, but those around show how fast one drives here."""
    speeds = np.sort(actors.speed[actors.kind == Kind.VEHICLE])[::-1]
    second = speeds[min(1, len(speeds) - 1)] if len(speeds) else 0.0
    return min(limit, second / _TRAFFIC_SHARE) if second > _SLOW_TRAFFIC else limit


def _careful(limit: float, found: Cautions, config: ExpertConfig) -> float:
    slower = limit - 4.0 * found.darkness - (2.0 if found.clutter else 0.0)
    return min(slower, config.junction_speed) if found.junction else slower


def darkness(weather: Weather) -> float:
    """How little can be seen: 0 on a clear day, 1 at night or in thick fog."""
    night = np.clip((5.0 - weather.sun_altitude_deg) / 10.0, 0.0, 1.0)
    fog = np.clip((weather.fog_density - 30.0) / 50.0, 0.0, 1.0)
    rain = 0.5 * np.clip((weather.precipitation - 50.0) / 40.0, 0.0, 1.0)
    return float(max(night, fog, rain))


def clutter(scene: Scene, actors: Actors) -> int:
    """How many parked cars and other things that stand close by hide who may step out."""
    ego = scene.ego
    standing = (actors.kind == Kind.VEHICLE) & ~actors.has_moved & (actors.standing_s > 3.0)
    places = np.concatenate([scene.parked, actors.centre[standing, :2]]) - ego.position[:2]
    c, s = np.cos(ego.yaw), np.sin(ego.yaw)
    x, y = places[:, 0] * c + places[:, 1] * s, -places[:, 0] * s + places[:, 1] * c
    behind, ahead, beside = _CLUTTER_BOX
    return int(((x > behind) & (x < ahead) & (np.abs(y) < beside)).sum())
