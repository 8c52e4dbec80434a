"""Cameras in a world: when they measure, what they share, what they send, what they refuse."""

import math
from dataclasses import replace

import numpy as np
import pytest

from carlet.actors.blueprints import library
from carlet.render.picture import Lens, Request
from carlet.render.views import look_along
from carlet.sensors import SENSORS
from carlet.wire.records import SensorType

POSES = [(0.0, float(y), 2.0, 0.0, 0.3 * yaw, 0.0) for y in (0, 1) for yaw in (-1, 0, 1)]
RECORDED = ("rgb", "depth", "semantic_segmentation", "instance_segmentation")
TYPES = {
    "rgb": SensorType.RGB,
    "depth": SensorType.DEPTH,
    "semantic_segmentation": SensorType.SEMANTIC_SEGMENTATION,
    "instance_segmentation": SensorType.INSTANCE_SEGMENTATION,
    "normals": SensorType.NORMALS,
    "optical_flow": SensorType.OPTICAL_FLOW,
    "cosmos_visualization": SensorType.COSMOS_VISUALIZATION,
}


def test_there_is_a_camera_for_every_blueprint():
    assert {name for name in library() if name.startswith("sensor.camera.")} <= set(SENSORS)


def test_all_views_of_a_tick_are_drawn_in_one_call_once_each(scene):
    ids = [scene.add(kind, pose) for pose in POSES for kind in RECORDED]
    messages = scene.tick(*ids)
    assert [actor for actor, _ in messages] == ids
    assert scene.stage.shown == 1
    assert [len(asked) for asked in scene.stage.asked] == [len(POSES)]
    eyes = {(*request.view.eye, *request.view.turn.ravel()) for request in scene.stage.asked[0]}
    assert len(eyes) == len(POSES)
    assert all(request.rgb == Lens() for request in scene.stage.asked[0])


def test_cameras_of_several_sizes_and_fields_of_view_are_drawn_together(scene):
    ids = [scene.add("depth"), scene.add("depth", image_size_x="32"), scene.add("depth", fov="60")]
    sizes = [(message.width, message.fov_deg) for _, message in scene.tick(*ids)]
    assert sizes == [(64, 90.0), (32, 90.0), (64, 60.0)]
    [asked] = scene.stage.asked
    focal = [request.view.focal for request in asked]
    assert focal == pytest.approx([32.0, 16.0, 32.0 / math.tan(math.radians(30.0))])
    assert all(request.rgb is None for request in asked)


def test_a_view_is_drawn_through_every_lens_that_is_wanted(scene):
    ids = [
        scene.add("depth"),
        scene.add("rgb", gamma="1.5", exposure_compensation="2"),
        scene.add("dvs", enable_postprocess_effects="false"),
        scene.add("rgb", gamma="1.5", exposure_compensation="2.0"),
    ]
    scene.tick(*ids)
    assert [request.rgb for request in scene.stage.asked[0]] == [Lens(True, 1.5, 2.0), Lens(False, 2.2, 0.0)]


@pytest.mark.parametrize("kind", TYPES)
def test_a_message_has_header_size_and_pixels(scene, kind):
    camera = scene.add(kind, (1.0, 2.0, 3.0, 0.1, -0.2, 0.3), fov="70")
    [(actor, message)] = scene.tick(camera)
    assert actor == camera
    assert (message.type, message.frame, message.time) == (TYPES[kind], scene.episode.frame, scene.episode.time)
    assert message.pose_deg == pytest.approx((1.0, 2.0, 3.0, *np.degrees((0.1, -0.2, 0.3))), rel=1e-6)
    assert (message.width, message.height, message.fov_deg) == (64, 48, 70.0)
    assert len(message.pixels) == 64 * 48 * (8 if kind == "optical_flow" else 4)
    assert len(np.unique(message.pixels)) > 1


def test_what_is_drawn_is_what_is_sent(scene):
    pose = (1.0, 2.0, 3.0, 0.1, -0.2, 0.3)
    [(_, message)] = scene.tick(scene.add("rgb", pose))
    view = look_along(np.array(pose), 90.0, 64, 48)
    assert (message.pixels == scene.stage.draw([Request(view, Lens())])[0].bgra.ravel()).all()


def test_cosmos_shows_lines_and_cars_on_black(scene):
    [(_, message)] = scene.tick(scene.add("cosmos_visualization"))
    found = {tuple(pixel[2::-1]) for pixel in message.pixels.reshape(-1, 4)}
    assert found == {(0, 0, 0), (157, 234, 50), (0, 0, 142)}


def test_nobody_listens_nothing_is_drawn(scene):
    scene.add("rgb")
    assert scene.tick() == []
    assert (scene.stage.shown, scene.stage.asked) == (0, [])


