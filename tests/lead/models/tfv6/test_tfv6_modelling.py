"""The network: variants, heads on demand, and where it differs from LEAD's on purpose."""

import math
from dataclasses import replace

import pytest
import torch
from jaxtyping import TypeCheckError
from model_samples import make_batch, tiny

from lead.models.config_tree import ConfigError
from lead.models.encoders import create_encoder, run_stage, stage_layers
from lead.models.tfv6 import recipes
from lead.models.tfv6.bev import seen_pixels
from lead.models.tfv6.boxes import CLASS, SCORE, VELOCITY, YAW, H, W, X, Y, decode_boxes, keep_scores
from lead.models.tfv6.configuration import CameraConfig, LegacyConfig, PlannerConfig, PlannerKind, TFv6Config
from lead.models.tfv6.modelling import ALL_HEADS, PLANNING_ONLY, Head, TFv6
from lead.models.tfv6.planning import expected_speed
from lead.models.tfv6.radar import sample_map
from lead.models.tfv6.tensors import BoxMaps, Inputs


def nano_variant(**changes) -> TFv6:
    return TFv6(replace(recipes.tfv6_nano(), **changes)).eval()


def observe(model: TFv6, batch: int = 1) -> Inputs:
    return Inputs.from_batch(make_batch(model.config, batch))


@torch.no_grad()
def test_heads_are_computed_when_asked_for_and_the_plan_is_the_same(nano: TFv6):
    inputs = observe(nano, batch=2)
    everything, plan_alone = nano(inputs, ALL_HEADS), nano(inputs, PLANNING_ONLY)
    assert everything.semantic.shape == (2, 10, 192, 576)
    assert everything.depth.shape == (2, 192, 576)
    assert everything.bev_semantic.shape == (2, 13, 320, 384)
    assert everything.boxes.heatmap_logits.shape == (2, 8, 80, 96)
    assert torch.equal(everything.plan.waypoints, plan_alone.plan.waypoints)
    assert plan_alone.semantic is plan_alone.depth is plan_alone.bev_semantic is plan_alone.boxes is None
    boxes_alone = nano(inputs, {Head.BOXES})
    assert boxes_alone.plan is boxes_alone.radar is boxes_alone.bev_semantic is None


@torch.no_grad()
def test_the_baseline_planner_plans(nano: TFv6):
    planner = replace(nano.config.planner, kind=PlannerKind.RECURRENT, radar=False)
    model = nano_variant(planner=planner, radar=None)
    plan = model(observe(model), PLANNING_ONLY).plan
    assert plan.waypoints.shape == (1, 8, 2)
    assert plan.route.shape == (1, 10, 2)


@torch.no_grad()
def test_the_plan_of_micro_does_not_know_the_speed():
    model = TFv6(recipes.tfv6_micro()).eval()
    standing = observe(model)
    fast = replace(standing, speed=standing.speed + 10.0)
    plan, other = (model(inputs, PLANNING_ONLY).plan for inputs in (standing, fast))
    assert torch.equal(plan.speed_logits, other.speed_logits) and torch.equal(plan.waypoints, other.waypoints)
    elsewhere = replace(standing, target_point=standing.target_point + 10.0)
    assert not torch.equal(plan.speed_logits, model(elsewhere, PLANNING_ONLY).plan.speed_logits)


@torch.no_grad()
def test_a_speed_can_be_kept_from_the_planner_when_it_stands_and_by_chance_in_training():
    told = PlannerConfig(token_dim=16, layers=1, heads=2, dropout=0.0, radar=False, speed_told_from=3.0)
    model = TFv6(tiny(planner=told, radar=None))

    def logits(speed: float) -> torch.Tensor:
        torch.manual_seed(0)
        inputs = replace(observe(model), speed=torch.tensor([speed]))
        bev_width = model.planning_decoder.planning_context_encoder.dimension_adapter.in_channels
        rows, columns = model.config.bev.anchors
        return model.planning_decoder(torch.ones(1, bev_width, rows, columns), inputs).speed_logits

    assert torch.equal(logits(0.0), logits(2.9)) and not torch.equal(logits(4.0), logits(8.0))
    model.planning_decoder.planner = replace(told, speed_hidden=0.99)
    assert torch.equal(logits(4.0), logits(8.0)) and torch.equal(logits(4.0), logits(0.0))
    model.eval()
    assert not torch.equal(logits(4.0), logits(8.0))


@torch.no_grad()
def test_a_latent_model_needs_no_lidar_and_reads_none():
    model = nano_variant(latent=True)
    inputs = observe(model)
    with_raster, without = model(inputs, PLANNING_ONLY), model(replace(inputs, rasterized_lidar=None), PLANNING_ONLY)
    assert torch.equal(with_raster.plan.waypoints, without.plan.waypoints)


@pytest.mark.parametrize("name", ["rasterized_lidar", "radar", "command", "speed", "target_point_next"])
def test_a_missing_input_is_named(nano: TFv6, name: str):
    with pytest.raises(ValueError, match=name):
        nano(replace(observe(nano), **{name: None}))


def test_a_wrong_shape_is_refused_in_tests():
    with pytest.raises(TypeCheckError):
        Inputs(rgb=torch.zeros(1, 4, 8, 8))


