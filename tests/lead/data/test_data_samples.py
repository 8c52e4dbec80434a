"""What is in a sample, and that every label is true in the frame of the rig that took the pictures."""

from dataclasses import replace

import numpy as np
import pytest
from small_recording import CAR, HEIGHT, SPEED, TWIN, WIDTH, box_of, boxes_of, meta_of

from lead.data.buckets import find_collection
from lead.data.classes import BevClass, BoxClass
from lead.data.config import RecordConfig, SampleConfig
from lead.data.dataset import DriveDataset
from lead.data.epoch import Draw
from lead.data.errors import DataError
from lead.data.index import index_frames
from lead.data.layout import find_drives
from lead.data.record import make_record
from lead.data.sample import make_sample
from lead.data.store import RecordStore, build
from lead.sensors.perturbation import Perturbation, to_perturbed

CONFIG = RecordConfig()
NOMINAL = SampleConfig(perturbation=0.0, augmentation=None)
PERTURBED = SampleConfig(perturbation=1.0, augmentation=None)
SHAPES = {
    "rgb": ((3, HEIGHT, WIDTH), np.uint8),
    "rasterized_lidar": ((1, 320, 384), np.float32),
    "radar": ((300, 5), np.float32),
    "radar_detections": ((20, 4), np.float32),
    "semantic": ((HEIGHT, WIDTH), np.uint8),
    "depth": ((HEIGHT, WIDTH), np.float32),
    "bev_semantic": ((320, 384), np.uint8),
    "center_net_heatmap": ((8, 80, 96), np.float32),
    "center_net_wh": ((2, 80, 96), np.float32),
    "center_net_offset": ((2, 80, 96), np.float32),
    "center_net_pixel_weight": ((2, 80, 96), np.float32),
    "center_net_yaw_class": ((80, 96), np.int32),
    "center_net_brake": ((80, 96), np.int32),
    "center_net_yaw_res": ((1, 80, 96), np.float32),
    "center_net_velocity": ((1, 80, 96), np.float32),
    "center_net_avg_factor": ((), np.int64),
    "center_net_bounding_boxes": ((90, 9), np.float32),
    "future_waypoints": ((8, 2), np.float32),
    "future_yaws": ((8,), np.float32),
    "route": ((10, 2), np.float32),
    "target_point": ((2,), np.float32),
    "target_point_previous": ((2,), np.float32),
    "target_point_next": ((2,), np.float32),
    "command": ((6,), np.float32),
    "speed": ((), np.float32),
    "target_speed": ((), np.float32),
    "brake": ((), np.bool_),
}


def sample_of(store, config=NOMINAL, row=9):
    (name,) = store.names()
    return make_sample(store.drive(name), row, store.config, config, np.random.default_rng(0))


@pytest.mark.parametrize("config", [NOMINAL, PERTURBED, SampleConfig()])
def test_a_sample_has_every_field(store, config):
    sample = sample_of(store, config)
    for name, (shape, kind) in SHAPES.items():
        value = np.asarray(sample[name])
        assert (value.shape, value.dtype) == (shape, kind), name
    assert sample["source_dataset"] == 1 and sample["town"] == "Town01" and sample["frame_number"] == "0009"
    assert sample["previous_active_scenario_type"] == "NA" and np.isinf(sample["dist_to_junction"])


def test_the_plan_is_what_the_expert_drove(store):
    sample = sample_of(store)
    ahead = SPEED * 0.25 * np.arange(1, 9)
    assert np.allclose(sample["future_waypoints"], np.stack([ahead, 0 * ahead], 1), atol=1e-5)
    assert np.allclose(sample["route"], np.stack([2.5 + np.arange(10), np.zeros(10)], 1), atol=1e-5)
    assert np.allclose(sample["target_point_previous"], [-10, 0], atol=1e-4)
    assert np.allclose(sample["target_point"], [30, 0], atol=1e-4)
    assert np.allclose(sample["target_point_next"], [60, 0], atol=1e-4)
    assert sample["command"].argmax() == 3 and sample["next_command"].argmax() == 0


def test_the_perturbed_view_has_the_same_world_seen_from_the_twin(store):
    plain, moved = sample_of(store), sample_of(store, PERTURBED)
    assert moved["perturbate_sensor"] and not plain["perturbate_sensor"]
    for name in ("future_waypoints", "target_point", "target_point_previous", "target_point_next"):
        assert np.allclose(moved[name], to_perturbed(plain[name], TWIN), atol=1e-4), name
    assert np.allclose(moved["future_yaws"], np.radians(8.0), atol=1e-5)
    car, moved_car = (one["center_net_bounding_boxes"][1] for one in (plain, moved))
    assert np.allclose((moved_car[:2] / 4 + (-32, -40)), to_perturbed(CAR, TWIN), atol=1e-4)
    assert np.isclose(moved_car[4] - car[4], np.radians(8.0), atol=1e-5)
    assert np.allclose(moved["radar_detections"][0, :2], to_perturbed(CAR, TWIN), atol=1e-4)
    for name in ("speed", "target_speed", "brake"):
        assert moved[name] == plain[name]


