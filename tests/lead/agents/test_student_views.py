"""A student's drive through the evaluation, and what it leaves to look at."""

import av
import cv2
import numpy as np
import pytest
import torch
from students import save_straight_driver

from lead.commands.student_views import StudentViews
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.runner import evaluate
from lead.models.tfv6.tensors import Inputs
from lead.routes import Route, WeatherKeyframe, write_routes

SETTINGS = (
    "produce_demo_image=true produce_demo_video=true produce_debug_image=true produce_debug_video=true"
    " produce_grid_image=true produce_grid_video=true produce_input_image=true produce_input_video=true"
    " produce_input_log=true produce_frame_frequency=20"
)


@pytest.fixture(scope="module")
def driven(tmp_path_factory, agents_server):
    """The results of a student on a short straight road, and its folder."""
    folder = tmp_path_factory.mktemp("views")
    points = np.array([[170.0, 59.6, 0.0], [184.0, 59.6, 0.0]])
    weather = (WeatherKeyframe(0.0, {"sun_altitude_angle": 60.0}),)
    write_routes(folder / "straight_1.xml", (Route("7", "Town01", points, weather, ()),))
    checkpoint = save_straight_driver(folder / "checkpoint")
    config = EvaluationConfig(
        "student",
        folder / "straight_1.xml",
        folder / "out",
        agent_config=str(checkpoint),
        port=agents_server.port,
        attempts=1,
    )
    with pytest.MonkeyPatch.context() as patch, StudentViews("straight_1") as views:
        patch.setenv("LEAD_CLOSED_LOOP_CONFIG", SETTINGS)
        evaluation = evaluate(config, [views])
    return evaluation, folder / "out"


def test_it_comes_to_the_end_like_any_agent(driven):
    (attempt,) = driven[0].attempts
    assert attempt.error == "" and attempt.record.score_route == 100.0
    assert (driven[1] / "infractions.json").read_bytes() == (
        driven[1] / "RouteScenario_7_rep0" / "infractions.json"
    ).read_bytes()
    assert {"carla_camera", "carla_lidar", "carla_radar"} <= set(attempt.sensors)


@pytest.mark.parametrize(
    ("view", "shape"),
    [("demo", (1080, 1920)), ("grid", (648, 1152)), ("input", (384, 1152)), ("debug", (906, 1280))],
)
def test_each_view_is_a_video_and_pictures(driven, view, shape):
    pictures = sorted((driven[1] / f"{view}_images").iterdir())
    assert len(pictures) >= 2 and pictures[0].name[:5].isdigit() and int(pictures[1].stem) - int(pictures[0].stem) == 20
    image = cv2.imread(str(pictures[-1]))
    assert image.shape == (*shape, 3) and image.std() > 10.0
    with av.open(str(driven[1] / f"straight_1_{view}.mp4")) as video:
        (stream,) = video.streams.video
        assert (stream.height, stream.width) == shape and stream.average_rate == 1
        assert sum(1 for _ in video.decode(stream)) == len(pictures)


def test_the_log_holds_what_went_into_the_model(driven):
    logs = sorted((driven[1] / "input_log").iterdir())
    inputs = Inputs(**torch.load(logs[-1], weights_only=True))
    assert inputs.rgb.shape == (1, 3, 96, 288) and inputs.target_point.shape == (1, 2)
