import tarfile
from collections.abc import Callable
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead.routes import LaneGraph, RoadOption, Route, RouteError, Trace, read_routes, sparse_plan, trace_route
from lead.routes.plan import (
    geo_reference,
    geo_reference_from_plan,
    gps_from_location,
    location_from_gps,
    sparse_indices,
)

TownGraph = Callable[[str], LaneGraph]
RoadsGraph = Callable[..., LaneGraph]
StraightRoad = Callable[..., str]

UNHURRIED = settings(deadline=None, max_examples=60)

CHANGES = (RoadOption.CHANGELANELEFT, RoadOption.CHANGELANERIGHT)
TURNS = (RoadOption.LEFT, RoadOption.RIGHT, RoadOption.STRAIGHT)
LARGE_TOWNS = ("Town11", "Town12", "Town13")


def check_trace(graph: LaneGraph, route: Route) -> Trace:
    """Trace a route and check what holds for every trace of a real one."""
    trace = trace_route(graph, route.keypoints, route.id)
    name = f"route {route.id} of {route.source}"
    assert len({len(column) for column in vars(trace).values()}) == 1
    steps = np.diff(trace.s_m)
    changes = np.isin(trace.option, CHANGES)
    assert trace.s_m[0] == 0.0
    assert np.linalg.norm(np.diff(trace.location, axis=0), axis=1) == pytest.approx(steps)
    assert steps.min(initial=1.0) > 0.2, name
    # A step to the next leg: it ends within 2 m of the keypoint, and the samples of bends lie up to 1.25 m apart.
    assert steps[~changes[1:]].max(initial=0.0) < 2.0 + 1.25 / 2, name
    assert steps.max(initial=0.0) < 12.0, name
    assert not changes.any() or not trace.junction[changes].all(), name
    check_keypoints(trace, graph, route, name)
    check_headings(trace, changes, name)
    check_turns(trace, name)
    return trace


def check_keypoints(trace: Trace, graph: LaneGraph, route: Route, name: str) -> None:
    """The trace passes every keypoint's place on its lane.

    It may still be changing lanes beside it, and inside a junction take another branch that begins at the same place.
    """
    landings = trace.location[np.isin(trace.option, CHANGES)]
    for keypoint in route.keypoints:
        anchor = graph.locate(keypoint)
        assert anchor is not None, name
        gap = np.linalg.norm(trace.location - anchor.location, axis=1).min()
        near_change = len(landings) and np.linalg.norm(landings - anchor.location, axis=1).min() < 6.0
        branches = graph.arrays.edge_junction[anchor.edge]
        assert gap < (11.0 if branches else 6.0 if near_change else 2.1), name


def check_headings(trace: Trace, changes: np.ndarray, name: str) -> None:
    """Every step goes where the lane goes."""
    steps = np.diff(trace.location[:, :2], axis=0)
    ahead = np.stack([np.cos(trace.yaw[:-1]), np.sin(trace.yaw[:-1])], axis=1)
    cosines = (steps * ahead).sum(axis=1) / np.linalg.norm(steps, axis=1)
    assert cosines[~changes[1:] & ~changes[:-1]].min(initial=1.0) > 0.5, name


def check_turns(trace: Trace, name: str) -> None:
    """Turns only in junctions, and to the side that the option says."""
    turning = np.isin(trace.option, TURNS)
    assert trace.junction[turning].all(), name
    for option, rows in groupby(range(len(trace)), key=lambda row: int(trace.option[row])):
        run = list(rows)
        if option not in TURNS:
            continue
        headings = np.unwrap(trace.yaw[max(run[0] - 1, 0) : run[-1] + 1])
        turned = headings[-1] - headings[0]
        # Of two branches that bend right, the left one is LEFT; and a roundabout leads back to where it was entered.
        if np.radians(70.0) < abs(turned) < np.radians(150.0):
            assert option == (RoadOption.LEFT if turned < 0.0 else RoadOption.RIGHT), name


def check_set(routes: list[Route], town_graph: TownGraph, longest: float = 1.35) -> list[Trace]:
    """Trace routes and compare their length with that of the line through their keypoints."""
    traces = []
    for route in routes:
        trace = check_trace(town_graph(route.town), route)
        line = np.linalg.norm(np.diff(route.keypoints[:, :2], axis=0), axis=1).sum()
        assert line - 10.0 < trace.length_m < longest * line + 10.0, f"route {route.id} of {route.source}"
        traces.append(trace)
    return traces


