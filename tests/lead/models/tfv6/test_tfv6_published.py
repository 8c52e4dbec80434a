"""Models have the parameters of the published ones, and compute what those compute."""

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from published_models import PUBLISHED, make_batch, published, read_anchor

from lead.models.tfv6.labels import Labels
from lead.models.tfv6.losses import LossConfig, compute_losses
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.tensors import BoxMaps, Inputs, Outputs

FEATURE_TOLERANCE = 2e-4
TRAJECTORY_TOLERANCE = 1e-3
LOSS_TOLERANCE = 1e-4
GRADIENT_TOLERANCE = 1e-3
QUICK = ["navsim_ltfv6"]
SLOW = ["resnet34", "regnety032", "noradar_resnet34", "visiononly_resnet34"]
ANCHORED = [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
MAPS = {
    "center_heatmap_logit_pred": "heatmap_logits",
    "wh_pred": "wh",
    "offset_pred": "offset",
    "yaw_class_pred": "yaw_logits",
    "yaw_res_pred": "yaw_residual",
    "velocity_pred": "velocity",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_those_of_the_published_model(name: str, state_dicts: Path):
    wanted = [tuple(entry) for entry in json.loads((state_dicts / f"tfv6_{name}_state_dict.json").read_text())]
    with torch.device("meta"):
        state = TFv6(published(name)).state_dict()
    listed = [(key, list(value.shape), str(value.dtype).removeprefix("torch.")) for key, value in state.items()]
    assert listed == wanted
    counts = json.loads((state_dicts / "tfv6_param_counts.json").read_text())
    if name in counts:
        assert sum(p.numel() for p in _on_meta(name).parameters()) == counts[name]["total"]


@pytest.mark.parametrize("name", ANCHORED)
def test_a_pass_computes_what_the_published_code_computes(name: str, state_dicts: Path, recipe: ModuleType):
    model = recipe.fill(TFv6(published(name))).eval()
    inputs = Inputs.from_batch(make_batch(recipe, model.config))
    with torch.no_grad():
        outputs = model(inputs)
    anchor = read_anchor(state_dicts, name)
    seen = _by_published_name(outputs)
    for key in seen:
        described = recipe.describe(seen[key])
        assert described["shape"] == anchor[key]["shape"], key
        for statistic in ("mean", "std", "absmax"):
            assert described[statistic] == pytest.approx(anchor[key][statistic], rel=FEATURE_TOLERANCE, abs=1e-4), key
    with np.load(state_dicts / f"tfv6_anchor_{name}.npz") as exact:
        assert set(exact) <= set(seen)
        for key in exact:
            assert np.abs(seen[key].numpy() - exact[key]).max() < TRAJECTORY_TOLERANCE, key


@pytest.mark.slow
@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_losses_and_gradients_are_those_of_the_published_code(name: str, state_dicts: Path, recipe: ModuleType):
    model = recipe.fill(TFv6(published(name))).eval()
    batch = make_batch(recipe, model.config, B=2, seed=4321, labels=True)
    outputs = model(Inputs.from_batch(batch))
    labels = Labels.from_batch(batch, model.config.label_spaces)
    losses = compute_losses(outputs, labels, model.config, LossConfig(legacy_whole_metres=True))
    anchor = read_anchor(state_dicts, name)
    assert losses.keys() == anchor["losses_eval_b2_seed4321"].keys()
    for key, value in anchor["losses_eval_b2_seed4321"].items():
        assert losses[key].item() == pytest.approx(value, rel=LOSS_TOLERANCE), key
    torch.stack(list(losses.values())).sum().backward()
    for key, value in anchor["grad_norms_sum_of_losses"].items():
        gradients = [parameter.grad for parameter in model.get_submodule(key).parameters()]
        assert all(gradient is not None for gradient in gradients), key
        norm = torch.stack([gradient.double().square().sum() for gradient in gradients if gradient is not None])
        assert norm.sum().sqrt().item() == pytest.approx(value, rel=GRADIENT_TOLERANCE), key


def _on_meta(name: str) -> TFv6:
    with torch.device("meta"):
        return TFv6(published(name))


def _by_published_name(outputs: Outputs) -> dict[str, torch.Tensor]:
    plan, radar = outputs.plan, outputs.radar
    assert plan is not None
    named = {
        "pred_future_waypoints": plan.waypoints,
        "pred_headings": plan.headings,
        "pred_route": plan.route,
        "pred_target_speed_distribution": plan.speed_logits,
        "pred_target_speed_scalar": plan.target_speed,
        "pred_semantic": outputs.semantic,
        "pred_depth": outputs.depth,
        "pred_bev_semantic": outputs.bev_semantic,
        "pred_bev_semantic_navsim": outputs.bev_semantic_navsim,
        "pred_radar_features": None if radar is None else radar.features,
        "pred_radar_predictions": None if radar is None else radar.predictions,
        **_maps("pred_bounding_box", outputs.boxes),
        **_maps("pred_bounding_box_navsim", outputs.boxes_navsim),
    }
    return {key: value for key, value in named.items() if value is not None}


def _maps(prefix: str, maps: BoxMaps | None) -> dict[str, torch.Tensor]:
    return {} if maps is None else {f"{prefix}.{key}": getattr(maps, name) for key, name in MAPS.items()}
