"""Cameras: one view, and what becomes of the picture that the stage drew of it."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from carlet.render import encode
from carlet.render.encode import Pixels
from carlet.render.picture import Lens, Picture
from carlet.render.scene import View
from carlet.render.views import look_along
from carlet.sensors.base import Attributes, Body, Moment, Stage, Turn, flag, number, whole, within
from carlet.wire.pool import Pool
from carlet.wire.records import SensorType, image_header

#: The longest side of an image, and the most pixels: 8K.
MAX_SIDE, MAX_PIXELS = 8192, 7680 * 4320
#: The narrowest and the widest horizontal field of view (degrees).
NARROWEST, WIDEST = 0.1, 175.0
EXPOSURE_MODES = frozenset({"histogram", "manual"})
#: Flat colours (red, green, blue) of what cosmos pictures show, by tag; all else is black.
COSMOS_COLOURS = {
    6: (153, 153, 153),
    7: (250, 170, 30),
    8: (220, 220, 0),
    12: (220, 20, 60),
    13: (255, 0, 0),
    14: (0, 0, 142),
    15: (0, 0, 70),
    16: (0, 60, 100),
    17: (0, 80, 100),
    18: (0, 0, 230),
    19: (119, 11, 32),
    24: (157, 234, 50),
}


class Frame(NamedTuple):
    """Size of an image in pixels, and its horizontal field of view in degrees."""

    width: int
    height: int
    fov_deg: float

    def view(self, pose: ArrayLike) -> View:
        """What a camera at a world pose (6,), radians, sees."""
        return look_along(pose, self.fov_deg, self.width, self.height)

    @property
    def header(self) -> bytes:
        """What goes before the pixels."""
        return image_header(*self)


def frame_of(attributes: Attributes) -> Frame:
    """Size and field of view as the attributes have them. ValueError names the attribute that cannot be."""
    width, height = (whole(attributes, name, 1, MAX_SIDE) for name in ("image_size_x", "image_size_y"))
    if width * height > MAX_PIXELS:
        raise ValueError(f"attributes image_size_x and image_size_y: {width} x {height} is more than 7680 x 4320")
    return Frame(width, height, within(attributes, "fov", NARROWEST, WIDEST))


def lens_of(attributes: Attributes) -> Lens:
    """The lens of a colour camera. ValueError names the attribute that cannot be."""
    if attributes["exposure_mode"] not in EXPOSURE_MODES:
        known = " or ".join(sorted(EXPOSURE_MODES))
        raise ValueError(f"attribute exposure_mode: {attributes['exposure_mode']!r} is not {known}")
    return Lens(
        effects=flag(attributes, "enable_postprocess_effects"),
        gamma=within(attributes, "gamma", 0.1, 10.0),
        stops=number(attributes, "exposure_compensation"),
    )


class Camera(ABC):
    """Sends one image whenever it is due. The suite has its picture drawn before, in colours if it has a lens."""

    type: SensorType
    lens: Lens | None = None

    def __init__(self, attributes: Attributes):
        self.frame = frame_of(attributes)

    @abstractmethod
    def measure(self, moment: Moment, row: int, turn: Turn) -> list[Body]:
        """Bodies made of `moment.pictures[row]`."""


class Rgb(Camera):
    """Colours, as the stage drew them."""

    type = SensorType.RGB

    def __init__(self, attributes: Attributes):
        super().__init__(attributes)
        self.lens = lens_of(attributes)

    def measure(self, moment: Moment, row: int, turn: Turn) -> list[Body]:
        """One image."""
        return [(self.frame.header, colours(moment.pictures[row]))]


class CodedCamera(Camera):
    """Pixels that are numbers in disguise."""

    def __init__(self, attributes: Attributes):
        super().__init__(attributes)
        self._pool = Pool((self.frame.height, self.frame.width), np.uint32)

    def measure(self, moment: Moment, row: int, turn: Turn) -> list[Body]:
        """One image."""
        pixels = self._pool.take()
        self.encode(moment.pictures[row], moment.stage, pixels)
        pixels.flags.writeable = False
        return [(self.frame.header, pixels)]

    @abstractmethod
    def encode(self, picture: Picture, stage: Stage, out: Pixels) -> None:
        """Write the image."""


class Depth(CodedCamera):
    """Distance along the camera's axis."""

    type = SensorType.DEPTH

    def encode(self, picture: Picture, stage: Stage, out: Pixels) -> None:
        """24 bits of 1000 m."""
        encode.depth(picture, out)


class SemanticSegmentation(CodedCamera):
    """Tags."""

    type = SensorType.SEMANTIC_SEGMENTATION
    _palette = encode.tag_palette()

    def encode(self, picture: Picture, stage: Stage, out: Pixels) -> None:
        """The tag in red."""
        encode.tags(picture, stage.triangles, stage.paint, self._palette, out)


class CosmosVisualization(SemanticSegmentation):
    """Lines, signs, poles and whoever moves, as flat shapes on black."""

    type = SensorType.COSMOS_VISUALIZATION
    _palette = encode.colour_palette(COSMOS_COLOURS)


class InstanceSegmentation(CodedCamera):
    """Tags and numbers of things."""

    type = SensorType.INSTANCE_SEGMENTATION

    def encode(self, picture: Picture, stage: Stage, out: Pixels) -> None:
        """The tag in red, the number in green and blue."""
        encode.instances(picture, stage.triangles, stage.paint, stage.things, out)


class Normals(CodedCamera):
    """Where surfaces face, in the world's frame."""

    type = SensorType.NORMALS

    def encode(self, picture: Picture, stage: Stage, out: Pixels) -> None:
        """x y z as red green blue."""
        encode.normals(picture, stage.triangles, stage.paint, out)


class OpticalFlow(Camera):
    """How far what a pixel shows came since this camera's last image."""

    type = SensorType.OPTICAL_FLOW

    def __init__(self, attributes: Attributes):
        super().__init__(attributes)
        self._pool = Pool((self.frame.height, self.frame.width, 2), np.float32)
        self._before: View | None = None

    def measure(self, moment: Moment, row: int, turn: Turn) -> list[Body]:
        """One image; the first knows of no motion of the camera."""
        pose = np.concatenate([moment.table.location[row], moment.table.rotation[row]])
        now, pixels = self.frame.view(pose), self._pool.take()
        encode.flow(moment.pictures[row], moment.stage.moved, now, self._before or now, pixels)
        self._before = now
        pixels.flags.writeable = False
        return [(self.frame.header, pixels)]


def colours(picture: Picture) -> NDArray[np.uint8]:
    """The colours (h, w, 4) of a picture that was asked for with a lens."""
    assert picture.bgra is not None
    return picture.bgra
