"""A small recording in LEAD's layout, written by the layout's own writers, of a world that is known exactly."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from lead.recording.layout import RouteFolder, depth, lidar, pickles, png, radar, results, rgb, write_file
from lead.sensors.perturbation import Perturbation, to_perturbed

SHIFT_M, TURN_DEG = 0.6, -8.0
TWIN = Perturbation(SHIFT_M, TURN_DEG)
SPEED = 8.0
FRAMES = 24
HEIGHT, WIDTH = 32, 192
TICK_S = 0.05
CAR = np.array([20.0, 3.5])


def record(status: str = "Perfect", composed: float = 100.0, **faults: list[str]) -> dict[str, Any]:
    return {"status": status, "infractions": faults, "scores": {"score_composed": composed}, "meta": {}}


def meta_of(number: int, **changed: Any) -> dict[str, Any]:
    """The ego drives straight on at `SPEED`, heading 0.5 rad in the world."""
    ticks = min(61, (FRAMES - 1 - number) * 5 + 26)
    ahead = SPEED * TICK_S * np.arange(ticks)
    yaw, travelled = 0.5, SPEED * 0.25 * number
    forward = np.array([math.cos(yaw), math.sin(yaw)])
    position = np.array([100.0, 50.0]) + travelled * forward
    points = [position + offset * forward for offset in (-10.0, 30.0, 30.0, 60.0)]
    meta = {
        "town": "Town01", "speed": SPEED, "target_speed": 9.0, "brake": False, "theta": yaw, "privileged_yaw": yaw,
        "pos_global": [*position, 0.0], "route": np.stack([2.5 + np.arange(50.0), np.zeros(50)], 1).astype(np.float32),
        "future_positions": np.stack([ahead, 0 * ahead, 0 * ahead], 1).astype(np.float32),
        "future_yaws": np.zeros(ticks, np.float32),
        "next_target_points_3.25": [[*point, 0.0] for point in points], "next_commands_3.25": [4, 1, 4, 4],
        "previous_commands_3.25": [], "perturbation_translation": SHIFT_M, "perturbation_rotation": TURN_DEG,
        "current_active_scenario_type": None, "scenario_obstacles_ids": [], "scenario_actors_ids": [],
        "dist_to_junction": None,
    }  # fmt: skip
    return meta | changed


def box_of(kind: str, place: tuple[float, float], number: int = 1, **changed: Any) -> dict[str, Any]:
    box = {
        "class": kind, "extent": [2.4, 1.0, 0.8], "position": [*place, 0.0], "yaw": 0.0, "distance": math.hypot(*place),
        "id": number, "speed": 0.0, "num_points": 100, "num_radar_points": 3, "visible_pixels": 500,
        "type_id": "vehicle.tesla.model3", "role_name": "background", "lane_type_str": "Driving",
    }  # fmt: skip
    return box | changed


def boxes_of(number: int) -> list[dict[str, Any]]:
    steps = np.arange(41)[:, None] * TICK_S * np.array([4.0, 0.0])
    car = box_of("car", tuple(CAR), 2, speed=4.0, brake=0.0, future_positions=(CAR + steps).astype(np.float16))
    walker = box_of(
        "walker", (10.0, -6.0), 3, extent=[0.2, 0.2, 0.9], num_radar_points=0, type_id="walker.pedestrian.1"
    )
    return [box_of("ego_car", (0.0, 0.0), 0), walker, car]


def write_drive(folder: Path, outcome: dict[str, Any] | None = None, twin: bool = True, **meta: Any) -> Path:
    """A whole drive; in its pictures blue rises to the right and red falls, its LiDAR shows the car of `boxes_of`.

    `meta`: what its metas have besides.
    """
    rng = np.random.default_rng(1)
    rising = np.broadcast_to(np.linspace(30, 220, WIDTH)[None, :], (HEIGHT, WIDTH))
    ramp = np.stack([rising, 0 * rising + 100, 250 - rising], axis=-1).astype(np.uint8)
    semantic = np.repeat(np.arange(HEIGHT, dtype=np.uint8)[:, None] % 10, WIDTH, axis=1)
    metres = np.broadcast_to(np.linspace(0.5, 44.0, WIDTH)[None, :], (HEIGHT, WIDTH))
    ground = np.zeros((256, 256), np.uint8)
    ground[120:136] = 1
    cloud = np.column_stack([CAR + rng.uniform(-0.5, 0.5, (60, 2)), rng.uniform(-1.0, 1.0, 60)])
    for number in range(FRAMES):
        frame = {
            "metas": pickles.encode(meta_of(number) | meta, smallest=False),
            "bboxes": pickles.encode(boxes_of(number), smallest=False),
            "lidar": lidar.encode(lidar.Sweep(cloud, np.zeros(60, np.uint8))),
        }
        for suffix, pose in (("", Perturbation()), ("_perturbated", TWIN))[: 1 + twin]:
            hits = np.column_stack([to_perturbed([CAR], pose), [[0.3, -2.0]]])
            frame |= {
                f"rgb{suffix}": rgb.encode(ramp, 95),
                f"semantics{suffix}": png.encode(semantic),
                f"depth{suffix}": depth.encode(depth.quantise(metres)),
                f"hdmap{suffix}": png.encode(ground),
                f"radar{suffix}": radar.encode({f"radar{k}": hits if k == 1 else hits[:0] for k in (1, 2, 3, 4)}),
            }
        for kind, data in frame.items():
            (folder / kind).mkdir(parents=True, exist_ok=True)
            write_file(RouteFolder(folder).file(kind, number), data)
    write_file(folder / results.NAME, results.encode(outcome or record()))
    return folder
