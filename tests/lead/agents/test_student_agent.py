"""A student at the wheel, from a checkpoint's folder to the car's motion."""

import math
from dataclasses import replace
from pathlib import Path

import carla
import numpy as np
import pytest
from students import SMALL, save_straight_driver, save_student

from lead.agents import AgentSetupError, Assignment, drive, load_agent
from lead.agents.plan_following import Action
from lead.agents.sensor.config import ClosedLoopConfig, environment_config, find_checkpoint, parse_config
from lead.agents.sensor.heuristics import STOP_SIGN, Creeping, StopSigns, creep, heed_stop_signs
from lead.agents.sensor.navigation import NavigationConfig, Navigator
from lead.agents.sensor.observation import rig_of
from lead.geometry import location_array
from lead.models.config_tree import ConfigError
from lead.models.tfv6 import recipes
from lead.models.tfv6.checkpoint import Layout, convert, open_checkpoint
from lead.models.tfv6.configuration import FusionConfig, LegacyConfig, PlannerConfig
from lead.routes import RoadOption
from lead.routes.plan import DEFAULT_GEO_REFERENCE, geo_reference, gps_from_location

FULL_BRAKE = Action(0.0, 0.0, 1.0)


@pytest.fixture
def assign(agents_client, ego):
    """Makes an assignment: 400 m straight on from the ego, whatever the road does."""
    start = ego.get_transform()
    step = start.get_forward_vector()
    poses = [carla.Transform(start.location + step * float(metres), start.rotation) for metres in range(400)]
    here = geo_reference(agents_client.get_world().get_map().to_opendrive())
    rows = gps_from_location(here, [location_array(pose.location) for pose in poses]).tolist()
    gps = [({"lat": lat, "lon": lon, "z": z}, RoadOption.LANEFOLLOW) for lat, lon, z in rows]
    world_plan = [(pose, RoadOption.LANEFOLLOW) for pose in poses]

    def make(folder):
        return Assignment(agents_client, agents_client.get_world(), ego, gps, world_plan, str(folder))

    return make


def run(assignment, ticks, agent="student"):
    """Let a student drive; returns its moments."""
    moments = []
    with drive(load_agent(agent), assignment) as session:
        for _ in range(ticks):
            assignment.world.tick()
            assignment.ego.apply_control(session.step(assignment.world.get_snapshot()))
            moments.append(session.agent.student.moment)
    return moments


def test_it_drives_along_its_plan(tmp_path, assign, ego):
    moments = run(assign(save_straight_driver(tmp_path)), 45)
    assert moments[0].action == FULL_BRAKE
    assert moments[-1].place.speed > 3.0 and abs(moments[-1].action.steer) < 0.05
    previous, current, _ = moments[-1].place.targets
    assert previous[0] < 0.0 < current[0] < 201.0 and abs(current[1]) < 2.0


def test_what_it_needs_of_the_radar_and_lidar_is_there(tmp_path, assign):
    moment = run(assign(save_student(tmp_path)), 12)[-1]
    assert moment.inputs.rgb.shape == (1, 3, 96, 288)
    assert 0.0 < moment.inputs.rasterized_lidar.mean() < 0.5
    assert (moment.inputs.radar[..., :4] != 0.0).any()


def test_a_blind_student_sees_nothing(tmp_path, assign, monkeypatch):
    monkeypatch.setenv("LEAD_CLOSED_LOOP_CONFIG", "blank_rgb=true blank_lidar=true blank_radar=true")
    inputs = run(assign(save_student(tmp_path)), 3)[-1].inputs
    assert not inputs.rgb.any() and not inputs.rasterized_lidar.any() and not inputs.radar[..., :4].any()
    assert inputs.radar[0, ::75, 4].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_it_drives_for_other_evaluators(tmp_path, assign):
    example = Path(__file__).parents[3] / "examples" / "student_agent.py"
    assert len(run(assign(save_student(tmp_path)), 2, str(example))) == 2


