"""A stage to cast rays into: a ground with a stripe of paint, and boxes on it, some of which move."""

import struct
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from carlet.actors.table import ActorTable, Kind
from carlet.geometry import rotation_matrices
from carlet.models.mesh import Mesh, join, make_mesh
from carlet.render.rays import cast, grow_forest, level_of, no_forest, place_movers
from carlet.render.scene import Things, Triangles
from carlet.render.static import sort_level
from carlet.sensors import Sensor, Turn
from carlet.town.level_mesh import LevelMesh, make_things
from carlet.wire.records import LIDAR_POINT, RADAR_DETECTION, SEMANTIC_LIDAR_POINT

DT = 0.05
GROUND_TAG, PAINT_TAG, WALL_TAG, CAR_TAG = 1, 24, 4, 14
GROUND, WALL, CAR = 0, 1, 2
#: Paint lies on |y| < STRIPE_Y, this much over the ground.
STRIPE_Y, LIFT = 0.5, 0.01
CAR_ID = 77
CAR_HALF = (2.0, 1.0, 0.75)


def box_mesh(centre: Any, half: Any, tag: int, thing: int) -> Mesh:
    """A box seen from outside."""
    corner = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * half + np.asarray(centre)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([face for a, b, c, d in quads for face in ((a, b, c), (a, c, d))])
    return make_mesh(corner[faces], 0, tag, thing)


def flat_mesh(x: float, y: float, z: float, tag: int, thing: int) -> Mesh:
    """A rectangle about the origin of half sizes x and y, seen from above."""
    corner = np.array([[-x, -y, z], [x, -y, z], [x, y, z], [-x, y, z]])
    return make_mesh(corner[[[0, 1, 2], [0, 2, 3]]], 0, tag, thing)


class RangedStage:
    """Walls (k, 6), `centre half`, on a ground, and one car at `pose` (6,) with `velocity` (3,)."""

    def __init__(
        self, walls: Any = (), pose: Any = (0, 0, -50, 0, 0, 0), velocity: Any = (0, 0, 0), ground: bool = True
    ):
        size = 200.0 if ground else 0.0
        solid = [flat_mesh(size, size, 0.0, GROUND_TAG, GROUND)]
        solid += [box_mesh(wall[:3], wall[3:], WALL_TAG, WALL) for wall in walls]
        paint = flat_mesh(size, STRIPE_Y, LIFT, PAINT_TAG, GROUND)
        self.scene = sort_level(LevelMesh(join(solid), paint, make_things(np.zeros((2, 3)))))
        car = box_mesh((0, 0, 0), CAR_HALF, CAR_TAG, CAR)
        turn = rotation_matrices(np.asarray(pose[3:], float))
        forest = grow_forest(no_forest(), car.corner.reshape(-1, 9), np.array([0, len(car)], np.int32))
        first = len(self.scene.corner)
        matrix = np.concatenate([turn, np.asarray(pose[:3], float)[:, None]], axis=1)
        self.movers = place_movers(forest, np.zeros(1, np.int32), [first], matrix[None])
        moved = car.moved(pose[:3], turn)
        columns = (moved.corner.reshape(-1, 9), moved.normals, moved.material, moved.tag, moved.thing)
        self.triangles = Triangles(
            *(np.concatenate(pair) for pair in zip(self.scene.triangles, columns, strict=True))  # type: ignore[arg-type]
        )
        self.paint = self.scene.paint
        self.things = Things(
            origin=np.zeros((3, 3), np.float32),
            axis=np.zeros((3, 2), np.float32),
            number=np.arange(3, dtype=np.uint32),
            actor=np.array([0, 0, CAR_ID], np.uint32),
            tint=np.ones((3, 3, 3), np.float32),
            lamps=np.zeros(3, np.uint32),
            velocity=np.array([(0, 0, 0), (0, 0, 0), velocity], np.float32),
        )

    def cast(self, origins: Any, directions: Any, reach: Any) -> tuple[np.ndarray, np.ndarray]:
        level = level_of(self.scene, self.triangles, self.paint)
        return cast(level, self.movers, origins, directions, reach)


def ask(sensor: Sensor, stage: RangedStage, pose: Any, age: int = 0, since: float = DT, velocity: Any = (0, 0, 0)):
    """The bodies of one turn of a sensor at `pose` (6,), radians, as bytes."""
    table = ActorTable()
    pose = np.asarray(pose, np.float64)
    table.add(1, kind=Kind.SENSOR, location=pose[:3], rotation=pose[3:], velocity=np.asarray(velocity, np.float64))
    moment: Any = SimpleNamespace(table=table, stage=stage, dt=since)
    bodies = sensor.measure(moment, 0, Turn(since, age))
    return [
        body if isinstance(body, bytes) else b"".join(bytes(memoryview(piece)) for piece in body) for body in bodies
    ]


class Cloud(NamedTuple):
    """A LiDAR's message taken apart; `points` are structured."""

    angle: float
    per_channel: np.ndarray
    points: np.ndarray

    @property
    def xyz(self) -> np.ndarray:
        return np.stack([self.points[axis] for axis in "xyz"], axis=1).astype(np.float64)


def cloud(body: bytes, dtype: Any = LIDAR_POINT) -> Cloud:
    angle, channels = struct.unpack_from("<fI", body)
    counts = np.frombuffer(body, "<u4", channels, 8)
    return Cloud(angle, counts, np.frombuffer(body, dtype, -1, 8 + 4 * channels))


def semantic_cloud(body: bytes) -> Cloud:
    return cloud(body, SEMANTIC_LIDAR_POINT)


def detections(body: bytes) -> np.ndarray:
    return np.frombuffer(body, RADAR_DETECTION)
