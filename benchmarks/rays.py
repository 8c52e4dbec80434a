"""Milliseconds that rays take in a town full of movers: `python benchmarks/rays.py [--town Town03] [--against FILE]`.

LiDARs of 64 channels and 100 m stand at the busiest spot, among 60 cars and 30 walkers of all models. Movers are placed
anew before each sweep, and that counts. `--against` names a module with other kernels, whose `Lidar(scene).sweep(...)`
is timed in turn with ours on the same triangles. Process time is that of all cores together.
"""

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from carlet.actors.blueprints import library
from carlet.actors.table import ActorTable, Kind
from carlet.geometry import rotation_matrices
from carlet.models.actor_model import Model
from carlet.models.mesh import join
from carlet.render.looks import look_of
from carlet.render.rays import cast, grow_forest, level_of, no_forest, place_movers
from carlet.render.scene import NOTHING, Triangles
from carlet.render.static import StaticScene, static_scene
from carlet.sensors import SENSORS, Turn
from carlet.town import Town, load_town

CARS, WALKERS = 60, 30
CHANNELS, REACH = 64, 100.0
COLUMNS = {"60,032 rays": 938, "30,016 rays": 469}
UPPER_DEG, LOWER_DEG = 10.0, -25.0
CLEAR_M, CROWD_M = 7.0, 60.0
DT = 0.05
LIDAR = {
    "channels": "64",
    "range": "100",
    "points_per_second": "600000",
    "rotation_frequency": "10",
    "upper_fov": "10",
    "lower_fov": "-25",
}


class World(NamedTuple):
    """A level and a actors: their models, poses (a, 4) `x y z yaw`, and where the sensor stands (3,)."""

    scene: StaticScene
    models: list[Model]
    poses: np.ndarray
    eye: np.ndarray


def every_model(kind: Kind) -> list[Model]:
    """Models of all blueprints of a kind."""
    blueprints = [one for one in library().values() if one.kind is kind]
    infos: Any = [SimpleNamespace(blueprint=one, value=lambda name, default="": default) for one in blueprints]
    return [look_of(info, False)[1]() for info in infos]


def crowd(town: Town, rng: np.random.Generator) -> World:
    """Cars at the spawn points around the busiest one, walkers beside them."""
    spots = town.spawn_points[:, [0, 1, 2, 4]]
    apart = np.linalg.norm(spots[:, None, :2] - spots[None, :, :2], axis=2)
    centre = int((apart < CROWD_M).sum(axis=1).argmax())
    near = np.argsort(apart[centre])
    near = near[apart[centre][near] > CLEAR_M][: 2 * CARS]
    cars, walkers = rng.permutation(near)[:CARS], rng.permutation(near)[:WALKERS]
    poses = np.concatenate([spots[cars], spots[walkers] + (3.5, 3.5, 0.0, 1.0)])
    choices = [(every_model(Kind.VEHICLE), len(cars)), (every_model(Kind.WALKER), len(walkers))]
    worn = [choice[k] for choice, count in choices for k in rng.integers(0, len(choice), count)]
    return World(static_scene(town), worn, poses, spots[centre, :3] + (0.0, 0.0, 2.0))


def places(model: Model) -> np.ndarray:
    """Where the parts (p, 3) of a model at rest are in the actor's frame."""
    found: list[np.ndarray] = []
    for part in model.parts:
        found.append(np.asarray(part.pivot) + (found[part.parent] if part.parent >= 0 else 0.0))
    return np.array(found)


def turn_of(pose: np.ndarray) -> np.ndarray:
    """The matrix (3, 3) of a pose (4,)."""
    return rotation_matrices(np.array([0.0, pose[3], 0.0]))


class Ours:
    """A stage of carlet's own kernels."""

    def __init__(self, world: World):
        self.scene, self.eye = world.scene, world.eye
        models = list({id(model): model for model in world.models}.values())
        meshes = [part.mesh for model in models for part in model.parts]
        start = np.cumsum([0, *map(len, meshes)]).astype(np.int32)
        begin = np.cumsum([0, *(len(model.parts) for model in models)])
        rows = {id(model): np.arange(begin[k], begin[k + 1]) for k, model in enumerate(models)}
        self.forest = grow_forest(no_forest(), join(meshes).corner.reshape(-1, 9), start)
        self.part = np.concatenate([rows[id(model)] for model in world.models]).astype(np.int32)
        size = np.diff(start)[self.part]
        self.first = len(self.scene.corner) + np.cumsum(size) - size
        self.pose = np.concatenate([self._matrices(*pair) for pair in zip(world.models, world.poses, strict=True)])
        moved = join(meshes[k].moved(m[:, 3], m[:, :3]) for k, m in zip(self.part, self.pose, strict=True))
        columns = (moved.corner.reshape(-1, 9), moved.normals, moved.material, moved.tag, moved.thing)
        pairs = zip(self.scene.triangles, columns, strict=True)
        self.triangles = Triangles(*(np.concatenate(pair) for pair in pairs))  # type: ignore[arg-type]
        self.paint = self.scene.paint
        count = len(self.scene.things)
        self.things = SimpleNamespace(actor=np.zeros(count, np.uint32), velocity=np.zeros((count, 3), np.float32))
        self.place()

    @staticmethod
    def _matrices(model: Model, pose: np.ndarray) -> np.ndarray:
        turn = turn_of(pose)
        spots = pose[:3] + places(model) @ turn.T
        return np.concatenate([np.tile(turn, (len(spots), 1, 1)), spots[:, :, None]], axis=2)

    def place(self) -> None:
        self.movers = place_movers(self.forest, self.part, self.first, self.pose)

    def cast(self, origins: Any, directions: Any, reach: Any) -> tuple[np.ndarray, np.ndarray]:
        return cast(level_of(self.scene, self.triangles, self.paint), self.movers, origins, directions, reach)

    def sweep(self, directions: np.ndarray) -> np.ndarray:
        self.place()
        return self.cast(self.eye, directions, REACH)[0]


