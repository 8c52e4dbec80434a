"""Which frames an epoch takes, and that nothing but seed, epoch and place decides what a sample looks like."""

import pickle
from collections import Counter

import numpy as np
import pytest

from lead.data.buckets import Collection, bucket_of, find_collection, is_held_out
from lead.data.config import SampleConfig
from lead.data.dataset import DriveDataset, EpochSampler
from lead.data.epoch import Draw, keep_length, mix, plan_epoch, shard
from lead.data.index import index_frames
from lead.data.mining import Bucket
from lead.data.mixed import MixedBatches, MixedDataset

ONE = np.zeros(1000, np.int16)


def test_every_epoch_has_all_frames_once_in_another_order():
    first, second = (plan_epoch(ONE, [1.0], seed=3, epoch=epoch) for epoch in (0, 1))
    assert sorted(first) == sorted(second) == list(range(1000))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, plan_epoch(ONE, [1.0], seed=3, epoch=0))
    assert not np.array_equal(first, plan_epoch(ONE, [1.0], seed=4, epoch=0))


def test_buckets_come_as_often_as_their_ratio_says():
    bucket = np.repeat(np.arange(4), [100, 50, 40, 10])
    counts = Counter(plan_epoch(bucket, [0.2, 2.5, 1.0, 0.0], 0, 0).tolist())
    drawn = [sum(counts[k] for k in np.flatnonzero(bucket == number)) for number in range(4)]
    assert drawn == [20, 125, 40, 0]
    assert {counts[k] for k in range(100, 150)} == {2, 3}


def test_another_fifth_of_a_bucket_comes_in_the_next_epoch():
    seen = {frame for epoch in range(40) for frame in plan_epoch(ONE, [0.2], 0, epoch).tolist()}
    assert len(seen) > 990


def test_a_held_out_town_leaves_epochs_as_long_as_they_were():
    bucket = np.repeat([0, 1], [30, 70])
    plan = plan_epoch(bucket, keep_length(bucket, [0.0, 1.0]), 0, 0)
    assert len(plan) == 100 and min(plan) >= 30 and len(set(plan.tolist())) == 70


def test_processes_get_disjoint_parts_of_the_same_length():
    plan = plan_epoch(ONE[:103], [1.0], 0, 0)
    parts = [shard(plan, rank, 4) for rank in range(4)]
    assert {len(frames) for _, frames in parts} == {25}
    assert len({int(frame) for _, frames in parts for frame in frames}) == 100
    assert sorted(int(place) for places, _ in parts for place in places) == list(range(100))


def test_mixed_sets_are_seen_whole():
    sizes = (101, 37, 10)
    batches = list(mix(sizes, (6, 2, 1), seed=0, epoch=0))
    assert len(batches) == 19
    for which, size in enumerate(sizes):
        assert {draw % size for batch in batches for number, draw in batch if number == which} == set(range(size))
    shares = {tuple(sorted(Counter(number for number, _ in batch).items())) for batch in batches}
    assert shares == {((0, 6), (1, 2), (2, 1))}
    with pytest.raises(ValueError, match="quota"):
        next(mix((5, 0), (1, 1), 0, 0))


def test_batches_of_several_sets_and_processes(store):
    """LEAD never sees half of each of two sets."""
    long = DriveDataset(store, index_frames(store, find_collection("full_pretrain")), SampleConfig(planning=False))
    short = DriveDataset(store, index_frames(store, find_collection("full_posttrain")), SampleConfig(planning=False))
    dataset = MixedDataset((long, short))
    seen = []
    for rank in (0, 1):
        batches = MixedBatches(dataset, (2, 1), seed=1, rank=rank, ranks=2)
        seen += [mixed for batch in batches for mixed in batch]
        first = list(batches)
        batches.set_epoch(1)
        assert list(batches) != first and {len(batch) for batch in first} == {3}
    for which, part in enumerate(dataset.parts):
        assert {mixed.draw.frame for mixed in seen if mixed.which == which} == set(range(len(part)))
    assert len(set(seen)) == len(seen)
    sample = dataset[seen[0]]
    assert sample["part"] == seen[0].which


