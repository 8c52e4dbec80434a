"""Colours of surfaces: light and shade, patterns near and far, lamps, lenses."""

import numba
import numpy as np
import pytest
from small_street import NIGHT, NOON, Street, a_street, box, brightness, camera, floor

from carlet.models.materials import Lamp
from carlet.render.exposure import byte_of, tone, tone_curves
from carlet.render.picture import Lens

RAIN = NIGHT._replace(precipitation=80.0, precipitation_deposits=60.0, cloudiness=60.0)


def test_alpha_is_full_and_all_pixels_are_written() -> None:
    pictures = a_street().draw(NOON, [camera(), camera(yaw=90.0)])
    assert (pictures[..., 3] == 255).all()
    assert pictures[..., :3].reshape(-1, 3).any(axis=1).mean() > 0.99


def test_sunny_side_is_brighter_than_the_other() -> None:
    block = Street([(floor((-50, -50), (50, 50)), "asphalt"), (box((-3, -3, 0), (3, 3, 6)), "concrete")])
    sunny, shady = (camera(y=y, z=3.0, yaw=yaw) for y, yaw in ((10.0, -90.0), (-10.0, 90.0)))
    pictures = brightness(block.draw(NOON, [sunny, shady]))
    assert pictures[0, 55:65, 75:85].mean() > 1.6 * pictures[1, 55:65, 75:85].mean()


def test_paint_is_mixed_by_its_share_of_the_pixel() -> None:
    street = a_street()
    picture = brightness(street.draw(NOON, [camera(pitch=-30.0)])[0])
    cover = street.buffers([camera(pitch=-30.0)]).cover[0]
    asphalt, paint = picture[(cover == 0.0)][-2000:].mean(), picture[cover > 0.99].mean()
    half = picture[(cover > 0.4) & (cover < 0.6)].mean()
    assert asphalt + 20.0 < half < paint - 20.0


@pytest.mark.parametrize("weather", [NOON, RAIN])
def test_same_bytes_again_and_with_one_or_two_threads(weather) -> None:
    views = [camera(), camera(yaw=60.0)]
    threads = numba.get_num_threads()
    first = a_street().draw(weather, views)
    again = a_street().draw(weather, views)
    numba.set_num_threads(1)
    alone = a_street().draw(weather, views)
    numba.set_num_threads(threads)
    assert first.tobytes() == again.tobytes() == alone.tobytes()


def test_views_of_one_call_do_not_change_each_other() -> None:
    views = [camera(), camera(yaw=60.0)]
    together = a_street().draw(NOON, views)
    for row, view in enumerate(views):
        assert np.array_equal(together[row], a_street().draw(NOON, [view])[0])


@pytest.mark.parametrize("material", ["asphalt", "pavement", "grass"])
def test_ground_keeps_its_mean_colour_with_distance(material: str) -> None:
    plain = Street([(floor((-900, -900), (900, 900)), material)])
    clear = NOON._replace(fog_density=0.0, mie_scattering_scale=0.0)
    means = []
    for height in (2.0, 8.0, 30.0):
        picture = plain.draw(clear, [camera(z=height, pitch=-89.0)], finished=False)[0]
        means.append((picture[30:90, 50:110, :3].astype(float) / 255.0) ** 2.2)
    colours = np.array([values.mean(axis=(0, 1)) for values in means])
    assert np.abs(colours / colours[1] - 1.0).max() < 0.12
    assert means[-1].std() < 1.1 * means[0].std()


@pytest.mark.parametrize("material", ["facade_office", "bricks", "siding"])
def test_far_walls_do_not_shimmer(material: str) -> None:
    """Cameras a little apart see a far wall alike, pixel by pixel, and in the colour that it has nearby."""
    wall = Street([(box((0, -400, 0), (20, 400, 300)), material)])
    weather = NOON._replace(sun_azimuth_angle=180.0, fog_density=0.0, mie_scattering_scale=0.0)
    far = [camera(x=-110.0 - 0.37 * step, z=60.0) for step in range(4)]
    near = [camera(x=-12.0, y=0.7 * step, z=60.0) for step in range(4)]
    pictures = brightness(wall.draw(weather, far + near, finished=False))
    pictures = (pictures[:, 30:90, 40:120] / 255.0) ** 2.2
    assert pictures[:4].std(axis=0).mean() < 0.06 * pictures[:4].mean()
    assert pictures[:4].mean() == pytest.approx(pictures[4:].mean(), rel=0.2)


