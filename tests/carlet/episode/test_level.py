"""What clients hide of a level, and what they are told of it."""

import numpy as np
import pytest

from carlet.episode.level import Level
from carlet.town import Tag, Town, load_town
from carlet.town.objects import MapLayer, ObjectKind


@pytest.fixture(scope="module")
def town() -> Town:
    return load_town("Town03")


@pytest.mark.parametrize(
    ("layer", "kinds"),
    [
        (MapLayer.BUILDINGS, {ObjectKind.BUILDING, ObjectKind.BOARD}),
        (MapLayer.FOLIAGE, {ObjectKind.TREE, ObjectKind.BUSH, ObjectKind.HEDGE}),
        (MapLayer.PARKED_VEHICLES, {ObjectKind.PARKED_CAR}),
        (MapLayer.STREET_LIGHTS, {ObjectKind.STREET_LAMP}),
        (MapLayer.WALLS, {ObjectKind.WALL, ObjectKind.FENCE, ObjectKind.GUARD_RAIL, ObjectKind.RAILING}),
    ],
)
def test_a_layer_takes_its_kinds_away_and_brings_them_back(town, layer, kinds):
    level = Level(town)
    before = len(level.surroundings().obstacles.boxes)
    level.show_layers(layer, False)
    hidden = level.hidden_rows()
    assert np.array_equal(hidden, np.isin(town.scenery.kind, [int(kind) for kind in kinds]))
    solid = np.all(town.scenery.solid_extent > 0.0, axis=1)
    assert len(level.surroundings().obstacles.boxes) == before - np.count_nonzero(hidden & solid)
    level.show_layers(MapLayer.ALL, True)
    assert not level.hidden_rows().any()
    assert len(level.surroundings().obstacles.boxes) == before


def test_lights_and_signs_are_on_no_layer(town):
    level = Level(town)
    level.show_layers(MapLayer.ALL, False)
    shown = {ObjectKind(int(kind)) for kind in town.scenery.kind[~level.hidden_rows()]}
    assert shown == {ObjectKind.LIGHT_POLE, ObjectKind.LIGHT_HEAD, ObjectKind.SIGN_POST, ObjectKind.SIGN}


def test_hidden_objects_are_rows_too(town):
    level = Level(town)
    objects = level.objects(255)
    chosen = [5, 77, 300]
    level.enable([objects[row][2] for row in chosen], False)
    assert np.flatnonzero(level.hidden_rows()).tolist() == chosen
    level.enable([objects[77][2]], True)
    assert np.flatnonzero(level.hidden_rows()).tolist() == [5, 300]


def test_collisions_name_what_was_hit_after_something_was_hidden(town):
    level = Level(town)
    first_wall = int(np.flatnonzero(town.scenery.kind == ObjectKind.WALL)[0])
    level.show_layers(MapLayer.FOLIAGE | MapLayer.BUILDINGS, False)
    boxes = level.surroundings().obstacles.boxes
    hit = int(np.argmin(np.linalg.norm(boxes[:, :3] - town.scenery.solid_centre[first_wall], axis=1)))
    assert level.actor(hit)[2][1] == "static.wall"


def test_boxes_and_objects_are_the_scenery(town):
    level = Level(town)
    cars = np.flatnonzero(town.scenery.tag == Tag.CAR)
    boxes = level.boxes(Tag.CAR)
    assert len(boxes) == len(cars) > 40
    assert np.allclose([box[0] for box in boxes], town.scenery.centre[cars], atol=1e-3)
    assert np.allclose([box[1] for box in boxes], town.scenery.extent[cars], atol=1e-3)
    assert len(level.objects(255)) == len(level.boxes(255)) == len(level.names()) == len(town.scenery)
    assert level.names()[cars[0]].startswith("Vh_Car_")