def test_the_same_drives_are_held_out_everywhere():
    names = [f"Accident/route{k}" for k in range(2000)]
    held = [name for name in names if is_held_out(name, 0.1)]
    assert 150 < len(held) < 250
    assert all(is_held_out(name, 0.2) for name in held) and not any(is_held_out(name, 0.0) for name in names)


def test_a_frame_belongs_to_the_first_bucket_that_holds(store):
    buckets = (
        Bucket("slow", 2.0, lambda drive, meta: meta["speed"] < 5.0),
        Bucket("brisk", 1.0, lambda drive, meta: meta["speed"] > 5.0 and drive.startswith("Accident/")),
        Bucket("rest", 1.0, lambda drive, meta: True),
    )
    index = index_frames(store, Collection("mine", buckets))
    assert set(index.bucket.tolist()) == {1} and len(index) == 22
    assert DriveDataset(store, index)[Draw(0, 0, 0, 0)]["bucket_identity"] == "brisk"


PLAIN = {"target_point_ego": [40.0, 0.0], "speed": 5.0, "distance_to_next_junction": 80.0}


@pytest.mark.parametrize(
    ("meta", "bucket"),
    [
        ({}, "others"),
        ({"visual_visibility": 2, "vehicle_hazard": True}, "bad_weather"),
        ({"current_active_scenario_type": "Accident", "dist_to_accident_site": 41.0,
          "obstacles": [["car", 30.0, 2.0, 0.0]]}, "accident"),
        ({"current_active_scenario_type": "Accident", "dist_to_accident_site": 41.0,
          "obstacles": [["car", -3.0, 2.0, 0.0]], "vehicle_hazard": True}, "vehicle_hazard"),
        ({"current_active_scenario_type": "ParkedObstacle", "dist_to_parked_obstacle": 20.0,
          "obstacles": [["car", 20.0, 2.0, 3.0]]}, "others"),
        ({"current_active_scenario_type": "SignalizedJunctionRightTurn", "distance_to_next_junction": 4.0,
          "actors": [["car", 60.0, 2.0, 3.0]]}, "signalized_right"),
        ({"current_active_scenario_type": "OppositeVehicleRunningRedLight", "actors": [["car", 60.0, 2.0, 0.0]]},
         "others"),
        ({"traffic_light_state": "Red", "over_head_traffic_light": True}, "red_overhead_light"),
        ({"distance_to_next_junction": 2.0, "privileged_acceleration": 2.5}, "entering_junction"),
        ({"target_point_ego": [-1.0, 0.0]}, "target_point_behind"),
        ({"route_curvature_ahead": -0.1}, "bend"),
        ({"route_curvature_ahead": -0.1, "speed": 0.0}, "others"),
        ({"accel_x": 16.0}, "jolt_15"),
        ({"town": "Town15", "vehicle_hazard": True}, "vehicle_hazard"),
    ],
)  # fmt: skip
def test_frames_are_mined_by_what_happens(meta, bucket):
    buckets = find_collection("navsim_posttrain").buckets
    number = bucket_of("Accident/route", PLAIN | meta, buckets)
    assert number is not None and buckets[number].name == bucket


def test_names_of_buckets_differ():
    buckets = find_collection("navsim_pretrain").buckets
    assert len({bucket.name for bucket in buckets}) == len(buckets) == 54


def test_chance_depends_on_the_draw_alone(store):
    dataset = DriveDataset(store, index_frames(store, find_collection("full_posttrain")))
    draw = Draw(2, seed=1, epoch=0, place=5)
    first, again = dataset[draw], dataset[draw]
    assert all(np.array_equal(first[name], again[name]) for name in first)
    others = [dataset[draw._replace(**{key: 77})] for key in ("seed", "epoch", "place")]
    assert all(not np.array_equal(first["rgb"], other["rgb"]) for other in others)