class Theirs:
    """Other kernels on the same triangles, with whole actors for parts."""

    def __init__(self, path: Path, world: World):
        spec = importlib.util.spec_from_file_location("other_rays", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        static = np.concatenate([world.scene.corner, world.scene.paint_corner])
        models = list({id(model): model for model in world.models}.values())
        number = {id(model): k for k, model in enumerate(models)}
        whole = [self._whole(model) for model in models]
        self.worn = np.array([number[id(model)] for model in world.models], np.int32)
        self.matrix = np.tile(np.eye(4, dtype=np.float32), (len(self.worn), 1, 1))
        self.matrix[:, :3, :3] = [turn_of(pose) for pose in world.poses]
        self.matrix[:, :3, 3] = world.poses[:, :3]
        moved = [whole[k].reshape(-1, 3) @ m[:3, :3].T + m[:3, 3] for k, m in zip(self.worn, self.matrix, strict=True)]
        scene = SimpleNamespace(
            TV=static,
            ns=len(static),
            tmplV=np.concatenate(whole),
            toff=np.cumsum([0, *map(len, whole)]),
            lo=np.array([corner.min(axis=0) for corner in moved], np.float32),
            hi=np.array([corner.max(axis=0) for corner in moved], np.float32),
            ncs=0,
            tid=self.worn,
            off=(len(static) + np.cumsum([0, *(len(whole[k]) for k in self.worn)])).astype(np.int32),
        )
        self.eye, self.lidar = world.eye.astype(np.float32), module.Lidar(scene)

    @staticmethod
    def _whole(model: Model) -> np.ndarray:
        parts = zip(model.parts, places(model), strict=True)
        return join(part.mesh.moved(place) for part, place in parts).corner.reshape(-1, 9)

    def sweep(self, directions: np.ndarray) -> np.ndarray:
        return self.lidar.sweep(self.eye, directions, self.matrix, REACH)[0]


def rays(columns: int) -> np.ndarray:
    """Unit vectors (channels * columns, 3), one column after the other."""
    up = np.radians(np.linspace(UPPER_DEG, LOWER_DEG, CHANNELS))
    around = np.linspace(-np.pi, np.pi * (columns / COLUMNS["60,032 rays"] * 2 - 1), columns, endpoint=False)
    a, e = np.meshgrid(around, up, indexing="ij")
    return (
        np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], axis=-1).reshape(-1, 3).astype(np.float32)
    )


def ribbons(directions: np.ndarray, width: int = 4) -> np.ndarray:
    """The same rays in the order in which our LiDAR casts them."""
    return np.ascontiguousarray(directions.reshape(-1, CHANNELS // width, width, 3).swapaxes(0, 1).reshape(-1, 3))


def timed(works: dict[str, Callable[[], Any]], rounds: int) -> None:
    """Print what each takes, all in turn."""
    wall: dict[str, list[float]] = {name: [] for name in works}
    process: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 2):
        for name, work in works.items():
            begin, used = time.perf_counter(), time.process_time()
            work()
            if turn >= 2:
                wall[name].append(1e3 * (time.perf_counter() - begin))
                process[name].append(1e3 * (time.process_time() - used))
    for name in works:
        figures = [f"{min(times):.2f} / {statistics.median(times):.2f}" for times in (wall[name], process[name])]
        print(f"{name:34s} wall {figures[0]:>15s}   process {figures[1]:>15s} ms   (best / median)")


def sensor_works(stage: Ours) -> dict[str, Callable[[], Any]]:
    """Whole turns of sensors, bodies and all."""
    table = ActorTable()
    table.add(1, kind=Kind.SENSOR, location=stage.eye)
    moment: Any = SimpleNamespace(table=table, stage=stage)
    given = {
        "LiDAR, 600,000 points/s": ("sensor.lidar.ray_cast", LIDAR),
        "semantic LiDAR, 600,000 points/s": ("sensor.lidar.ray_cast_semantic", LIDAR),
        "radar, 1,500 points/s": ("sensor.other.radar", {}),
    }

    def work(kind: str, attributes: dict[str, str]) -> Callable[[], Any]:
        sensor = SENSORS[kind]({**{one.id: one.default for one in library()[kind].attributes}, **attributes})
        return lambda: sensor.measure(moment, 0, Turn(DT, 1))

    return {name: work(*pair) for name, pair in given.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--town", default="Town03")
    parser.add_argument("--against", type=Path)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    world = crowd(load_town(options.town), np.random.default_rng(0))
    stage, scene = Ours(world), world.scene
    theirs = Theirs(options.against, world) if options.against else None
    static = len(scene.corner) + len(scene.paint_corner)
    moving = len(stage.triangles.corner) - len(scene.corner)
    print(f"{options.town}: {static:,} triangles stand, {moving:,} in {len(stage.part)} parts move")
    for name, columns in COLUMNS.items():
        plain = rays(columns)
        order = ribbons(plain)
        works = {f"{name}, ours": lambda order=order: stage.sweep(order)}
        if theirs is not None:
            works[f"{name}, {options.against.stem}"] = lambda plain=plain: theirs.sweep(plain)
        timed(works, options.rounds)
    timed({"placing movers": stage.place, **sensor_works(stage)}, options.rounds)
    row = stage.cast(stage.eye, rays(COLUMNS["60,032 rays"]), REACH)[1]
    print(f"{(row != NOTHING).mean():.0%} of the rays hit, {(row >= len(scene.corner)).mean():.1%} movers")


if __name__ == "__main__":
    main()
