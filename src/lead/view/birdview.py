"""The drive seen from above, the ego in the middle and its nose up."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import carla
import cv2
import numpy as np
from numpy.typing import NDArray

from lead.geometry import footprint
from lead.simulator.scene import Kind, Scene
from lead.view.tiles import BACKGROUND, Colour, Image, TownTiles

Floats = NDArray[np.float64]

# Blue, green, red.
EGO: Colour = (60, 200, 255)
KINDS: Mapping[Kind, Colour] = MappingProxyType(
    {
        Kind.VEHICLE: (225, 160, 90),
        Kind.BICYCLE: (200, 220, 90),
        Kind.WALKER: (200, 120, 235),
        Kind.OBSTACLE: (120, 140, 160),
    }
)
LIGHTS: Mapping[carla.TrafficLightState, Colour] = MappingProxyType(
    {
        carla.TrafficLightState.Red: (60, 60, 235),
        carla.TrafficLightState.Yellow: (60, 215, 245),
        carla.TrafficLightState.Green: (95, 205, 90),
    }
)
_UNLIT: Colour = (130, 130, 130)
_ROUTE: Colour = (205, 150, 60)
_TRACE: Colour = (40, 130, 170)
_CAUSE: Colour = (70, 70, 240)
_MARKED: Colour = (80, 110, 245)
_TEXT: Colour = (235, 235, 235)
_SIXTEENTHS = 4


@dataclass(frozen=True)
class ViewConfig:
    """Size and look of the picture."""

    width: int = 720
    """Pixels; even."""
    height: int = 720
    """Pixels; even."""
    scale: float = 4.5
    """Pixels a metre."""
    ego_row: float = 0.66
    """Where the ego is, as a share of the height from the top."""

    def __post_init__(self):
        if self.width % 2 or self.height % 2 or self.scale <= 0.0:
            raise ValueError("a picture needs an even width and height and a positive scale")


@dataclass(frozen=True)
class StopLine:
    """Where a light stops a lane, both ends (2, 2) in the world (m), and what the light shows."""

    state: carla.TrafficLightState
    ends: Floats


@dataclass(frozen=True)
class Frame:
    """What is shown at one moment.

    `ego`: x, y, yaw (m, rad); `extent`: half length and half width; `trace` (n, 2) where the ego has been; `route`
    (m, 2); `stop_signs` (k, 2); `cause`: id of the actor that the driver reacts to, 0 for none; `marked`: ids of actors
    that matter most; `spots` (l, 2): things that lie flat on the road; `lines`: text.
    """

    ego: Floats
    extent: tuple[float, float]
    scene: Scene
    route: Floats
    trace: Floats
    stop_lines: Sequence[StopLine] = ()
    stop_signs: Floats | None = None
    cause: int = 0
    marked: frozenset[int] = frozenset()
    spots: Floats | None = None
    lines: Sequence[str] = ()
    alerts: Sequence[str] = ()


class BirdView:
    """Paints frames of one town."""

    def __init__(self, tiles: TownTiles, config: ViewConfig = ViewConfig()):
        """`tiles` must have the configuration's scale."""
        self._tiles = tiles
        self._config = config

    def paint(self, frame: Frame) -> Image:
        """The picture (height, width, 3), blue green red."""
        to_pixels = _view_matrix(frame.ego, self._config)
        image = self._ground(frame.ego, to_pixels)
        _paint_lines(image, to_pixels, [frame.route], _ROUTE, 3)
        _paint_lines(image, to_pixels, [frame.trace], _TRACE, 2)
        for line in frame.stop_lines:
            _paint_lines(image, to_pixels, [line.ends], LIGHTS.get(line.state, _UNLIT), 4)
        if frame.stop_signs is not None:
            _paint_stop_signs(image, _apply(to_pixels, frame.stop_signs))
        if frame.spots is not None:
            _paint_spots(image, _apply(to_pixels, frame.spots))
        _paint_scene(image, to_pixels, frame)
        ego = footprint(frame.ego[:2], frame.ego[2], frame.extent)
        _paint_boxes(image, to_pixels, ego[None], [EGO])
        _paint_text(image, frame.lines, frame.alerts)
        return image

    def _ground(self, ego: Floats, to_pixels: Floats) -> Image:
        mosaic, (column, row) = self._tiles.around(float(ego[0]), float(ego[1]))
        # Mosaic pixel -> world -> picture.
        scale = self._config.scale
        to_world = np.array([[1.0 / scale, 0.0, ego[0] - column / scale], [0.0, 1.0 / scale, ego[1] - row / scale]])
        matrix = to_pixels @ np.vstack([to_world, [0.0, 0.0, 1.0]])
        size = (self._config.width, self._config.height)
        picture = cv2.warpAffine(
            mosaic, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=BACKGROUND
        )
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2BGR), np.uint8)


