import gzip
import math
from importlib import resources

import carla
import numpy as np
import pytest

from lead.routes import LaneGraph
from lead.simulator.scene import Kind, Scene
from lead.view import BirdView, Frame, TownTiles, ViewConfig
from lead.view.birdview import EGO, KINDS
from lead.view.tiles import BACKGROUND

CONFIG = ViewConfig()
ROAD = (80, 78, 76)


@pytest.fixture(scope="module")
def graph():
    packed = resources.files("py123d") / "parser/opendrive/carla_maps/Town01.xodr.gz"
    return LaneGraph.from_map(carla.Map("Town01", gzip.decompress(packed.read_bytes()).decode()))


@pytest.fixture(scope="module")
def place(graph):
    """A pose x, y, yaw in the middle of a straight lane."""
    waypoint = graph.carla_map.get_waypoint_xodr(12, 1, 60.0) or graph.carla_map.generate_waypoints(50.0)[0]
    location, rotation = waypoint.transform.location, waypoint.transform.rotation
    return np.array([location.x, location.y, math.radians(rotation.yaw)])


def scene_ahead(ego, metres, kind):
    ahead = ego[:2] + metres * np.array([math.cos(ego[2]), math.sin(ego[2])])
    centre = np.array([[*ahead, 0.0]])
    return Scene(
        np.array([7]), np.array([kind]), centre, ego[2:], np.zeros((1, 2)), np.zeros(1), np.array([[2.4, 1.0]])
    )


def pixel(image, metres_ahead, metres_right):
    row = CONFIG.height * CONFIG.ego_row - metres_ahead * CONFIG.scale
    column = CONFIG.width / 2.0 + metres_right * CONFIG.scale
    return image[round(row), round(column)].astype(int)


def near(colour, other):
    return np.abs(np.array(colour) - np.array(other)).max() < 12


def paint(graph, ego, **parts):
    frame = Frame(ego, (2.45, 1.06), parts.pop("scene"), np.empty((0, 2)), np.empty((0, 2)), **parts)
    return BirdView(TownTiles(graph, CONFIG.scale), CONFIG).paint(frame)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_ego_is_nose_up_and_actors_have_the_colour_of_their_kind(graph, place, kind):
    image = paint(graph, place, scene=scene_ahead(place, 20.0, kind))
    assert image.shape == (CONFIG.height, CONFIG.width, 3)
    assert near(pixel(image, -1.0, 0.0), EGO)
    assert near(pixel(image, 19.0, 0.0), KINDS[kind])
    assert near(pixel(image, 12.0, 0.6), ROAD)


def test_what_the_driver_reacts_to_is_framed(graph, place):
    scene = scene_ahead(place, 20.0, Kind.VEHICLE)
    plain, marked = paint(graph, place, scene=scene), paint(graph, place, scene=scene, cause=7)
    changed = np.flatnonzero((plain != marked).any(axis=2).any(axis=1))
    assert len(changed) > 10
    assert abs(changed.mean() - (CONFIG.height * CONFIG.ego_row - 20.0 * CONFIG.scale)) < 3.0


def test_text_and_alerts_darken_a_panel_and_no_text_leaves_the_picture_alone(graph, place):
    scene = scene_ahead(place, 20.0, Kind.VEHICLE)
    plain, texted = paint(graph, place, scene=scene), paint(graph, place, scene=scene, lines=["Town01"], alerts=["x"])
    changed = np.flatnonzero((plain != texted).any(axis=2).any(axis=1))
    assert changed.max() < 60


def test_far_from_any_road_there_is_only_background(graph):
    image = paint(graph, np.array([5000.0, 5000.0, 0.0]), scene=scene_ahead(np.zeros(3), 0.0, Kind.VEHICLE))
    assert near(image[0, 0], BACKGROUND)
    assert (image == np.array(BACKGROUND)).all(axis=2).mean() > 0.99


def test_turning_the_ego_turns_the_town_under_it(graph, place):
    scene = scene_ahead(place, 30.0, Kind.VEHICLE)
    turned = place + np.array([0.0, 0.0, math.pi / 2.0])
    image = paint(graph, turned, scene=scene)
    assert near(pixel(image, 0.0, -29.0), KINDS[Kind.VEHICLE])
