"""LEAD's files read and written: a route that LEAD recorded, and damaged ones."""

import lzma
import os
import pickle
import warnings
from datetime import date

import numpy as np
import pytest

from lead.recording.layout import KINDS, LayoutError, RouteFolder, depth, lidar, pickles, png, radar, results, rgb

WRITERS = {"radar": radar.encode, "metas": pickles.encode, "bboxes": pickles.encode}


def test_every_file_of_a_recorded_route_is_read(sample):
    assert sample.is_complete
    counts = {kind.folder: len(sample.frames(kind.folder)) for kind in sample.kinds}
    assert set(counts.values()) == {56} and len(counts) == 13
    for kind in sample.kinds:
        for frame in ("0000", "0055"):
            sample.read(kind.folder, frame)


@pytest.mark.parametrize("folder", ["bboxes", "radar", "radar_perturbated", "semantics", "depth", "hdmap"])
@pytest.mark.parametrize("frame", ["0000", "0017", "0055"])
def test_lossless_files_come_out_byte_for_byte(sample, folder, frame):
    kind = KINDS[folder]
    write = WRITERS.get(folder.removesuffix("_perturbated"), png.encode)
    data = sample.file(folder, frame).read_bytes()
    assert write(kind.decode(data)) == data


@pytest.mark.parametrize("frame", ["0000", "0017", "0055"])
def test_metas_come_out_the_same(sample, frame):
    """Not always the same bytes: LEAD pickles arrays that are views of others in another way."""
    data = sample.file("metas", frame).read_bytes()
    meta = pickles.decode(data)
    for smallest in (True, False):
        assert _same(pickles.decode(pickles.encode(meta, smallest)), meta)
    assert frame != "0000" or pickles.encode(meta) == data


def _same(one, other) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other


@pytest.mark.parametrize("frame", ["0000", "0017", "0055"])
def test_a_lidar_file_comes_out_byte_for_byte(sample, frame):
    data = sample.file("lidar", frame).read_bytes()
    year, day = int.from_bytes(data[92:94], "little"), int.from_bytes(data[90:92], "little")
    assert lidar.encode(lidar.decode(data), date.fromordinal(date(year, 1, 1).toordinal() + day - 1)) == data


def test_the_record_of_a_slow_but_complete_route_is_accepted(sample):
    record = sample.results()
    assert record["status"] == "Completed"
    assert results.is_accepted(record)
    assert results.encode(record) == (sample.path / "results.json").read_bytes()


@pytest.mark.parametrize(
    ("status", "composed", "faults", "accepted"),
    [
        ("Perfect", 100.0, {}, True),
        ("Completed", 70.0, {"min_speed_infractions": ["slow"], "outside_route_lanes": ["off"]}, True),
        ("Completed", 60.0, {"collisions_vehicle": ["hit"]}, False),
        ("Failed - Agent timed out", 30.0, {"route_timeout": ["late"]}, False),
        ("Failed - Agent crashed", 100.0, {}, False),
        ("Failed - TickRuntime", 43.0, {"min_speed_infractions": ["slow"]}, False),
    ],
)
def test_acceptance(status, composed, faults, accepted):
    infractions = {"min_speed_infractions": [], "outside_route_lanes": [], "collisions_vehicle": []} | faults
    record = {"status": status, "infractions": infractions, "scores": {"score_composed": composed}, "meta": {}}
    assert results.is_accepted(record) is accepted


def test_depth_is_stored_in_steps_of_a_fifth_of_a_metre():
    metres = np.full((8, 16), 10.0)
    metres[:, 8:] = 70.0
    stored = depth.quantise(metres)
    assert stored.shape == (2, 4) and stored.dtype == np.uint8
    assert np.allclose(depth.metres(stored), [[10.0, 10.0, 50.0, 50.0]] * 2, atol=50.0 / 255.0)
    fine = depth.quantise(metres, bits=16)
    assert fine.dtype == np.uint16 and np.allclose(depth.metres(fine)[0], [10.0, 10.0, 70.0, 70.0], atol=0.002)


def test_a_cloud_keeps_tenths_of_a_metre_and_ages():
    points = np.array([[1.23, -4.56, 0.04], [63.9, 39.9, 2.0], [-31.0, 0.0, -1.2]])
    sweep = lidar.decode(lidar.encode(lidar.Sweep(points, np.array([0, 4, 9], np.uint8))))
    assert np.abs(sweep.points - points).max() <= 0.05 + 1e-9
    assert sweep.age.tolist() == [0, 4, 9]
    empty = lidar.decode(lidar.encode(lidar.Sweep(np.zeros((0, 3)), np.zeros(0, np.uint8))))
    assert empty.points.shape == (0, 3)


def test_pickles_use_names_that_every_numpy_knows():
    value = {"a": np.arange(3, dtype=np.float32), "b": np.float64(1.5), "big": "x" * 200_000, "c": np.zeros((2, 2))}
    data = pickles.encode(value)
    assert b"numpy._core" not in lzma.decompress(data)
    back = pickles.decode(data)
    assert back["a"].tolist() == [0.0, 1.0, 2.0] and back["b"] == 1.5 and back["big"] == value["big"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert pickle.loads(lzma.decompress(data))["c"].shape == (2, 2)


class _Harm:
    def __reduce__(self):
        return os.system, ("true",)


def test_a_pickle_that_wants_to_run_code_is_refused():
    with pytest.raises(LayoutError, match=r"wants to load posix.system"):
        pickles.decode(lzma.compress(pickle.dumps(_Harm())))


@pytest.mark.parametrize("folder", [name for name in KINDS if not name.endswith("_perturbated")])
@pytest.mark.parametrize("data", [b"", b"rubbish" * 40])
def test_rubbish_is_named_as_such(folder, data):
    with pytest.raises(LayoutError):
        KINDS[folder].decode(data)


def test_files_that_end_early_are_noticed(tmp_path):
    picture = np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)
    whole = {
        "rgb": rgb.encode(picture),
        "semantics": png.encode(picture[..., 0]),
        "radar": radar.encode({"radar1": np.zeros((3, 4))}),
        "metas": pickles.encode({"a": np.arange(50)}),
        "lidar": lidar.encode(lidar.Sweep(picture[:, 0, :].astype(float), picture[:, 1, 0])),
    }
    for folder, data in whole.items():
        (tmp_path / folder).mkdir()
        KINDS[folder].decode(data)
        RouteFolder(tmp_path).file(folder, 3).write_bytes(data[: len(data) * 2 // 3])
        with pytest.raises(LayoutError, match=f"{folder}/0003"):
            RouteFolder(tmp_path).read(folder, 3)
