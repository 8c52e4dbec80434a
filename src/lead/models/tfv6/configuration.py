"""Configuration of TransFuser v6: frozen, checked when made, with one sentence for what cannot be."""

from dataclasses import dataclass, field
from enum import Enum

from lead.models.config_tree import ConfigError

STRIDE = 32
"""Pixels of a raster or picture to one token of the encoders' last features."""

LEAD_SPEED_CLASSES = (0.0, 4.0, 8.0, 10.0, 13.88888888, 16.0, 17.77777777, 20.0)
"""Target speeds (m/s) between which the published models interpolate."""


class LabelSpace(str, Enum):
    """Whose labels the perception heads were made for."""

    CARLA = "carla"
    NAVSIM = "navsim"


class PlannerKind(str, Enum):
    """How waypoints and route come from their queries: TFv6's linear heads, or the recurrent ones of its baseline."""

    LINEAR = "tfv6"
    RECURRENT = "tfv5"


BEV_CLASSES = {LabelSpace.CARLA: 13, LabelSpace.NAVSIM: 7}
BOX_CLASSES = {LabelSpace.CARLA: 8, LabelSpace.NAVSIM: 1}


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise ConfigError(sentence)


@dataclass(frozen=True)
class BevConfig:
    """The bird's-eye raster, in the ego frame."""

    min_x_m: float = -32.0
    """Rear edge."""
    max_x_m: float = 64.0
    """Front edge."""
    min_y_m: float = -40.0
    """Left edge."""
    max_y_m: float = 40.0
    """Right edge."""
    pixels_per_metre: float = 4.0
    """Resolution of LiDAR raster and semantic map."""
    channels: int = 64
    """Channels of the fine features that boxes and semantic map are read from."""

    def __post_init__(self):
        _require(self.min_x_m < self.max_x_m and self.min_y_m < self.max_y_m, "bev: each min must lie below its max")
        for name, pixels in (("x", self.width), ("y", self.height)):
            _require(pixels % STRIDE == 0, f"bev: {pixels} pixels along {name} are no multiple of {STRIDE}")

    @property
    def height(self) -> int:
        """Rows of the raster, along y."""
        return round((self.max_y_m - self.min_y_m) * self.pixels_per_metre)

    @property
    def width(self) -> int:
        """Columns of the raster, along x."""
        return round((self.max_x_m - self.min_x_m) * self.pixels_per_metre)

    @property
    def anchors(self) -> tuple[int, int]:
        """Rows and columns of the coarse features."""
        return self.height // STRIDE, self.width // STRIDE

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the fine features: cells of one metre."""
        return round(self.max_y_m - self.min_y_m), round(self.max_x_m - self.min_x_m)

    @property
    def centre_m(self) -> tuple[float, float]:
        """Middle of the range: x, y."""
        return (self.min_x_m + self.max_x_m) / 2.0, (self.min_y_m + self.max_y_m) / 2.0

    @property
    def half_size_m(self) -> tuple[float, float]:
        """Half the range along x and y."""
        return (self.max_x_m - self.min_x_m) / 2.0, (self.max_y_m - self.min_y_m) / 2.0


@dataclass(frozen=True)
class CameraConfig:
    """The stitched picture: cameras of a rig side by side."""

    rig: str = "carla_3"
    """Name of the rig: carla_3, carla_6 or navsim_4."""
    used: tuple[int, ...] = (1, 2, 3)
    """Numbers of the rig's cameras in the picture, from 1, left to right."""
    width: int = 384
    """Pixels of one camera."""
    height: int = 384
    """Pixels of one camera."""

    def __post_init__(self):
        _require(self.rig in RIG_SIZES, f"cameras.rig must be one of {', '.join(RIG_SIZES)}, not {self.rig}")
        count = RIG_SIZES[self.rig]
        fits = self.used and all(1 <= number <= count for number in self.used) and len(set(self.used)) == len(self.used)
        _require(bool(fits), f"cameras.used must be different numbers from 1 to {count}, not {self.used}")
        _require(min(self.width, self.height) >= STRIDE, f"cameras must have {STRIDE} pixels each way or more")

    @property
    def picture_width(self) -> int:
        """Pixels of all cameras together."""
        return self.width * len(self.used)

    @property
    def anchors(self) -> tuple[int, int]:
        """Rows and columns to which picture features are pooled for the fusion."""
        return self.height // STRIDE, self.picture_width // STRIDE


RIG_SIZES = {"carla_3": 3, "carla_6": 6, "navsim_4": 4}
"""Rigs that models were trained on, and how many cameras each has."""