def test_only_cameras_that_are_due_are_drawn(scene):
    slow, fast = scene.add("rgb", sensor_tick="0.2"), scene.add("depth", fov="50")
    counts = []
    for _ in range(9):
        scene.tick(slow, fast)
        counts.append(len(scene.stage.asked[-1]))
    assert counts == [2, 1, 1, 1, 2, 1, 1, 1, 2]


def test_cameras_are_silent_without_rendering(scene):
    camera = scene.add("rgb", sensor_tick="1.0")
    scene.episode.settings = replace(scene.episode.settings, no_rendering=True)
    assert scene.tick(camera) == []
    assert scene.stage.asked == []
    scene.episode.settings = replace(scene.episode.settings, no_rendering=False)
    assert len(scene.tick(camera)) == 1, "its first tick is the first in which it can see"


def test_flow_counts_from_the_last_image(scene):
    camera = scene.add("optical_flow", sensor_tick="0.1")
    flows = []
    for tick in range(5):
        scene.episode.place(camera, np.array([0.1 * tick, 0.0, 2.0, 0.0, 0.0, 0.0]))
        flows += [message.pixels.view(np.float32).reshape(48, 64, 2) for _, message in scene.tick(camera)]
    assert len(flows) == 3
    assert np.abs(flows[0]).max() < 1e-6, "the first image knows of no motion"
    # 0.2 m further since the image before, on the road 2 m below in the last row of pixels
    down = (47.5 - 24.0) / 32.0
    reach = 2.0 / down
    moved = 2.0 / (reach + 0.2) - down
    assert flows[1][47, 32, 1] == pytest.approx(moved * 32.0 / 24.0, rel=1e-3)


def test_messages_of_earlier_ticks_stay_as_they_were(scene):
    ids = [scene.add(kind) for kind in TYPES]
    kept, copies = [], []
    for tick in range(4):
        scene.episode.place(ids[1], np.array([tick, 0.0, 2.0, 0.0, 0.0, 0.0]))
        scene.episode.tick(0.05)
        for one in scene.episode.measure(ids):
            kept.append(one.message[-1])
            copies.append(bytes(one.message[-1]))
    assert [bytes(pixels) for pixels in kept] == copies
    coded = [pixels for i, pixels in enumerate(kept) if i % len(TYPES)]
    assert not any(pixels.flags.writeable for pixels in coded), "nobody needs to copy them"


@pytest.mark.parametrize(
    ("kind", "name", "value", "message"),
    [
        ("rgb", "image_size_x", "0", "is not a whole number from 1 to 8192"),
        ("rgb", "image_size_x", "100000", "is not a whole number from 1 to 8192"),
        ("depth", "image_size_y", "-5", "is not a whole number"),
        ("depth", "image_size_y", "10.5", "is not a whole number"),
        ("normals", "image_size_y", "many", "is not a number"),
        ("optical_flow", "fov", "0", "does not lie between 0.1 and 175"),
        ("semantic_segmentation", "fov", "180", "does not lie between"),
        ("instance_segmentation", "fov", "nan", "is not a number"),
        ("rgb", "fov", "inf", "is not a number"),
        ("rgb", "bloom_intensity", "much", "is not a number"),
        ("rgb", "sensor_tick", "", "is not a number"),
        ("rgb", "gamma", "0", "does not lie between"),
        ("rgb", "exposure_mode", "guess", "is not histogram or manual"),
        ("cosmos_visualization", "lens_k", "x", "is not a number"),
        ("dvs", "positive_threshold", "0", "is less than 0.01"),
        ("dvs", "negative_threshold", "-0.3", "is less than 0.01"),
        ("dvs", "log_eps", "0", "is not above zero"),
        ("dvs", "refractory_period_ns", "soon", "is not a number"),
    ],
)
def test_attributes_that_cannot_be_are_named(scene, kind, name, value, message):
    before = set(scene.episode.actors)
    with pytest.raises(ValueError, match=f"attribute {name}: .*{message}"):
        scene.add(kind, **{name: value})
    assert set(scene.episode.actors) == before


def test_too_many_pixels_are_refused(scene):
    with pytest.raises(ValueError, match="image_size_x and image_size_y: 8192 x 8192 is more than"):
        scene.add("rgb", image_size_x="8192", image_size_y="8192")
    scene.add("rgb", image_size_x="7680", image_size_y="4320")


def test_whole_numbers_may_be_written_as_unreal_does(scene):
    [(_, message)] = scene.tick(scene.add("depth", image_size_x="20.0", fov="60.0f"))
    assert (message.width, message.fov_deg) == (20, 60.0)
