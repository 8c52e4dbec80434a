"""A data set in the device's memory gives the samples that loading gives."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_recording import FRAMES, HEIGHT, WIDTH

from lead.data.batches import collate
from lead.data.buckets import find_collection
from lead.data.centernet import targets
from lead.data.classes import Column
from lead.data.config import AugmentationConfig, RecordConfig, SampleConfig
from lead.data.dataset import DriveDataset, EpochSampler
from lead.data.device_augmentation import augment, draw_chance
from lead.data.epoch import Draw, rng_of
from lead.data.errors import DataError
from lead.data.expand import box_targets
from lead.data.index import index_frames
from lead.data.layout import find_drives
from lead.data.resident import ResidentBatches, ResidentEvaluation, load_resident
from lead.data.sample import make_sample
from lead.data.store import RecordStore, build
from lead.recording.layout import rgb

PLAIN = SampleConfig(augmentation=None)


def dataset_of(store: RecordStore, config: SampleConfig = PLAIN) -> DriveDataset:
    return DriveDataset(store, index_frames(store, find_collection("full_posttrain")), config)


def expected(dataset: DriveDataset, frames, perturbation: float) -> dict:
    config = replace(dataset.config, perturbation=perturbation)
    index = dataset.index
    samples = []
    for frame in frames:
        records = dataset.store.drive(index.drives[index.drive[frame]])
        samples.append(
            make_sample(records, int(index.row[frame]), dataset.store.config, config, rng_of(Draw(0, 0, 0, 0)))
        )
    return collate(samples)


def same(batch: dict, loaded: dict) -> None:
    names = {name for name in loaded if name.startswith("center_net") and "brake" not in name}
    names |= {"rgb", "semantic", "depth", "bev_semantic", "rasterized_lidar", "radar", "radar_detections", "route",
              "future_waypoints", "future_yaws", "command", "next_command", "previous_command", "target_point", "speed",
              "target_point_next", "target_point_previous", "target_speed", "brake", "source_dataset"}  # fmt: skip
    assert names <= batch.keys()
    for name in names:
        one, other = batch[name].double(), torch.as_tensor(loaded[name]).double()
        assert one.shape == other.shape, name
        assert torch.allclose(one, other, atol=2e-4 if name == "depth" else 1e-6), name


@pytest.mark.parametrize("perturbation", [0.0, 1.0])
@pytest.mark.parametrize("speed_ahead_s", [None, 1.0])
def test_batches_are_what_loading_gives(store, perturbation, speed_ahead_s):
    config = replace(PLAIN, perturbation=perturbation, speed_ahead_s=speed_ahead_s)
    dataset = dataset_of(store, config)
    sampler = EpochSampler(dataset.index)
    batches = ResidentBatches(load_resident(dataset, "cpu", threads=2), sampler, 3, config)
    sampler.set_epoch(1)
    frames = [draw.frame for draw in sampler]
    made = list(batches.epoch(1))
    assert len(made) == len(batches) == len(frames) // 3
    for number, batch in enumerate(made):
        same(batch, expected(dataset, frames[3 * number : 3 * number + 3], perturbation))


def test_some_of_the_cameras(store):
    config = replace(PLAIN, cameras=(1, 3))
    dataset = dataset_of(store, config)
    (batch,) = ResidentEvaluation(load_resident(dataset, "cpu"), 100, config)
    same(batch, expected(dataset, range(len(dataset)), 0.0))


def test_box_targets_of_many_boxes_are_those_of_a_sample():
    rng = np.random.default_rng(3)
    config = RecordConfig()
    rows, columns = config.raster
    boxes = np.zeros((5, 90, len(Column)), np.float32)
    counts = np.array([0, 1, 40, 90, 7], np.int32)
    for one, count in zip(boxes, counts, strict=True):
        one[:count] = rng.uniform(0.0, 8.0, (count, len(Column)))
        one[:count, Column.X], one[:count, Column.Y] = rng.uniform(0, columns, count), rng.uniform(0, rows, count)
        one[:count, Column.YAW] = rng.uniform(-np.pi, np.pi, count)
        one[:count, Column.CLASS] = rng.integers(0, 8, count)
        one[:count, Column.BRAKE] = rng.integers(0, 2, count)
    boxes[2, 1:20, :2] = boxes[2, 0, :2]  # Of many boxes in one cell the last counts.
    made = box_targets(torch.from_numpy(boxes), torch.from_numpy(counts), config)
    for number, count in enumerate(counts):
        for name, value in targets(boxes[number], int(count), config).items():
            assert torch.allclose(made[name][number].double(), torch.from_numpy(np.array(value)).double()), name


def test_epochs_differ_and_repeat(store):
    config = SampleConfig(augmentation=AugmentationConfig(probability=1.0))
    dataset = dataset_of(store, config)
    views = load_resident(dataset, "cpu")

    def pictures(epoch: int) -> torch.Tensor:
        batches = ResidentBatches(views, EpochSampler(dataset.index), 4, config)
        return torch.cat([batch["rgb"] for batch in batches.epoch(epoch)])

    assert torch.equal(pictures(0), pictures(0))
    assert not torch.equal(pictures(0), pictures(1))


def test_augmentation_changes_as_often_as_it_should():
    still = torch.full((4000, 3, 8, 12), 100, dtype=torch.uint8)
    generator = torch.Generator().manual_seed(0)
    for probability in (0.0, 0.2, 1.0):
        config = AugmentationConfig(probability=probability, per_channel=0.0)
        changed = augment(still, config, draw_chance(0, 0, len(still)), generator)
        touched = (changed != still).flatten(1).any(dim=1).double().mean().item()
        # Blur leaves a grey picture as it is: brightness, contrast, noise and dropout do not.
        assert touched == pytest.approx(1.0 - (1.0 - probability) ** 4, abs=0.03)
        assert torch.equal(changed[:, 0], changed[:, 1])


def test_blur_keeps_brightness_and_softens():
    generator = torch.Generator().manual_seed(0)
    sharp = torch.zeros(50, 3, 16, 16, dtype=torch.uint8)
    sharp[..., 8:] = 200
    config = AugmentationConfig(probability=1.0, noise=0.0, dropout=(0.0, 0.0), factor=1.0)
    soft = augment(sharp, config, draw_chance(0, 0, 50), generator).float()
    assert soft.mean().item() == pytest.approx(100.0, abs=1.0)
    assert (soft.diff(dim=-1).abs().amax(dim=(1, 2, 3)) < 190.0).any()


def test_smaller_pictures_and_fewer_frames(recording, tmp_path):
    config = RecordConfig(shrink=2, frame_stride=3, quality=95)
    report = build(find_drives(recording, config), tmp_path, config)
    store = RecordStore(tmp_path, config)
    records = store.drive(report.built[0])
    assert records.facts["frames"] == [f"{number:04d}" for number in range(0, FRAMES, 3)]
    picture = rgb.decode(records.row("nominal/rgb", 0).tobytes())
    assert picture.shape == (HEIGHT // 2, WIDTH // 2, 3)
    dataset = dataset_of(store)
    # Eight frames are left out at each end, of which every third one is here.
    assert dataset.index.row.tolist() == [3, 4]
    (batch,) = ResidentEvaluation(load_resident(dataset, "cpu"), 8, PLAIN)
    same(batch, expected(dataset, range(len(dataset)), 0.0))
    assert batch["semantic"].shape == batch["depth"].shape == (2, HEIGHT // 2, WIDTH // 2)
    assert batch["depth"].amax().item() == pytest.approx(44.0, abs=1.5)


def test_a_picture_that_cannot_be_shrunk_is_named(recording, tmp_path):
    config = RecordConfig(shrink=5)
    (failure,) = build(find_drives(recording, config), tmp_path, config).failed
    assert "frame 0000" in failure and "192 x 32 pixels cannot be made 5 times smaller" in failure


def test_what_is_not_made_on_the_device_is_refused(store):
    with pytest.raises(DataError, match="legacy"):
        load_resident(dataset_of(store, SampleConfig(legacy_phantom_box=True)), "cpu")