def test_all_of_longest6_is_traced(town_graph: TownGraph, routes_folder: Path):
    traces = check_set(list(read_routes(routes_folder / "longest6")), town_graph)
    options = np.concatenate([trace.option for trace in traces])
    assert set(options.tolist()) == {1, 2, 3, 4, 5, 6}


def test_bench2drive_is_traced_in_the_small_towns(town_graph: TownGraph, routes_folder: Path):
    routes = [route for route in read_routes(routes_folder / "bench2drive") if route.town not in LARGE_TOWNS]
    assert len(routes) > 15
    check_set(routes, town_graph)


def test_town13_and_a_sample_of_fail2drive_are_traced(town_graph: TownGraph, routes_folder: Path):
    traces = check_set(list(read_routes(routes_folder / "town13")), town_graph, longest=1.75)
    assert all(11_000.0 < trace.length_m < 14_000.0 for trace in traces)
    check_set(list(read_routes(routes_folder / "fail2drive"))[::5], town_graph)


def training_routes(routes_folder: Path, folder: Path, every: int) -> list[Route]:
    """Each `every`-th route file of LEAD's training set that holds routes; some hold none, or one id twice."""
    routes: list[Route] = []
    with tarfile.open(routes_folder / "training_routes.tar.gz") as archive:
        for number, member in enumerate(entry for entry in archive if entry.name.endswith(".xml")):
            packed = archive.extractfile(member)
            if number % every or packed is None:
                continue
            path = folder / f"{number}.xml"
            path.write_bytes(packed.read())
            try:
                routes.extend(read_routes(path))
            except RouteError as error:
                assert "at least two keypoints" in str(error) or "two routes with this id" in str(error)
    return routes


def test_a_sample_of_the_training_routes_is_traced(town_graph: TownGraph, routes_folder: Path, tmp_path: Path):
    routes = training_routes(routes_folder, tmp_path, every=40)
    assert len(routes) > 240
    small = [route for route in routes if route.town not in LARGE_TOWNS]
    assert len(small) > 80
    for route in small:
        check_trace(town_graph(route.town), route)