def test_the_weather_is_the_one_asked_for(tmp_path, assign, agents_client, monkeypatch):
    monkeypatch.setenv("LEAD_CLOSED_LOOP_CONFIG", "custom_weather=HardRainSunset")
    run(assign(save_student(tmp_path)), 1)
    assert agents_client.get_world().get_weather().precipitation == 100.0
    monkeypatch.setenv("LEAD_CLOSED_LOOP_CONFIG", "custom_weather=ClearSunse")
    with pytest.raises(AgentSetupError, match=r"CARLA has no weather ClearSunse; did you mean ClearSunset\?"):
        run(assign(tmp_path), 1)


def test_leads_folders_drive_as_ensembles(tmp_path, assign):
    published = replace(
        recipes.no_radar(),
        image_encoder="starnet_s050",
        bev_encoder="starnet_s050",
        fusion=FusionConfig(layers=1),
        planner=PlannerConfig(radar=False, token_dim=16, layers=1, heads=2),
        legacy=LegacyConfig.published(),
    )
    for seed in (0, 1):
        save_student(tmp_path / "ours", published, seed, f"model_0030_{seed}")
    convert(open_checkpoint(tmp_path / "ours"), tmp_path / "lead", Layout.LEAD)
    assert sorted(path.suffix for path in (tmp_path / "lead").iterdir()) == [".json", ".pth", ".pth"]
    moment = run(assign(tmp_path / "lead"), 2)[-1]
    assert moment.prediction.route.shape == (1, 10, 2) and moment.inputs.radar is None
    assert not np.array_equal(moment.place.position, np.zeros(2))


def test_wishes_for_something_else_come_in_one_sentence(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"unknown key blank_rgbb; did you mean blank_rgb\?"):
        parse_config("blank_rgbb=true")
    with pytest.raises(ConfigError, match="brake_threshold must be float, not 'much'"):
        parse_config("brake_threshold=much")
    with pytest.raises(ConfigError, match="'blank_rgb' is no setting; write name=value"):
        parse_config("blank_rgb")
    monkeypatch.setenv("LEAD_CLOSED_LOOP_CONFIG", "steer_modality=routes")
    with pytest.raises(ConfigError, match="LEAD_CLOSED_LOOP_CONFIG: steer_modality must be one of route, waypoint"):
        environment_config()
    with pytest.raises(ConfigError, match="there is no checkpoint /nowhere"):
        find_checkpoint("/nowhere")
    with pytest.raises(ConfigError, match="is no checkpoint: it needs config"):
        find_checkpoint(str(tmp_path))


def test_bench2drives_suffix_is_no_part_of_the_folder(tmp_path):
    assert find_checkpoint(f"{save_student(tmp_path)}+RouteScenario_1") == tmp_path


def test_a_pretrained_model_cannot_drive(tmp_path, assign):
    save_student(tmp_path, recipes.for_pretraining(SMALL))
    with pytest.raises(AgentSetupError, match="only pre-trained and cannot drive"):
        run(assign(tmp_path), 1)


def test_a_model_gets_the_sensors_that_it_was_trained_with():
    assert [len(rig_of(recipe()).cameras) for recipe in (recipes.resnet34, recipes.four_cameras)] == [3, 4]
    rear = rig_of(recipes.four_cameras()).cameras[3]
    assert rear.rotation_deg == (0.0, 0.0, 180.0)
    assert not rig_of(recipes.vision_only()).lidars and len(rig_of(recipes.no_radar()).radars) == 4


PLAN = np.array([[0.0, 0.0, 0.0], [20.0, 0.0, 0.0], [28.0, 0.0, 0.0], [120.0, 0.0, 0.0]])


def navigator(**settings):
    gps = [({"lat": lat, "lon": lon, "z": z}, 4) for lat, lon, z in gps_from_location(DEFAULT_GEO_REFERENCE, PLAN)]
    poses = [(carla.Transform(carla.Location(*point)), 4) for point in PLAN.tolist()]
    return Navigator(gps, poses, NavigationConfig(**settings))


