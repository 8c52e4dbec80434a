"""Checkpoints: ours, LEAD's, and the ways between them."""

import json
import os
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from model_samples import make_batch
from published_models import PUBLISHED, published

from lead.cli import main as lead
from lead.commands.checkpoint import main
from lead.models.config_tree import ConfigError
from lead.models.tfv6 import recipes
from lead.models.tfv6.checkpoint import (
    CheckpointFileError,
    from_pretrained,
    load_ensemble,
    open_checkpoint,
    read_tensors,
    save_pretrained,
)
from lead.models.tfv6.configuration import LegacyConfig
from lead.models.tfv6.lead_layout import read_lead_config, write_lead_config
from lead.models.tfv6.modelling import PLANNING_ONLY, TFv6
from lead.models.tfv6.tensors import Inputs

NO_RADAR = {"use_radars": False, "radar_detection": False, "use_radar_detection": False}
LEAD_FILES = {
    "resnet34": {"transfuser_token_dim": 256, "use_planning_decoder": True},
    "resnet34_td64": {"use_planning_decoder": True},
    "regnety032": {
        "image_architecture": "regnety_032",
        "lidar_architecture": "regnety_032",
        "use_planning_decoder": True,
    },
    "navsim_ltfv6": {
        "use_navsim_data": True,
        "use_carla_data": False,
        "LTF": True,
        "use_tfpp_planning_decoder": True,
        "carla_root": "somewhere",
    },
    "navsim_ltfv6_td64": {"use_navsim_data": True, "use_carla_data": False, "LTF": True, "use_planning_decoder": True},
    "mixed_navsim": {"use_navsim_data": True, "LTF": True, "use_planning_decoder": True},
    "noradar_resnet34": {**NO_RADAR, "use_planning_decoder": True},
    "visiononly_resnet34": {
        **NO_RADAR,
        "LTF": True,
        "carla_root": "/data/carla_leaderboad2_v10",
        "use_planning_decoder": True,
    },
    "4cameras_resnet34": {
        "carla_root": "data/carla_leaderboad2_v10",
        "used_cameras": [True, True, True, False, True, False],
        "use_planning_decoder": True,
    },
    "pretrain_resnet34": {},
    "tfv5_resnet34": {"use_planning_decoder": True, "use_tfv5_planning_decoder": True},
}
DERIVED = {"target_dataset": 1, "lr": 3e-4, "carla_leaderboard_mode": True, "min_x_meter": -32, "final_image_width": 7}


@pytest.fixture(scope="module")
def small() -> TFv6:
    """A model that LEAD could build too, small enough to be written often."""
    torch.manual_seed(0)
    config = replace(recipes.no_radar(), image_encoder="starnet_s050", bev_encoder="starnet_s050")
    return TFv6(replace(config, legacy=LegacyConfig.published(), bev_semantic=True)).eval()


