"""A stage without a renderer: a road with a stripe of paint, a wall across it, and sky, drawn by formula; and a world
whose cameras see it.
"""

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from carlet.episode import Episode
from carlet.render.picture import Picture, Request
from carlet.render.scene import NOTHING, Moved, Things, Triangles, View
from carlet.town import load_town

DT = 0.05

ROAD, WALL = 0, 1
ROAD_TAG, WALL_TAG, PAINT_TAG = 1, 14, 24
WALL_X = 20.0
STRIPE_Y = 0.5
WALL_NUMBER, PAINT_NUMBER = 0x3A7C1, 0x0102
STILL = np.eye(3, 4, dtype=np.float32).ravel()


def triangles(tags: Sequence[int], normals: Sequence[Sequence[float]], things: Sequence[int]) -> Triangles:
    count = len(tags)
    return Triangles(
        corner=np.zeros((count, 9), np.float32),
        normal=np.array(normals, np.float32),
        material=np.zeros(count, np.uint16),
        tag=np.array(tags, np.uint8),
        thing=np.array(things, np.int32),
    )


class CannedStage:
    """`draw` notes what it was asked for. The wall can be told where it was a tick ago: `came` (3,) m."""

    def __init__(self, came: Sequence[float] = (0.0, 0.0, 0.0), shade: int = 0):
        self.shown = 0
        self.asked: list[list[Request]] = []
        self.shade = shade
        self.triangles = triangles([ROAD_TAG, WALL_TAG], [(0, 0, 1), (-1, 0, 0)], [0, 1])
        self.paint = triangles([PAINT_TAG], [(0, 0, 1)], [2])
        before = STILL.reshape(3, 4).copy()
        before[:, 3] -= np.array(came, np.float32)
        self.moved = Moved(np.array([WALL], np.int32), before.reshape(1, 12))
        self.things = Things(
            origin=np.zeros((3, 3), np.float32),
            axis=np.tile(np.float32([1, 0]), (3, 1)),
            number=np.array([7, WALL_NUMBER, PAINT_NUMBER], np.uint32),
            actor=np.array([0, 99, 0], np.uint32),
            tint=np.ones((3, 3, 3), np.float32),
            lamps=np.zeros(3, np.uint32),
            velocity=np.zeros((3, 3), np.float32),
        )

    def show(self, sight: Any) -> None:
        assert sight.table is not None
        self.shown += 1

    def draw(self, requests: Sequence[Request]) -> list[Picture]:
        self.asked.append(list(requests))
        return [self._picture(request) for request in requests]

    def _picture(self, request: Request) -> Picture:
        view = request.view
        rays = pixel_rays(view)
        eye = view.eye.astype(np.float64)
        with np.errstate(divide="ignore"):
            to_road = np.where(rays[..., 2] < 0, -eye[2] / rays[..., 2], np.inf)
            to_wall = np.where(rays[..., 0] > 0, (WALL_X - eye[0]) / rays[..., 0], np.inf)
        to_wall[eye[2] + to_wall * rays[..., 2] > 4.0] = np.inf
        distance = np.minimum(to_road, to_wall)
        seen = np.where(np.isinf(distance), NOTHING, np.where(to_wall < to_road, WALL, ROAD)).astype(np.int32)
        side = eye[1] + np.where(seen == ROAD, distance, 0.0) * rays[..., 1]
        painted = (seen == ROAD) & (np.abs(side) < STRIPE_Y)
        bgra = None
        if request.rgb is not None:
            bgra = np.full((view.height, view.width, 4), 255, np.uint8)
            bgra[..., :3] = ((seen[..., None] + 2) * 40 + [0, 5, 10] + self.shade).astype(np.uint8)
        return Picture(
            near=(1.0 / distance).astype(np.float32),
            seen=seen,
            cover=painted.astype(np.float32),
            marked=np.where(painted, 0, NOTHING).astype(np.int32),
            bgra=bgra,
        )


def pixel_rays(view: View) -> np.ndarray:
    """World rays (h, w, 3) of the pixels' middles, one metre along the camera's axis."""
    x = (np.arange(view.width) + 0.5 - view.width / 2) / view.focal
    y = (np.arange(view.height) + 0.5 - view.height / 2) / view.focal
    local = np.stack(np.broadcast_arrays(x[None, :], y[:, None], np.ones((1, 1))), axis=-1)
    return local @ view.turn.astype(np.float64)


class Message(NamedTuple):
    """A stream message, taken apart."""

    type: int
    frame: int
    time: float
    pose_deg: tuple[float, ...]
    width: int
    height: int
    fov_deg: float
    pixels: np.ndarray


def parse(message: tuple[Any, ...]) -> Message:
    """A camera's message as a client reads it."""
    data = b"".join(bytes(memoryview(np.frombuffer(piece, np.uint8))) for piece in message)
    kind, frame, time, *pose_deg = struct.unpack("<QQd6f", data[:48])
    width, height, fov_deg = struct.unpack("<IIf", data[48:60])
    return Message(kind, frame, time, tuple(pose_deg), width, height, fov_deg, np.frombuffer(data[60:], np.uint8))


class Scene:
    """An episode, its stage, and all that its sensors say in a tick."""

    def __init__(self, stage: Any = None) -> None:
        self.stage = stage or CannedStage()
        self.episode = Episode(load_town("Town01"), episode_id=1)
        self.episode._stage = self.stage

    def add(self, kind: str, pose: tuple[float, ...] = (0.0, 0.0, 2.0, 0.0, 0.0, 0.0), **attributes: str) -> int:
        given = {"image_size_x": "64", "image_size_y": "48", **attributes}
        return self.episode.spawn(f"sensor.camera.{kind}", given, np.array(pose))

    def tick(self, *listening: int) -> list[tuple[int, Message]]:
        self.episode.tick(DT)
        return [(one.actor, parse(one.message)) for one in self.episode.measure(listening)]