def test_leaves_are_lit_from_the_sunny_side() -> None:
    tree = Street([(box((-2, -2, 3), (2, 2, 7)), "leaves")])
    sunny, shady = camera(y=8.0, z=5.0, yaw=-90.0), camera(y=-8.0, z=5.0, yaw=90.0)
    pictures = brightness(tree.draw(NOON, [sunny, shady]))
    assert pictures[0, 55:65, 75:85].mean() > 1.3 * pictures[1, 55:65, 75:85].mean()


def test_a_sign_shows_its_face_and_means_the_same_far_away() -> None:
    board = np.array([[[0, -0.5, 1.2], [0, -0.5, 2.2], [0, 0.5, 2.2]], [[0, -0.5, 1.2], [0, 0.5, 2.2], [0, 0.5, 1.2]]])
    board = board if np.cross(board[0, 1] - board[0, 0], board[0, 2] - board[0, 0])[0] > 0 else board[:, ::-1]
    street = Street([(board, "face_stop")], origins={0: (0.0, 0.0, 1.7)})
    weather = NOON._replace(sun_azimuth_angle=0.0)
    near, far = (street.draw(weather, [camera(x=x, yaw=180.0)])[0] for x in (1.2, 12.0))
    middle = near[45:75, 60:100, :3].astype(float)
    assert middle.std() > 25.0
    red = middle[..., 2] - middle[..., 0]
    assert (red > 60.0).mean() > 0.25
    assert far[59:61, 79:81, 2].mean() > far[59:61, 79:81, 0].mean() + 15.0


def test_lit_lamps_are_brighter_than_unlit_ones_and_glow_at_night() -> None:
    lens = [(floor((-50, -50), (50, 50)), "asphalt"), (box((9.0, -0.4, 1.4), (9.4, 0.4, 2.0)), "lens_red")]
    off, on = Street(lens), Street(lens, lamps=int(Lamp.RED))
    for weather in (NOON, NIGHT):
        dark, lit = (street.draw(weather, [camera()])[0].astype(float) for street in (off, on))
        assert lit[58:62, 78:82, 2].mean() > dark[58:62, 78:82, 2].mean() + 60.0
    assert lit[50, 80, 2] > dark[50, 80, 2] + 2.0
    plain = on.draw(NIGHT, [camera()], Lens(effects=False))[0].astype(float)
    assert plain[50, 80, 2] < lit[50, 80, 2]


def test_lens_brightens_by_stops_and_gamma() -> None:
    street = a_street()
    usual, more, flat = (
        brightness(street.draw(NOON, [camera()], lens)[0]).mean() for lens in (Lens(), Lens(stops=1.0), Lens(gamma=3.0))
    )
    assert more > usual + 15.0
    assert flat > usual + 15.0


@pytest.mark.parametrize("lens", [Lens(), Lens(stops=1.5), Lens(gamma=1.0)])
def test_kernels_follow_the_tone_curve(lens: Lens) -> None:
    light = np.linspace(0.0, 2.5, 400).astype(np.float32) ** 2
    curve = tone_curves([lens])[0]
    drawn = np.array([byte_of(value, curve) for value in light])
    assert np.abs(drawn - 255.0 * tone(light.astype(float), lens)).max() < 1.0
    assert (np.diff(drawn) >= 0).all()


def test_effects_of_the_lens_can_be_switched_off() -> None:
    street = a_street()
    wet = NOON._replace(precipitation=100.0)
    finished, raw = (street.draw(wet, [camera()], Lens(effects=effects))[0] for effects in (True, False))
    assert not np.array_equal(finished, raw)


def test_rain_falls_only_before_what_it_is_nearer_than() -> None:
    close = Street([(box((0.5, -5.0, -5.0), (0.6, 5.0, 5.0)), "concrete")])
    weather = NOON._replace(precipitation=100.0)
    raw = Lens(effects=False)
    dry, rainy = (close.draw(weather, [camera(z=0.0)], raw, finished=end)[0] for end in (False, True))
    assert np.array_equal(dry, rainy)
