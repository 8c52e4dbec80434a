"""Towns, lane graphs and small roads for the tests of routes."""

import gzip
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import carla
import pytest

from lead.routes import LaneGraph

HEADER = '<header revMajor="1" revMinor="4"><geoReference>+proj=tmerc +lat_0=0 +lon_0=0</geoReference></header>'


def _town_text(town: str) -> str:
    packed = files("py123d") / "parser" / "opendrive" / "carla_maps" / f"{town}.xodr.gz"
    return gzip.decompress(packed.read_bytes()).decode()


@pytest.fixture(scope="session")
def town_text() -> Callable[[str], str]:
    """`town_text(town)`: OpenDRIVE text of a CARLA town."""
    return _town_text


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache directory of the test session alone."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEAD_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture(scope="session")
def town_graph(cache: Path, town_text: Callable[[str], str]) -> Callable[[str], LaneGraph]:
    """`town_graph(town)`: the lane graph of a CARLA town, built once a session."""
    graphs: dict[str, LaneGraph] = {}

    def graph_of(town: str) -> LaneGraph:
        if town not in graphs:
            graphs[town] = LaneGraph.from_map(carla.Map(town, town_text(town)))
        return graphs[town]

    return graph_of


@pytest.fixture
def roads_graph(cache: Path) -> Callable[..., LaneGraph]:
    """`roads_graph(road, ...)`: the lane graph of straight roads, each given as `straight_road` gives it."""

    def graph_of(*roads: str) -> LaneGraph:
        return LaneGraph.from_map(
            carla.Map("roads", f'<?xml version="1.0"?><OpenDRIVE>{HEADER}{"".join(roads)}</OpenDRIVE>')
        )

    return graph_of


@pytest.fixture
def straight_road() -> Callable[..., str]:
    """`straight_road(number, y=0, begin=0, end=100, before=None, after=None, lanes=1, broken=False)` as OpenDRIVE."""
    return _straight_road


def _straight_road(
    number: int,
    y: float = 0.0,
    begin: float = 0.0,
    end: float = 100.0,
    before: int | None = None,
    after: int | None = None,
    lanes: int = 1,
    broken: bool = False,
) -> str:
    links = "".join(
        f'<{side} elementType="road" elementId="{other}" contactPoint="{point}"/>'
        for side, other, point in (("predecessor", before, "end"), ("successor", after, "start"))
        if other is not None
    )
    right = "".join(_lane(-lane, before, after, broken) for lane in range(1, lanes + 1))
    return f"""<road name="" length="{end - begin}" id="{number}" junction="-1"><link>{links}</link>
        <planView><geometry s="0" x="{begin}" y="{-y}" hdg="0" length="{end - begin}"><line/></geometry></planView>
        <elevationProfile/><lateralProfile/><lanes><laneSection s="0">
        <center><lane id="0" type="none" level="false"/></center><right>{right}</right></laneSection></lanes></road>"""


def _lane(number: int, before: int | None, after: int | None, broken: bool) -> str:
    links = "".join(
        f'<{side} id="{number}"/>'
        for side, other in (("predecessor", before), ("successor", after))
        if other is not None
    )
    kind, change = ("broken", "both") if broken else ("solid", "none")
    return f"""<lane id="{number}" type="driving" level="false"><link>{links}</link>
        <width sOffset="0" a="4" b="0" c="0" d="0"/>
        <roadMark sOffset="0" type="{kind}" weight="standard" color="white" width="0.15" laneChange="{change}"/>
        </lane>"""
