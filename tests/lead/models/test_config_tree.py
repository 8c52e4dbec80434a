"""Configurations from files: what does not fit is said in one sentence."""

import json

import pytest

from lead.models.config_tree import ConfigError, from_tree, to_tree
from lead.models.tfv6 import recipes
from lead.models.tfv6.configuration import (
    BevConfig,
    CameraConfig,
    LabelSpace,
    PlannerConfig,
    PlannerKind,
    RadarConfig,
    TFv6Config,
)


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_configuration_survives_its_file(name: str):
    config = recipes.find_recipe(name)
    assert from_tree(TFv6Config, json.loads(json.dumps(to_tree(config)))) == config


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ({"image_encoderr": "resnet34"}, "unknown key image_encoderr; did you mean image_encoder?"),
        ({"bev": {"min_x": 1.0}}, "unknown key bev.min_x; did you mean min_x_m?"),
        ({"latent": "False"}, "latent must be bool, not 'False'"),
        ({"max_speed": True}, "max_speed must be float, not True"),
        ({"radar": {"queries": 2.5}}, "radar.queries must be int, not 2.5"),
        ({"cameras": {"used": 3}}, "cameras.used must be a list, not 3"),
        ({"perspective": {"channels": [1, 2]}}, "perspective.channels must have 3 entries, not 2"),
        (
            {"label_spaces": ["carlo"]},
            "label_spaces[0] must be one of carla, navsim, not 'carlo'; did you mean carla?",
        ),
    ],
)
def test_what_does_not_fit_is_named(tree: dict, sentence: str):
    with pytest.raises(ConfigError) as raised:
        from_tree(TFv6Config, tree)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: BevConfig(min_x_m=64.0), "below"),
        (lambda: BevConfig(max_y_m=41.0), "324 pixels along y"),
        (lambda: CameraConfig(rig="carla_4"), "carla_6"),
        (lambda: CameraConfig(used=(1, 4)), "from 1 to 3"),
        (lambda: CameraConfig(used=(1, 1)), "different"),
        (lambda: CameraConfig(width=16), "32 pixels"),
        (lambda: PlannerConfig(token_dim=100), "planner.heads"),
        (lambda: PlannerConfig(speed_classes=(4.0, 0.0)), "rise"),
        (lambda: PlannerConfig(waypoints=0), "1 or more"),
        (lambda: PlannerConfig(kind=PlannerKind.RECURRENT), "tfv5"),
        (lambda: RadarConfig(token_dim=30), "multiple of 4"),
        (lambda: TFv6Config(radar=None), "radar detector"),
        (lambda: TFv6Config(label_spaces=(LabelSpace.NAVSIM,)), "carla"),
        (lambda: TFv6Config(label_spaces=()), "label_spaces"),
        (lambda: TFv6Config(max_speed=0.0), "positive"),
        (lambda: TFv6Config(heatmap_prior=1.0), "between 0 and 1"),
        (lambda: recipes.find_recipe("tfv6_resnet"), "did you mean tfv6_resnet34"),
    ],
)
def test_what_cannot_be_is_refused(make, words: str):
    with pytest.raises(ConfigError, match=words):
        make()
