"""Light of lamps at night."""

import numpy as np
import pytest
from small_street import NIGHT, NOON, Street, box, brightness, camera, floor

from carlet.render.glow import Glow, GlowMaps, Spots, glow_on, join_spots, no_spots

EYE = camera()


def _lamp(x: float, y: float, color=(60.0, 50.0, 34.0), reach: float = 26.0, z: float = 7.0) -> Spots:
    return _spots((x, y, z), (0.0, 0.0, -1.0), color, reach, np.pi, z)


def _beam(x: float, y: float) -> Spots:
    return _spots((x, y, 0.65), (1.0, 0.0, 0.0), (400.0, 390.0, 360.0), 45.0, 0.45, 0.65)


def _spots(place, direction, color, reach: float, half_angle: float, height: float) -> Spots:
    vectors = [np.array([value], np.float32) for value in (place, direction, color)]
    return Spots(*vectors, *(np.array([value], np.float32) for value in (reach, half_angle, height)))


def _light(glow: Glow, place, normal=(0.0, 0.0, 1.0)) -> np.ndarray:
    numbers = map(np.float32, (*place, *normal))
    return np.array(glow_on(glow.table, glow.corner, glow.cells.reshape(-1), *numbers))


def test_a_street_lamp_lights_the_ground_under_it() -> None:
    glow = GlowMaps().cast([EYE], _lamp(10.0, 3.0), no_spots(), 1.0)
    under, aside, away = (_light(glow, (x, 3.0, 0.0)) for x in (10.0, 18.0, 40.0))
    np.testing.assert_allclose(under, np.array([60.0, 50.0, 34.0]) / 49.0, rtol=0.05)
    assert (under > 2.0 * aside).all()
    assert (aside > 0.0).all()
    assert (away == 0.0).all()


def test_walls_are_lit_from_where_the_lamp_is() -> None:
    glow = GlowMaps().cast([EYE], _lamp(10.0, 0.0), no_spots(), 1.0)
    towards, off = (_light(glow, (10.0, 6.0, 2.0), (0.0, sign, 0.0))[0] for sign in (-1.0, 1.0))
    assert towards > 5.0 * off


def test_beams_light_what_is_ahead() -> None:
    glow = GlowMaps().cast([EYE], no_spots(), _beam(0.0, 0.0), 1.0)
    wall = (-1.0, 0.0, 0.0)
    ahead, behind, aside = (_light(glow, place, wall)[0] for place in ((15, 0, 0.6), (-15, 0, 0.6), (5, 15, 0.6)))
    assert ahead > 0.5
    assert behind == aside == 0.0
    assert _light(glow, (12.0, 0.0, 0.0))[0] > 0.05
    assert _light(glow, (15.0, 0.0, 8.0), wall)[0] < 0.3 * ahead


def test_no_glow_by_day() -> None:
    glow = GlowMaps().cast([EYE], _lamp(0.0, 0.0), _beam(0.0, 0.0), 0.0)
    assert (_light(glow, (0.0, 0.0, 0.0)) == 0.0).all()


def test_kept_light_is_the_same_as_fresh_light() -> None:
    lamps = join_spots(_lamp(10.0, 3.0), _lamp(30.0, -3.0), _lamp(90.0, 2.0))
    maps = GlowMaps(kept=5)
    for x in (-300.0, 0.0, 60.0):
        maps.cast([camera(x=x)], lamps, _beam(x, 0.0), 1.0)
    kept, fresh = (one.cast([EYE], lamps, _beam(5.0, 1.0), 1.0) for one in (maps, GlowMaps()))
    assert np.array_equal(kept.table, fresh.table)
    assert kept.cells.tobytes() == fresh.cells.tobytes()


def test_a_lamp_switched_off_is_forgotten() -> None:
    maps = GlowMaps()
    maps.cast([EYE], join_spots(_lamp(10.0, 3.0), _lamp(30.0, 3.0)), no_spots(), 1.0)
    glow = maps.cast([EYE], _lamp(30.0, 3.0), no_spots(), 1.0)
    assert (_light(glow, (3.0, 3.0, 0.0)) == 0.0).all()
    assert _light(glow, (30.0, 3.0, 0.0))[0] > 0.5


@pytest.mark.parametrize("x", [15.9, 16.0, 16.1, 31.99])
def test_light_has_no_seams_between_tiles(x: float) -> None:
    glow = GlowMaps().cast([EYE], _lamp(18.0, 14.0), no_spots(), 1.0)
    here, there = (_light(glow, (at, 15.99, 0.0))[0] for at in (x, x + 0.02))
    assert here == pytest.approx(there, abs=0.01)


def test_lamps_and_beams_are_seen_in_pictures() -> None:
    street = Street([(floor((-50, -50), (80, 50)), "asphalt"), (box((20.0, -3.0, 0.0), (21.0, 3.0, 3.0)), "concrete")])
    dark, lamp, beam = (
        brightness(street.draw(NIGHT, [EYE], spots=spots)[0])
        for spots in (no_spots(), _lamp(8.0, 0.0), _beam(0.0, 0.0))
    )
    assert lamp[70:80, 70:90].mean() > dark[70:80, 70:90].mean() + 25.0
    assert beam[58:62, 75:85].mean() > dark[58:62, 75:85].mean() + 40.0
    day = [brightness(street.draw(NOON, [EYE], spots=spots)[0]) for spots in (no_spots(), _lamp(8.0, 0.0))]
    assert np.array_equal(*day)
