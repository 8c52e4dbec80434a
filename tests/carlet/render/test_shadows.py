"""Shadows lie where geometry says, whatever was drawn before."""

import numpy as np
import pytest
from small_street import NOON, Street, box, brightness, camera, floor

from carlet.render.pixel_rows import ARRAYS, Row, face_light
from carlet.render.shade_rows import lit_at
from carlet.render.shadows import ShadowMaps, Shadows
from carlet.render.weather import light_of

HIGH = camera(x=0.0, y=5.0, z=30.0, pitch=-89.9)
KEY = light_of(NOON, 0.0).key


def _block(moving: int = 0, at: float = 0.0) -> Street:
    """A block 2 m high on a floor; the sun stands at 45 degrees over +y, so its shadow reaches 2 m towards -y."""
    shapes = [(floor((-200, -200), (200, 200)), "concrete"), (box((at - 1, -1, 0), (at + 1, 1, 2)), "concrete")]
    return Street(shapes, moving=moving)


def _maps(street: Street, maps: ShadowMaps | None = None, view=HIGH, key=KEY) -> Shadows:
    clusters, still = street.clusters()
    buffers = street.buffers([view])
    return (maps or ShadowMaps()).cast(buffers.near, [view], street.triangles(), clusters, still, key)


def _lit(shadows: Shadows, place: tuple[float, float, float]) -> float:
    """Share of the light that comes to a place on level ground, looked up where the shading kernel would."""
    row = Row(*np.zeros((ARRAYS, 1), np.float32))
    row.x[0], row.y[0], row.height[0] = place
    row.nz[0] = 1.0
    face_light(shadows.axes, 1, row)
    return float(lit_at(shadows.still, shadows.moving, row.u[0], row.v[0], row.w[0], np.float32(5.0)))


@pytest.mark.parametrize("moving", [0, 1])
@pytest.mark.parametrize(
    ("place", "lit"),
    [
        ((0.0, -1.5, 0.0), 0.0),
        ((0.0, -2.6, 0.0), 0.0),
        ((0.0, -3.6, 0.0), 1.0),
        ((1.6, -2.0, 0.0), 1.0),
        ((-0.6, -2.0, 0.0), 0.0),
        ((0.0, 1.6, 0.0), 1.0),
        ((0.0, 0.0, 2.0), 1.0),
        ((0.0, -1.5, 1.9), 1.0),
    ],
)
def test_shadow_of_a_block(moving: int, place: tuple[float, float, float], lit: float) -> None:
    assert _lit(_maps(_block(moving)), place) == pytest.approx(lit, abs=0.05)


@pytest.mark.parametrize("moving", [0, 1])
def test_shadow_is_seen_in_the_picture(moving: int) -> None:
    view = camera(z=12.0, pitch=-89.9)
    picture = brightness(_block(moving).draw(NOON, [view])[0])
    bare = brightness(Street([(floor((-200, -200), (200, 200)), "concrete")]).draw(NOON, [view])[0])
    dark = picture < 0.75 * bare
    rows, columns = np.nonzero(dark)
    metres = 12.0 / view.focal
    assert (columns - 79.5).mean() * metres == pytest.approx(-2.0, abs=0.35) or (
        (rows - 59.5).mean() * metres == pytest.approx(2.0, abs=0.35)
        or (columns - 79.5).mean() * metres == pytest.approx(2.0, abs=0.35)
    )
    assert dark.sum() * metres**2 == pytest.approx(4.0, abs=1.2)


def test_a_block_does_not_shade_its_sunny_sides() -> None:
    picture = brightness(_block().draw(NOON, [camera(y=6.0, z=1.0, yaw=-90.0)])[0])
    assert picture[55:62, 70:90].std() < 3.0
    assert picture[55:62, 70:90].mean() > 140.0


def test_tiles_do_not_depend_on_what_was_drawn_before() -> None:
    street, other = _block(), camera(x=90.0, z=30.0, pitch=-89.9)
    used = ShadowMaps(kept=2)
    for view in (other, HIGH, camera(x=-140.0, z=60.0, pitch=-80.0), other):
        _maps(street, used, view)
    for key in (light_of(NOON._replace(sun_azimuth_angle=10.0), 0.0).key, KEY):
        _maps(street, used, HIGH, key)
    again, fresh = _maps(street, used), _maps(street)
    assert np.array_equal(again.still.table >= 0, fresh.still.table >= 0)
    for old, new in zip(again.still.table.ravel(), fresh.still.table.ravel(), strict=True):
        assert old < 0 or np.array_equal(again.still.depth[old], fresh.still.depth[new])


def test_a_mover_takes_its_shadow_along() -> None:
    maps = ShadowMaps()
    for at in (0.0, 3.0, -7.0):
        shadows = _maps(_block(1, at), maps)
        assert _lit(shadows, (at, -2.0, 0.0)) == 0.0
        assert _lit(shadows, (at + 2.5, -2.0, 0.0)) == 1.0


def test_thin_poles_have_whole_shadows() -> None:
    pole = Street([(floor((-50, -50), (50, 50)), "concrete"), (box((-0.05, -0.05, 0), (0.05, 0.05, 8)), "metal")])
    shadows = _maps(pole)
    for y in np.arange(-7.5, -0.6, 0.1):
        assert min(_lit(shadows, (x, float(y), 0.0)) for x in (-0.1, 0.0, 0.1)) < 0.7


def test_clouds_soften_shadows() -> None:
    views = [camera(z=12.0, pitch=-89.9)]
    depth = []
    for clouds in (0.0, 60.0, 100.0):
        picture = brightness(_block().draw(NOON._replace(cloudiness=clouds), views, finished=False)[0])
        depth.append(np.median(picture) - picture.min())
    assert depth[0] > 1.2 * depth[1] > 2.0 * depth[2] > 0.0
