"""The student itself, whatever calls it: readings of a tick in, an action out, and what it saw and thought kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lead.agents.closed_loop import ClosedLoopInference, Followed
from lead.agents.plan_following import Action
from lead.agents.sensor.collision_avoidance import Gaps, Obstacles, brake_in_emergency, find_obstacles, pass_aside
from lead.agents.sensor.config import WAYPOINT, ClosedLoopConfig
from lead.agents.sensor.detour import BACK, BACKING, ROUND, SPEED, WAIT, Detour, go_round
from lead.agents.sensor.heuristics import Creeping, StopSigns, creep, heed_stop_signs
from lead.agents.sensor.navigation import NavigationConfig, Navigator, Place
from lead.agents.sensor.observation import Glimpse, Observation, Senses, rig_of
from lead.models.config_tree import ConfigError
from lead.models.tfv6.checkpoint import Layout, load_member, open_checkpoint
from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.inference import InferenceConfig, OpenLoopInference, Precision, Prediction
from lead.models.tfv6.modelling import ALL_HEADS, PLANNING_ONLY, Head
from lead.models.tfv6.tensors import Inputs
from lead.sensors.rig import Rig

HOLD = Action(0.0, 0.0, 1.0)
"""What a student does before its first plan."""
# Left, right, straight, follow, change left, change right as NAVSIM's left, straight, right, unknown.
_NAVSIM_COMMANDS = (0, 2, 1, 1, 0, 2)
_CARLA_COMMANDS = 6


@dataclass(frozen=True)
class Brain:
    """A checkpoint ready to drive. `published`: whether it is LEAD's own, driven as LEAD drives it."""

    inference: OpenLoopInference
    config: TFv6Config
    published: bool


@dataclass(frozen=True)
class Moment:
    """A tick as the student had it; `observation` and `inputs` are those of its last plan. `note` says what overruled
    the plan, if anything.
    """

    step: int
    glimpse: Glimpse
    observation: Observation
    place: Place
    inputs: Inputs
    prediction: Prediction
    action: Action
    note: str = ""


@lru_cache(maxsize=1)
def load_brain(source: Path, config: ClosedLoopConfig) -> Brain:
    """All models of a checkpoint. ConfigError or CheckpointFileError for what cannot be loaded or cannot drive."""
    checkpoint = open_checkpoint(source)
    model = checkpoint.config
    if model.planner is None:
        raise ConfigError(f"{source} has no planner: it was only pre-trained and cannot drive")
    torch.set_num_threads(config.threads)
    heads = set(ALL_HEADS if config.shows_thoughts else PLANNING_ONLY)
    heads |= {Head.BOXES} if config.slower_for_stop_sign else set()
    inference = OpenLoopInference(
        [load_member(checkpoint, member) for member in checkpoint.members],
        InferenceConfig(
            heads=frozenset(heads),
            device=config.device,
            precision=Precision(config.precision),
            compiled=config.compiled,
            brake_threshold=config.brake_threshold,
            target_speed_factor=config.lower_target_speed_factor if config.lower_target_speed else 1.0,
        ),
    )
    return Brain(inference, model, checkpoint.layout is Layout.LEAD or checkpoint.lead_config is not None)


class Student:
    """A checkpoint on one route. `senses`: what makes its observations."""

    def __init__(
        self,
        source: Path,
        config: ClosedLoopConfig,
        gps_plan: Sequence[tuple[Mapping[str, float], Any]],
        world_plan: Sequence[tuple[Any, Any]],
    ):
        """`gps_plan`, `world_plan`: the sparse plan as agents get it. Raises like `load_brain`, or RouteError."""
        brain = load_brain(source, config)
        self.config = config = settled(config, brain)
        self.model_config = (
            brain.config if config.jpeg_quality is None else _with_quality(brain.config, config.jpeg_quality)
        )
        self.rig: Rig = rig_of(self.model_config)
        followed = Followed(
            config.steer_modality == WAYPOINT, config.throttle_modality == WAYPOINT, config.brake_modality == WAYPOINT
        )
        self._loop = ClosedLoopInference(brain.inference, followed)
        self._navigator = Navigator(gps_plan, world_plan, navigation_config(config, brain.config))
        self.senses = Senses(self.rig, self.model_config)
        self._creeping, self._stop_signs = Creeping(), StopSigns()
        self._gaps, self._gaps_beside, self._detour = Gaps(), Gaps(), Detour()
        self._step = 0
        self.moment: Moment | None = None

    def step(self, readings: Mapping[str, Any]) -> Action:
        """The action for the readings of a tick by sensor, in the leaderboard's formats."""
        speed = float(readings["speed"]["speed"])
        place = self._navigator.step(readings["gps"], float(readings["imu"][6]), speed)
        glimpse = self.senses.take_in(readings, place.reckoned)
        last = self.moment
        if last is None or self._step % self.config.inference_ticks == 0:
            observation = self.senses.observe(glimpse)
            inputs = make_inputs(observation, place, readings["imu"], self.model_config, self.config)
            prediction = self._loop.predict(inputs)
        else:
            observation, inputs, prediction = last.observation, last.inputs, last.prediction
        followed, obstacles = self._avoiding(prediction, speed, glimpse)
        planned = self._loop.follow(followed, speed)
        action, note = self._overrule(planned, speed, glimpse, prediction, obstacles, place)
        if self._step == 0:
            action = HOLD
        self.moment = Moment(self._step, glimpse, observation, place, inputs, prediction, action, note)
        self._step += 1
        return action

    def _avoiding(self, prediction: Prediction, speed: float, glimpse: Glimpse) -> tuple[Prediction, Obstacles | None]:
        """The plan, moved aside where that helps, and what is near it; None where nobody looks."""
        plan = prediction.waypoints if prediction.route is None else prediction.route
        if plan is None or not self.config.collision_avoidance:
            return prediction, None
        way, cloud = plan[0].numpy(), glimpse.cloud
        obstacles = find_obstacles(way, cloud)
        if prediction.route is None:
            return prediction, obstacles
        route, self._detour = go_round(self._detour, self._creeping.waited, way, speed, cloud)
        if self._detour.move == ROUND:
            prediction = replace(prediction, target_speed=torch.tensor([SPEED]))
        else:
            route, self._gaps_beside = pass_aside(self._gaps_beside, way, obstacles, speed, cloud)
        if route is way:
            return prediction, obstacles
        return replace(prediction, route=torch.from_numpy(route)[None]), find_obstacles(route, cloud)

    def _overrule(
        self,
        planned: Action,
        speed: float,
        glimpse: Glimpse,
        prediction: Prediction,
        obstacles: Obstacles | None,
        place: Place,
    ) -> tuple[Action, str]:
        action, note = planned, ""
        if self.config.slower_for_stop_sign and prediction.boxes is not None:
            action, self._stop_signs = heed_stop_signs(
                self._stop_signs, action, speed, prediction.boxes[0], place.reckoned, self.config
            )
            note = "stop sign" if action != planned else note
        if self.config.sensor_agent_creeping:
            before = action
            action, self._creeping = creep(self._creeping, action, speed, glimpse.cloud, self.config)
            note = "creeping" if action != before else note
        if obstacles is not None:
            before = action
            action, self._gaps = brake_in_emergency(self._gaps, action, speed, obstacles)
            note = "emergency brake" if action != before else self._detour.move or note
        if self._detour.move in (BACK, WAIT):
            action, note = BACKING if self._detour.move == BACK else HOLD, self._detour.move
        return action, note


