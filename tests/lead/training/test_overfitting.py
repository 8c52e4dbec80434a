"""The full model learns a few frames by heart."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from lead.data.buckets import find_collection
from lead.data.config import RecordConfig, SampleConfig
from lead.data.dataset import DriveDataset
from lead.data.index import index_frames
from lead.data.layout import find_drives
from lead.data.store import RecordStore, build
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.recipes import find_recipe
from lead.training.configuration import OptimiserConfig, TrainingConfig
from lead.training.loop import Data, train
from lead.training.sources import FramesInOrder

FRAMES, BATCH, EPOCHS = 32, 8, 60


@dataclass(frozen=True)
class TheSame:
    """The same batches in every epoch."""

    batches: tuple

    def __len__(self) -> int:
        return len(self.batches)

    def epoch(self, number: int) -> tuple:
        return self.batches


@pytest.mark.slow
@pytest.mark.timeout(5400)
def test_the_full_model_overfits_32_frames(lead_sample: Path, tmp_path: Path):
    records, cache = RecordConfig(frame_stride=2), tmp_path / "records"
    assert build(find_drives(lead_sample, records), cache, records).failed == ()
    store = RecordStore(cache, records)
    index = index_frames(store, find_collection("full_posttrain"))
    data = DriveDataset(store, index, SampleConfig(perturbation=0.0, augmentation=None))
    batches = tuple(batch for batch, _ in zip(FramesInOrder(data, BATCH), range(FRAMES // BATCH), strict=False))
    assert len(batches) == FRAMES // BATCH
    torch.manual_seed(0)
    config = TrainingConfig(
        epochs=EPOCHS,
        log_every=1,
        pictures=0,
        average_decay=None,
        bfloat16=True,
        checkpoint_every=EPOCHS,
        optimiser=OptimiserConfig(learning_rate=5e-4, warmup_steps=10),
    )
    train(TFv6(find_recipe("tfv6_resnet34")), Data(TheSame(batches)), config, tmp_path)
    lines = (json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines())
    losses = [line["loss"] for line in lines if "loss" in line]
    last = losses[-len(batches) :]
    assert sum(last) / len(last) < 0.05 * losses[0]
