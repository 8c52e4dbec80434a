"""The road raster against LEAD's own."""

import gzip
from importlib import resources

import carla
import numpy as np
import pytest

from lead.recording.hdmap import RoadRaster
from lead.routes import LaneGraph


@pytest.fixture(scope="module")
def raster() -> RoadRaster:
    data = resources.files("py123d.parser.opendrive.carla_maps").joinpath("Town10HD.xodr.gz").read_bytes()
    return RoadRaster(LaneGraph.from_map(carla.Map("Town10HD", gzip.decompress(data).decode())))


@pytest.mark.parametrize("frame", ["0010", "0045"])
def test_roads_and_lines_are_where_lead_has_them(raster, sample, frame):
    meta, leads = sample.read("metas", frame), sample.read("hdmap", frame)
    x, y, _ = meta["pos_global"]
    ours = raster.around(x, y, meta["privileged_yaw"])
    assert ours.shape == leads.shape and ours.dtype == leads.dtype
    assert _overlap(ours > 0, leads > 0) > 0.93
    assert _overlap(ours > 1, leads > 1) > 0.5
    assert _overlap(ours == 4, leads == 4) > 0.5


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())