def test_perturbing_and_back_is_nothing():
    points = np.random.default_rng(0).normal(0, 20, (50, 2))
    turn = np.radians(TWIN.turn_deg)
    there = to_perturbed(points, TWIN)
    back = there @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + (0, TWIN.shift_m)
    assert np.allclose(back, points)


@pytest.mark.parametrize("config", [NOMINAL, PERTURBED])
def test_lidar_boxes_map_and_heat_map_agree_on_where_the_car_is(store, config):
    sample = sample_of(store, config)
    x, y = to_perturbed(CAR, TWIN if sample["perturbate_sensor"] else Perturbation())
    rows, columns = np.nonzero(sample["rasterized_lidar"][0])
    assert abs(columns.mean() / 4 - 32 - x) < 0.3 and abs(rows.mean() / 4 - 40 - y) < 0.3
    assert sample["bev_semantic"][int((y + 40) * 4), int((x + 32) * 4)] == BevClass.VEHICLE
    row, column = int(y + 40), int(x + 32)
    assert sample["center_net_heatmap"][BoxClass.VEHICLE, row, column] == 1.0
    assert np.allclose(sample["center_net_offset"][:, row, column], [x % 1, y % 1], atol=1e-4)
    assert np.allclose(sample["center_net_wh"][:, row, column], [2.4, 1.0], atol=1e-5)
    assert sample["center_net_velocity"][0, row, column] == 4.0


def test_no_box_where_there_is_none(store):
    """LEAD's samples have a vehicle without size in the first cell."""
    sample = sample_of(store)
    assert sample["center_net_avg_factor"] == 2 == sample["center_net_num_boxes"]
    assert np.count_nonzero(sample["center_net_heatmap"] == 1.0) == 2
    assert np.count_nonzero(sample["center_net_pixel_weight"][0]) == 2
    legacy = sample_of(store, replace(NOMINAL, legacy_phantom_box=True))
    assert legacy["center_net_avg_factor"] == 3
    assert legacy["center_net_heatmap"][BoxClass.VEHICLE, 0, 0] == 1.0
    assert legacy["center_net_pixel_weight"][:, 0, 0].tolist() == [1.0, 1.0]
    assert legacy["center_net_wh"][:, 0, 0].tolist() == [0.0, 0.0]


def test_depth_is_not_cut_to_whole_metres(store):
    depth = sample_of(store)["depth"]
    true = np.linspace(0.5, 44.0, WIDTH)
    inner = slice(4, -4)
    assert np.abs(depth[5] - true)[inner].max() < 0.5
    assert np.mean(np.abs(depth - np.rint(depth)) > 0.05) > 0.7


def test_pictures_are_red_green_blue_and_cameras_can_be_chosen(store):
    sample = sample_of(store, replace(NOMINAL, cameras=(3, 1), rows=20))
    whole = sample_of(store)
    red, green, blue = whole["rgb"].astype(float).mean(axis=1)
    assert np.allclose(blue, np.linspace(30, 220, WIDTH), atol=8) and np.allclose(red + blue, 250, atol=16)
    assert np.allclose(green, 100, atol=8)
    third = WIDTH // 3
    for name in ("rgb", "semantic", "depth"):
        kept = np.concatenate([whole[name][..., :20, 2 * third :], whole[name][..., :20, :third]], axis=-1)
        assert np.array_equal(sample[name], kept), name


def test_futures_of_road_users_go_on_with_steps_of_the_right_time():
    """LEAD goes on with 1 / (spacing - 1) s: 0.111 s where it is 0.5 s."""
    frame = _frame(boxes=[box_of("car", (10.0, 2.0), speed=6.0)])
    for legacy, step_s in ((False, 0.5), (True, 1.0 / 9.0)):
        record = make_record(frame, replace(CONFIG, ticks_between=10, waypoints=4, legacy_extrapolation=legacy))
        futures = record["nominal/box_futures"][0]
        assert np.allclose(np.diff(futures[:, 0]), 6.0 * step_s, atol=1e-5)
        assert np.isclose(futures[0, 0], 10.0 + 6.0 * step_s)
        assert record["nominal/box_futures_known"][0] == 0


