"""How long debug shapes are seen."""

from carlet.debug import DebugShapes
from carlet.wire.drawings import DebugShape, ShapeKind


def shape(kind: ShapeKind, life_time_s: float) -> DebugShape:
    return DebugShape(kind, (255, 0, 0), life_time_s, True, ((0.0, 0.0, 0.0),))


def kinds(shapes: DebugShapes) -> list[ShapeKind]:
    return [one.shape.kind for one in shapes.drawn]


def test_shapes_end_with_their_life_time_and_last_without_one():
    shapes = DebugShapes()
    shapes.add(shape(ShapeKind.POINT, 1.0), now=5.0)
    shapes.add(shape(ShapeKind.LINE, 0.0), now=5.0)
    shapes.add(shape(ShapeKind.BOX, -1.0), now=5.0)
    shapes.expire(5.95)
    assert kinds(shapes) == [ShapeKind.POINT, ShapeKind.LINE, ShapeKind.BOX]
    shapes.expire(6.0)
    assert kinds(shapes) == [ShapeKind.LINE, ShapeKind.BOX]


def test_texts_and_other_shapes_are_cleared_apart():
    shapes = DebugShapes()
    shapes.add(shape(ShapeKind.STRING, 0.0), now=0.0)
    shapes.add(shape(ShapeKind.HUD_LINE, 0.0), now=0.0)
    shapes.clear()
    assert kinds(shapes) == [ShapeKind.STRING]
    shapes.clear_texts()
    assert kinds(shapes) == []


def test_the_oldest_shapes_make_room():
    shapes = DebugShapes()
    shapes.LIMIT = 3
    for kind in (ShapeKind.POINT, ShapeKind.LINE, ShapeKind.ARROW, ShapeKind.BOX):
        shapes.add(shape(kind, 0.0), now=0.0)
    assert kinds(shapes) == [ShapeKind.LINE, ShapeKind.ARROW, ShapeKind.BOX]
