"""Weights for other cameras, and for a planner to come."""

from dataclasses import replace

import torch

from lead.models.tfv6 import recipes
from lead.models.tfv6.configuration import CameraConfig
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.transfer import fit_positions, transfer_weights


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
