"""What records hold and what becomes of them in a sample: frozen, checked when made."""

from dataclasses import dataclass, field, fields
from typing import Any

from lead.data.errors import DataError
from lead.sensors.clouds import STUDENT_AREA, Area

TICK_S = 0.05
_MAP_REACH_M = 64.0


@dataclass(frozen=True)
class RecordConfig:
    """What is worked out once and kept on disk. Any change makes other records."""

    area: Area = STUDENT_AREA
    """What the bird's-eye rasters show."""
    pixels_per_m: float = 4.0
    """Of the rasters."""
    waypoints: int = 8
    """How many future positions are labels."""
    ticks_between: int = 5
    """Ticks of 0.05 s from one future position to the next."""
    route_points: int = 20
    """How many points of the route ahead are smoothed."""
    most_boxes: int = 90
    """Rows of the box arrays."""
    points_per_radar: int = 75
    """Places for the points of one radar."""
    radar_objects: int = 20
    """Places for objects that a radar hit."""
    oldest_age: int = 9
    """LiDAR points older than this, in ticks, are left out. One turn of a LiDAR takes two ticks; over more of them a
    raster shows how fast the ego is."""
    pop_distance_m: float = 3.25
    """Which of the recorded lists of target points is used."""
    shrink: int = 1
    """Pictures, semantics and depth are made this many times smaller each way, for models of smaller pictures."""
    quality: int = 80
    """Of the JPEG files of pictures that were shrunk, 1 to 100; others stay as they were recorded."""
    frame_stride: int = 1
    """Of how many recorded frames one is taken."""
    waiting_stride: int = 1
    """Of how many of those one is taken while the ego stands and is to stand."""
    one_view: bool = False
    """Frames have one view, in turn the nominal and the perturbed one, so that records take half the room."""
    lidar: bool = True
    radar: bool = True
    semantic: bool = True
    depth: bool = True
    bev_semantic: bool = True
    boxes: bool = True
    legacy_extrapolation: bool = False
    """Futures of road users are continued with steps of one tick interval too few, 1 / (ticks_between - 1) s."""
    legacy_passed_points: bool = False
    """Target points that the ego passed further away than `pop_distance_m` stay where they are, behind it, for ever."""
    legacy_radar_order: bool = False
    """Of too many points of a radar the first recorded stay, not the nearest."""

    def __post_init__(self):
        for name in ("waypoints", "ticks_between", "route_points", "most_boxes", "points_per_radar", "radar_objects",
                     "shrink", "frame_stride", "waiting_stride"):  # fmt: skip
            if getattr(self, name) < 1:
                raise DataError(f"{name} must be 1 or more, not {getattr(self, name)}")
        if not 1 <= self.quality <= 100:
            raise DataError(f"quality must lie between 1 and 100, not {self.quality}")
        if self.legacy_extrapolation and self.ticks_between < 2:
            raise DataError("legacy_extrapolation needs ticks_between of 2 or more")
        area = self.area
        if max(-area.min_x, area.max_x, -area.min_y, area.max_y) > _MAP_REACH_M:
            raise DataError(f"the area must lie within {_MAP_REACH_M:g} m of the ego, where recorded maps end")

    @property
    def spacing_s(self) -> float:
        """Seconds from one waypoint to the next."""
        return TICK_S * self.ticks_between

    @property
    def raster(self) -> tuple[int, int]:
        """Rows (y) and columns (x) of the rasters."""
        area = self.area
        rows, columns = area.max_y - area.min_y, area.max_x - area.min_x
        return round(rows * self.pixels_per_m), round(columns * self.pixels_per_m)

    @property
    def grid(self) -> tuple[int, int]:
        """Rows (y) and columns (x) of cells of one metre."""
        return round(self.area.max_y - self.area.min_y), round(self.area.max_x - self.area.min_x)


@dataclass(frozen=True)
class AugmentationConfig:
    """How pictures are changed: each change comes with its own probability, in random order."""

    probability: float = 0.2
    """Of each change."""
    per_channel: float = 0.5
    """How often a change that allows it is drawn for each channel alone."""
    blur_px: float = 1.0
    """Largest sigma of the Gaussian blur."""
    noise: float = 12.75
    """Largest sigma of Gaussian noise, of 255."""
    dropout: tuple[float, float] = (0.01, 0.1)
    """Share of pixels that turn black."""
    factor: float = 1.2
    """Brightness and contrast are multiplied by up to this, or divided."""
    legacy_elastic: bool = False
    """Pixels are moved by up to a pixel and a half too, while labels stay."""

    def __post_init__(self):
        for name in ("probability", "per_channel"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise DataError(f"{name} must lie between 0 and 1, not {getattr(self, name)}")
        low, high = self.dropout
        if not 0.0 <= low <= high <= 1.0 or self.factor < 1.0 or min(self.blur_px, self.noise) < 0.0:
            raise DataError(
                "augmentation needs dropout shares that rise in 0 to 1, a factor from 1 and no negative sigma"
            )


@dataclass(frozen=True)
class SampleConfig:
    """What is drawn anew for each sample, and how records become arrays for a model."""

    perturbation: float = 0.5
    """How often the perturbed twin's recording is taken, where there is one."""
    augmentation: AugmentationConfig | None = field(default_factory=AugmentationConfig)
    """How pictures are changed; None leaves them."""
    route_points: int = 10
    """How many points of the smoothed route are labels."""
    planning: bool = True
    """Whether a sample must have waypoints and a route."""
    camera_count: int = 3
    """How many pictures stand side by side in a recording."""
    cameras: tuple[int, ...] = (1, 2, 3)
    """Which of them are used, from 1."""
    rows: int | None = None
    """How many rows of the pictures are used, from the top; all by default."""
    speed_ahead_s: float | None = None
    """The target speed is how fast the expert drove so much later; None for its wish for the next tick, as LEAD's."""
    legacy_phantom_box: bool = False
    """Samples with room for more boxes get one vehicle without size in the first cell, as LEAD's do."""

    def __post_init__(self):
        if not 0.0 <= self.perturbation <= 1.0:
            raise DataError(f"perturbation must lie between 0 and 1, not {self.perturbation}")
        known = set(range(1, self.camera_count + 1))
        if not self.cameras or not known.issuperset(self.cameras):
            raise DataError(f"cameras must be numbers from 1 to {self.camera_count}, not {self.cameras}")
        if self.speed_ahead_s is not None and self.speed_ahead_s <= 0.0:
            raise DataError(f"speed_ahead_s must be positive, not {self.speed_ahead_s:g}")
        if self.rows is not None and self.rows < 1:
            raise DataError(f"rows must be 1 or more, not {self.rows}")


def switches(config: RecordConfig) -> dict[str, Any]:
    """All settings by name, as plain values for a digest or a file."""
    values = {one.name: getattr(config, one.name) for one in fields(config)}
    return values | {"area": [getattr(config.area, one.name) for one in fields(config.area)]}