@dataclass(frozen=True)
class FusionConfig:
    """The transformers between picture and bird's-eye features, one after each stage of the encoders."""

    layers: int = 2
    heads: int = 4
    expansion: int = 4
    """Width of the feed-forward layers, in widths of the tokens."""
    dropout: float = 0.1


@dataclass(frozen=True)
class PerspectiveConfig:
    """The decoders of the picture: semantics and depth."""

    semantic: bool = True
    """Whether semantic classes are predicted."""
    depth: bool = True
    """Whether depth (m) is predicted."""
    semantic_classes: int = 10
    channels: tuple[int, int, int] = (128, 64, 32)


@dataclass(frozen=True)
class RadarConfig:
    """The detector of moving objects from radar points."""

    sensors: int = 4
    points_per_sensor: int = 75
    queries: int = 20
    token_dim: int = 256
    hidden_dim: int = 1024
    """Width of tokeniser, decoder and feed-forward layers."""
    layers: int = 4
    heads: int = 8
    dropout: float = 0.1

    def __post_init__(self):
        _require(self.token_dim % 4 == 0, f"radar.token_dim must be a multiple of 4, not {self.token_dim}")
        _require(self.token_dim % self.heads == 0, f"radar.heads must divide radar.token_dim {self.token_dim}")


@dataclass(frozen=True)
class PlannerConfig:
    """The planner: what it is told, and what it answers."""

    kind: PlannerKind = PlannerKind.LINEAR
    token_dim: int = 256
    layers: int = 6
    heads: int = 8
    feed_forward: int = 2048
    dropout: float = 0.1
    speed: bool = True
    """Whether the ego's speed is an input. A student of few drives copies it into its target speed, and stands when it
    stands; without it, the speed can only come from what is seen."""
    speed_hidden: float = 0.0
    """How often in training the speed is hidden, 0 to 1: a plan must then come from what is seen."""
    speed_told_from: float = 0.0
    """Below so many m/s the speed is always hidden, so that nobody stands because he stands."""
    commands: int = 6
    """Length of the one-hot navigation command."""
    max_acceleration: float | None = None
    """Normaliser (m/s^2) of the acceleration, if it is an input."""
    target_points: bool = True
    """Whether target points are an input."""
    blindness: float = 0.0
    """How often in training the map's features are hidden, 0 to 1: a plan must then come from target points and
    command, which few drives do not teach to listen to, as each place has but one way on."""
    told_queries: bool = False
    """Whether command, target points and speed are added to the queries too. Otherwise they are a few tokens among
    more than a hundred, which short trainings do not learn to look at."""
    target_point_scale_m: tuple[float, float] = (200.0, 50.0)
    """Normaliser of target points, x and y."""
    radar: bool = True
    """Whether the radar detector's queries are an input."""
    waypoints: int = 8
    waypoint_spacing_s: float = 0.25
    headings: bool = False
    """Whether a heading is predicted with each waypoint."""
    route_points: int = 10
    """Points of the predicted path, 1 m apart from 2.5 m on; 0 for none."""
    speed_classes: tuple[float, ...] = LEAD_SPEED_CLASSES
    """Target speeds (m/s) that probabilities are predicted for, rising; empty for none."""
    recurrent_dim: int = 64
    """Width of the baseline's recurrent heads."""

    def __post_init__(self):
        _require(self.token_dim % 4 == 0, f"planner.token_dim must be a multiple of 4, not {self.token_dim}")
        _require(self.token_dim % self.heads == 0, f"planner.heads must divide planner.token_dim {self.token_dim}")
        _require(self.waypoints > 0, "planner.waypoints must be 1 or more")
        for name in ("blindness", "speed_hidden"):
            share = getattr(self, name)
            _require(0.0 <= share < 1.0, f"planner.{name} must lie in 0 to below 1, not {share}")
        rising = all(a < b for a, b in zip(self.speed_classes, self.speed_classes[1:], strict=False))
        _require(rising, "planner.speed_classes must rise")
        if self.kind is PlannerKind.RECURRENT:
            fits = not self.radar and self.max_acceleration is None and self.target_points and self.route_points > 0
            _require(fits, "the tfv5 planner takes target points, no radar and no acceleration, and plans a route")

    @property
    def queries(self) -> int:
        """Number of queries: route, waypoints, target speed."""
        return self.route_points + self.waypoints + bool(self.speed_classes)


@dataclass(frozen=True)
class LegacyConfig:
    """Behaviour of LEAD's code that its published weights were trained with; new models leave all of it off."""

    radar_sampling: bool = False
    """Radar points read the bird's-eye features with x and y exchanged."""
    radar_padding: bool = False
    """Empty places of the radar input take part as points at the origin."""

    @classmethod
    def published(cls) -> "LegacyConfig":
        """What LEAD's published weights need."""
        return cls(radar_sampling=True, radar_padding=True)


