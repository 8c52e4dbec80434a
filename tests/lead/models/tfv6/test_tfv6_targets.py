"""Training targets, and weights for other cameras."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from lead.models.tfv6 import recipes
from lead.models.tfv6.boxes import CLASS, VELOCITY, YAW, H, W, X, Y, decode_boxes
from lead.models.tfv6.configuration import BevConfig, CameraConfig, TFv6Config
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.targets import box_targets, divide_yaw, peak_radius, radar_targets
from lead.models.tfv6.tensors import BoxMaps
from lead.models.tfv6.transfer import fit_positions, transfer_weights

BOXES = np.array(
    [
        [10.3, -5.6, 2.4, 1.0, 0.3, 7.0, 0.0, 0.0, 1.0],
        [-20.0, 12.25, 0.4, 0.4, -3.0, 1.0, 0.0, 1.0, 1.0],
        [63.9, 39.9, 6.0, 1.3, 3.1, 0.0, 0.0, 6.0, 1.0],
    ]
)


def test_targets_decode_to_the_boxes():
    config = TFv6Config()
    targets = {name: torch.from_numpy(np.asarray(value))[None] for name, value in
               box_targets(BOXES, 8, config.bev).items()}  # fmt: skip
    maps = BoxMaps(
        heatmap_logits=torch.logit(targets["heatmap"].clamp(1e-6, 1 - 1e-6)),
        wh=targets["wh"],
        offset=targets["offset"],
        yaw_logits=torch.nn.functional.one_hot(targets["yaw_class"], 12).permute(0, 3, 1, 2).float(),
        yaw_residual=targets["yaw_res"],
        velocity=targets["velocity"],
    )
    decoded = decode_boxes(maps, config)[0, :3].numpy()
    decoded, wanted = decoded[np.argsort(decoded[:, X])], BOXES[np.argsort(BOXES[:, X])]
    assert np.allclose(decoded[:, [X, Y, W, H, VELOCITY, CLASS]], wanted[:, [X, Y, W, H, VELOCITY, CLASS]], atol=1e-4)
    assert np.allclose(np.sin(decoded[:, YAW] - wanted[:, YAW]), 0.0, atol=1e-4)
    assert targets["avg_factor"].item() == 3.0


def test_there_is_no_peak_without_a_box():
    nothing = box_targets(BOXES[:0], 8, BevConfig())
    assert nothing["heatmap"].max() == 0.0
    assert nothing["pixel_weight"].max() == 0.0
    assert nothing["avg_factor"] == 1.0
    phantom = box_targets(BOXES[:1], 8, BevConfig(), legacy_phantom_box=True)
    assert phantom["heatmap"][0, 0, 0] == 1.0
    assert phantom["pixel_weight"][:, 0, 0].tolist() == [1.0, 1.0]
    assert phantom["avg_factor"] == 2.0


def test_peaks_are_five_cells_wide():
    assert peak_radius(1.0, 2.4) == peak_radius(1.3, 6.0) == 2
    assert peak_radius(20.0, 20.0) > 2
    heatmap = box_targets(BOXES[:1], 8, BevConfig())["heatmap"][0]
    rows, columns = np.nonzero(heatmap)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (32, 36, 40, 44)
    assert heatmap[34, 43] == pytest.approx(math.exp(-1.0 / (2.0 * (5.0 / 6.0) ** 2)))


def test_every_yaw_has_its_class_and_rest():
    yaw = np.linspace(-4.0, 4.0, 801)
    yaw_class, rest = divide_yaw(yaw, 12)
    assert ((yaw_class >= 0) & (yaw_class < 12)).all()
    assert np.abs(rest).max() <= math.pi / 12 + 1e-9
    assert np.allclose(np.sin(yaw_class * math.pi / 6 + rest - yaw), 0.0, atol=1e-9)


def test_radar_targets_are_the_fastest_that_radar_saw():
    boxes = np.repeat(BOXES[:1], 5, axis=0)
    boxes[:, VELOCITY] = [1.0, 9.0, 3.0, 3.0, 3.0]
    boxes[:, CLASS] = [0, 0, 1, 4, 1]
    boxes[:, X] = np.arange(5)
    targets = radar_targets(boxes, np.array([4, 0, 1, 1, 7]), 3)
    assert targets[:, 0].tolist() == [3.0, 4.0, 2.0]
    few = radar_targets(boxes, np.array([1, 0, 0, 0, 0]), 3)
    assert few[:, 3].tolist() == [1.0, 0.0, 0.0]


def test_cameras_keep_their_part_of_the_embeddings():
    six = recipes.vision_only()
    four = replace(six, cameras=CameraConfig("carla_6", (1, 2, 3, 5)))
    embedding = torch.rand(1, six.fusion_tokens, 8)
    fitted = fit_positions(embedding, six, four)
    assert fitted.shape == (1, 696, 8)
    picture, old = fitted[:, : 12 * 48].unflatten(1, (12, 48)), embedding[:, : 12 * 72].unflatten(1, (12, 72))
    assert torch.equal(picture[:, :, :36], old[:, :, :36])
    assert torch.equal(picture[:, :, 36:], old[:, :, 48:60])
    assert torch.equal(fitted[:, 12 * 48 :], embedding[:, 12 * 72 :])


def test_a_pretrained_model_becomes_one_with_a_planner_and_more_cameras():
    nano = recipes.tfv6_nano()
    start = TFv6(recipes.for_pretraining(nano))
    wider = replace(nano, cameras=CameraConfig("carla_6", (1, 2, 3, 5), 192, 192))
    model = TFv6(wider)
    report = transfer_weights(model, start.state_dict(), start.config)
    assert all(key.startswith("planning_decoder.") for key in report.left)
    assert len(report.fitted) == 4
    assert report.unused == ()
    assert torch.equal(model.backbone.c5_conv.weight, start.backbone.c5_conv.weight)
