"""Shapes are closed, look outwards, and have the size that was asked for."""

import numpy as np
import pytest

from carlet.models import shapes

L_OUTLINE = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 3), (0, 3)]
SOLIDS = {
    "box": (shapes.box((0, 0, 0), (1, 2, 3)), 6.0, 12),
    "prism z": (shapes.extrude(L_OUTLINE, 0.0, 2.0), 8.0, 20),
    "prism y": (shapes.extrude(L_OUTLINE, -1.0, 1.0, axis=1), 8.0, 20),
    "prism x": (shapes.extrude(L_OUTLINE[::-1], 5.0, 6.0, axis=0), 4.0, 20),
    "cylinder": (shapes.cylinder(1.0, 0.0, 2.0, sides=64), 2.0 * np.pi * 0.9984, 252),
    "lying cylinder": (shapes.cylinder(1.0, 0.0, 2.0, sides=64, axis=1), 2.0 * np.pi * 0.9984, 252),
    "cone": (shapes.cylinder(1.0, 0.0, 3.0, sides=64, tip=0.0), np.pi * 0.9984, 126),
    "ball": (shapes.sphere(1.0, sides=32, rings=33), 4.0 / 3.0 * np.pi * 0.99, 1984),
    "rod": (shapes.tube([(0, 0, 0), (0, 0, 5)], 1.0, sides=4), 10.0, 12),
    "bevelled box": (shapes.bevelled_box((-1, -1, -1), (1, 1, 1), 0.5), 0.0, 44),
}


def _edges(corner):
    rounded = np.round(corner, 6)
    ways = {}
    for a, b in ((0, 1), (1, 2), (2, 0)):
        for start, end in zip(rounded[:, a], rounded[:, b], strict=True):
            way = (tuple(start + 0.0), tuple(end + 0.0))
            ways[way] = ways.get(way, 0) + 1
    return ways


@pytest.mark.parametrize("name", SOLIDS)
def test_solids_are_closed_and_look_outwards(name):
    corner, volume, count = SOLIDS[name]
    ways = _edges(corner)
    assert all(ways.get((end, start)) == times for (start, end), times in ways.items())
    assert len(corner) == count
    if volume:
        assert shapes.signed_volume(corner) == pytest.approx(volume, rel=0.01)
    else:
        assert 3.0 < shapes.signed_volume(corner) < 8.0


def test_flat_looks_along_its_axis_for_either_order_of_points():
    for axis in range(3):
        for outline in (L_OUTLINE, L_OUTLINE[::-1]):
            corner = shapes.flat(outline, 0.5, axis)
            cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
            assert (cross[:, axis] > 0).all()
            assert np.linalg.norm(cross, axis=1).sum() / 2 == pytest.approx(4.0)


def test_bridge_joins_lines_of_different_counts():
    lower = [(x, 0.0, 0.0) for x in np.linspace(0, 4, 9)]
    upper = [(0.0, 0.0, 1.0), (1.0, 0.0, 1.0), (4.0, 0.0, 1.0)]
    corner = shapes.bridge(lower, upper)
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    assert len(corner) == 10
    assert (cross[:, 1] < 0).all()
    assert -cross[:, 1].sum() / 2 == pytest.approx(4.0)


def test_mirrored_and_turned_keep_the_outside():
    corner = shapes.box((1, 1, 0), (2, 3, 1))
    assert shapes.signed_volume(shapes.mirrored(corner)) == pytest.approx(2.0)
    assert shapes.signed_volume(shapes.turned(corner, 0.7, axis=1, about=(1, 0, 0))) == pytest.approx(2.0)


def test_turn_is_carlas_rotation():
    assert shapes.turn(np.pi / 2, 2) @ [1, 0, 0] == pytest.approx([0, 1, 0])
    assert shapes.turn(np.pi / 2, 1) @ [1, 0, 0] == pytest.approx([0, 0, 1])
    assert shapes.turn(np.pi / 2, 0) @ [0, 1, 0] == pytest.approx([0, 0, -1])


def test_sides_of_a_box_can_be_left_out():
    top = shapes.box((0, 0, 0), (1, 1, 1), sides=("+z",))
    assert len(top) == 2
    assert (top[:, :, 2] == 1.0).all()