@dataclass(frozen=True)
class ObservationConfig:
    """What readings went through on their way to the model in training; whoever drives with it does the same."""

    jpeg_quality: int = 30
    """Of the recorded pictures."""
    shrunk_jpeg_quality: int = 80
    """Of the pictures made smaller for the model, where it takes smaller ones than were recorded."""
    ego_filter: str = "cross"
    """Which LiDAR points were left out as the ego's own: `cross` or `box`, see `lead.sensors.clouds`."""
    oldest_age: int = 9
    """LiDAR and radar points older than this, in ticks, are not in the raster from above. Over several ticks a raster
    tells how fast the ego is, also to a student that is not to know."""
    pop_distance_m: float = 3.25
    """How near the ego comes to a target point before the next one takes its place."""
    leaves_passed_points: bool = True
    """Whether target points that the ego left behind without coming that near are passed too."""
    nearest_radar_points: bool = True
    """Whether of too many points of a radar the nearest stay, or the first."""

    def __post_init__(self):
        for name in ("jpeg_quality", "shrunk_jpeg_quality"):
            _require(1 <= getattr(self, name) <= 100, f"observation.{name} must lie between 1 and 100")
        _require(self.ego_filter in ("cross", "box"), f"observation.ego_filter is cross or box, not {self.ego_filter}")
        _require(self.oldest_age >= 0, "observation.oldest_age must not be negative")
        _require(self.pop_distance_m > 0.0, "observation.pop_distance_m must be positive")

    @classmethod
    def published(cls) -> "ObservationConfig":
        """What LEAD drives its published weights with."""
        return cls(jpeg_quality=90, pop_distance_m=5.0, leaves_passed_points=False, nearest_radar_points=False)


@dataclass(frozen=True)
class TFv6Config:
    """A TransFuser v6 model."""

    image_encoder: str = "resnet34"
    """timm network for the picture."""
    bev_encoder: str = "resnet34"
    """timm network for the bird's-eye raster."""
    label_spaces: tuple[LabelSpace, ...] = (LabelSpace.CARLA,)
    """For which data the model has perception heads."""
    latent: bool = False
    """Two constant coordinate channels instead of the LiDAR raster (Latent TransFuser)."""
    max_speed: float = 25.0
    """Normaliser (m/s) of speeds."""
    cameras: CameraConfig = field(default_factory=CameraConfig)
    bev: BevConfig = field(default_factory=BevConfig)
    fusion: FusionConfig = field(default_factory=FusionConfig)
    perspective: PerspectiveConfig = field(default_factory=PerspectiveConfig)
    """Picture decoders; they exist for CARLA's labels only."""
    bev_semantic: bool = True
    """Whether a semantic bird's-eye map is predicted."""
    boxes: bool = True
    """Whether boxes are predicted."""
    yaw_bins: int = 12
    """Classes into which a box's yaw is divided."""
    heatmap_prior: float | None = 0.1
    """Probability that an untrained box heat map starts from; None keeps torch's initial bias."""
    radar: RadarConfig | None = field(default_factory=RadarConfig)
    """Radar detector, if there is one; it exists for CARLA's labels only."""
    planner: PlannerConfig | None = field(default_factory=PlannerConfig)
    """Planner; None in the first stage of training."""
    legacy: LegacyConfig = field(default_factory=LegacyConfig)
    observation: ObservationConfig = field(default_factory=ObservationConfig)

    def __post_init__(self):
        _require(len(self.label_spaces) > 0, "label_spaces must name carla, navsim or both")
        _require(self.max_speed > 0.0, "max_speed must be positive")
        prior = self.heatmap_prior
        _require(prior is None or 0.0 < prior < 1.0, f"heatmap_prior must lie between 0 and 1, not {prior}")
        carla = LabelSpace.CARLA in self.label_spaces
        _require(carla or self.radar is None, "the radar detector needs carla among the label_spaces")
        if self.planner is not None:
            _require(not self.planner.radar or self.radar is not None, "planner.radar needs a radar detector")

    @property
    def fusion_tokens(self) -> int:
        """Tokens of each fusion transformer: those of the picture, then those of the bird's-eye view."""
        picture, bev = self.cameras.anchors, self.bev.anchors
        return picture[0] * picture[1] + bev[0] * bev[1]

    @property
    def perspective_heads(self) -> PerspectiveConfig:
        """The picture decoders that exist for the label spaces."""
        if LabelSpace.CARLA in self.label_spaces:
            return self.perspective
        return PerspectiveConfig(semantic=False, depth=False)
