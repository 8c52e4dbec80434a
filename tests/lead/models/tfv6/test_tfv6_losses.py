"""Losses: what they are for, and where they differ from LEAD's on purpose."""

import itertools
from dataclasses import replace

import pytest
import torch
from model_samples import make_batch, make_labels, tiny

from lead.models.tfv6 import recipes
from lead.models.tfv6.configuration import (
    LEAD_SPEED_CLASSES,
    CameraConfig,
    LabelSpace,
    PerspectiveConfig,
    PlannerKind,
)
from lead.models.tfv6.labels import BoxTargets, Labels
from lead.models.tfv6.losses import LossConfig, box_losses, compute_losses, loss_weights, total_loss, two_hot
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.radar_matching import match, radar_loss
from lead.models.tfv6.tensors import BoxMaps, Inputs

NAVSIM = {"label_spaces": (LabelSpace.NAVSIM,), "latent": True, "radar": None}
MIXED = {**NAVSIM, "label_spaces": (LabelSpace.CARLA, LabelSpace.NAVSIM)}
NAVSIM_PLANNER = replace(
    tiny().planner,
    radar=False,
    commands=4,
    max_acceleration=4.0,
    target_points=False,
    headings=True,
    route_points=0,
    speed_classes=(),
)
VARIANTS = {
    "full": tiny(),
    "four cameras": tiny(cameras=CameraConfig("carla_6", (1, 2, 3, 5), 64, 64)),
    "no radar": tiny(radar=None, planner=replace(tiny().planner, radar=False)),
    "latent": tiny(latent=True),
    "baseline": tiny(planner=replace(tiny().planner, kind=PlannerKind.RECURRENT, radar=False)),
    "pre-training": tiny(planner=None),
    "navsim": tiny(**NAVSIM, planner=NAVSIM_PLANNER),
    "mixed": tiny(**MIXED, planner=NAVSIM_PLANNER),
    "one camera": tiny(cameras=CameraConfig("carla_3", (2,), 64, 64)),
}


def losses_of(model: TFv6, labels: dict, options: LossConfig | None = None) -> dict[str, torch.Tensor]:
    batch = make_batch(model.config, batch=2) | labels
    outputs = model(Inputs.from_batch(batch))
    return compute_losses(outputs, Labels.from_batch(batch, model.config.label_spaces), model.config, options)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_training_step_of_every_variant_reaches_every_parameter(name: str):
    torch.manual_seed(0)
    config = VARIANTS[name]
    model = TFv6(config).train()
    losses = losses_of(model, make_labels(config, batch=2))
    weights = loss_weights(config)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert set(weights) <= set(losses)
    total = total_loss(losses, weights)
    assert total.dtype == torch.float32
    torch.stack(list(losses.values())).sum().backward()
    without = [key for key, parameter in model.named_parameters() if parameter.grad is None]
    assert without == []


def test_a_source_that_is_absent_gives_zero_and_gradients_of_zero():
    config = VARIANTS["mixed"]
    model = TFv6(config).train()
    losses = losses_of(model, make_labels(config, batch=2, source=2))
    assert losses["loss_semantic"].item() == 0.0
    assert losses["loss_center_net_heatmap"].item() == 0.0
    assert losses["navsim_loss_center_net_heatmap"].item() > 0.0
    total_loss(losses, loss_weights(config)).backward()
    assert all(parameter.grad is not None for parameter in model.semantic_decoder.parameters())


def test_depth_is_learned_in_parts_of_a_metre_and_without_semantics():
    config = tiny(perspective=PerspectiveConfig(semantic=False, channels=(8, 8, 8)))
    model = TFv6(config).eval()
    labels = make_labels(config, batch=2)
    exact, whole = losses_of(model, labels), losses_of(model, labels, LossConfig(legacy_whole_metres=True))
    assert "loss_semantic" not in exact
    assert exact["loss_depth"].item() - whole["loss_depth"].item() == pytest.approx(0.5, abs=1e-4)


def test_labels_keep_their_digits():
    batch = make_batch(tiny(), 1) | make_labels(tiny(), 1)
    batch["future_waypoints"] = torch.full((1, 8, 2), 17.77777777, dtype=torch.float64)
    plan = Labels.from_batch(batch, (LabelSpace.CARLA,)).plan
    assert plan.waypoints[0, 0, 0].item() == pytest.approx(17.77777777, abs=1e-6)


