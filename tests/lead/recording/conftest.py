"""A server, a small rig, a recorded route and LEAD's own."""

from pathlib import Path

import numpy as np
import pytest

from lead.evaluation.config import EvaluationConfig
from lead.evaluation.runner import evaluate
from lead.recording.config import RecorderConfig
from lead.recording.layout import RouteFolder
from lead.recording.layout.route import find_routes
from lead.recording.recorder import Recorder
from lead.routes import Route, WeatherKeyframe, write_routes
from lead.sensors import RIGS, Camera, Rig

SMALL = Rig(
    "small",
    (Camera((0.3, 0.0, 2.0), (0.0, 0.0, 0.0), 128, 96, 80.0), Camera((0.0, 0.3, 2.0), (0.0, 0.0, 60.0), 96, 96, 60.0)),
    RIGS["lead_3cameras"].lidars,
    RIGS["lead_3cameras"].radars,
)


@pytest.fixture(scope="session")
def small_rig() -> Rig:
    """A rig with two small cameras."""
    return SMALL


@pytest.fixture(scope="session")
def port(launch) -> int:
    """RPC port of a running carlet."""
    return launch("--town", "Town01").port


@pytest.fixture(scope="session")
def make_evaluation(tmp_path_factory, port):
    """Makes an evaluation of the route follower on 30 m of a straight road, among traffic."""

    def make() -> EvaluationConfig:
        folder = tmp_path_factory.mktemp("evaluation")
        keypoints = np.array([[170.0, 59.6, 0.0], [200.0, 59.6, 0.0]])
        route = Route("7", "Town01", keypoints, (WeatherKeyframe(0.0, {"sun_altitude_angle": 60.0}),), ())
        write_routes(folder / "routes.xml", (route,))
        return EvaluationConfig("route_follower", folder / "routes.xml", folder / "out", port=port, attempts=1)

    return make


@pytest.fixture(scope="session")
def recorded(tmp_path_factory, make_evaluation) -> RouteFolder:
    """A route recorded with the small rig."""
    folder = tmp_path_factory.mktemp("recorded")
    with Recorder(RecorderConfig(folder, SMALL, instance=True, camera_pc=True, stem="routes")) as recorder:
        evaluate(make_evaluation(), [recorder])
    (route,) = find_routes(folder)
    return route


@pytest.fixture(scope="session")
def sample(lead_sample: Path) -> RouteFolder:
    """A route that LEAD's own recorder wrote; tests that need it are skipped where it is absent."""
    (route,) = find_routes(lead_sample)
    return route
