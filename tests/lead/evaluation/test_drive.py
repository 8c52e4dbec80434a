"""Whole evaluations against a real server, on short routes in Town01."""

import json
from dataclasses import replace
from pathlib import Path

import carla
import numpy as np
import pytest

from lead.agents import AgentLoadError
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.infractions import Infraction
from lead.evaluation.records import RouteStatus
from lead.evaluation.runner import evaluate
from lead.evaluation.stage import TownError, open_stage
from lead.evaluation.store import CHECKPOINT_NAME, StoreError
from lead.routes import Route, RouteError, ScenarioConfig, WeatherKeyframe, write_routes
from lead.simulator import Outcome, ServerUnreachable
from lead.traffic import BackgroundConfig

NO_TRAFFIC = BackgroundConfig(present=False)

AGENT = """
import carla
from leaderboard.autoagents.autonomous_agent import AutonomousAgent, Track


def get_entry_point():
    return "Driver"


class Driver(AutonomousAgent):
    def setup(self, path_to_conf_file):
        self.track = Track.SENSORS
        self.mode = path_to_conf_file
        if self.mode == "no set-up":
            raise KeyError("weights")

    def sensors(self):
        count = 9 if self.mode == "greedy" else 0
        camera = dict(type="sensor.camera.rgb", x=0.0, y=0.0, z=2.0, roll=0.0, pitch=0.0, yaw=0.0)
        cameras = [dict(camera, id=f"c{i}", width=64, height=64, fov=90) for i in range(count)]
        return [dict(type="sensor.speedometer", id="speed"), *cameras]

    def run_step(self, input_data, timestamp):
        if self.mode == "crash" and timestamp > 0.5 and input_data["speed"][1]["speed"] > 1.0:
            raise IndexError("no waypoint left")
        while self.mode == "hang":
            pass
        steer = 0.4 if self.mode == "swerve" else 0.0
        return carla.VehicleControl(throttle=0.0 if self.mode == "stand" else 0.7, steer=steer)
"""


@pytest.fixture(scope="module")
def straight() -> Route:
    """60 m along a straight road of Town01."""
    keypoints = np.array([[396.3, 200.0, 0.0], [396.3, 140.0, 0.0]])
    night = WeatherKeyframe(100.0, {"sun_altitude_angle": -30.0, "cloudiness": 80.0})
    day = WeatherKeyframe(0.0, {"sun_altitude_angle": 60.0, "cloudiness": 0.0})
    scenario = ScenarioConfig("ControlLoss_1", "ControlLoss", (0.0, 0.0, 0.0, 0.0))
    return Route("5", "Town01", keypoints, (day, night), (scenario,))


@pytest.fixture
def config(tmp_path, port, straight):
    """Makes a configuration of an evaluation of `routes`, by default of the straight one, in its own folder."""

    def make(routes: tuple[Route, ...] = (straight,), agent: str = "route_follower", **values) -> EvaluationConfig:
        write_routes(tmp_path / "routes.xml", routes)
        defaults = {"background": NO_TRAFFIC, "port": port, "simulator_timeout_s": 30.0}
        output = values.pop("output", tmp_path / "out")
        return EvaluationConfig(agent, tmp_path / "routes.xml", output, **{**defaults, **values})

    return make


@pytest.fixture
def driver(tmp_path) -> str:
    (tmp_path / "driver.py").write_text(AGENT)
    return str(tmp_path / "driver.py")


class Watcher:
    def __init__(self):
        self.calls, self.ticks, self.weathers = [], [], []

    def on_route_start(self, context):
        self.calls.append(("start", context.key.route_id, context.ego.attributes["role_name"]))

    def on_tick(self, context, seen):
        self.ticks.append(seen)
        self.weathers.append(context.world.get_weather().sun_altitude_angle)

    def on_route_end(self, record):
        self.calls.append(("end", record.route_id, record.status))