def test_a_loader_can_start_its_workers_in_any_way(store):
    dataset = DriveDataset(store, index_frames(store, find_collection("navsim_pretrain")))
    draw = Draw(2, 0, 0, 0)
    assert np.array_equal(pickle.loads(pickle.dumps(dataset))[draw]["rgb"], dataset[draw]["rgb"])


def test_half_of_the_samples_are_seen_from_the_twin(store):
    dataset = DriveDataset(
        store, index_frames(store, find_collection("full_posttrain")), SampleConfig(augmentation=None)
    )
    drawn = [dataset[Draw(0, 0, 0, place)]["perturbate_sensor"] for place in range(100)]
    assert 35 <= sum(drawn) <= 65


def test_workers_change_nothing_and_epochs_do(store):
    torch = pytest.importorskip("torch")
    from lead.data.batches import make_loader

    dataset = DriveDataset(store, index_frames(store, find_collection("full_posttrain")))
    seen = {}
    for workers in (0, 2):
        sampler = EpochSampler(dataset.index, seed=5)
        loader = make_loader(dataset, sampler, batch_size=2, workers=workers)
        for epoch in (0, 1):
            sampler.set_epoch(epoch)
            seen[workers, epoch] = [(batch["index"].tolist(), batch["rgb"].clone()) for batch in loader]
            assert len(seen[workers, epoch]) == 4
    for epoch in (0, 1):
        for (order, pictures), (other_order, other_pictures) in zip(seen[0, epoch], seen[2, epoch], strict=True):
            assert order == other_order and torch.equal(pictures, other_pictures)
    assert [order for order, _ in seen[2, 0]] != [order for order, _ in seen[2, 1]]


def test_training_goes_on_in_the_middle_of_an_epoch(store):
    index = index_frames(store, find_collection("full_posttrain"))
    sampler = EpochSampler(index, seed=2)
    sampler.set_epoch(3)
    whole = list(sampler)
    sampler.set_epoch(3, start=5)
    assert list(sampler) == whole[5:] and len(sampler) == len(whole) - 5


def test_samples_that_differ_are_no_batch(store):
    pytest.importorskip("torch")
    from lead.data.batches import collate
    from lead.data.errors import DataError

    dataset = DriveDataset(store, index_frames(store, find_collection("full_posttrain")))
    first, second = (dataset[Draw(k, 0, 0, k)] for k in (0, 1))
    batch = collate([first, second])
    assert batch["rgb"].shape == (2, *first["rgb"].shape) and batch["town"] == ["Town01", "Town01"]
    assert batch["speed"].shape == (2,)
    with pytest.raises(DataError, match="only some have depth"):
        collate([first, {name: value for name, value in second.items() if name != "depth"}])
    with pytest.raises(DataError, match="differ in 'route'"):
        collate([first, second | {"route": second["route"][:5]}])


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, "drives"),
        ({"traffic_light_state": "Red"}, "comes to red"),
        ({"traffic_light_state": "Yellow"}, "comes to red"),
        ({"traffic_light_state": "Red", "light_hazard": True}, "red"),
        ({"traffic_light_state": "Green"}, "green"),
        ({"traffic_light_state": "Green", "speed": 0.0}, "starts"),
        ({"traffic_light_state": "Red", "speed": 0.0, "target_speed": 0.0}, "waits"),
    ],
)
def test_frames_before_lights_are_kinds_of_their_own(changed, kind):
    buckets = find_collection("closed_loop_balanced").buckets
    meta = {"speed": 5.0, "target_speed": 5.0, "route_largest_offset": 0.0, "traffic_light_state": "None"} | changed
    assert buckets[bucket_of("drive", meta, buckets)].name == kind