def test_a_road_user_that_leaps_stays_on_its_course():
    steps = np.arange(41)[:, None] * 0.05 * np.array([4.0, 0.0]) + CAR
    steps[12:] += (0.0, 60.0)
    record = make_record(_frame(boxes=[box_of("car", tuple(CAR), speed=4.0, future_positions=steps)]), CONFIG)
    assert record["nominal/box_futures_known"][0] == 2
    assert np.allclose(record["nominal/box_futures"][0], CAR + np.arange(1, 9)[:, None] * (1.0, 0.0), atol=1e-4)


def test_too_many_radar_points_leave_the_nearest():
    far_first = np.stack([np.linspace(60, 5, 120), np.zeros(120), np.zeros(120), np.ones(120)], 1)
    frame = _frame(radars={"radar2": far_first})
    kept = make_record(frame, CONFIG)["nominal/radar"].reshape(4, 75, 5)
    assert kept[1, :, 0].max() < 40.0 and np.all(np.diff(kept[1, :, 0]) < 0)
    assert kept[:, :, 4].tolist() == [[k] * 75 for k in range(4)] and not kept[[0, 2, 3], :, :4].any()
    legacy = make_record(frame, replace(CONFIG, legacy_radar_order=True))["nominal/radar"].reshape(4, 75, 5)
    assert np.allclose(legacy[1, :, 0], far_first[:75, 0])


def test_radar_objects_are_the_fastest_that_were_hit():
    cars = [box_of("car", (5.0 + k, 3.0), k, speed=float(k), num_radar_points=k % 2) for k in range(50)]
    objects = make_record(_frame(boxes=cars), CONFIG)["nominal/radar_detections"]
    assert objects[:, 2].tolist() == list(range(49, 9, -2)) and objects[:, 3].all()


def test_frames_whose_future_was_not_recorded_are_dropped_and_counted(store):
    collection = find_collection("full_posttrain")
    assert len(index_frames(store, collection)) == 24 - 16
    longer = index_frames(store, replace(collection, skip_last=0))
    assert (len(longer), longer.dropped) == (13, 3)
    (name,) = store.names()
    with pytest.raises(DataError, match=rf"{name}.records, frame 0023: only 5 of 8 waypoints"):
        make_sample(store.drive(name), 23, CONFIG, NOMINAL, np.random.default_rng(0))
    make_sample(store.drive(name), 23, CONFIG, replace(NOMINAL, planning=False), np.random.default_rng(0))


def test_collections_that_are_not_there_are_one_sentence(store):
    with pytest.raises(DataError, match="no frame of 1 drives belongs to the collection failed"):
        index_frames(store, find_collection("failed"))
    with pytest.raises(DataError, match="did you mean full_posttrain"):
        find_collection("full_postrain")


def test_samples_are_what_the_model_takes(store):
    torch = pytest.importorskip("torch")
    from lead.data.batches import collate
    from lead.models.tfv6.configuration import LabelSpace
    from lead.models.tfv6.labels import Labels
    from lead.models.tfv6.tensors import Inputs

    entries = collate([sample_of(store, row=row) for row in (9, 10)])
    batch = {name: value for name, value in entries.items() if isinstance(value, torch.Tensor)}
    inputs = Inputs.from_batch(batch)
    assert inputs.rasterized_lidar is not None and inputs.rasterized_lidar.shape == (2, 1, 320, 384)
    missing = [name for name, value in vars(inputs).items() if value is None]
    assert missing == ["acceleration", "bev_features"]
    labels = Labels.from_batch(batch, (LabelSpace.CARLA,))
    known = labels.spaces[LabelSpace.CARLA]
    assert known.present.all() and all(value is not None for value in vars(known).values())
    assert labels.plan is not None and all(value is not None for value in vars(labels.plan).values())


def test_a_recording_of_lead_itself(lead_sample, tmp_path):
    report = build(find_drives(lead_sample, CONFIG), tmp_path, CONFIG)
    assert report.failed == ()
    store = RecordStore(tmp_path, CONFIG)
    index = index_frames(store, find_collection("full_posttrain"))
    assert len(index) == 56 - 16
    dataset = DriveDataset(store, index)
    for place in range(0, 40, 13):
        sample = dataset[Draw(place, 0, 0, place)]
        assert sample["rgb"].shape == (3, 384, 1152) and sample["depth"].shape == (384, 1152)
        assert sample["center_net_num_boxes"] > 3 and 0 < sample["rasterized_lidar"].mean() < 0.2
        assert np.abs(np.diff(sample["future_waypoints"], axis=0)).max() < 6.0
        assert set(np.unique(sample["bev_semantic"])) <= set(BevClass)


def _frame(boxes=None, radars=None, number=3, **changed):
    from lead.data.source import Frame, View

    ground = np.zeros((256, 256), np.uint8)
    view = View(b"", None, None, ground, {} if radars is None else radars, Perturbation())
    return Frame(meta_of(number, **changed), boxes_of(number) if boxes is None else boxes, None, view, None)
