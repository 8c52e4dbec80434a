"""Records on disk: built once, again when files change, and never believed when damaged."""

import os
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from small_recording import meta_of, record, write_drive

from lead.data import records_file, runs
from lead.data.config import RecordConfig, SampleConfig
from lead.data.errors import DataError
from lead.data.layout import find_drives
from lead.data.sample import make_sample
from lead.data.store import RecordStore, build, config_digest, records_path
from lead.recording.layout import pickles
from lead.recording.layout.results import encode

CONFIG = RecordConfig()


@pytest.fixture
def root(recording, tmp_path):
    return shutil.copytree(recording, tmp_path / "data")


def _drives(root, config=CONFIG):
    return find_drives(root, config)


def test_records_are_kept_until_a_file_changes(root, tmp_path):
    cache = tmp_path / "cache"
    name = "Accident/Town01_Rep0_1_route0"
    assert build(_drives(root), cache, CONFIG).built == (name,)
    made = records_path(cache, CONFIG, name).read_bytes()
    assert build(_drives(root), cache, CONFIG).kept == (name,)
    meta = root / name / "metas" / "0003.pkl"
    os.utime(meta, ns=(1, 1))
    assert build(_drives(root), cache, CONFIG).built == (name,)
    results = root / name / "results.json"
    results.write_bytes(encode(record("Completed", 60.0, collisions_vehicle=["hit"])))
    assert build(_drives(root), cache, CONFIG).built == (name,)
    assert RecordStore(cache, CONFIG).drive(name).facts["outcome"] == "failed"
    (root / name / "radar" / "0023.npz").unlink()
    (failure,) = build(_drives(root), cache, CONFIG).failed
    assert "radar/0023.npz" in failure
    assert records_path(cache, CONFIG, name).read_bytes()[-1000:] == made[-1000:]


@pytest.mark.parametrize(
    ("meta", "sentence"),
    [
        ([1, 2], r"metas/0005\.pkl: this is no meta, but list"),
        (meta_of(5, perturbation_rotation=None), r"metas/0005\.pkl: it does not say where the perturbed rig stood"),
        (meta_of(5, future_positions=np.zeros(7)), r"frame 0005: cannot reshape"),
        (meta_of(5, theta=None), r"frame 0005: "),
        ({key: value for key, value in meta_of(5).items() if key != "route"}, r"frame 0005: .* no 'route'"),
    ],
)
def test_metas_that_hold_something_else_are_named(root, tmp_path, meta, sentence):
    (file,) = root.glob("**/metas/0005.pkl")
    file.write_bytes(pickles.encode(meta, smallest=False))
    (failure,) = build(_drives(root), tmp_path / "cache", CONFIG).failed
    assert re.search(sentence, failure)


def test_other_settings_make_other_records(root, tmp_path):
    other = replace(CONFIG, most_boxes=20)
    assert config_digest(other) != config_digest(CONFIG)
    build(_drives(root), tmp_path, CONFIG)
    with pytest.raises(DataError, match="no records of these settings"):
        RecordStore(tmp_path, other).names()
    build(_drives(root, other), tmp_path, other)
    records = RecordStore(tmp_path, other).drive("Accident/Town01_Rep0_1_route0")
    assert records.row("nominal/boxes", 0).shape == (20, 9)


def test_a_damaged_drive_is_named_and_stops_no_other(root, tmp_path):
    write_drive(root / "Other" / "good")
    picture = root / "Accident" / "Town01_Rep0_1_route0" / "rgb_perturbated" / "0007.jpg"
    picture.write_bytes(picture.read_bytes()[:-400])
    report = build(_drives(root), tmp_path / "cache", CONFIG, workers=2)
    assert report.built == ("Other/good",)
    (failure,) = report.failed
    assert failure.startswith(f"{picture}: ")
    assert RecordStore(tmp_path / "cache", CONFIG).names() == ["Other/good"]


def test_drives_without_a_proper_end_are_skipped(root, tmp_path):
    write_drive(root / "crashed", record("Failed - Agent crashed", 10.0))
    (write_drive(root / "running") / "results.json").unlink()
    assert build(_drives(root), tmp_path / "cache", CONFIG).skipped == ("crashed", "running")


