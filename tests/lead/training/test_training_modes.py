"""Ways to train: with channels last, compiled, in half size; and what the measures of perception mean."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from lead.data.buckets import find_collection
from lead.data.config import RecordConfig, SampleConfig
from lead.data.dataset import DriveDataset, EpochSampler
from lead.data.index import index_frames
from lead.data.layout import find_drives
from lead.data.resident import ResidentBatches, load_resident
from lead.data.store import RecordStore, build
from lead.models.config_tree import ConfigError
from lead.models.tfv6.checkpoint import from_pretrained, save_pretrained
from lead.models.tfv6.configuration import PlannerConfig
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.recipes import find_recipe, tfv6_nano
from lead.training.configuration import OptimiserConfig, TrainingConfig
from lead.training.loop import Data, train
from lead.training.perception import ClassOverlap, average_precision, match_centres
from lead.training.processes import Group, SharedBatchNorm, share_norms
from lead.training.sources import FramesInOrder

QUICK = TrainingConfig(epochs=1, log_every=1, device="cpu", pictures=0, average_decay=None)


@pytest.fixture(scope="module")
def sample_data(lead_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> DriveDataset:
    """The drive that LEAD recorded, with pictures of half the size."""
    config, cache = RecordConfig(shrink=2, frame_stride=12), tmp_path_factory.mktemp("records")
    assert build(find_drives(lead_sample, config), cache, config).failed == ()
    store = RecordStore(cache, config)
    index = index_frames(store, find_collection("full_posttrain"))
    return DriveDataset(store, index, SampleConfig(perturbation=0.0, augmentation=None))


class Repeated:
    """The same batch, several times an epoch."""

    def __init__(self, batch, times: int):
        self.batch, self.times = batch, times

    def __len__(self) -> int:
        return self.times

    def epoch(self, number: int):
        return [self.batch] * self.times


def losses(folder: Path) -> list[float]:
    import json

    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines() if 'loss"' in line]


def test_recorded_drives_are_learned_with_channels_last(sample_data, tmp_path):
    torch.manual_seed(0)
    model = TFv6(tfv6_nano())
    seen: list[bool] = []
    model.backbone.image_encoder["stem_0"].register_forward_hook(
        lambda layer, inputs, output: seen.append(output.is_contiguous(memory_format=torch.channels_last))
    )
    (batch,) = [batch for batch, _ in zip(FramesInOrder(sample_data, 2), range(1), strict=False)]
    config = replace(QUICK, epochs=2, optimiser=OptimiserConfig(learning_rate=1e-3, warmup_steps=0))
    train(model, Data(Repeated(batch, 2)), config, tmp_path)
    assert seen and all(seen)
    found = losses(tmp_path)
    assert found[-1] < 0.9 * found[0]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_replayed_steps_are_launched_ones(sample_data, tmp_path):
    (batch,) = [batch for batch, _ in zip(FramesInOrder(sample_data, 2), range(1), strict=False)]
    found = {}
    for replayed in (False, True):
        torch.manual_seed(0)
        config = tfv6_nano()
        planner = replace(config.planner or PlannerConfig(), radar=False, dropout=0.0)
        model = TFv6(replace(config, radar=None, planner=planner, fusion=replace(config.fusion, dropout=0.0)))
        quick = replace(QUICK, device="cuda:0", epochs=2, replayed=replayed)
        train(model, Data(Repeated(batch, 3)), quick, tmp_path / str(replayed))
        found[replayed] = losses(tmp_path / str(replayed))
    assert found[True] == pytest.approx(found[False], rel=1e-2)


def test_checkpoints_of_half_the_size_are_read_as_whole_ones(tmp_path):
    model = TFv6(tfv6_nano()).eval()
    save_pretrained(model, tmp_path / "whole")
    save_pretrained(model, tmp_path / "half", halved=True)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("whole", "half")]
    assert sizes[1] < 0.55 * sizes[0]
    for one, other in zip(model.parameters(), from_pretrained(tmp_path / "half").parameters(), strict=True):
        assert other.dtype == torch.float32
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-6)


def test_shared_norms_are_those_of_one_process_when_there_is_one():
    plain = nn.Sequential(nn.BatchNorm2d(3))
    shared = nn.Sequential(nn.BatchNorm2d(3))
    share_norms(shared)
    assert type(shared[0]) is SharedBatchNorm
    assert shared.state_dict().keys() == plain.state_dict().keys()
    with pytest.raises(ConfigError, match="batch_size 5 cannot be divided among 2 processes"):
        Group(0, 2).share(5)


def test_overlap_of_classes():
    overlap = ClassOverlap(3)
    labels = torch.tensor([[[0, 0, 1, -1]]])
    logits = nn.functional.one_hot(torch.tensor([[[0, 1, 1, 2]]]), 3).permute(0, 3, 1, 2).float()
    overlap.add(logits, labels)
    # Class 0: one of two pixels; class 1: one of two; class 2 is not among the labels.
    assert overlap.mean == pytest.approx(0.5)


def test_precision_of_boxes():
    known = np.array([[0.0, 0.0], [10.0, 0.0]])
    found = np.array([[0.5, 0.0], [0.1, 0.0], [10.0, 1.0], [30.0, 0.0]])
    # The second is nearer, but the first one is more certain and takes it.
    assert match_centres(found, known).tolist() == [True, False, True, False]
    assert average_precision([(0.9, True), (0.8, False), (0.7, True)], 2) == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert average_precision([], 3) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize(("recipe", "shrink", "epochs"), [("tfv6_nano", 2, 150), ("tfv6_resnet34", 1, 60)])
def test_thirty_two_frames_are_learned_by_heart(recipe, shrink, epochs, lead_sample, tmp_path):
    """Loss below 5 % of its start, without the depth's, whose weight is a hundred thousandth."""
    config = RecordConfig(shrink=shrink)
    assert build(find_drives(lead_sample, config), tmp_path / "cache", config).failed == ()
    store = RecordStore(tmp_path / "cache", config)
    index = index_frames(store, find_collection("full_posttrain"))
    samples = SampleConfig(perturbation=0.0, augmentation=None)
    index = replace(index, drive=index.drive[:32], row=index.row[:32], bucket=index.bucket[:32])
    views = load_resident(DriveDataset(store, index, samples), "cpu")
    torch.manual_seed(0)
    made = replace(find_recipe(recipe), fusion=replace(find_recipe(recipe).fusion, dropout=0.0))
    optimiser = OptimiserConfig(learning_rate=1e-3, warmup_steps=20)
    told = replace(QUICK, epochs=epochs, optimiser=optimiser, device="auto", checkpoint_every=epochs)
    train(TFv6(made), Data(ResidentBatches(views, EpochSampler(index), 8, samples)), told, tmp_path / "run")
    found = losses(tmp_path / "run")
    assert np.mean(found[-4:]) < 0.05 * found[0]