def _view_matrix(ego: Floats, config: ViewConfig) -> Floats:
    """World (x, y, 1) to pixels, (2, 3): the ego's nose up."""
    c, s = math.cos(ego[2]) * config.scale, math.sin(ego[2]) * config.scale
    middle = np.array([config.width / 2.0, config.height * config.ego_row])
    turn = np.array([[-s, c], [-c, -s]])
    return np.column_stack([turn, middle - turn @ ego[:2]])


def _apply(matrix: Floats, points: Floats) -> Floats:
    return points @ matrix[:, :2].T + matrix[:, 2]


def _fixed(pixels: Floats) -> NDArray[np.int32]:
    return np.rint(np.clip(pixels, -4000.0, 4000.0) * (1 << _SIXTEENTHS)).astype(np.int32)


def _paint_lines(image: Image, matrix: Floats, lines: Sequence[Floats], colour: Colour, width: int) -> None:
    pixels = [_fixed(_apply(matrix, line)) for line in lines if len(line) > 1]
    cv2.polylines(image, pixels, False, colour, width, cv2.LINE_AA, _SIXTEENTHS)


def _paint_scene(image: Image, matrix: Floats, frame: Frame) -> None:
    scene = frame.scene
    boxes = footprint(scene.centre[:, :2], scene.yaw, scene.extent)
    actors = zip(scene.id.tolist(), scene.kind, strict=True)
    colours = [_MARKED if actor in frame.marked else KINDS[Kind(kind)] for actor, kind in actors]
    _paint_boxes(image, matrix, boxes, colours)
    for box in boxes[scene.id == frame.cause]:
        cv2.polylines(image, [_fixed(_apply(matrix, box))], True, _CAUSE, 2, cv2.LINE_AA, _SIXTEENTHS)


def _paint_boxes(image: Image, matrix: Floats, boxes: Floats, colours: Sequence[Colour]) -> None:
    """Boxes (n, 4, 2) with a darker front edge, so that one sees where they head."""
    for box, colour in zip(boxes, colours, strict=True):
        pixels = _fixed(_apply(matrix, box))
        cv2.fillConvexPoly(image, pixels, colour, cv2.LINE_AA, _SIXTEENTHS)
        rear = box[3] + (box[0] - box[3]) * 0.72, box[2] + (box[1] - box[2]) * 0.72
        nose = _fixed(_apply(matrix, np.array([box[0], box[1], rear[1], rear[0]])))
        cv2.fillConvexPoly(image, nose, tuple(int(part * 0.62) for part in colour), cv2.LINE_AA, _SIXTEENTHS)


def _paint_stop_signs(image: Image, places: Floats) -> None:
    angles = np.radians(np.arange(22.5, 360.0, 45.0))
    octagon = 6.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for place in places:
        cv2.fillConvexPoly(image, _fixed(place + octagon), LIGHTS[carla.TrafficLightState.Red], cv2.LINE_AA, 4)


def _paint_spots(image: Image, places: Floats) -> None:
    for x, y in _fixed(places):
        cv2.circle(image, (int(x), int(y)), 7 << _SIXTEENTHS, _MARKED, 2, cv2.LINE_AA, _SIXTEENTHS)


def _paint_text(image: Image, lines: Sequence[str], alerts: Sequence[str]) -> None:
    rows = [(line, _TEXT) for line in lines] + [(line, LIGHTS[carla.TrafficLightState.Red]) for line in alerts]
    if not rows:
        return
    panel = image[: 14 + 20 * len(rows), : min(430, image.shape[1])]
    panel[:] = panel // 3
    for number, (line, colour) in enumerate(rows):
        cv2.putText(image, line, (10, 22 + 20 * number), cv2.FONT_HERSHEY_SIMPLEX, 0.48, colour, 1, cv2.LINE_AA)