@pytest.mark.parametrize("name", ["regnety_002", "convnext_atto", "resnet18"])
def test_other_feature_nets_of_timm_run_stage_by_stage(name: str):
    encoder = create_encoder(name, 3).eval()
    picture = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        whole = encoder(picture)[-4:]
        for layers, wanted in zip(stage_layers(encoder), whole, strict=True):
            picture = run_stage(encoder, layers, picture)
            assert torch.equal(picture, wanted)


def test_a_network_that_timm_does_not_have_is_named():
    with pytest.raises(ConfigError, match="did you mean resnet34"):
        create_encoder("resnet_34", 3)
    with pytest.raises(ConfigError, match="stages"):
        create_encoder("vit_tiny_patch16_224", 3)


def blob_at(x: float, y: float, config: TFv6Config) -> torch.Tensor:
    """A coarse bird's-eye map that is 1 in the cell of the point."""
    rows, columns = config.bev.anchors
    features = torch.zeros(1, 1, rows, columns)
    row = int((y - config.bev.min_y_m) / (config.bev.max_y_m - config.bev.min_y_m) * rows)
    column = int((x - config.bev.min_x_m) / (config.bev.max_x_m - config.bev.min_x_m) * columns)
    features[0, 0, row, column] = 1.0
    return features


def unit_point(x: float, y: float) -> torch.Tensor:
    return torch.tensor([[[(x + 32.0) / 96.0, (y + 40.0) / 80.0]]])


def test_a_radar_point_reads_the_map_where_it_is():
    features = blob_at(46.5, -22.0, TFv6Config())
    here, exchanged = unit_point(44.0, -20.0), unit_point(-11.0, 25.0)
    assert sample_map(features, here, LegacyConfig()).item() == pytest.approx(1.0, abs=1e-5)
    assert sample_map(features, exchanged, LegacyConfig()).item() == 0.0
    published = LegacyConfig.published()
    assert sample_map(features, here, published).item() == 0.0
    assert sample_map(features, exchanged, published).item() > 0.3


def test_points_beyond_the_map_read_its_edge():
    features = torch.ones(1, 1, 10, 12)
    beyond = unit_point(80.0, 60.0)
    assert sample_map(features, beyond, LegacyConfig()).item() == pytest.approx(1.0)
    assert sample_map(features, beyond, LegacyConfig.published()).item() == 0.0


@torch.no_grad()
def test_empty_places_of_the_radar_do_not_count(nano: TFv6):
    inputs = observe(nano)
    points = inputs.radar
    more_padding = torch.cat([points, torch.zeros(1, 50, 5)], dim=1)
    legacy = nano_variant(legacy=LegacyConfig.published())
    legacy.load_state_dict(nano.state_dict())
    for model, same in ((nano, True), (legacy, False)):
        one = model(inputs, {Head.RADAR}).radar.predictions
        other = model(replace(inputs, radar=more_padding), {Head.RADAR}).radar.predictions
        assert torch.allclose(one, other, atol=1e-4) is same


@torch.no_grad()
def test_an_untrained_heat_map_starts_low(nano: TFv6):
    scores = nano(observe(nano), {Head.BOXES}).boxes.heatmap_logits.sigmoid()
    assert scores.mean().item() == pytest.approx(0.1, abs=0.05)
    plain = nano_variant(heatmap_prior=None)
    assert plain(observe(plain), {Head.BOXES}).boxes.heatmap_logits.sigmoid().mean().item() > 0.3


def test_boxes_come_from_peaks_for_every_sample():
    config = TFv6Config()
    rows, columns = config.bev.grid
    logits = torch.full((2, 8, rows, columns), -10.0)
    logits[1, 3, 30, 50] = 4.0
    logits[1, 3, 30, 51] = 3.0
    yaw_logits = torch.zeros(2, 12, rows, columns)
    yaw_logits[1, 9] = 1.0
    maps = BoxMaps(
        heatmap_logits=logits,
        wh=torch.full((2, 2, rows, columns), 2.0),
        offset=torch.full((2, 2, rows, columns), 0.5),
        yaw_logits=yaw_logits,
        yaw_residual=torch.full((2, 1, rows, columns), 0.1),
        velocity=torch.full((2, 1, rows, columns), 7.0),
    )
    nothing, found = keep_scores(decode_boxes(maps, config), 0.3)
    assert len(nothing) == 0
    (box,) = found
    assert box[[X, Y, W, H]].tolist() == [18.5, -9.5, 2.0, 2.0]
    assert box[YAW].item() == pytest.approx(9 * math.pi / 6 + 0.1 - 2 * math.pi, abs=1e-5)
    assert box[[VELOCITY, CLASS]].tolist() == [7.0, 3.0]
    assert box[SCORE].item() == pytest.approx(1.0 / (1.0 + math.exp(-4.0)))


def test_cameras_see_all_around_or_a_wedge():
    assert seen_pixels(TFv6Config()).all()
    config = TFv6Config(cameras=CameraConfig(used=(2,)))
    seen = seen_pixels(config)
    ahead, beside, behind = (160, 128 + 40), (160 + 80, 128), (160, 128 - 40)
    assert seen[ahead]
    assert not seen[beside]
    assert not seen[behind]
    x, y = 10.0, 10.0 * math.tan(math.radians(32.0))
    assert seen[round(160 + 4 * y), round(128 + 4 * x)]


def test_the_expected_speed_is_computed_in_32_bits():
    logits = torch.zeros(1, 2, dtype=torch.bfloat16)
    assert expected_speed(logits, torch.tensor([13.88888888, 17.77777777])).item() == pytest.approx(15.8333333)