def test_the_route_follower_completes_a_route(config):
    watcher = Watcher()
    settings = config()
    (record,) = evaluate(settings, [watcher]).results.records
    assert (record.status, record.score_composed) == (RouteStatus.PERFECT, 100.0)
    assert 50.0 < record.route_length < 65.0
    assert watcher.calls == [
        ("start", "RouteScenario_5_rep0", "hero"),
        ("end", "RouteScenario_5_rep0", RouteStatus.PERFECT),
    ]
    # 20 Hz, every tick once, and the game's clock.
    frames = [seen.frame for seen in watcher.ticks]
    assert np.all(np.diff(frames) == 1)
    assert record.duration_game == pytest.approx(0.05 * (len(frames) - 1), abs=1e-3)
    assert watcher.ticks[10].lane.width == pytest.approx(4.0, abs=1.0)
    assert watcher.ticks[10].ego.speed_limit_kmh > 0.0
    # The weather went from day to night.
    assert watcher.weathers[0] == pytest.approx(60.0, abs=1.0)
    assert watcher.weathers[-1] == pytest.approx(-30.0, abs=2.0)


def test_results_are_on_disk_and_are_not_driven_again(config):
    settings = config(repetitions=2)
    first = evaluate(settings)
    data = json.loads((settings.output / CHECKPOINT_NAME).read_text())
    assert [record["route_id"] for record in data["_checkpoint"]["records"]] == [
        "RouteScenario_5_rep0",
        "RouteScenario_5_rep1",
    ]
    assert (data["entry_status"], data["_checkpoint"]["progress"]) == ("Finished", [2, 2])
    report = json.loads((settings.output / "report.json").read_text())
    assert list(report["routes"][0]["scenarios_not_run"]) == ["ControlLoss_1"]
    assert (settings.output / "report.txt").read_text().count("scenario ControlLoss_1 did not run: ") == 2
    again = evaluate(settings)
    assert len(first.attempts) == 2
    assert again.attempts == ()
    assert again.results == first.results


def test_another_agents_results_are_not_continued(config, driver):
    evaluate(config())
    with pytest.raises(StoreError, match="differs in agent"):
        evaluate(config(agent=driver))
    with pytest.raises(StoreError, match="differs in config"):
        evaluate(config(scenarios=False))
    with pytest.raises(AgentLoadError, match="route_follower"):
        evaluate(config(agent="route_folower"))


@pytest.mark.parametrize(
    ("mode", "status", "words"),
    [
        ("no set-up", RouteStatus.NOT_SET_UP, "KeyError: 'weights'"),
        ("greedy", RouteStatus.SENSORS_INVALID, "only 8 of sensor.camera.rgb are allowed"),
        ("crash", RouteStatus.AGENT_CRASHED, "IndexError: no waypoint left"),
        ("hang", RouteStatus.AGENT_CRASHED, "a step of the agent took longer than 2 s"),
    ],
)
def test_what_the_agent_does_wrong_is_its_own_fault(config, driver, mode, status, words):
    (result,) = evaluate(config(agent=driver, agent_config=mode, agent_timeout_s=2.0)).attempts
    assert (result.record.status, result.outcome) == (status, Outcome.AGENT_ERROR)
    assert words in result.error
    assert (result.ticks > 0) is (mode == "crash")


def test_leaving_the_road_is_seen_and_hitting_something_too(config, driver):
    settings = config(agent=driver, agent_config="swerve", protocol="bench2drive@0.0.3")
    (record,) = evaluate(settings).results.records
    assert record.status in (RouteStatus.BLOCKED, RouteStatus.DEVIATED)
    assert record.names is not None
    assert record.names.town_name == "Town01"
    assert record.score_penalty < 1.0
    wrong = {kind for kind in Infraction if record.infractions[kind.value]}
    assert wrong & {Infraction.COLLISION_LAYOUT, Infraction.OUTSIDE_LANES, Infraction.ROUTE_DEVIATION}


