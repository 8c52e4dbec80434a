"""Pictures, rays and the map of a real town tell the same story."""

import carla
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from carlet.episode import Episode
from carlet.geometry import to_world
from carlet.presets import WEATHERS
from carlet.render.picture import Lens, Picture, Request
from carlet.render.scene import NOTHING, View
from carlet.render.views import look_along
from carlet.town import load_town

MKZ = "vehicle.lincoln.mkz_2020"
REACH = 100.0
ROAD, SIDEWALK, ROAD_LINE, TERRAIN, CAR = 1, 2, 24, 10, 14
#: Edges of surfaces are tested from this far inside (m).
MARGIN_M = 0.4


@pytest.fixture(scope="module")
def episode() -> Episode:
    """Town03 with a few cars near its first spawn point, one tick old."""
    episode = Episode(load_town("Town03"), episode_id=1)
    episode.weather = WEATHERS["ClearNoon"]
    points = episode.town.spawn_points
    near = np.argsort(np.linalg.norm(points[:, :2] - points[40, :2], axis=1))
    for row in near[1:9]:
        episode.spawn(MKZ, {}, points[row])
    for _ in range(20):
        episode.tick(0.05)
    return episode


def views_about(episode: Episode, count: int, size: int = 128) -> list[View]:
    pose = episode.town.spawn_points[40].copy()
    pose[2] += 1.8
    views = []
    for _ in range(count):
        pose[4] += 2.0 * np.pi / count
        views.append(look_along(pose, 90.0, size, size))
    return views


def rays_of(view: View) -> NDArray[np.float64]:
    """Directions (h * w, 3) through the middles of pixels, not normalised: one metre forward."""
    x = (np.arange(view.width) + 0.5 - view.width / 2.0) / view.focal
    y = (np.arange(view.height) + 0.5 - view.height / 2.0) / view.focal
    across, down = np.meshgrid(x, y)
    local = np.stack([across, down, np.ones_like(across)], axis=-1).reshape(-1, 3)
    return local @ view.turn.astype(np.float64)