def test_a_missing_label_is_named():
    labels = make_labels(tiny(), batch=2)
    del labels["route"]
    with pytest.raises(ValueError, match="route"):
        losses_of(TFv6(tiny()).eval(), labels)


def test_weights_of_navsim_count_what_there_is():
    config = recipes.navsim_ltf()
    mended, legacy = loss_weights(config), loss_weights(config, LossConfig(legacy_weight_sum=True))
    assert len(mended) == 7
    assert sum(legacy.values()) == pytest.approx(7 / 9)
    assert "navsim_loss_center_net_velocity" not in mended


def test_weights_of_published_models():
    full, pretraining = recipes.resnet34(), recipes.for_pretraining(recipes.resnet34())
    assert loss_weights(full)["loss_semantic"] == pytest.approx(1 / 12.00001)
    assert loss_weights(pretraining)["loss_depth"] == pytest.approx(1e-5 / 9.00001)
    with pytest.raises(ValueError, match="has a weight"):
        total_loss({"loss_nothing": torch.zeros(())}, loss_weights(full))


@pytest.mark.parametrize("speed", [0.0, 0.5, 4.0, 9.0, 13.88888888, 15.0, 19.99, 20.0])
def test_two_hot_holds_the_speed(speed: float):
    (probabilities,) = two_hot(torch.tensor([speed]), LEAD_SPEED_CLASSES)
    assert (probabilities > 0).sum() <= 2
    assert (probabilities * torch.tensor(LEAD_SPEED_CLASSES)).sum().item() == pytest.approx(speed, abs=1e-4)


def test_two_hot_of_braking_and_of_more_than_the_fastest():
    braking = two_hot(torch.tensor([9.0, 30.0, -1.0]), LEAD_SPEED_CLASSES, torch.tensor([True, False, False]))
    assert braking[:, 0].tolist() == [1.0, 0.0, 1.0]
    assert braking[1, -1].item() == 1.0


def test_matching_is_the_cheapest():
    costs = torch.rand(3, 4, 4, generator=torch.Generator().manual_seed(1))
    matched = match(costs)
    for sample, columns in zip(costs, matched, strict=True):
        found = sample[torch.arange(4), columns].sum()
        best = min(sample[torch.arange(4), list(order)].sum() for order in itertools.permutations(range(4)))
        assert found == best


def test_radar_loss_is_the_same_in_any_order_of_objects():
    generator = torch.Generator().manual_seed(2)
    predictions, objects = torch.rand(2, 6, 4, generator=generator), torch.rand(2, 6, 4, generator=generator)
    objects[..., 3] = torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    assert torch.allclose(radar_loss(predictions, objects), radar_loss(predictions, objects.flip(1)))
    perfect = objects.clone()
    perfect[..., 3] = 40.0 * (2.0 * objects[..., 3] - 1.0)
    assert radar_loss(perfect, objects).max().item() < 1e-6


def test_box_losses_are_divided_by_the_number_of_boxes():
    shape = (1, 1, 4, 4)
    weight = torch.zeros(1, 2, 4, 4)
    weight[:, :, 1, 1] = 1.0
    zeros = torch.zeros
    maps = BoxMaps(zeros(shape), zeros(1, 2, 4, 4), zeros(1, 2, 4, 4), zeros(1, 12, 4, 4), zeros(shape), zeros(shape))
    targets = BoxTargets(
        heatmap=weight[:, :1],
        pixel_weight=weight,
        wh=torch.full((1, 2, 4, 4), 3.0),
        offset=zeros(1, 2, 4, 4),
        yaw_class=torch.zeros(1, 4, 4, dtype=torch.long),
        yaw_res=zeros(shape),
        velocity=torch.full(shape, 8.0),
        avg_factor=torch.tensor([2.0]),
    )
    losses = box_losses(maps, targets, torch.tensor([True]))
    assert losses["loss_center_net_wh"].item() == pytest.approx(3.0 / 2)
    assert losses["loss_center_net_velocity"].item() == pytest.approx(4.0)