def test_a_meta_without_target_points_is_named(root, tmp_path):
    config = replace(CONFIG, pop_distance_m=5.0)
    (failure,) = build(_drives(root, config), tmp_path / "cache", config).failed
    assert "frame 0000" in failure and "next_target_points_5" in failure


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda data: data[:-64], "bytes of records, not"),
        (lambda data: b"rubbish!" + data[8:], "no file of records"),
        (lambda data: b"", "empty"),
        (lambda data: data[:16] + b"x" + data[17:], "header of its records is damaged"),
    ],
)
def test_damaged_records_are_named(store, tmp_path, damage, sentence):
    (name,) = store.names()
    file = tmp_path / "a.records"
    file.write_bytes(damage(records_path(store.cache, store.config, name).read_bytes()))
    with pytest.raises(DataError, match=rf"a\.records: .*{sentence}"):
        records_file.read(file)


def test_a_changed_byte_is_found_by_verifying(store, tmp_path):
    (name,) = store.names()
    data = bytearray(records_path(store.cache, store.config, name).read_bytes())
    data[-5000] ^= 1
    file = tmp_path / "a.records"
    file.write_bytes(data)
    store.drive(name).verify()
    with pytest.raises(DataError, match=r"a\.records: its records are damaged"):
        records_file.read(file).verify()


def test_records_are_read_where_they_lie(store):
    (name,) = store.names()
    row = store.drive(name).row("nominal/boxes", 2)
    assert not row.flags.owndata and not row.flags.writeable


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (320, 384)])
def test_runs_give_back_the_picture(shape):
    image = (np.random.default_rng(0).random(shape) < 0.3).astype(np.uint8) * 7
    data = runs.encode(image)
    assert np.array_equal(runs.decode(np.pad(data, (0, -len(data) % 8))), image)
    with pytest.raises(DataError, match="do not fit"):
        runs.decode(data[: len(data) // 2 // 4 * 4])


def test_no_recording_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="there is no such folder"):
        find_drives(tmp_path / "nowhere", CONFIG)
    with pytest.raises(DataError, match="no recorded route"):
        find_drives(tmp_path, CONFIG)


def test_one_view_a_frame_is_in_turn_the_nominal_and_the_perturbed_one(root, tmp_path):
    both, one = RecordConfig(frame_stride=2), RecordConfig(frame_stride=2, one_view=True)
    name = "Accident/Town01_Rep0_1_route0"
    for config in (both, one):
        assert build(_drives(root, config), tmp_path / "cache", config).built == (name,)
    full, half = (RecordStore(tmp_path / "cache", config).drive(name) for config in (both, one))
    assert half.facts["frames"] == full.facts["frames"]
    assert not half.has("perturbed/rgb")
    for row in range(4):
        view = ("nominal", "perturbed")[row % 2]
        for array in ("rgb", "waypoints", "pose", "semantic", "target_points"):
            np.testing.assert_array_equal(half.row(f"nominal/{array}", row), full.row(f"{view}/{array}", row))
        sample = make_sample(half, row, one, SampleConfig(), np.random.default_rng(0))
        assert sample["perturbate_sensor"] == (row % 2 == 1)


def test_of_waiting_fewer_frames_are_taken(root, tmp_path):
    name = "Accident/Town01_Rep0_1_route0"
    for number in range(5, 15):
        meta = meta_of(number, speed=0.0, target_speed=0.05)
        (root / name / "metas" / f"{number:04d}.pkl").write_bytes(pickles.encode(meta))
    config = RecordConfig(waiting_stride=4)
    assert build(_drives(root, config), tmp_path / "cache", config).built == (name,)
    frames = [int(frame) for frame in RecordStore(tmp_path / "cache", config).drive(name).facts["frames"]]
    assert frames == [0, 1, 2, 3, 4, 8, 12, *range(15, 24)]


def test_a_meta_that_does_not_say_whether_the_ego_waits_is_named(root, tmp_path):
    meta = {key: value for key, value in meta_of(5).items() if key != "target_speed"}
    (root / "Accident/Town01_Rep0_1_route0" / "metas" / "0005.pkl").write_bytes(pickles.encode(meta))
    config = RecordConfig(waiting_stride=4)
    (failure,) = build(_drives(root, config), tmp_path / "cache", config).failed
    assert "frame 0005: its meta has no 'target_speed'" in failure
