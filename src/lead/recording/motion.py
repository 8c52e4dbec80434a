"""Where the ego was, is and will be, tick by tick: what metas say of its motion."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lead.geometry import to_ego, wrap_angle

Floats = NDArray[np.float64]

PAST_TICKS = 60
FUTURE_TICKS = 60
ACTOR_FUTURE_TICKS = 40
TICK_S = 0.05


@dataclass(frozen=True)
class Moment:
    """The ego in one tick. `pose` (6,) in the world; `compass` rad, unbounded; `estimate` (2,) filtered and `fix` (3,)
    raw position by GNSS, m; `speed` m/s forward; `force` (3,) m/s2 and `turn` (3,) rad/s of the IMU.

    `others`: ids (n,) of the vehicles and walkers near, and x, y, yaw (n, 3) of each in the world.
    """

    frame: int
    pose: Floats
    compass: float
    fix: Floats
    estimate: Floats
    speed: float
    force: Floats
    turn: Floats
    others: tuple[NDArray[np.int64], Floats]


def past_fields(history: Sequence[Moment]) -> dict[str, Any]:
    """What a meta says of the past, the newest first; `history` ends with the present."""
    now, back = history[-1], list(history)[: -PAST_TICKS - 2 : -1]
    places = to_ego(now.pose, [moment.pose[:3] for moment in back])[:, :2]
    estimates = _turned([moment.estimate - now.estimate for moment in back], now.compass)
    yaws = wrap_angle(np.array([moment.compass for moment in back]) - now.compass)
    return {
        "privileged_past_positions": places.astype(np.float32),
        "past_positions": places.astype(np.float32),
        "past_filtered_state": estimates.astype(np.float32),
        "past_speeds": np.array([moment.speed for moment in back], np.float32),
        "past_yaws": yaws.astype(np.float32),
    }


def future_fields(now: Moment, later: Sequence[Moment]) -> dict[str, Any]:
    """What a meta says of the future, the present first; at a route's end it is shorter."""
    all_of_it = [now, *later[:FUTURE_TICKS]]
    following = all_of_it[min(1, len(all_of_it) - 1)]
    turn = float(wrap_angle(following.pose[4] - now.pose[4]))
    return {
        "privileged_acceleration": (following.speed - now.speed) / TICK_S,
        "privileged_rotation_speed": turn / TICK_S,
        "future_speeds": np.array([moment.speed for moment in all_of_it], np.float32),
        "future_yaws": wrap_angle([moment.pose[4] - now.pose[4] for moment in all_of_it]).astype(np.float32),
        "future_positions": to_ego(now.pose, [moment.pose[:3] for moment in all_of_it]).astype(np.float32),
    }


def add_futures(boxes: list[dict[str, Any]], now: Moment, later: Sequence[Moment]) -> None:
    """Put `future_positions` and `future_yaws` into the boxes of vehicles and walkers, until they are gone."""
    rows = [
        dict(zip(ids.tolist(), places, strict=True))
        for ids, places in (one.others for one in (now, *later[:ACTOR_FUTURE_TICKS]))
    ]
    for box in boxes:
        if box["class"] not in ("car", "walker"):
            continue
        way = []
        for row in rows:
            if box["id"] not in row:
                break
            way.append(row[box["id"]])
        places = np.array(way).reshape(-1, 3)
        points = np.column_stack([places[:, :2], np.full(len(places), now.pose[2])])
        box["future_positions"] = to_ego(now.pose, points)[:, :2].astype(np.float16)
        box["future_yaws"] = wrap_angle(places[:, 2] - now.pose[4]).astype(np.float16)


def then_to_now(then: Moment, now: Moment) -> Floats:
    """Place x, y (m) and yaw (rad) of an earlier ego in the present one's frame."""
    x, y, _ = to_ego(now.pose, then.pose[:3])
    return np.array([x, y, float(wrap_angle(then.pose[4] - now.pose[4]))])


def _turned(offsets: Sequence[Floats], yaw: float) -> Floats:
    c, s = math.cos(yaw), math.sin(yaw)
    return np.array(offsets) @ np.array([[c, -s], [s, c]])


History = deque[Moment]