def points_of(view: View, picture: Picture) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Where pixels are in the world (h * w, 3), and whether they see anything."""
    near = picture.near.reshape(-1).astype(np.float64)
    seen = near > 0.0
    depth = 1.0 / np.where(seen, near, 1.0)
    return view.eye.astype(np.float64) + depth[:, None] * rays_of(view), seen


def test_pictures_and_rays_see_the_same(episode: Episode):
    stage, views = episode.look(), views_about(episode, 4)
    errors, same, count = [], 0, 0
    for view, picture in zip(views, stage.draw([Request(view) for view in views]), strict=True):
        directions = rays_of(view)
        length = np.linalg.norm(directions, axis=1)
        distance, row = stage.cast(view.eye, directions / length[:, None], REACH)
        near, seen = picture.near.reshape(-1), picture.seen.reshape(-1)
        both = (row >= 0) & (near > 1.0 / 60.0)
        errors.append(np.abs(1.0 / near[both] - distance[both] / length[both]))
        within = near > 1.0 / 60.0
        things = stage.triangles.thing
        same += int((things[seen[within]] == things[np.maximum(row[within], 0)]).sum())
        same += int((row[within] < NOTHING).sum())  # paint, which pictures keep apart
        count += int(within.sum())
    assert np.median(np.concatenate(errors)) < 1e-3
    assert same / count > 0.99


def test_tags_agree_with_the_map(episode: Episode):
    town = carla.Map("Town03", episode.town.opendrive)
    stage, views = episode.look(), views_about(episode, 6)
    agreed, road_seen, pavement_seen = [], 0, 0
    for view, picture in zip(views, stage.draw([Request(view) for view in views]), strict=True):
        points, seen = points_of(view, picture)
        rows = picture.seen.reshape(-1)
        normal = stage.triangles.normal[np.maximum(rows, 0)]
        tags = stage.triangles.tag[np.maximum(rows, 0)]
        flat = seen & (normal[:, 2] > 0.9) & (picture.near.reshape(-1) > 1.0 / 40.0)
        flat &= np.isin(tags, (ROAD, SIDEWALK, TERRAIN))
        for index in np.flatnonzero(flat)[::9]:
            place = carla.Location(*points[index].tolist())
            lane = town.get_waypoint(place, True, carla.LaneType.Driving | carla.LaneType.Sidewalk)
            inside = lane.lane_width / 2.0 - place.distance(lane.transform.location)
            if inside < MARGIN_M:
                continue
            is_road = lane.lane_type == carla.LaneType.Driving
            road_seen, pavement_seen = road_seen + is_road, pavement_seen + (not is_road)
            agreed.append(tags[index] == (ROAD if is_road else SIDEWALK))
    assert road_seen > 200
    assert pavement_seen > 20
    assert np.mean(agreed) > 0.99


def test_paint_lies_where_the_map_has_marks(episode: Episode):
    town = carla.Map("Town03", episode.town.opendrive)
    stage, views = episode.look(), views_about(episode, 6)
    apart = []
    for view, picture in zip(views, stage.draw([Request(view) for view in views]), strict=True):
        points, seen = points_of(view, picture)
        painted = seen & (picture.cover.reshape(-1) > 0.5) & (picture.near.reshape(-1) > 1.0 / 20.0)
        for index in np.flatnonzero(painted)[::11]:
            place = carla.Location(*points[index].tolist())
            lane = town.get_waypoint(place)
            if not lane.is_junction:
                apart.append(abs(place.distance(lane.transform.location) - lane.lane_width / 2.0))
    assert len(apart) > 50
    assert np.mean(np.array(apart) < 0.5) > 0.8


def test_boxes_of_actors_cover_their_pixels(episode: Episode):
    stage = episode.look()
    table = episode.table
    checked = 0
    for row in table.rows_of(1):
        eye = table.location[row] + (-7.0, 3.0, 2.2)
        way = table.location[row] + (0.0, 0.0, 0.7) - eye
        turn = [np.arctan2(way[2], np.hypot(way[0], way[1])), np.arctan2(way[1], way[0]), 0.0]
        view = look_along(np.concatenate([eye, turn]), 60.0, 256, 256)
        picture = stage.draw([Request(view)])[0]
        things = stage.triangles.thing[np.maximum(picture.seen, 0)]
        own = (stage.things.actor[things] == table.id[row]) & (picture.seen >= 0)
        hull = projected_box(episode, int(row), view)
        if own.sum() < 1500:
            continue  # something stands before it
        assert (own & hull).sum() / own.sum() > 0.98
        assert (own & hull).sum() / (own | hull).sum() > 0.6
        checked += 1
    assert checked >= 3


def projected_box(episode: Episode, row: int, view: View) -> NDArray[np.bool_]:
    """Pixels (h, w) under the outline of an actor's bounding box."""
    table = episode.table
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    pose = np.concatenate([table.location[row], table.rotation[row]])
    corners = to_world(np.tile(pose, (8, 1)), table.box_centre[row] + signs * table.box_extent[row])
    local = (corners - view.eye) @ view.turn.T.astype(np.float64)
    pixels = local[:, :2] / local[:, 2:] * view.focal + (view.width / 2.0, view.height / 2.0)
    mask = np.zeros((view.height, view.width), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(pixels).astype(np.int32)), 1)
    return mask.astype(bool)


def test_the_same_seed_gives_the_same_pictures(episode: Episode):
    again = Episode(load_town("Town03"), episode_id=1)
    again.weather = episode.weather
    points = again.town.spawn_points
    near = np.argsort(np.linalg.norm(points[:, :2] - points[40, :2], axis=1))
    for row in near[1:9]:
        again.spawn(MKZ, {}, points[row])
    for _ in range(20):
        again.tick(0.05)
    views = views_about(episode, 3)
    for weather in ("ClearNoon", "HardRainNight"):
        episode.weather = again.weather = WEATHERS[weather]
        first, second = (
            [picture.bgra for picture in world.look().draw([Request(view, Lens()) for view in views])]
            for world in (episode, again)
        )
        assert all(one is not None and np.array_equal(one, two) for one, two in zip(first, second, strict=True))
