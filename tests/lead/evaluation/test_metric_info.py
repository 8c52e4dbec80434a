"""What Bench2Drive's metrics need of a drive, written by a real one and read back."""

import json

import numpy as np
import pytest

from lead.evaluation.config import EvaluationConfig
from lead.evaluation.metric_info import motion_of
from lead.evaluation.metrics.comfort import comfortable_share
from lead.evaluation.result_files import read_run
from lead.evaluation.runner import evaluate
from lead.routes import Route, ScenarioConfig, write_routes
from lead.traffic import BackgroundConfig


@pytest.fixture(scope="module")
def crossing_run(tmp_path_factory, port):
    """A drive through the first junction of a road in Town01 under Bench2Drive's rules, and under the leaderboard's."""
    folder = tmp_path_factory.mktemp("runs")
    scenario = ScenarioConfig("T_Junction_1", "T_Junction", (110.0, 59.6, 0.0, 0.0))
    route = Route("5", "Town01", np.array([[110.0, 59.6, 0.0], [200.0, 59.6, 0.0]]), scenarios=(scenario,))
    write_routes(folder / "routes.xml", [route])
    for name, protocol in (("bench", "bench2drive@0.0.3"), ("board", "leaderboard@2.0")):
        config = EvaluationConfig(
            "route_follower",
            folder / "routes.xml",
            folder / name,
            protocol=protocol,
            port=port,
            background=BackgroundConfig(present=False),
            scenarios=False,
        )
        evaluate(config)
    return folder


def test_a_drive_leaves_its_motion(crossing_run):
    (folder,) = (crossing_run / "bench" / "metric_info").iterdir()
    assert folder.name == "RouteScenario_5_rep0_Town01_T_Junction_1"
    entries = json.loads((folder / "metric_info.json").read_text())
    assert list(entries)[:2] == ["0", "1"]
    assert {name: len(values) for name, values in entries["0"].items()} == dict.fromkeys(
        ["acceleration", "angular_velocity", "forward_vector", "right_vector", "location", "rotation"], 3
    )
    motion = motion_of(entries)
    # It starts from rest and heads along x: in the first seconds it gains speed, and its places follow.
    assert np.mean(motion.acceleration[:60, 0]) > 0.5
    assert np.allclose(motion.forward[:20], [1.0, 0.0, 0.0], atol=0.05)
    assert np.allclose(motion.right[:20], [0.0, 1.0, 0.0], atol=0.05)
    assert entries[str(len(entries) - 1)]["location"][0] > 190.0


def test_what_the_metrics_need_is_read_back(crossing_run):
    (route,) = read_run(crossing_run / "bench").routes
    (folder,) = (crossing_run / "bench" / "metric_info").iterdir()
    motion = motion_of(json.loads((folder / "metric_info.json").read_text()))
    assert route.comfortable_share == comfortable_share(motion)
    # The junction begins about 35 m along the 90 m.
    assert 0.4 < route.junction_share < 0.6
    assert route.scenario_type == "T_Junction"


def test_the_report_has_the_protocols_metrics(crossing_run):
    report = json.loads((crossing_run / "bench" / "report.json").read_text())
    assert report["coverage"] == "1 of 220 routes"
    assert report["metrics"]["success_rate"]["value"] == report["metrics"]["traffic_signs"]["value"] == 100.0
    assert report["metrics"]["comfort"]["value"] is not None
    assert "bench2drive@0.0.3: 1 of 220 routes" in (crossing_run / "bench" / "report.txt").read_text()


def test_other_protocols_need_no_motion(crossing_run):
    assert not (crossing_run / "board" / "metric_info").exists()
    report = json.loads((crossing_run / "board" / "report.json").read_text())
    assert report["coverage"] == "1 route"
    assert list(report["metrics"])[:2] == ["driving_score", "route_completion"]
