"""How fast are routes planned? Building a town's lane graph, loading it again, and tracing its routes.

python benchmarks/routes.py ROUTES_FOLDER              # every town that the *.xml below the folder drive in
python benchmarks/routes.py ROUTES_FOLDER --town Town13
"""

import argparse
import gzip
import os
import tempfile
import time
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import carla
import numpy as np
from server import machine

from lead.routes import LaneGraph, Route, read_routes, trace_route


def town_map(town: str) -> carla.Map:
    """The map of a CARLA town."""
    packed = files("py123d") / "parser" / "opendrive" / "carla_maps" / f"{town}.xodr.gz"
    return carla.Map(town, gzip.decompress(packed.read_bytes()).decode())


def routes_by_town(folder: Path) -> dict[str, list[Route]]:
    """All routes below a folder."""
    routes = defaultdict(list)
    for path in sorted(folder.rglob("*.xml")):
        for route in read_routes(path):
            routes[route.town].append(route)
    return dict(sorted(routes.items()))


def measure(town: str, routes: list[Route]) -> str:
    """One line of the table."""
    begin = time.perf_counter()
    carla_map = town_map(town)
    mapped = time.perf_counter()
    LaneGraph.from_map(carla_map)
    built = time.perf_counter()
    graph = LaneGraph.from_map(carla_map)
    cached = time.perf_counter()
    seconds, metres = [], []
    for route in routes:
        start = time.perf_counter()
        metres.append(trace_route(graph, route.keypoints, route.id).length_m)
        seconds.append(time.perf_counter() - start)
    return (
        f"{town:9s} {mapped - begin:7.2f} {built - mapped:7.2f} {cached - built:7.3f} {len(graph.arrays.point):8d} "
        f"{len(routes):6d} {np.mean(metres):8.0f} {np.mean(seconds) * 1e3:9.1f} {np.max(seconds) * 1e3:8.1f}"
    )


def main() -> None:
    """Print a line a town."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("routes", type=Path)
    parser.add_argument("--town", help="only this town")
    arguments = parser.parse_args()
    print(machine())
    print("town      map, s build,s cached,s  samples routes  mean, m  mean, ms  max, ms")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["LEAD_CACHE_DIR"] = cache
        for town, routes in routes_by_town(arguments.routes).items():
            if arguments.town in (None, town):
                print(measure(town, routes), flush=True)


if __name__ == "__main__":
    main()
