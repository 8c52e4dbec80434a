"""One picture of all that a student sees, predicts and does in a tick."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from lead.agents.sensor import painting
from lead.agents.sensor.painting import BLUE, GREEN, GREY, RED, WHITE, YELLOW, Colour, Floats, Picture
from lead.agents.sensor.student import Moment, Student
from lead.geometry import footprint
from lead.models.tfv6.boxes import CLASS, SCORE, VELOCITY, YAW, H, W, X, Y
from lead.models.tfv6.configuration import BevConfig
from lead.sensors.rig import Rig

WIDTH = 1280
_BEV_SCALE = 5.0
_PANEL = 440
_EGO_EXTENT = np.array([2.45, 1.06])
_COMMANDS = ("left", "right", "straight", "follow lane", "change left", "change right")
_NAMES = ("vehicle", "walker", "light", "stop sign", "special", "obstacle", "parked", "biker")
_BOX_COLOURS: tuple[Colour, ...] = (
    (245, 180, 90), (220, 120, 240), RED, (60, 60, 160),
    (60, 140, 250), (130, 160, 190), (150, 130, 110), (200, 220, 90),
)  # fmt: skip
_BEV_COLOURS = np.array(
    [
        (30, 30, 30), (75, 75, 75), (190, 190, 190), (50, 50, 120), (160, 110, 50), (150, 80, 160), (90, 110, 130),
        (100, 85, 70), (40, 90, 170), (130, 145, 60), (60, 130, 60), (40, 40, 170), (40, 40, 120),
    ],
    np.uint8,
)  # fmt: skip
_SEMANTIC_COLOURS = np.array(
    [
        (40, 40, 40), (160, 110, 50), (128, 64, 128), (60, 170, 250), (60, 20, 220), (220, 220, 220), (130, 160, 190),
        (60, 140, 250), (40, 40, 160), (32, 11, 119),
    ],
    np.uint8,
)  # fmt: skip
_FARTHEST_M = 50.0


def paint_dashboard(student: Student, moment: Moment, alerts: list[str]) -> Picture:
    """The picture: cameras with the plan above; the world from above, predicted pictures and numbers below."""
    strip = painting.fit(paint_strip(student, moment), WIDTH)
    bev = _bird_eye(moment, student.model_config.bev)
    height = bev.shape[0]
    below = np.full((height, WIDTH, 3), 24, np.uint8)
    below[:, : bev.shape[1]] = bev
    left = bev.shape[1] + 10
    _pictures(below[:, left : left + _PANEL], moment)
    _numbers(below[:, left + _PANEL + 10 :], student, moment)
    image = np.concatenate([strip, below])
    painting.banner(image, [], alerts)
    return painting.even(image)


def paint_strip(student: Student, moment: Moment) -> Picture:
    """The cameras' pictures side by side with route, waypoints and target points on the ground."""
    strip = moment.glimpse.strip.copy()
    paint_plan(moment, student.rig, strip, 3, 5)
    return strip


def paint_plan(moment: Moment, rig: Rig, strip: Picture, waypoint_px: int, target_px: int) -> None:
    """Paint route, waypoints and target points on the ground of pictures side by side; radii of the latter two."""
    prediction = moment.prediction
    for camera, section in zip(rig.cameras, painting.sections(rig, strip), strict=True):
        part = np.ascontiguousarray(section)
        if prediction.route is not None:
            route = prediction.route[0].numpy()
            painting.on_ground(part, camera, route, [GREEN] * len(route), 4)
        if prediction.waypoints is not None:
            waypoints = prediction.waypoints[0].numpy()
            painting.on_ground(part, camera, waypoints, painting.fade(len(waypoints)), waypoint_px)
        painting.targets_on_ground(part, camera, moment.place.targets, target_px)
        section[:] = part


def _bird_eye(moment: Moment, bev: BevConfig) -> Picture:
    """The world from above, ahead is up: predicted map, LiDAR, boxes, radar, plan."""
    width = round((bev.max_y_m - bev.min_y_m) * _BEV_SCALE)
    height = round((bev.max_x_m - bev.min_x_m) * _BEV_SCALE)
    image = np.full((bev.height, bev.width, 3), 30, np.uint8)
    prediction = moment.prediction
    if prediction.bev_semantic is not None:
        classes = prediction.bev_semantic[0].argmax(dim=0).numpy()
        image = _BEV_COLOURS[np.minimum(classes, len(_BEV_COLOURS) - 1)]
    if moment.observation.lidar is not None:
        hit = moment.observation.lidar[0][..., None]
        image = np.asarray((1.0 - 0.7 * hit) * image + 0.7 * hit * np.array(WHITE), np.uint8)
    # Rows run along y and columns along x; ahead shall be up and right on the right.
    image = painting.fit(np.ascontiguousarray(image.transpose(1, 0, 2)[::-1]), width, height)

    def pixels(points: Floats) -> Floats:
        return np.stack([points[:, 1] - bev.min_y_m, bev.max_x_m - points[:, 0]], axis=1) * _BEV_SCALE

    _things(image, moment, pixels)
    painting.polygon(image, pixels(footprint(np.zeros(2), 0.0, _EGO_EXTENT)), YELLOW, 2)
    if prediction.route is not None:
        route = pixels(prediction.route[0].numpy())
        painting.dots(image, route, [GREEN] * len(route), 3)
    if prediction.waypoints is not None:
        waypoints = pixels(prediction.waypoints[0].numpy())
        painting.dots(image, waypoints, painting.fade(len(waypoints)), 3)
    painting.rings(image, pixels(moment.place.targets), 5)
    return image