def at(x, y=0.0):
    return gps_from_location(DEFAULT_GEO_REFERENCE, [x, y, 0.0])


def test_target_points_are_seen_from_the_car():
    place = navigator().step(at(5.0, 1.0), math.pi / 2.0, 0.0)
    assert np.allclose(place.targets, [[-5.0, -1.0], [15.0, -1.0], [23.0, -1.0]], atol=0.01)
    turned = navigator().step(at(5.0, 1.0), math.pi, 0.0)  # heading south, along y
    assert np.allclose(turned.targets[1], [-1.0, -15.0], atol=0.01)
    assert (place.command, turned.next_command) == (3, 3)


def test_distant_points_are_left_out_when_asked_to():
    navigators = navigator(pop_m=5.0), navigator(pop_m=5.0, farthest_m=50.0)
    far, near = (one.step(at(17.0), math.pi / 2.0, 0.0).targets[2, 0] for one in navigators)
    assert (far, near) == (pytest.approx(103.0, abs=0.1), pytest.approx(11.0, abs=0.1))


def test_points_close_together_are_passed_nearer():
    loose, strict = navigator(pop_m=5.0), navigator(pop_m=5.0, adaptive=True)
    assert [one.step(at(15.7), math.pi / 2.0, 0.0).targets[1, 0].round() for one in (loose, strict)] == [12.0, 4.0]


def test_the_filter_holds_what_gnss_shakes():
    raw, filtered = navigator(filtered=False), navigator()
    rng = np.random.default_rng(0)
    errors = {raw: [], filtered: []}
    for tick in range(200):
        fix = at(tick * 0.05 * 4.0 + rng.normal(0.0, 0.5), rng.normal(0.0, 0.5))
        for one in errors:
            errors[one].append(abs(one.step(fix, math.pi / 2.0, 4.0).position[1]))
    assert np.mean(errors[filtered][-50:]) < 0.4 * np.mean(errors[raw][-50:])


def test_a_car_that_has_long_stood_creeps_where_nothing_is_ahead():
    config = ClosedLoopConfig(sensor_agent_stuck_threshold=3, sensor_agent_stuck_move_duration=2)
    free, wall = np.zeros((0, 3)), np.array([[3.5, 0.2, 1.0]])

    def actions(cloud):
        state, out = Creeping(), []
        for _ in range(6):
            action, state = creep(state, FULL_BRAKE, 0.0, cloud, config)
            out.append(action.throttle)
        return out

    assert actions(free) == [0.0, 0.0, 0.0, 0.4, 0.4, 0.0]
    assert actions(wall) == [0.0] * 6


def test_a_plan_that_wavers_counts_as_standing():
    config = ClosedLoopConfig(sensor_agent_stuck_threshold=20, sensor_agent_stuck_move_duration=2)

    def pushes(speeds):
        state, out = Creeping(), 0
        for speed in speeds:
            action, state = creep(state, FULL_BRAKE, speed, np.zeros((0, 3)), config)
            out += action.throttle > 0.0
        return out

    assert pushes([0.0, 0.0, 0.4, 0.1] * 8) == 2
    assert pushes([0.0, 0.0, 4.0, 0.1] * 20) == 0


def test_it_stops_once_at_a_stop_sign():
    config = ClosedLoopConfig(slower_for_stop_sign_cool_down=2)
    go, sign = Action(0.1, 0.5, 0.0), np.array([[8.0, 0.5, 1.0, 1.0, 0.0, 0.0, 0.0, STOP_SIGN, 0.9]])
    nothing, state, brakes = np.zeros((0, 9)), StopSigns(), []
    for x, speed in ((0.0, 5.0), (4.0, 5.0), (7.5, 4.0), (7.6, 0.0), (7.6, 0.0), (7.7, 1.0)):
        boxes = sign if x == 0.0 else nothing
        action, state = heed_stop_signs(state, go, speed, boxes, np.array([x, 0.0, 0.0]), config)
        brakes.append(action.brake)
    assert brakes == [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
