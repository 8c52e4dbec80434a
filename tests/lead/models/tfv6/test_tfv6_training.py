"""The training loop: it learns, it goes on where it stopped, and what it leaves can be driven with."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from model_samples import make_batch, make_labels, tiny

from lead.models.config_tree import ConfigError
from lead.models.tfv6.checkpoint import from_pretrained
from lead.models.tfv6.modelling import TFv6
from lead.training.configuration import OptimiserConfig, Schedule, TrainingConfig
from lead.training.loop import Data, train
from lead.training.metrics import displacement
from lead.training.optimisation import make_optimiser, rate_factor
from lead.training.state import TrainingStateError

QUICK = TrainingConfig(
    epochs=3,
    optimiser=OptimiserConfig(learning_rate=3e-3, warmup_steps=2),
    average_decay=None,
    bfloat16=False,
    device="cpu",
    log_every=1,
)


class Samples:
    """Two batches of four made-up samples, in another order every epoch; `broken` spoils one label."""

    def __init__(self, broken: bool = False):
        self.all = make_batch(tiny(), 8) | make_labels(tiny(), 8)
        if broken:
            self.all["future_waypoints"][3] = torch.nan

    def __len__(self) -> int:
        return 2

    def epoch(self, number: int):
        order = torch.randperm(8, generator=torch.Generator().manual_seed(number))
        for part in order.chunk(2):
            yield {key: value[part] for key, value in self.all.items()} | {"town": ["Town01"] * 4}


def make_model() -> TFv6:
    torch.manual_seed(0)
    return TFv6(tiny())


def data(broken: bool = False) -> Data:
    samples = Samples(broken)
    return Data(samples, [{key: value[:2] for key, value in samples.all.items()}])


def read_log(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_it_learns_and_leaves_a_model(tmp_path: Path):
    model = make_model()
    progress = train(model, data(), replace(QUICK, epochs=6), tmp_path)
    assert (progress.epoch, progress.step, progress.skipped) == (6, 12, 0)
    held_out = [line["held_out_waypoints_ade"] for line in read_log(tmp_path) if "held_out_waypoints_ade" in line]
    assert len(held_out) == 6
    assert held_out[-1] < 0.9 * held_out[0]
    assert from_pretrained(tmp_path).config == model.config


def test_a_run_goes_on_where_it_stopped_as_if_it_had_not(tmp_path: Path):
    class StopError(Exception):
        pass

    class Stopping(Samples):
        def epoch(self, number: int):
            for batch in super().epoch(number):
                yield batch
                if number == 2:
                    raise StopError

    whole, parts = make_model(), make_model()
    train(whole, data(), QUICK, tmp_path / "whole")
    with pytest.raises(StopError):
        train(parts, replace(data(), batches=Stopping()), QUICK, tmp_path / "parts")
    continued = make_model()
    progress = train(continued, data(), QUICK, tmp_path / "parts")
    assert progress.epoch == 3
    for one, other in zip(whole.state_dict().values(), continued.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_another_configuration_does_not_continue(tmp_path: Path):
    train(make_model(), data(), replace(QUICK, epochs=1), tmp_path)
    with pytest.raises(TrainingStateError, match="seed"):
        train(make_model(), data(), replace(QUICK, epochs=1, seed=1), tmp_path)


def test_a_step_whose_loss_is_not_finite_is_left_out(tmp_path: Path):
    model = make_model()
    progress = train(model, data(broken=True), replace(QUICK, epochs=2), tmp_path)
    assert progress.skipped == 2
    assert all(torch.isfinite(parameter).all() for parameter in model.parameters())


def test_averaged_weights_are_what_is_kept(tmp_path: Path):
    model = make_model()
    train(model, data(), replace(QUICK, epochs=1, average_decay=0.9, bfloat16=True), tmp_path)
    kept = from_pretrained(tmp_path).state_dict()
    assert not torch.equal(kept["planning_decoder.query"], model.state_dict()["planning_decoder.query"])


def test_only_matrices_and_kernels_decay():
    decaying, free = make_optimiser(make_model(), OptimiserConfig()).param_groups
    assert (decaying["weight_decay"], free["weight_decay"]) == (0.01, 0.0)
    model = make_model()
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    decaying, free = make_optimiser(model, OptimiserConfig()).param_groups
    left_alone = {names[id(parameter)] for parameter in free["params"]}
    assert {"planning_decoder.query", "radar_detector.q", "backbone.transformers.0.pos_emb"} <= left_alone
    assert "backbone.c5_conv.bias" in left_alone
    assert "backbone.c5_conv.weight" in {names[id(parameter)] for parameter in decaying["params"]}


def test_rates_rise_then_fall():
    cosine = OptimiserConfig(warmup_steps=10)
    rates = [rate_factor(step, 100, 7, cosine) for step in range(700)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == rates[10] == 1.0
    assert rates[-1] < 1e-4
    restarts = OptimiserConfig(warmup_steps=0, schedule=Schedule.RESTARTS)
    assert [round(rate_factor(step, 100, 7, restarts), 2) for step in (0, 50, 100, 200, 300)] == [1, 0.5, 1, 0.5, 1]
    assert rate_factor(699, 100, 7, restarts) < 1e-4


def test_displacements():
    points = torch.tensor([[[0.0, 0.0], [3.0, 4.0]]])
    mean, last = displacement(points, torch.zeros(1, 2, 2))
    assert (mean.item(), last.item()) == (2.5, 5.0)


def test_bad_settings_are_refused():
    for make in (
        lambda: TrainingConfig(epochs=0),
        lambda: TrainingConfig(average_decay=1.0),
        lambda: OptimiserConfig(learning_rate=0.0),
        lambda: OptimiserConfig(warmup_steps=-1),
    ):
        with pytest.raises(ConfigError):
            make()