def write_lead_folder(folder: Path, model: TFv6, names: tuple[str, ...] = ("model_0030_0",)) -> Path:
    """A checkpoint as LEAD writes it, with values of `DERIVED` that must not be believed."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({**write_lead_config(model.config), **DERIVED}))
    for number, name in enumerate(names):
        state = {
            key: value + number if value.is_floating_point() else value for key, value in model.state_dict().items()
        }
        torch.save(state, folder / f"{name}.pth")
    return folder


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_configurations_are_read(name: str):
    with torch.device("meta"):
        tensors = TFv6(published(name)).state_dict()
    assert read_lead_config({**LEAD_FILES[name], **DERIVED}, tensors) == published(name)


@pytest.mark.parametrize("name", ["resnet34", "visiononly_resnet34", "4cameras_resnet34", "navsim_ltfv6"])
def test_the_weights_decide_what_the_file_says_otherwise(name: str):
    with torch.device("meta"):
        tensors = TFv6(published(name)).state_dict()
    wrong = {"use_semantic": False, "use_planning_decoder": False, "transfuser_token_dim": 64, "LTF": False}
    navsim = {"use_navsim_data": True, "use_carla_data": False} if name.startswith("navsim") else {}
    assert read_lead_config({**wrong, **navsim}, tensors) == published(name)


@pytest.mark.parametrize("name", PUBLISHED)
def test_configurations_go_to_lead_and_back(name: str):
    assert read_lead_config(write_lead_config(published(name))) == published(name)


def test_what_lead_cannot_build_is_not_written_for_it():
    for config in (recipes.tfv6_nano(), recipes.resnet34()):
        with pytest.raises(ConfigError, match="LEAD cannot build"):
            write_lead_config(config)


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({"use_waymo_e2e_data": True}, "Waymo"),
        ({"carla_root": "data/mine"}, "carla_root"),
        ({"LTF": "False"}, "LTF must be bool"),
        ({"used_cameras": [True]}, "used_cameras"),
        ({"radar_tf_dim_ff": 512}, "equal"),
    ],
)
def test_bad_files_of_lead_are_refused_by_key(tree: dict, words: str):
    with pytest.raises(ConfigError, match=words):
        read_lead_config(tree)


@torch.no_grad()
def test_a_saved_model_comes_back(nano: TFv6, tmp_path: Path):
    save_pretrained(nano, tmp_path)
    assert (tmp_path / "model.safetensors").stat().st_size <= 20_000_000
    loaded = from_pretrained(tmp_path)
    assert loaded.config == nano.config
    assert not loaded.training
    inputs = Inputs.from_batch(make_batch(nano.config))
    assert torch.equal(loaded(inputs, PLANNING_ONLY).plan.route, nano(inputs, PLANNING_ONLY).plan.route)


def test_lead_to_ours_to_lead_changes_no_bit(small: TFv6, tmp_path: Path):
    names = ("model_0030_0", "model_0030_1", "model_0030_2")
    lead = write_lead_folder(tmp_path / "lead", small, names)
    assert main(["convert", str(lead), str(tmp_path / "ours")]) == 0
    assert main(["convert", str(tmp_path / "ours"), str(tmp_path / "back"), "--layout", "lead"]) == 0
    assert (tmp_path / "back" / "config.json").read_bytes() == (lead / "config.json").read_bytes()
    assert len(load_ensemble(tmp_path / "ours")) == 3
    for name in names:
        before, after = torch.load(lead / f"{name}.pth"), torch.load(tmp_path / "back" / f"{name}.pth")
        assert list(before) == list(after)
        assert all(before[key].dtype == after[key].dtype for key in before)
        assert all(torch.equal(before[key].flatten().view(torch.uint8), after[key].flatten().view(torch.uint8))
                   for key in before if before[key].dim())  # fmt: skip


def test_one_of_an_ensemble_is_loaded_by_its_file(small: TFv6, tmp_path: Path):
    lead = write_lead_folder(tmp_path / "lead", small, ("model_0", "model_1"))
    with pytest.raises(CheckpointFileError, match=r"model_0\.pth, model_1\.pth"):
        from_pretrained(lead)
    one = from_pretrained(lead / "model_1.pth")
    assert torch.equal(one.backbone.c5_conv.bias, small.backbone.c5_conv.bias + 1)


def test_weights_that_do_not_fit_are_named_by_module(small: TFv6, tmp_path: Path):
    lead = write_lead_folder(tmp_path / "lead", small)
    state = read_tensors(lead / "model_0030_0.pth")
    del state["semantic_decoder.deconv1.0.bias"]
    torch.save(state, lead / "model_0030_0.pth")
    with pytest.raises(CheckpointFileError, match=r"1 of semantic_decoder .*deconv1\.0\.bias"):
        from_pretrained(lead)


class Harmful:
    def __reduce__(self):
        return os.mkdir, ("harmed",)


def test_nothing_but_tensors_is_unpickled(small: TFv6, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    lead = write_lead_folder(tmp_path / "lead", small)
    (lead / "model_0030_0.pth").write_bytes(pickle.dumps({"a": Harmful()}))
    with pytest.raises(CheckpointFileError, match="no file with tensors"):
        open_checkpoint(lead)
    torch.save({"a": Harmful()}, lead / "model_0030_0.pth")
    with pytest.raises(CheckpointFileError, match="no file with tensors"):
        open_checkpoint(lead)
    assert not (tmp_path / "harmed").exists()


def test_the_network_is_not_asked_unless_told_to(capfd: pytest.CaptureFixture[str]):
    assert main(["info", "somebody/tfv6_that_is_not_here"]) == 2
    assert "only when asked" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ('{"format": "lead/tfv6@2"}', "unknown format"),
        ('{"format": "lead/tfv6@1", "latnet": true}', "config.json: unknown key latnet; did you mean latent?"),
        ("[]", "must hold an object"),
        ("{", "cannot be read as JSON"),
    ],
)
def test_a_bad_configuration_file_is_named(config: str, words: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "config.json").write_text(config)
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert main(["info", str(tmp_path)]) == 2
    assert words in capfd.readouterr().err


def test_the_command_says_what_a_checkpoint_holds(nano: TFv6, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    save_pretrained(nano, tmp_path)
    assert lead(["checkpoint", "info", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    for words in ("tfv6_nano", "planning_decoder", "planner.token_dim", "model.safetensors"):
        assert words in said