def settled(config: ClosedLoopConfig, brain: Brain) -> ClosedLoopConfig:
    """The settings, with the model's own way where nothing is asked for."""

    def chosen(asked: bool | None, default: bool) -> bool:
        return default if asked is None else asked

    ours, creeping = not brain.published, config.sensor_agent_stuck_move_duration
    return replace(
        config,
        use_kalman_filter=chosen(config.use_kalman_filter, ours),
        sensor_agent_pop_distance_adaptive=chosen(config.sensor_agent_pop_distance_adaptive, not ours),
        sensor_agent_skip_distant_target_point=chosen(config.sensor_agent_skip_distant_target_point, not ours),
        sensor_agent_creeping=chosen(config.sensor_agent_creeping, ours),
        sensor_agent_stuck_move_duration=(100 if ours else 20) if creeping is None else creeping,
        collision_avoidance=chosen(config.collision_avoidance, ours) and not config.blank_lidar,
    )


def navigation_config(config: ClosedLoopConfig, model: TFv6Config) -> NavigationConfig:
    """How the plan is followed, by settings that are settled."""
    return NavigationConfig(
        pop_m=config.route_planner_min_distance or model.observation.pop_distance_m,
        leaves_passed=model.observation.leaves_passed_points,
        adaptive=bool(config.sensor_agent_pop_distance_adaptive),
        farthest_m=config.route_planner_max_distance if config.sensor_agent_skip_distant_target_point else None,
        filtered=bool(config.use_kalman_filter),
    )


def make_inputs(
    observation: Observation, place: Place, imu: NDArray[np.floating], model: TFv6Config, config: ClosedLoopConfig
) -> Inputs:
    """A batch of one for the model; `imu`: accelerations (m/s2) first."""

    def tensor(array: NDArray[Any] | None, blank: bool = False) -> torch.Tensor | None:
        if array is None:
            return None
        return torch.from_numpy(np.zeros_like(array) if blank else np.ascontiguousarray(array))[None]

    rgb = tensor(observation.rgb, config.blank_rgb)
    assert rgb is not None and model.planner is not None
    previous, current, following = (tensor(point.astype(np.float32)) for point in place.targets)
    return Inputs(
        rgb=rgb,
        speed=torch.tensor([place.speed], dtype=torch.float32),
        command=_one_hot(place.command, model.planner.commands),
        rasterized_lidar=tensor(observation.lidar, config.blank_lidar),
        radar=_no_radar(observation.radar) if config.blank_radar else tensor(observation.radar),
        acceleration=torch.tensor([float(np.hypot(imu[0], imu[1]))], dtype=torch.float32),
        target_point_previous=previous,
        target_point=current,
        target_point_next=following,
    )


def _no_radar(radar: NDArray[np.float32] | None) -> torch.Tensor | None:
    if radar is None:
        return None
    empty = radar.copy()
    empty[:, :4] = 0.0
    return torch.from_numpy(empty)[None]


def _one_hot(command: int, commands: int) -> torch.Tensor:
    place = command if commands == _CARLA_COMMANDS else _NAVSIM_COMMANDS[command]
    return torch.eye(commands)[place][None]


def _with_quality(model: TFv6Config, quality: int) -> TFv6Config:
    return replace(model, observation=replace(model.observation, jpeg_quality=quality))