def _things(image: Picture, moment: Moment, pixels: Callable[[Floats], Floats]) -> None:
    prediction = moment.prediction
    for box in () if prediction.boxes is None else prediction.boxes[0]:
        colour = _BOX_COLOURS[min(int(box[CLASS]), len(_BOX_COLOURS) - 1)]
        corners = pixels(footprint(box[[X, Y]], float(box[YAW]), box[[W, H]]))
        painting.polygon(image, corners, colour, 2)
        ahead = box[[X, Y]] + box[VELOCITY] * np.array([np.cos(box[YAW]), np.sin(box[YAW])])
        painting.line(image, pixels(np.array([box[[X, Y]], ahead])), colour, 1)
        label = f"{_NAMES[min(int(box[CLASS]), len(_NAMES) - 1)]} {box[SCORE]:.2f}"
        x, y = pixels(box[[X, Y]][None])[0]
        painting.text(image, label, (int(x) + 6, int(y)), colour, 0.3)
    for x, y, _, logit in () if prediction.radar is None else prediction.radar[0, 0].numpy():
        if logit > 0.0:
            painting.dots(image, pixels(np.array([[x, y]])), [BLUE], 4)


def _pictures(panel: Picture, moment: Moment) -> None:
    """Predicted semantics and depth, one above the other."""
    prediction, row = moment.prediction, 0
    shown: list[tuple[str, Picture]] = []
    if prediction.semantic is not None:
        shown.append(("semantics", _SEMANTIC_COLOURS[prediction.semantic[0].argmax(dim=0).numpy()]))
    if prediction.depth is not None:
        near = np.clip(1.0 - prediction.depth[0].numpy() / _FARTHEST_M, 0.0, 1.0)
        shown.append(
            ("depth", np.asarray(cv2.applyColorMap((255 * near).astype(np.uint8), cv2.COLORMAP_MAGMA), np.uint8))
        )
    for name, picture in shown:
        small = painting.fit(picture, panel.shape[1])
        panel[row + 24 : row + 24 + small.shape[0]] = small
        painting.text(panel, name, (0, row + 18), GREY)
        row += small.shape[0] + 34
    seen = painting.fit(np.ascontiguousarray(moment.observation.rgb.transpose(1, 2, 0)[..., ::-1]), panel.shape[1])
    if row + 24 + seen.shape[0] <= panel.shape[0]:
        painting.text(panel, "what the model is shown", (0, row + 18), GREY)
        panel[row + 24 : row + 24 + seen.shape[0]] = seen


def _numbers(panel: Picture, student: Student, moment: Moment) -> None:
    place, action, prediction = moment.place, moment.action, moment.prediction
    target = None if prediction.target_speed is None else float(prediction.target_speed[0])
    rows = [
        f"step {moment.step}   {moment.step / 20.0:.1f} s",
        f"speed {3.6 * place.speed:.1f} km/h" + ("" if target is None else f"   target {3.6 * target:.1f} km/h"),
        f"command {_COMMANDS[place.command]}, then {_COMMANDS[place.next_command]}",
        "target points " + "  ".join(f"({x:.0f}, {y:.0f})" for x, y in place.targets) + " m",
        moment.note and f"overruled: {moment.note}",
    ]
    for number, row in enumerate(rows):
        painting.text(panel, row, (0, 22 + 24 * number), WHITE if number < 4 else RED, 0.5)
    top = 150
    for number, (name, value, low) in enumerate(
        (("steer", action.steer, -1.0), ("throttle", action.throttle, 0.0), ("brake", action.brake, 0.0))
    ):
        _bar(panel, top + 34 * number, name, value, low)
    if prediction.speed_probabilities is not None:
        speeds = student.model_config.planner.speed_classes if student.model_config.planner else ()
        _histogram(panel, top + 130, prediction.speed_probabilities[0].numpy(), speeds)


def _bar(panel: Picture, row: int, name: str, value: float, low: float) -> None:
    left, right = 90, panel.shape[1] - 70
    painting.text(panel, name, (0, row + 14), GREY)
    cv2.rectangle(panel, (left, row), (right, row + 18), (70, 70, 70), -1)
    zero = left + round((right - left) * (0.0 - low) / (1.0 - low))
    end = left + round((right - left) * (value - low) / (1.0 - low))
    colour = RED if name == "brake" else GREEN
    cv2.rectangle(panel, (min(zero, end), row), (max(zero, end), row + 18), colour, -1)
    painting.text(panel, f"{value:+.2f}" if low < 0.0 else f"{value:.2f}", (right + 8, row + 14), WHITE)


def _histogram(panel: Picture, top: int, shares: NDArray[np.floating], speeds: tuple[float, ...]) -> None:
    """Probabilities of the target speeds' classes, in km/h."""
    painting.text(panel, "target speed, km/h", (0, top), GREY)
    base, width = top + 150, (panel.shape[1] - 20) // max(len(speeds), 1)
    for number, (share, speed) in enumerate(zip(shares, speeds, strict=True)):
        left = number * width
        cv2.rectangle(panel, (left + 4, base - round(130 * float(share))), (left + width - 4, base), BLUE, -1)
        painting.text(panel, f"{3.6 * speed:.0f}", (left + 6, base + 18), WHITE, 0.45)
