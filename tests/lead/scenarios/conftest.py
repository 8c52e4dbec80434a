"""One server for all scenarios, and the routes that have them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from background import road_to_junction
from theatre import Show, show_on, with_scenario

from lead.evaluation.config import EvaluationConfig
from lead.evaluation.stage import Stage, open_stage
from lead.routes import Route, read_routes
from lead.scenarios.lanes import Turn

BENCHMARKS = ("bench2drive", "fail2drive", "longest6", "town13")


@pytest.fixture(scope="session")
def stage(launch, tmp_path_factory) -> Iterator[Stage]:
    """A stage in a carlet of its own."""
    folder = tmp_path_factory.mktemp("stage")
    port = launch("--town", "Town01").port
    with open_stage(EvaluationConfig("route_follower", folder, folder, port=port, simulator_timeout_s=120.0)) as stage:
        yield stage


@pytest.fixture(scope="session")
def real_routes(routes_folder: Path) -> tuple[Route, ...]:
    """The benchmarks' routes."""
    return tuple(route for name in BENCHMARKS for route in read_routes(routes_folder / name))


@pytest.fixture(scope="session")
def real_route(real_routes: tuple[Route, ...]) -> Callable[..., Route]:
    """`real_route(type, town, ...)`: the first route of a town with such a scenario, see `theatre.with_scenario`."""

    def find(kind: str, town: str = "Town12", played_as: str | None = None, **parameters: dict[str, str]) -> Route:
        for route in real_routes:
            if route.town == town and kind in {scenario.type for scenario in route.scenarios}:
                return with_scenario(route, kind, played_as, **parameters)
        pytest.skip(f"there is no route with {kind} in {town}")

    return find


@pytest.fixture
def show(stage: Stage) -> Callable[..., AbstractContextManager[Show]]:
    """`with show(route, speed=8.0) as play:` drives a route; see `theatre.Show`."""
    return partial(show_on, stage)


@pytest.fixture
def drive(
    show: Callable[..., AbstractContextManager[Show]], stage: Stage
) -> Callable[..., AbstractContextManager[Show]]:
    """`with drive(speed, lead_m=..., turn=..., seed=...) as play:` drives among the background, see `background`."""

    def driving(speed: float, lead_m: float = 0.0, turn: Turn = Turn.STRAIGHT, seed: int = 0):
        _, town = stage.enter_town("Town05")
        return show(road_to_junction(town.map, lead_m, turn), speed, traffic=True, seed=seed)

    return driving