@pytest.mark.slow
def test_all_training_routes_are_traced(town_graph: TownGraph, routes_folder: Path, tmp_path: Path):
    routes = training_routes(routes_folder, tmp_path, every=1)
    assert len(routes) > 9_500
    refused = []
    for route in routes:
        try:
            check_trace(town_graph(route.town), route)
        except RouteError as error:
            assert "leads nowhere" in str(error)
            refused.append(route.id)
    assert refused == ["route_000264"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bench2drive", "fail2drive"])
def test_whole_sets_are_traced(town_graph: TownGraph, routes_folder: Path, name: str):
    check_set(list(read_routes(routes_folder / name)), town_graph)


def two_roads(straight_road: StraightRoad, y: float = 0.0, number: int = 1, **lanes: object) -> list[str]:
    first = straight_road(number, y=y, after=number + 1, **lanes)
    return [first, straight_road(number + 1, y=y, begin=100, end=200, before=number, **lanes)]


def test_a_straight_road_gives_a_row_a_metre(roads_graph: RoadsGraph, straight_road: StraightRoad):
    trace = trace_route(roads_graph(*two_roads(straight_road)), [(10, 2, 0), (150, 2, 0), (190, 2, 0)])
    # A lane's last sample lies more than a metre before its end.
    x = np.concatenate([np.arange(10.0, 99.0), np.arange(100.0, 190.0)])
    assert trace.location[:, 0] == pytest.approx(x, abs=1e-3)
    assert trace.location[:, 1] == pytest.approx(2.0)
    assert trace.s_m == pytest.approx(x - 10.0, abs=1e-3)
    assert trace.length_m == pytest.approx(179.0)
    assert trace.option.tolist() == [RoadOption.LANEFOLLOW] * len(x)
    assert trace.road_id.tolist() == [1] * 89 + [2] * 90
    assert (trace.lane_id == -1).all()
    assert trace.lane_width == pytest.approx(4.0)
    assert not trace.junction.any()


def test_a_lane_change_is_two_rows_five_metres_apart(roads_graph: RoadsGraph, straight_road: StraightRoad):
    graph = roads_graph(*two_roads(straight_road, lanes=2, broken=True))
    trace = trace_route(graph, [(10, 2, 0), (150, 6, 0)])
    assert trace.option[:3].tolist() == [6, 6, 4]
    assert trace.location[:3] == pytest.approx(np.array([[10, 2, 0], [15, 6, 0], [16, 6, 0]]), abs=1e-3)
    assert trace.lane_id[:2].tolist() == [-1, -2]
    assert sparse_plan(trace).tolist() == [0, 1, len(trace) - 1]
    back = trace_route(graph, [(10, 6, 0), (150, 2, 0)])
    assert back.option[:3].tolist() == [5, 5, 4]


def test_a_trace_goes_on_from_a_lane_change_past_the_keypoint(roads_graph: RoadsGraph, straight_road: StraightRoad):
    graph = roads_graph(*two_roads(straight_road, lanes=2, broken=True))
    trace = trace_route(graph, [(10, 2, 0), (12, 6, 0), (50, 6, 0)])
    assert np.diff(trace.location[:, 0]).min() > 0.9
    assert trace.location[-1] == pytest.approx([49, 6, 0], abs=1e-3)


def test_a_keypoint_behind_the_last_one_does_not_turn_the_trace(roads_graph: RoadsGraph, straight_road: StraightRoad):
    trace = trace_route(roads_graph(*two_roads(straight_road)), [(50, 2, 0), (20, 2, 0), (80, 2, 0)])
    assert trace.location[:, 0] == pytest.approx(np.arange(50.0, 80.0), abs=1e-3)


def test_repeated_keypoints_change_nothing(roads_graph: RoadsGraph, straight_road: StraightRoad):
    graph = roads_graph(*two_roads(straight_road))
    once, twice = trace_route(graph, [(10, 2, 0), (90, 2, 0)]), trace_route(graph, [(10, 2, 0)] * 3 + [(90, 2, 0)] * 2)
    assert np.array_equal(once.location, twice.location)


def test_a_route_of_one_row_is_refused(roads_graph: RoadsGraph, straight_road: StraightRoad):
    graph = roads_graph(*two_roads(straight_road))
    for second in ((50, 2, 0), (51, 2, 0), (20, 2, 0)):
        with pytest.raises(
            RouteError, match=r"^route 8: leads nowhere, every keypoint is at the first one or behind it$"
        ):
            trace_route(graph, [(50, 2, 0), second], "8")


def test_what_cannot_be_traced_names_route_and_keypoint(roads_graph: RoadsGraph, straight_road: StraightRoad):
    graph = roads_graph(*two_roads(straight_road), *two_roads(straight_road, y=50.0, number=3))
    with pytest.raises(RouteError, match=r"^route 8: keypoint 2 cannot be reached from keypoint 1$"):
        trace_route(graph, [(10, 2, 0), (90, 2, 0), (150, 52, 0)], "8")
    with pytest.raises(RouteError, match=r"^route 8: keypoint 1 at \(90\.0, 25\.0, 0\.0\) is off the road$"):
        trace_route(graph, [(10, 2, 0), (90, 25, 0)], "8")
    with pytest.raises(RouteError, match=r"^route 8: keypoint 0 at \(nan, 2\.0, 0\.0\) is off the road$"):
        trace_route(graph, [(np.nan, 2, 0), (90, 2, 0)], "8")
    with pytest.raises(RouteError, match=r"^route 8: a trace needs keypoints of shape \(2 or more, 3\), not \(1, 3\)$"):
        trace_route(graph, [(10, 2, 0)], "8")


paths = st.lists(st.tuples(st.floats(0.1, 400.0), st.sampled_from([1, 2, 3, 4, 5, 6])), min_size=1, max_size=60)


@UNHURRIED
@given(paths, st.floats(1.0, 300.0))
def test_the_sparse_plan_keeps_what_an_agent_must_know(path: list[tuple[float, int]], spacing_m: float):
    x = np.cumsum([step for step, _ in path])
    location = np.stack([x, np.zeros_like(x), np.zeros_like(x)], axis=1)
    option = np.array([option for _, option in path])
    kept = sparse_indices(location, option, spacing_m)
    assert kept[0] == 0
    assert kept[-1] == len(path) - 1
    assert (np.diff(kept) > 0).all()
    changes = np.isin(option, CHANGES)
    assert np.isin(np.flatnonzero(changes), kept).all()
    turns = np.flatnonzero((option[1:] != option[:-1]) & ~changes[:-1]) + 1
    assert np.isin(turns, kept).all()
    # Between two points kept the way is at most the spacing, one step to exceed it and one to be noticed.
    for first, second in pairwise(kept):
        assert second - first < 2 or x[second - 2] - x[first] <= spacing_m + 1e-6


@UNHURRIED
@given(paths, st.floats(1.0, 300.0))
def test_the_sparse_plan_keeps_nothing_else(path: list[tuple[float, int]], spacing_m: float):
    x = np.cumsum([step for step, _ in path])
    option = np.full(len(path), 4)
    kept = sparse_indices(np.stack([x, x * 0, x * 0], axis=1), option, spacing_m)
    inner = kept[1:-1]
    assert (x[inner - 1] - x[kept[:-2]] > spacing_m - 1e-6).all()


def test_the_sparse_plan_of_a_kilometre():
    location = np.stack([np.arange(1001.0), np.zeros(1001), np.zeros(1001)], axis=1)
    assert sparse_indices(location, np.full(1001, 4)).tolist() == [0, 202, 404, 606, 808, 1000]
    assert len(sparse_indices(location, np.full(1001, 4), spacing_m=50.0)) == 21


places = st.tuples(st.floats(-8000.0, 8000.0), st.floats(-8000.0, 8000.0), st.floats(-100.0, 500.0))
origins = st.tuples(st.floats(-60.0, 60.0), st.floats(-170.0, 170.0))


@UNHURRIED
@given(origins, st.lists(places, min_size=1, max_size=5))
def test_gps_leads_back_to_the_location(origin: tuple[float, float], locations: list[tuple[float, float, float]]):
    back = location_from_gps(origin, gps_from_location(origin, locations))
    assert back == pytest.approx(np.array(locations), abs=1e-4)


@UNHURRIED
@given(origins, st.lists(places, min_size=1, max_size=5))
def test_the_origin_is_found_from_the_plan(origin: tuple[float, float], locations: list[tuple[float, float, float]]):
    found = geo_reference_from_plan(gps_from_location(origin, locations), locations)
    assert found == pytest.approx(origin, abs=1e-7)


def test_gps_of_known_places():
    east = gps_from_location((0.0, 0.0), [1200.0, -340.0, 5.0])
    assert east == pytest.approx([0.003054, 0.010780, 5.0], abs=1e-6)
    north = gps_from_location((42.0, 2.0), [[0.0, 0.0, 0.0], [0.0, -1000.0, 0.0]])
    assert north[0] == pytest.approx([42.0, 2.0, 0.0])
    assert north[1, 0] - 42.0 == pytest.approx(np.degrees(1000.0 / 6378137.0), rel=1e-3)


def test_the_origin_of_a_plan_gives_true_places_not_shifted_ones():
    plan = np.array([[1200.0, -340.0, 0.0], [1250.0, -310.0, 0.0]])
    gps = gps_from_location((0.0, 0.0), plan)
    origin = geo_reference_from_plan(gps[:1], plan[:1])
    assert origin == pytest.approx((0.0, 0.0), abs=1e-9)
    assert location_from_gps(origin, gps[1]) == pytest.approx([1250.0, -310.0, 0.0], abs=1e-4)


def test_a_plan_that_no_origin_fits_is_refused():
    with pytest.raises(RouteError, match="no geo reference fits the plan"):
        geo_reference_from_plan([[0.0, 0.0, 0.0], [0.001, 0.0, 0.0]], [[0.0, 0.0, 0.0], [500.0, 0.0, 0.0]])


def test_the_geo_reference_is_read_from_opendrive(town_text: Callable[[str], str]):
    assert geo_reference(town_text("Town02")) == (0.0, 0.0)
    assert geo_reference("<geoReference><![CDATA[+proj=tmerc +lat_0=4.9e+1 +lon_0=-8.5 +k=1]]></geoReference>") == (
        49.0,
        -8.5,
    )
    assert geo_reference("<geoReference>+proj=utm +zone=32</geoReference>") == (42.0, 2.0)
    assert geo_reference("<OpenDRIVE/>") == (42.0, 2.0)
    with pytest.raises(RouteError, match="unreadable geo reference"):
        geo_reference("<geoReference>+lat_0=1.2.3 +lon_0=0</geoReference>")
