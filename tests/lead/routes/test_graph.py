import logging
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import carla
import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from lead.routes import LaneGraph, RoadOption
from lead.routes.build import LaneArrays

TownGraph = Callable[[str], LaneGraph]


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEAD_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def town02(town_text: Callable[[str], str]) -> carla.Map:
    return carla.Map("Town02", town_text("Town02"))


def same(first: LaneGraph, second: LaneGraph) -> bool:
    columns = [field.name for field in fields(LaneArrays)]
    return all(np.array_equal(getattr(first.arrays, name), getattr(second.arrays, name)) for name in columns)


def test_a_cached_graph_is_the_built_one(own_cache: Path, town02: carla.Map):
    built = LaneGraph.from_map(town02)
    (file,) = own_cache.iterdir()
    written = file.stat().st_mtime_ns
    assert same(LaneGraph.from_map(town02), built)
    assert [path.stat().st_mtime_ns for path in own_cache.iterdir()] == [written]


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[: len(data) // 2], lambda data: b"\0" * 1000])
def test_a_corrupt_cache_file_is_built_anew(
    own_cache: Path, town02: carla.Map, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
):
    built = LaneGraph.from_map(town02)
    (file,) = own_cache.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    with caplog.at_level(logging.WARNING):
        assert same(LaneGraph.from_map(town02), built)
    assert str(file) in caplog.text
    caplog.clear()
    assert same(LaneGraph.from_map(town02), built)
    assert not caplog.text


def test_another_map_gets_another_file(own_cache: Path, town02: carla.Map):
    LaneGraph.from_map(town02)
    LaneGraph.from_map(carla.Map("Town02", town02.to_opendrive() + "\n"))
    assert len(list(own_cache.iterdir())) == 2


def test_the_cache_follows_the_users_cache_directory(
    tmp_path: Path, town02: carla.Map, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("LEAD_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    LaneGraph.from_map(town02)
    assert len(list((tmp_path / "lead").iterdir())) == 1


def test_a_cache_that_cannot_be_written_is_only_a_warning(
    tmp_path: Path, town02: carla.Map, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LEAD_CACHE_DIR", str(tmp_path / "file"))
    assert len(LaneGraph.from_map(town02).arrays.point) > 1000
    assert "cannot be cached" in caplog.text


@pytest.mark.parametrize("town", ["Town01", "Town04", "Town05", "Town15"])
def test_the_search_finds_the_cheapest_way(town_graph: TownGraph, town: str):
    graph = town_graph(town)
    arrays, count = graph.arrays, len(graph.arrays.node)
    # Dijkstra drops edges that cost nothing, and adds up edges between the same two nodes.
    pairs, first = np.unique(np.stack([arrays.edge_tail, arrays.edge_head]), axis=1, return_index=True)
    network = csr_array((arrays.edge_cost[first] + 1e-6, (pairs[0], pairs[1])), shape=(count, count))
    dice = np.random.default_rng(1)
    reached = 0
    for start, goal in dice.integers(count, size=(60, 2)).tolist():
        best = dijkstra(network, indices=start)[goal]
        edges = graph.roadbook.shortest(start, goal)
        assert (edges is None) == np.isinf(best)
        if edges is not None:
            reached += 1
            tails, heads = arrays.edge_tail[edges], arrays.edge_head[edges]
            assert not edges or (tails[0], heads[-1]) == (start, goal)
            assert np.array_equal(tails[1:], heads[:-1])
            assert arrays.edge_cost[edges].sum() == pytest.approx(best, rel=0.01, abs=10.0)
    assert reached > 20


def test_samples_lie_on_their_lanes(town_graph: TownGraph):
    graph = town_graph("Town04")
    arrays = graph.arrays
    for edge in np.flatnonzero((arrays.edge_target < 0) & ~arrays.edge_junction)[::5].tolist():
        rows = graph.samples(edge)
        steps = np.linalg.norm(np.diff(arrays.point[rows], axis=0), axis=1)
        assert steps.max() < 2.0
        for row in range(rows.start + 1, rows.stop - 1, 5):
            x, y, z = arrays.point[row].tolist()
            waypoint = graph.carla_map.get_waypoint(carla.Location(x, y, z))
            assert [waypoint.road_id, waypoint.section_id, waypoint.lane_id] == arrays.edge_lane[edge].tolist()
            assert waypoint.transform.location.distance(carla.Location(x, y, z)) < 0.6
            assert waypoint.lane_width == pytest.approx(arrays.width[row], abs=0.05)


def test_lane_changes_join_neighbours_of_one_direction(town_graph: TownGraph):
    arrays = town_graph("Town04").arrays
    changes = np.flatnonzero(arrays.edge_target >= 0)
    assert len(changes) > 100
    right = arrays.edge_option[changes] == RoadOption.CHANGELANERIGHT
    assert 0 < right.sum() < len(changes)
    lane_there = arrays.edge_lane[arrays.edge_target[changes]]
    lane_here = arrays.edge_lane[changes]
    assert np.array_equal(lane_here, lane_there)
    assert not arrays.edge_junction[arrays.edge_target[changes]].any()
    back = {
        (int(t), int(h)): int(o)
        for t, h, o in zip(
            arrays.edge_tail[changes], arrays.edge_head[changes], arrays.edge_option[changes], strict=True
        )
    }
    opposite = {5: 6, 6: 5}
    both_ways = [back[head, tail] == opposite[option] for (tail, head), option in back.items() if (head, tail) in back]
    assert len(both_ways) > 100
    assert all(both_ways)


def test_changes_need_a_marking_that_permits_them(
    roads_graph: Callable[..., LaneGraph], straight_road: Callable[..., str]
):
    def options(broken: bool) -> list[int]:
        first = straight_road(1, after=2, lanes=2, broken=broken)
        second = straight_road(2, begin=100, end=200, before=1, lanes=2, broken=broken)
        arrays = roads_graph(first, second).arrays
        return sorted(arrays.edge_option[arrays.edge_target >= 0].tolist())

    assert options(broken=False) == []
    assert options(broken=True) == [5, 5, 6, 6]


def test_a_dead_end_that_a_lane_leads_into_is_part_of_the_graph(
    roads_graph: Callable[..., LaneGraph], straight_road: Callable[..., str]
):
    graph = roads_graph(straight_road(1, after=2), straight_road(2, begin=100, end=200, before=1))
    assert graph.arrays.edge_lane.tolist() == [[1, 0, -1], [2, 0, -1]]
    assert graph.arrays.edge_cost == pytest.approx([100.0, 100.0], abs=1.0)


def test_places_off_the_road_are_not_located(town_graph: TownGraph):
    graph = town_graph("Town01")
    on_road = graph.locate(np.array([334.7, 290.0, 0.0]))
    assert on_road is not None
    assert on_road.location == pytest.approx([334.8, 290.0, 0.0], abs=0.2)
    assert graph.arrays.point[on_road.sample] == pytest.approx(on_road.location, abs=0.6)
    assert graph.locate(np.array([250.0, 250.0, 0.0])) is None
