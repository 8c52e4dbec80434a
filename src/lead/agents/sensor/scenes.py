"""Pictures of the car from outside, with its plan: from behind and from above, alone or over its own cameras."""

import numpy as np

from lead.agents.sensor import painting
from lead.agents.sensor.dashboard import paint_plan, paint_strip
from lead.agents.sensor.painting import Picture
from lead.agents.sensor.student import Moment, Student
from lead.sensors.rig import Camera, Rig

OUTSIDE = Rig(
    "outside",
    (
        Camera((-6.5, 0.0, 6.0), (0.0, -30.0, 0.0), 960, 1080, 100.0),
        Camera((0.0, 0.0, 22.0), (0.0, -90.0, 0.0), 960, 1080, 100.0),
    ),
)
"""Cameras that follow the car; nobody drives by them."""
_DEMO_CROP, _STRIP_CROP = 0.25, 0.078125


def paint_demo(moment: Moment, outside: Picture, lines: list[str], alerts: list[str]) -> Picture:
    """The pictures of `OUTSIDE` side by side, with waypoints, route and target points on the road."""
    image = outside.copy()
    paint_plan(moment, OUTSIDE, image, 4, 7)
    painting.banner(image, lines, alerts, 0.8)
    return image


def paint_grid(student: Student, moment: Moment, outside: Picture, lines: list[str], alerts: list[str]) -> Picture:
    """The middle of the outside pictures above the car's cameras, both with the plan."""
    strip = paint_strip(student, moment)
    strip = _crop(strip, _STRIP_CROP)
    demo = painting.fit(_crop(paint_demo(moment, outside, [], []), _DEMO_CROP), strip.shape[1])
    painting.banner(demo, lines, alerts)
    return painting.even(np.concatenate([demo, strip]))


def caption(moment: Moment) -> list[str]:
    """What the car does, in a line or two."""
    target = moment.prediction.target_speed
    aim = "" if target is None else f", aims at {3.6 * float(target[0]):.0f}"
    action = moment.action
    pedals = f"brake {action.brake:.1f}" if action.brake > 0.0 else f"throttle {action.throttle:.2f}"
    return [
        f"{moment.step / 20.0:.1f} s   {3.6 * moment.place.speed:.0f} km/h{aim}",
        f"steer {action.steer:+.2f}   {pedals}" + (f"   {moment.note}" if moment.note else ""),
    ]


def _crop(image: Picture, share: float) -> Picture:
    rows = round(image.shape[0] * share)
    return np.ascontiguousarray(image[rows : image.shape[0] - rows])
