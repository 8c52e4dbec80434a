"""What the pixels of cameras say, decoded as clients decode them."""

import numpy as np
import pytest
from canned_stage import PAINT_NUMBER, PAINT_TAG, ROAD_TAG, STRIPE_Y, WALL_NUMBER, WALL_TAG, WALL_X, CannedStage

from carlet.geometry import to_world
from carlet.render import encode
from carlet.render.picture import Picture, Request
from carlet.render.views import look_along

POSE = np.array([2.0, -1.0, 1.5, -0.1, 0.2, 0.05])
SIZE = 96, 64
SKY = 11
STAGE = CannedStage()
VIEW = look_along(POSE, 90.0, *SIZE)
PICTURE = STAGE.draw([Request(VIEW)])[0]


def image(encoder, *arguments) -> np.ndarray:
    """Blue, green, red and alpha (h, w, 4) as integers."""
    out = np.empty(SIZE[::-1], np.uint32)
    encoder(*arguments, out)
    pixels = out.view(np.uint8).reshape(*SIZE[::-1], 4).astype(np.int64)
    assert (pixels[..., 3] == 255).all()
    return pixels


def distances() -> np.ndarray:
    near = PICTURE.near.astype(np.float64)
    return np.where(near > 0, 1.0 / np.maximum(near, 1e-9), 1000.0).clip(max=1000.0)


def test_depth_is_24_bits_of_a_kilometre():
    blue, green, red, _ = np.moveaxis(image(encode.depth, PICTURE), -1, 0)
    metres = 1000.0 * (red + 256 * green + 65536 * blue) / (2**24 - 1)
    assert np.abs(metres - distances()).max() < 2e-4
    assert (metres == 1000.0).sum() == (PICTURE.near <= 1e-3).sum() > 100


def test_depth_is_exact_to_its_last_bit_nearby():
    near = (1.0 / np.linspace(0.05, 50.0, 500)).astype(np.float32).reshape(1, -1)
    out = np.empty(near.shape, np.uint32)
    encode.depth(Picture(near, *[np.zeros(near.shape)] * 3), out)
    blue, green, red, _ = np.moveaxis(out.view(np.uint8).reshape(-1, 4).astype(np.int64), -1, 0)
    code = red + 256 * green + 65536 * blue
    assert np.abs(code - (2**24 - 1) / 1000.0 / near[0].astype(np.float64)).max() <= 1.0


def shown() -> np.ndarray:
    """The tag of every pixel."""
    tags = np.where(PICTURE.seen < 0, SKY, np.array([ROAD_TAG, WALL_TAG])[PICTURE.seen])
    return np.where(PICTURE.cover >= 0.5, PAINT_TAG, tags)


def test_tags_are_red():
    pixels = image(encode.tags, PICTURE, STAGE.triangles, STAGE.paint, encode.tag_palette())
    assert (pixels[..., 2] == shown()).all()
    assert not pixels[..., :2].any()
    assert set(np.unique(pixels[..., 2])) == {SKY, ROAD_TAG, WALL_TAG, PAINT_TAG}


def test_paint_counts_from_half_a_pixel_on():
    cover = np.where(PICTURE.cover > 0, np.where(np.arange(SIZE[0]) % 2, 0.5, 0.49), 0.0).astype(np.float32)
    pixels = image(encode.tags, PICTURE._replace(cover=cover), STAGE.triangles, STAGE.paint, encode.tag_palette())
    found = pixels[..., 2][PICTURE.cover > 0]
    assert set(found) == {ROAD_TAG, PAINT_TAG}
    assert ((pixels[..., 2] == PAINT_TAG) == (cover == 0.5)).all()


def test_colours_by_tag():
    palette = encode.colour_palette({WALL_TAG: (1, 2, 3)})
    pixels = image(encode.tags, PICTURE, STAGE.triangles, STAGE.paint, palette)
    wall = shown() == WALL_TAG
    assert (pixels[wall] == [3, 2, 1, 255]).all()
    assert (pixels[~wall] == [0, 0, 0, 255]).all()


