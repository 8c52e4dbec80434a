"""What is known of a vehicle before it has a shape."""

from dataclasses import dataclass

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class VehicleFacts:
    """Measures of a vehicle in its own frame, whose origin lies on the ground between its axles (m).

    `box_centre` and `box_extent` (half sizes) are its bounding box, `track` and `radius` the distance of the wheels'
    middles and their radius in front and at the rear. `tag` is the machine's semantic tag. `moving_doors`: its doors
    can be opened.
    """

    type_id: str
    box_centre: Triple
    box_extent: Triple
    wheelbase: float
    track: tuple[float, float]
    radius: tuple[float, float]
    base_type: str
    special_type: str
    tag: int
    moving_doors: bool = False

    def __post_init__(self) -> None:
        if min(self.box_extent) <= 0.0 or self.wheelbase <= 0.0 or min(self.radius) <= 0.0:
            raise ValueError(f"{self.type_id}: box, wheelbase and wheels need a size")

    @property
    def front(self) -> float:
        """The foremost x of the box."""
        return self.box_centre[0] + self.box_extent[0]

    @property
    def rear(self) -> float:
        """The rearmost x of the box."""
        return self.box_centre[0] - self.box_extent[0]

    @property
    def top(self) -> float:
        """The highest z of the box."""
        return self.box_centre[2] + self.box_extent[2]
