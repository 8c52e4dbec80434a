"""Debug shapes in pictures."""

import numpy as np
import pytest
from numpy.typing import NDArray

from carlet.render.overlay import draw_shapes
from carlet.render.scene import View
from carlet.render.views import look_along
from carlet.wire.drawings import DebugShape, ShapeKind
from carlet.wire.values import Box

RED = (255, 0, 0)


@pytest.fixture
def view() -> View:
    """A camera at the origin that looks along x."""
    return look_along(np.zeros(6), 90.0, 100, 100)


def drawn(view: View, wall_m: float, **shape) -> NDArray[np.bool_]:
    """Pixels that a red shape colours before a wall at a distance."""
    bgra = np.zeros((100, 100, 4), np.uint8)
    near = np.full((100, 100), 1.0 / wall_m, np.float32)
    draw_shapes([DebugShape(color=RED, life_time_s=0.0, persistent=False, **shape)], near, view, bgra)
    assert not bgra[..., :2].any()
    return bgra[..., 2] > 100


LINE = {"kind": ShapeKind.LINE, "points": ((10.0, -5.0, 0.0), (10.0, 5.0, 0.0)), "size": 0.4}


def test_a_line_is_where_the_camera_sees_it_and_as_thick(view: View):
    rows, columns = np.nonzero(drawn(view, 100.0, **LINE))
    assert (columns.min(), columns.max()) == pytest.approx((25, 75), abs=2)
    assert rows.max() - rows.min() + 1 == pytest.approx(2, abs=1)
    assert rows.mean() == pytest.approx(50, abs=1)


def test_what_lies_behind_a_wall_is_hidden_but_not_on_the_hud(view: View):
    assert not drawn(view, 5.0, **LINE).any()
    assert drawn(view, 9.95, **LINE).any()
    assert drawn(view, 5.0, **{**LINE, "kind": ShapeKind.HUD_LINE}).any()


def test_nothing_behind_the_camera_is_drawn(view: View):
    assert not drawn(view, 100.0, **{**LINE, "points": ((-10.0, -5.0, 0.0), (-10.0, 5.0, 0.0))}).any()
    half = drawn(view, 100.0, **{**LINE, "points": ((-10.0, 2.0, 0.0), (10.0, 2.0, 0.0))})
    assert half.any() and not half[:, :55].any()


def test_an_arrow_has_a_head_and_a_box_its_edges(view: View):
    line = drawn(view, 100.0, **LINE).sum()
    arrow = drawn(view, 100.0, **{**LINE, "kind": ShapeKind.ARROW, "arrow_size": 2.0})
    assert arrow.sum() > line
    box = Box(np.array([10.0, 0.0, 0.0]), np.array([1.0, 2.0, 3.0]), np.zeros(3))
    rows, columns = np.nonzero(drawn(view, 100.0, kind=ShapeKind.BOX, box=box, size=0.1))
    assert (columns.min(), columns.max()) == pytest.approx((50 - 50 * 2 / 9, 50 + 50 * 2 / 9), abs=2)
    assert (rows.min(), rows.max()) == pytest.approx((50 - 50 * 3 / 9, 50 + 50 * 3 / 9), abs=2)


def test_points_and_texts(view: View):
    point = drawn(view, 100.0, kind=ShapeKind.POINT, points=((10.0, 0.0, 0.0),), size=0.1)
    assert point[50, 50]
    assert 50 < point.sum() < 150
    text = drawn(view, 5.0, kind=ShapeKind.STRING, points=((10.0, 0.0, 0.0),), text="ego")
    assert text.any()