def test_instances_tell_tag_and_the_low_bytes_of_the_number():
    pixels = image(encode.instances, PICTURE, STAGE.triangles, STAGE.paint, STAGE.things)
    assert (pixels[..., 2] == shown()).all()
    number = pixels[..., 1] + 256 * pixels[..., 0]
    for tag, expected in {WALL_TAG: WALL_NUMBER, PAINT_TAG: PAINT_NUMBER, ROAD_TAG: 7, SKY: 0}.items():
        assert (number[shown() == tag] == expected & 0xFFFF).all()


def test_normals_are_in_the_frame_of_the_world():
    pixels = image(encode.normals, PICTURE, STAGE.triangles, STAGE.paint)
    assert (pixels[shown() == WALL_TAG][:, 2::-1] == [0, 128, 128]).all()
    assert (pixels[np.isin(shown(), [ROAD_TAG, PAINT_TAG])][:, 2::-1] == [128, 128, 255]).all()
    assert not pixels[shown() == SKY][:, :3].any()


def flow_of(came: tuple[float, float, float], before_pose: np.ndarray) -> np.ndarray:
    stage, before = CannedStage(came), look_along(before_pose, 90.0, *SIZE)
    out = np.empty((SIZE[1], SIZE[0], 2), np.float32)
    encode.flow(PICTURE, stage.moved, VIEW, before, out)
    return out


def ndc(pose: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Where world points lie in a picture that is 2 wide and 2 high, y upwards: (..., 2)."""
    to_camera = to_world(np.array([0.0, 0.0, 0.0, *pose[3:]]), np.eye(3))
    forward, right, up = np.moveaxis((points - pose[:3]) @ to_camera.T, -1, 0)
    return np.stack([right / forward, up / forward * SIZE[0] / SIZE[1]], axis=-1)  # at 90 degrees


def points() -> np.ndarray:
    """Where in the world the pixels' surfaces are."""
    y, x = np.indices(SIZE[::-1])
    across, down = (x + 0.5 - SIZE[0] / 2) / (SIZE[0] / 2), (y + 0.5 - SIZE[1] / 2) / (SIZE[0] / 2)
    return to_world(POSE, np.stack([np.ones(across.shape), across, -down], -1) * distances()[..., None])


def test_no_motion_is_no_flow():
    assert np.abs(flow_of((0, 0, 0), POSE)).max() < 1e-5


@pytest.mark.parametrize("step", [(0.5, 0.0, 0.0, 0.0, 0.0, 0.0), (0.0, 0.2, 0.1, 0.02, -0.05, 0.03)])
def test_flow_of_a_moving_camera(step: tuple[float, ...]):
    before = POSE - np.array(step)
    flow = flow_of((0, 0, 0), before)
    expected = ndc(POSE, points()) - ndc(before, points())
    solid = PICTURE.seen >= 0
    assert np.abs(flow - expected)[solid].max() < 1e-3
    assert np.abs(flow[solid]).max() > 0.01


def test_flow_of_a_moving_thing():
    came = (0.0, 1.0, 0.0)
    flow, wall = flow_of(came, POSE), PICTURE.seen == 1
    expected = ndc(POSE, points()) - ndc(POSE, points() - np.array(came))
    assert np.abs(flow - expected)[wall].max() < 1e-3
    assert (flow[wall][:, 0] > 0.01).all(), "it moved to the right"
    assert np.abs(flow[~wall]).max() < 1e-5


def test_the_sky_turns_but_does_not_come_closer():
    sky = PICTURE.seen < 0
    assert np.abs(flow_of((0, 0, 0), POSE - [5.0, 0.0, 0.0, 0.0, 0.0, 0.0])[sky]).max() < 1e-5
    turned = flow_of((0, 0, 0), POSE - [0.0, 0.0, 0.0, 0.0, 0.1, 0.0])[sky]
    assert (turned[:, 0] < -0.05).all(), "the camera turned to the right, so all goes left"


def test_flow_is_bounded():
    flow = flow_of((0, 0, 0), POSE - [0.0, 0.0, 0.0, 0.0, 3.0, 0.0])
    assert np.isfinite(flow).all()
    assert np.abs(flow).max() == 2.0


def test_the_stage_of_these_tests_shows_what_it_should():
    wall = PICTURE.seen == 1
    assert wall.any()
    assert np.abs(points()[wall][:, 0] - WALL_X).max() < 1e-3
    painted = PICTURE.cover > 0
    assert (np.abs(points()[painted][:, 1]) < STRIPE_Y + 1e-3).all()
