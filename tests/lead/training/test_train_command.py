"""`lead train`: from recorded drives to a checkpoint, by command lines as people type them."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from small_recording import write_drive

from lead.cli import main
from lead.models.tfv6.checkpoint import from_pretrained
from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.inference import OpenLoopInference
from lead.training.run_config import CONFIG_NAME, VARIABLE, resolve
from lead.training.train import main as module_main

COMMAND = [sys.executable, "-m", "lead.training.train"]
TIMED = ("seconds", "samples_per_second")


def curve(folder: Path) -> list[dict]:
    """Lines of the log without what the clock says."""
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key not in TIMED} for line in lines]


def test_two_stages_from_drives_to_a_model(small, tmp_path):
    words = [*small, f"logdir={tmp_path}", "two_stages=true", "held_out=0.3", "resident=true", "epochs=2", "lr=0.001"]
    assert main(["train", *words]) == 0
    first, second = tmp_path / "pretrain", tmp_path / "posttrain"
    assert from_pretrained(first).config.planner is None
    model = from_pretrained(second)
    assert model.config.planner is not None and model.config.planner.token_dim == 16
    OpenLoopInference.from_pretrained(second)
    told = json.loads((second / CONFIG_NAME).read_text())
    assert (told["load_file"], told["use_planning_decoder"]) == (str(first), True)
    assert told["training"]["optimiser"]["learning_rate"] == 0.001
    report = json.loads((second / "open_loop.json").read_text())
    assert report["samples"] == 8
    assert {"waypoints_ade", "route_fde", "speed_accuracy", "semantic_miou", "box_ap"} <= report["metrics"].keys()
    assert report["by_command"]["follow lane"]["samples"] == 8
    assert len(list((second / "pictures").glob("epoch_0002_*.jpg"))) == 4
    # The same command finds everything done.
    assert main(["train", *words]) == 0


def test_the_second_stage_as_lead_calls_it(small, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "epochs=1")
    assert main(["train", *small, f"logdir={tmp_path / 'pretrain'}"]) == 0
    # What the first stage was told is beside its weights; the environment and the words come on top.
    words = [f"logdir={tmp_path / 'posttrain'}", f"load_file={tmp_path / 'pretrain' / 'model.safetensors'}"]
    assert module_main([*words, "use_planning_decoder=true", "seed=3"]) == 0
    told = json.loads((tmp_path / "posttrain" / CONFIG_NAME).read_text())
    assert told["recipe"] == "tfv6_nano" and told["training"]["seed"] == 3
    pretrained = from_pretrained(tmp_path / "pretrain").state_dict()
    assert set(pretrained) < set(from_pretrained(tmp_path / "posttrain").state_dict())


def test_a_killed_training_goes_on_to_the_same_curve(small, tmp_path):
    words = ["epochs=3", "use_planning_decoder=true"]
    assert main(["train", *small, f"logdir={tmp_path / 'whole'}", *words]) == 0
    parts = tmp_path / "parts"
    # Sums hang on the number of threads; the tests' own process has one.
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [*COMMAND, *small, f"logdir={parts}", *words]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=alone)
    deadline = time.monotonic() + 200.0
    while not (parts / "training_state.pt").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    # In the middle of the second epoch, with lines in the log that come after the checkpoint.
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with (parts / "log.jsonl").open("a") as log:
        log.write('{"epoch": 1, "st')
    assert main(["train", *small, f"logdir={parts}", *words]) == 0
    assert curve(parts) == curve(tmp_path / "whole")
    for one, other in zip(
        from_pretrained(parts).state_dict().values(),
        from_pretrained(tmp_path / "whole").state_dict().values(),
        strict=True,
    ):
        assert torch.equal(one, other)


def test_two_processes_learn_as_one_with_the_doubled_batch(small, tmp_path):
    words = [
        "epochs=2", "use_planning_decoder=true", "model.fusion.dropout=0", "model.planner.dropout=0",
        "model.radar.dropout=0", "training.average_decay=none", "batch_size=8",
        # On the CPU, torch's own norms of channels that hardly vary are less exact with channels last.
        "training.channels_last=false",
    ]  # fmt: skip
    assert main(["train", *small, f"logdir={tmp_path / 'one'}", *words]) == 0
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launch, "-m", "lead.training.train", *small, f"logdir={tmp_path / 'two'}", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    one, two = curve(tmp_path / "one"), curve(tmp_path / "two")
    assert len(one) == len(two) > 4
    assert one[0]["loss"] == pytest.approx(two[0]["loss"], rel=1e-4)
    curves = [[line["loss"] for line in lines if "loss" in line] for lines in (one, two)]
    assert curves[0] == pytest.approx(curves[1], rel=5e-3)


def test_records_show_what_the_model_looks_at_and_the_model_knows_their_making(small, tmp_path):
    kept = [word for word in small if not word.startswith("records.")]
    words = [*kept, f"cache={tmp_path / 'cache'}", "epochs=1", "records.legacy_radar_order=true"]
    words += ["records.quality=77", "model.bev.max_x_m=32", "collection=closed_loop_posttrain", "speed_ahead_s=1"]
    assert main(["train", *words, f"logdir={tmp_path / 'run'}", "use_planning_decoder=true"]) == 0
    observation = from_pretrained(tmp_path / "run").config.observation
    assert (observation.nearest_radar_points, observation.shrunk_jpeg_quality) == (False, 77)


def test_the_model_knows_which_lidar_points_it_was_shown(small, tmp_path, capsys):
    words = [word for word in small if not word.startswith(("data=", "cache="))]
    words += ["epochs=1", f"cache={tmp_path / 'cache'}", "use_planning_decoder=true"]
    write_drive(tmp_path / "whole" / "Accident" / "Town01_Rep0_3_route0", dataset_information={"ego_filter": "box"})
    assert main(["train", *words, f"data={tmp_path / 'whole'}", f"logdir={tmp_path / 'run'}"]) == 0
    assert from_pretrained(tmp_path / "run").config.observation.ego_filter == "box"
    write_drive(tmp_path / "leads" / "Accident" / "Town01_Rep0_4_route0")
    mixed = f"data={tmp_path / 'whole'},{tmp_path / 'leads'}"
    assert main(["train", *words, mixed, f"logdir={tmp_path / 'other'}"]) == 2
    assert "drives were recorded with ego filters 'box' as in Accident/Town01_Rep0_3" in capsys.readouterr().err


def test_the_planner_learns_alone_from_features_that_are_computed_once(small, tmp_path):
    assert main(["train", *small, f"logdir={tmp_path / 'first'}", "epochs=1"]) == 0
    words = [*small, f"load_file={tmp_path / 'first'}", "use_planning_decoder=true", "freeze_backbone=true"]
    words += ["model.planner.blindness=0.5", "model.planner.told_queries=true", "held_out=0.3"]
    words += ["model.planner.radar=false"]
    assert main(["train", *words, f"logdir={tmp_path / 'run'}", "epochs=2"]) == 0
    first, second = (from_pretrained(tmp_path / name).state_dict() for name in ("first", "run"))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert json.loads((tmp_path / "run" / "open_loop.json").read_text())["samples"] == 8
    features = tmp_path / "run" / "features_trained.safetensors"
    made = features.stat().st_mtime_ns
    assert main(["train", *words, f"logdir={tmp_path / 'run'}", "epochs=2"]) == 0
    assert features.stat().st_mtime_ns == made
    assert main(["train", *words[:-1], f"logdir={tmp_path / 'run'}"]) == 2


def test_time_ends_a_training(small, tmp_path):
    words = [*small, f"logdir={tmp_path}", "epochs=100000", "training.max_minutes=0.05", "resident=true", "lr=0.001"]
    assert main(["train", *words, "training.checkpoint_every=1000", "training.optimiser.warmup_steps=0"]) == 0
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    taken = [line for line in lines if "learning_rate" in line]
    assert 0 < len(taken) < 100000 and lines[-1]["seconds"] >= 3.0
    # However long a step takes: the rate of each is at most what the time at the step before it leaves.
    shares = [0.0, *(line["seconds"] / 3.0 for line in taken)]
    for share, line in zip(shares, taken, strict=False):
        assert line["learning_rate"] <= 0.001 * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0))) + 1e-12
    assert from_pretrained(tmp_path).config.planner is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["epoch=3"], "unknown key epoch; did you mean epochs?"),
        (["training.optimiser.lr=1"], "unknown key training.optimiser.lr; did you mean"),
        (["batch_size=many"], "batch_size must be int, not 'many'"),
        (["recipe=tfv6_nanno"], "there is no model tfv6_nanno; did you mean tfv6_nano?"),
        (["rubbish"], "'rubbish' is no setting: write key=value"),
        (["data=/nowhere"], "/nowhere: there is no such folder"),
        (["load_file=/nowhere"], "there is no checkpoint /nowhere"),
        (["training.epochs=0"], "must be 1 or more"),
        (["model.cameras.height=64"], "recorded pictures are 192 x 32 pixels, the model wants 192 x 64"),
        (["records.area.max_x=32"], "recorded rasters show x -16 to 32 m, y -16 to 16 m, 4 pixels a metre, the model"),
        (["held_out=0.999"], "leaves none of 2 drives"),
        (["training.replayed=true"], "training.replayed needs CUDA and one process"),
        (["batch_size=1000"], "are fewer than a batch of 1000"),
    ],
)
def test_what_cannot_be_is_one_sentence(words, sentence, small, tmp_path, capsys):
    given = [word for word in small if not words[0].startswith(word.partition("=")[0] + "=")]
    assert main(["train", f"logdir={tmp_path}", *given, *words]) == 2
    assert sentence in capsys.readouterr().err


def test_keys_are_listed(capsys):
    assert main(["train", "--help"]) == 0
    listed = capsys.readouterr().out
    assert "model.planner.token_dim" in listed and "LEAD's names" in listed and "lr  " in listed


def test_values_of_every_kind_from_words():
    words = ["logdir=0030", "model.cameras.used=[1,3]", "data=a,b", "augmentation=none", "training.max_minutes=7",
             "LTF=true", "training.optimiser.schedule=restarts"]  # fmt: skip
    config = resolve(words, {VARIABLE: "LTF=false lr=1e-4"})
    assert (config.logdir, config.data, config.augmentation) == ("0030", ("a", "b"), None)
    assert config.model.cameras.used == (1, 3) and config.model.latent
    assert config.training.max_minutes == 7.0 and config.training.optimiser.learning_rate == 1e-4
    assert resolve(["logdir=x"], {}).model == TFv6Config()
