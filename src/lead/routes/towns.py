"""CARLA's towns without a simulator: the OpenDRIVE files that the py123d wheel carries."""

import gzip
from functools import cache
from importlib.resources import files

import carla

from lead.routes.errors import RouteError
from lead.routes.graph import LaneGraph
from lead.suggestions import suggest

_SUFFIX = ".xodr.gz"
_FOLDER = files("py123d") / "parser" / "opendrive" / "carla_maps"


@cache
def town_names() -> tuple[str, ...]:
    """The towns whose maps are installed, in order."""
    return tuple(sorted(one.name.removesuffix(_SUFFIX) for one in _FOLDER.iterdir() if one.name.endswith(_SUFFIX)))


def open_town(name: str) -> LaneGraph:
    """The lane graph of a town; some seconds for the largest. RouteError, with a suggestion, where there is no map."""
    return LaneGraph.from_map(town_map(name))


def town_map(name: str) -> carla.Map:
    """The map of a town. RouteError, with a suggestion, where there is none."""
    if name not in town_names():
        raise RouteError(f"there is no map of {name}{suggest(name, town_names())}")
    text = gzip.decompress((_FOLDER / f"{name}{_SUFFIX}").read_bytes()).decode()
    return carla.Map(name, text)