def test_standing_still_is_a_blockage_after_a_minute_in_bench2drive(config, driver):
    settings = config(agent=driver, agent_config="stand", protocol="bench2drive@0.0.3")
    (record,) = evaluate(settings).results.records
    assert record.status is RouteStatus.BLOCKED
    assert record.duration_game == pytest.approx(60.0, abs=3.0)
    assert record.score_route == pytest.approx(0.0, abs=5.0)


def test_a_town_that_the_simulator_lacks_is_named(config, straight):
    nowhere = Route("1", "Town99", straight.keypoints)
    with pytest.raises(TownError, match="no town 'Town99'"):
        evaluate(config((nowhere,)))


def test_no_simulator_is_one_sentence(config):
    with pytest.raises(ServerUnreachable, match="nothing listens on"):
        evaluate(config(port=1))


def test_nothing_is_left_behind(config, port):
    evaluate(config(background=BackgroundConfig()))
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(20.0)
    world = client.get_world()
    actors = world.get_actors()
    assert not list(actors.filter("vehicle.*")) + list(actors.filter("sensor.*"))


def test_a_stage_puts_settings_back_and_sweeps(config, port):
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(20.0)
    world = client.get_world()
    before = world.get_settings()
    with open_stage(config()) as stage:
        stage_world, town = stage.enter_town("Town01")
        inside = stage_world.get_settings()
        blueprint = stage_world.get_blueprint_library().find("vehicle.audi.tt")
        left = stage_world.spawn_actor(blueprint, town.map.get_spawn_points()[0])
        stage.tick(stage_world)
        stage.enter_town("Town01")
        assert stage_world.get_snapshot().find(left.id) is None
    assert (inside.synchronous_mode, inside.fixed_delta_seconds) == (True, pytest.approx(0.05))
    assert inside.actor_active_distance == pytest.approx(650.0)
    assert world.get_settings().synchronous_mode == before.synchronous_mode


def test_configurations_are_checked(tmp_path):
    with pytest.raises(ValueError, match="no protocol"):
        EvaluationConfig("route_follower", Path("x.xml"), tmp_path, protocol="leaderbord@2.0")
    with pytest.raises(ValueError, match="repetitions"):
        EvaluationConfig("route_follower", Path("x.xml"), tmp_path, repetitions=0)
    with pytest.raises(ValueError, match="above 0"):
        BackgroundConfig(gap_m=0.0)


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (
            ScenarioConfig("Parade_1", "ControlLos", (0.0, 0.0, 0.0, 0.0)),
            r"route 5, scenario Parade_1: there is no scenario of type 'ControlLos'; did you mean ControlLoss\?",
        ),
        (
            ScenarioConfig("Accident_1", "Accident", (0.0, 0.0, 0.0, 0.0), {"distance": {"value": "far"}}),
            "route 5: scenario Accident_1, distance: 'far' is not a finite number",
        ),
    ],
)
def test_scenarios_that_nobody_can_play_are_refused_before_anything_is_driven(config, straight, scenario, words):
    routes = (replace(straight, id="4"), replace(straight, scenarios=(scenario,)))
    settings = config(routes)
    with pytest.raises(RouteError, match=words):
        evaluate(settings)
    assert not settings.output.exists()
    assert [one.record.route_id for one in evaluate(config(routes[:1], scenarios=False)).attempts] == [
        "RouteScenario_4_rep0"
    ]


def test_a_route_is_the_same_whatever_came_before_it(config, straight, tmp_path):
    """Alone, and as the second route of a file: the same record, though actors and frames have other numbers."""
    rng = {"background": BackgroundConfig(), "agent": "route_follower"}
    other = replace(straight, id="4", keypoints=np.array([[170.0, 59.6, 0.0], [240.0, 59.6, 0.0]]))
    (alone,) = evaluate(config((straight,), output=tmp_path / "alone", **rng)).attempts
    _, second = evaluate(config((other, straight), output=tmp_path / "second", **rng)).attempts
    assert alone.timing.first_frame != second.timing.first_frame
    both = [replace(one.without_timing(), run=alone.run) for one in (alone, second)]
    assert replace(both[1], record=replace(both[1].record, index=0)) == both[0]
    assert alone.infractions
