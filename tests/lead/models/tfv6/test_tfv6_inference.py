"""Inference: ensembles, precision, and what is made of the outputs."""

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from model_samples import make_batch

from lead.agents.closed_loop import ClosedLoopInference
from lead.models.config_tree import ConfigError
from lead.models.half_precision import computes_in_16_bits
from lead.models.tfv6 import recipes
from lead.models.tfv6.checkpoint import save_pretrained
from lead.models.tfv6.inference import InferenceConfig, OpenLoopInference, Precision, decide_speed
from lead.models.tfv6.modelling import ALL_HEADS, PLANNING_ONLY, TFv6
from lead.models.tfv6.prepare import prepare_for_inference
from lead.models.tfv6.suppression import suppress
from lead.models.tfv6.tensors import Inputs


@pytest.fixture(scope="module")
def pair(nano: TFv6) -> tuple[TFv6, TFv6]:
    """Two models that differ in every weight."""
    other = copy.deepcopy(nano)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter += 0.02 * torch.randn(parameter.shape, generator=generator)
    return nano, other


def observe(model: TFv6) -> Inputs:
    return Inputs.from_batch(make_batch(model.config))


def test_an_ensemble_agrees_on_the_mean(pair: tuple[TFv6, TFv6], tmp_path):
    for number, model in enumerate(pair):
        save_pretrained(model, tmp_path, f"model_{number}")
    inputs = observe(pair[0])
    together = OpenLoopInference.from_pretrained(tmp_path, InferenceConfig(heads=ALL_HEADS)).predict(inputs)
    with torch.no_grad():
        one, other = (model(inputs) for model in pair)
    close = {"atol": 2e-3, "rtol": 1e-3}
    assert torch.allclose(together.waypoints, (one.plan.waypoints + other.plan.waypoints) / 2, **close)
    assert torch.allclose(together.route, (one.plan.route + other.plan.route) / 2, **close)
    logits = (one.plan.speed_logits + other.plan.speed_logits) / 2
    assert torch.allclose(together.speed_probabilities, logits.softmax(-1), **close)
    assert torch.allclose(together.depth, (one.depth + other.depth) / 2, **close)
    assert torch.allclose(together.semantic[:, 0], torch.minimum(one.semantic, other.semantic)[:, 0], **close)
    assert torch.allclose(together.semantic[:, 1:], torch.maximum(one.semantic, other.semantic)[:, 1:], **close)
    assert together.radar.shape == (2, 1, 20, 4)
    assert len(together.boxes) == 1


def test_planning_only_leaves_dense_heads_out(nano: TFv6):
    prediction = OpenLoopInference([nano]).predict(observe(nano))
    assert prediction.waypoints is not None
    assert prediction.semantic is prediction.depth is prediction.bev_semantic is prediction.boxes is prediction.radar
    assert prediction.radar is None


@pytest.mark.parametrize("encoder", ["resnet18", "regnety_002"])
@torch.no_grad()
def test_preparing_a_model_changes_no_answer_and_not_the_model(encoder: str):
    torch.manual_seed(0)
    model = TFv6(replace(recipes.tfv6_nano(), image_encoder=encoder)).eval()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 1.5)
    names = list(model.state_dict())
    prepared, inputs = prepare_for_inference(model), observe(model)
    assert list(model.state_dict()) == names
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in prepared.backbone.image_encoder.modules())
    plan, fast = model(inputs, PLANNING_ONLY).plan, prepared(inputs, PLANNING_ONLY).plan
    assert torch.allclose(plan.route, fast.route, atol=1e-3)
    assert torch.allclose(plan.speed_logits, fast.speed_logits, atol=1e-3)


def test_16_bits_are_close(nano: TFv6):
    inputs = observe(nano)
    exact = OpenLoopInference([nano]).predict(inputs)
    coarse = OpenLoopInference([nano], InferenceConfig(precision=Precision.BFLOAT16)).predict(inputs)
    assert coarse.route.dtype == torch.float32
    assert (exact.route - coarse.route).abs().max().item() < 0.3
    assert not torch.equal(exact.route, coarse.route)


def test_16_bits_without_instructions_for_them_are_mentioned(nano: TFv6, monkeypatch, caplog):
    OpenLoopInference([nano])
    assert not caplog.text
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    OpenLoopInference([nano], InferenceConfig(precision=Precision.BFLOAT16))
    assert "no instructions for bfloat16" in caplog.text
    assert computes_in_16_bits("cuda")


@pytest.mark.slow
@pytest.mark.parametrize("precision", Precision)
def test_compiled_models_answer_the_same(precision: Precision):
    torch.manual_seed(0)
    model = TFv6(recipes.tfv6_nano()).eval()
    inputs = observe(model)
    eager = OpenLoopInference([model], InferenceConfig(precision=precision)).predict(inputs)
    compiled = OpenLoopInference([model], InferenceConfig(precision=precision, compiled=True)).predict(inputs)
    tolerance = 1e-3 if precision is Precision.FLOAT32 else 0.3
    assert (eager.route - compiled.route).abs().max().item() < tolerance


def test_a_model_in_the_loop_acts_on_its_plan(nano: TFv6):
    loop = ClosedLoopInference(OpenLoopInference([nano]))
    inputs = replace(observe(nano), speed=torch.tensor([30.0]))
    action, prediction = loop.step(inputs)
    assert prediction.target_speed.item() <= 20.0
    assert (action.throttle, action.brake) == (0.0, 1.0)
    assert -1.0 <= action.steer <= 1.0
    assert len(loop.state.route.errors) == 1
    with pytest.raises(ValueError, match="one observation"):
        loop.step(Inputs.from_batch(make_batch(nano.config, 2)))


def test_certain_braking_is_braking():
    probabilities = torch.tensor([[0.95, 0.05], [0.85, 0.15]])
    config = InferenceConfig(target_speed_factor=0.8)
    assert decide_speed(probabilities, config, (0.0, 10.0)).tolist() == pytest.approx([0.0, 1.2])


def box(x: float, y: float, yaw: float, score: float, kind: int = 0) -> list[float]:
    return [x, y, 2.0, 1.0, yaw, 0.0, 0.0, kind, score]


def test_of_overlapping_boxes_the_best_stays():
    boxes = np.array(
        [
            box(0.0, 0.0, 0.0, 0.5),
            box(0.5, 0.0, 0.1, 0.9, kind=1),
            box(0.0, 1.9, math.pi / 2, 0.4),
            box(20.0, 0.0, 0.0, 0.6),
        ],
        dtype=np.float32,
    )
    kept = suppress(boxes, 0.2)
    assert kept[:, -1].tolist() == pytest.approx([0.9, 0.6, 0.4])
    assert len(suppress(boxes, 0.05)) == 2
    assert suppress(boxes[:0], 0.2).shape == (0, 9)


def test_bad_settings_are_refused(nano: TFv6):
    with pytest.raises(ConfigError, match="brake_threshold"):
        InferenceConfig(brake_threshold=1.5)
    with pytest.raises(ConfigError, match="target_speed_factor"):
        InferenceConfig(target_speed_factor=0.0)
    with pytest.raises(ConfigError, match="one model or more"):
        OpenLoopInference([])
