"""How a student drives and what it shows of it: LEAD's `LEAD_CLOSED_LOOP_CONFIG`, and what we add."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lead.models.config_tree import ConfigError, from_tree
from lead.models.dotlist import apply, parse_words
from lead.models.shipped import find_model

CONFIG_VARIABLE = "LEAD_CLOSED_LOOP_CONFIG"
"""Settings of all drives, such as `produce_demo_video=true use_kalman_filter=true`."""

VIEWS = ("demo", "debug", "grid", "input")
"""Kinds of pictures that a drive can leave."""
ROUTE, TARGET_SPEED, WAYPOINT = "route", "target_speed", "waypoint"
_CHOICES = {
    "steer_modality": (ROUTE, WAYPOINT),
    "throttle_modality": (TARGET_SPEED, WAYPOINT),
    "brake_modality": (TARGET_SPEED, WAYPOINT),
    "precision": ("float32", "bfloat16"),
}


@dataclass(frozen=True)
class ClosedLoopConfig:
    """The settings, by LEAD's names where LEAD has them.

    None: what the model was trained with, or what LEAD drives its models with.
    """

    produce_demo_image: bool = False
    """Pictures of the car from behind and from above, with its plan."""
    produce_demo_video: bool = False
    produce_debug_image: bool = False
    """Pictures of all that the model sees and thinks."""
    produce_debug_video: bool = False
    produce_grid_image: bool = False
    """Pictures of the car from outside above those of its cameras, with its plan in them."""
    produce_grid_video: bool = False
    produce_input_image: bool = False
    """Pictures of the car's cameras side by side."""
    produce_input_video: bool = False
    produce_input_log: bool = False
    """Files with what went into the model."""
    produce_frame_frequency: int = 1
    """Ticks from one picture to the next."""
    jpeg_quality: int | None = None
    """Of the JPEG files that pictures went through in training."""
    use_kalman_filter: bool | None = None
    """Whether target points are seen from the filtered position; by default for our models, not for LEAD's."""
    route_planner_min_distance: float | None = None
    """How near a target point is passed (m)."""
    sensor_agent_pop_distance_adaptive: bool | None = None
    """Whether target points close together are passed nearer; by default for LEAD's models alone."""
    sensor_agent_skip_distant_target_point: bool | None = None
    """Whether a next target point beyond `route_planner_max_distance` is left out; by default for LEAD's models."""
    route_planner_max_distance: float = 50.0
    """Metres."""
    steer_modality: str = ROUTE
    """`route` or `waypoint`: what is steered along. Models without a route steer along waypoints."""
    throttle_modality: str = TARGET_SPEED
    """`target_speed` or `waypoint`: what the throttle follows."""
    brake_modality: str = TARGET_SPEED
    """`target_speed` or `waypoint`: what the brake follows."""
    brake_threshold: float = 0.9
    """Probability of standing above which the car brakes."""
    lower_target_speed: bool = False
    """Whether target speeds are multiplied by `lower_target_speed_factor`."""
    lower_target_speed_factor: float = 0.8
    collision_avoidance: bool | None = None
    """Whether the car passes a little aside of LiDAR points that reach into its way, and brakes where it could else no
    longer stop behind them; by default for our models, not for LEAD's."""
    sensor_agent_creeping: bool | None = None
    """Whether a car that has stood long creeps ahead where the way is clear; by default for our models, not for
    LEAD's."""
    sensor_agent_stuck_threshold: int = 1100
    """Ticks of standing after which it creeps."""
    sensor_agent_stuck_move_duration: int | None = None
    """Ticks of creeping; by default 100 for our models, 20 for LEAD's."""
    sensor_agent_stuck_throttle: float = 0.4
    slower_for_stop_sign: bool = False
    """Whether the car stops at stop signs that the model sees, whatever its plan."""
    slower_for_stop_sign_dist_threshold: float = 1.0
    """Metres to the sign's box at which it stops."""
    slower_for_stop_sign_cool_down: int = 120
    """Ticks after a stop before the next."""
    custom_weather: str | None = None
    """One of CARLA's weathers, such as ClearSunset, for routes that have none of their own."""
    random_weather: bool = False
    """Any of CARLA's weathers, for such routes."""
    device: str = "cpu"
    """Where the model computes, such as cuda."""
    precision: str = "float32"
    """`float32` or `bfloat16`."""
    compiled: bool = False
    """Whether the model is compiled, which takes a minute and more at the first tick."""
    threads: int = 1
    """Threads of the model on the CPU. More help where nothing else runs, and cost much where something does."""
    inference_ticks: int = 1
    """Ticks from one plan to the next; in between the last plan is followed."""
    blank_rgb: bool = False
    """Whether the model gets black pictures: a baseline that does not see."""
    blank_lidar: bool = False
    """Whether it gets an empty LiDAR raster."""
    blank_radar: bool = False
    """Whether it gets no radar points."""

    def __post_init__(self):
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise ConfigError(f"{name} must be one of {', '.join(known)}, not {getattr(self, name)!r}")
        for name in ("produce_frame_frequency", "inference_ticks", "sensor_agent_stuck_threshold", "threads"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be 1 or more, not {getattr(self, name)}")
        if self.jpeg_quality is not None and not 1 <= self.jpeg_quality <= 100:
            raise ConfigError(f"jpeg_quality must lie between 1 and 100, not {self.jpeg_quality}")

    def shows(self, view: str) -> bool:
        """Whether pictures of a kind are wanted, as files or as a video."""
        return getattr(self, f"produce_{view}_image") or getattr(self, f"produce_{view}_video")

    @property
    def driving(self) -> list[tuple[str, Any]]:
        """What decides how a drive goes: all but what it leaves behind."""
        return sorted((name, value) for name, value in asdict(self).items() if not name.startswith("produce_"))

    @property
    def shows_anything(self) -> bool:
        """Whether a drive leaves pictures, videos or logs."""
        return self.produce_input_log or any(self.shows(view) for view in VIEWS)

    @property
    def shows_thoughts(self) -> bool:
        """Whether somebody looks at what the model predicts besides its plan."""
        return self.shows("debug")


def parse_config(text: str, base: ClosedLoopConfig | None = None) -> ClosedLoopConfig:
    """The settings `base` with changes such as `blank_rgb=true brake_threshold=0.8`, parted by blanks.

    Raises ConfigError, one sentence with a suggestion, for a name or a value that there is not.
    """
    tree = asdict(base or ClosedLoopConfig())
    words = text.split()
    for word in words:
        if "=" not in word:
            raise ConfigError(f"{word!r} is no setting; write name=value")
    apply(tree, ClosedLoopConfig, parse_words(words))
    return from_tree(ClosedLoopConfig, tree)


def environment_config() -> ClosedLoopConfig:
    """The settings of the environment. ConfigError, which names the variable."""
    try:
        return parse_config(os.environ.get(CONFIG_VARIABLE, ""))
    except ConfigError as error:
        raise ConfigError(f"{CONFIG_VARIABLE}: {error}") from None


def find_checkpoint(text: str) -> Path:
    """The checkpoint's folder of an agent's configuration, without Bench2Drive's suffix behind a `+`.

    Raises ConfigError when there is no `config.json` or no `model*` in it; nothing is loaded.
    """
    folder = find_model(text)
    if not folder.exists() and "+" in text:
        folder = find_model(text.split("+")[0])
    place = folder if folder.is_dir() else folder.parent
    if not text or not folder.exists():
        raise ConfigError(f"there is no checkpoint {text or '(empty)'}: give a folder with config.json and model*")
    members = [path for path in place.glob("model*") if path.suffix in (".pth", ".safetensors")]
    if not (place / "config.json").is_file() or not members:
        raise ConfigError(f"{place} is no checkpoint: it needs config.json and model*.safetensors or model_*.pth")
    return folder
