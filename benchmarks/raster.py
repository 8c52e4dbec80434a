"""Milliseconds of each part of drawing views of 384 x 384, fov 90: a made-up city, then towns.

python benchmarks/raster.py                       # the city, Town03 and Town12, with 3 and 6 views
python benchmarks/raster.py --towns Town03 --views 3 --rounds 200

`cull` finds the clusters that are seen, `solid` projects and fills triangles, `paint` adds marks, `smooth` takes the
stair-steps from colour pictures, `place` puts the movers into the scene. CPU is the time of all threads together, wall
the time that passed; best and median of the rounds, the parts in turn.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numba
import numpy as np

from carlet.models import shapes
from carlet.models.mesh import Mesh, instanced, join, make_mesh
from carlet.render.culling import SLACK, find_clusters, pinholes, room_for
from carlet.render.movers import place
from carlet.render.raster import Rasteriser
from carlet.render.scene import FAR, Clusters, Triangles, View
from carlet.render.smooth import smooth_edges
from carlet.render.static import StaticScene, sort_level, static_scene
from carlet.render.templates import TemplateArrays
from carlet.render.views import look_along
from carlet.town.level_mesh import LevelMesh, make_things
from carlet.town.loading import load_town

SIZE, FOV = 384, 90.0
EYE_HEIGHT = 1.7
BLOCK, BLOCKS, STREET = 80.0, 10, 16.0
CARS = 60
NO_PAINT = Triangles(
    np.zeros((0, 9), np.float32),
    np.zeros((0, 3), np.float32),
    np.zeros(0, np.uint16),
    np.zeros(0, np.uint8),
    np.zeros(0, np.int32),
)
NO_CLUSTERS = Clusters(*np.zeros((2, 0), np.int32), *np.zeros((2, 0, 3), np.float32))


class Movers(NamedTuple):
    """Parts of cars, as `movers.place` takes them."""

    templates: TemplateArrays
    part: np.ndarray
    matrices: np.ndarray


class Scene(NamedTuple):
    """What is drawn, and poses (k, 6) to look from."""

    name: str
    triangles: Triangles
    clusters: Clusters
    paint: Triangles
    paint_clusters: Clusters
    static: int
    movers: Movers
    poses: np.ndarray


def city() -> LevelMesh:
    """Blocks of houses with windows, trees and poles along streets with dashed lines: about 400,000 triangles."""
    rng = np.random.default_rng(3)
    at = (np.stack(np.meshgrid(*[np.arange(BLOCKS)] * 2), -1).reshape(-1, 2) - BLOCKS / 2) * BLOCK
    poses = np.column_stack([at, np.zeros((len(at), 2))])
    grid = np.stack(np.meshgrid(*[np.arange(-45, 45)] * 2), -1).reshape(-1, 2) * 10.0
    ground = make_mesh(shapes.quads([[(0, 0, 0), (10, 0, 0), (10, 10, 0), (0, 10, 0)]]), 0, 1)
    parts = [instanced(ground, np.column_stack([grid, np.zeros((len(grid), 2))]), 0)]
    for number, pose in enumerate(poses):
        offsets = rng.uniform(12, BLOCK - STREET - 12, (4, 2)) + STREET / 2
        for x, y in offsets:
            parts.append(house(rng).moved((pose[0] + x, pose[1] + y, 0)).of_thing(number))
    kerb = np.concatenate([np.arange(STREET, BLOCK, 8.0)[:, None] * axis for axis in ([[1, 0]], [[0, 1]])])
    spots = (at[:, None] + kerb + 6.0).reshape(-1, 2)
    turned = np.column_stack([spots, np.zeros(len(spots)), rng.uniform(-3, 3, len(spots))])
    parts.append(instanced(tree(rng), turned, np.arange(len(turned)), rng.uniform(0.8, 1.2, len(turned))))
    pole = make_mesh(shapes.cylinder(0.1, 0.0, 7.0, 6), 3, 6)
    parts.append(instanced(pole, np.column_stack([turned[::3, :2] + 2.0, turned[::3, 2:]]), 1))
    dash = make_mesh(shapes.quads([[(0, -0.07, 0.01), (3, -0.07, 0.01), (3, 0.07, 0.01), (0, 0.07, 0.01)]]), 9, 24)
    along = np.arange(-400.0, 400.0, 9.0)
    lines = [(x, y, 0.0, 0.0) for y in np.unique(at[:, 1]) for x in along]
    lines += [(x, y, 0.0, np.pi / 2) for x in np.unique(at[:, 0]) for y in along]
    return LevelMesh(join(parts), instanced(dash, np.array(lines), 0), make_things(np.zeros((len(at) + len(spots), 3))))


def house(rng: np.random.Generator) -> Mesh:
    """A box with window panes a few centimetres before its walls."""
    wide, deep, floors = rng.uniform(8, 18), rng.uniform(8, 18), int(rng.integers(2, 9))
    panes = [
        shapes.turned(
            shapes.quads([[(u, -0.04, z), (u + 1.4, -0.04, z), (u + 1.4, -0.04, z + 1.5), (u, -0.04, z + 1.5)]])
            - ((length / 2, back / 2, 0)),
            quarter * np.pi / 2,
        )
        for quarter in range(4)
        for length, back in ((wide, deep) if quarter % 2 == 0 else (deep, wide),)
        for u in np.arange(1.0, length - 1.5, 2.6)
        for z in np.arange(1.0, floors * 3.2 - 1.0, 3.2)
    ]
    walls = shapes.box((-wide / 2, -deep / 2, 0), (wide / 2, deep / 2, floors * 3.2))
    return join([make_mesh(walls, 1, 3), make_mesh(np.concatenate(panes), 2, 3)])


def tree(rng: np.random.Generator) -> Mesh:
    """A trunk and two crowns."""
    balls = [shapes.sphere((1.6, 1.6, 1.3), 9, 7) + rng.uniform(-0.5, 0.5, 3) + (0, 0, z) for z in (3.4, 4.6)]
    trunk = shapes.cylinder(0.16, 0.0, 3.2, 6)
    return join([make_mesh(trunk, 4, 9), make_mesh(np.concatenate(balls), 5, 9)])


def car_templates() -> TemplateArrays:
    """Body and four wheels, 600 triangles."""
    body = [shapes.sphere((2.2, 0.9, 0.5), 16, 11) + (0, 0, 0.6), shapes.sphere((1.2, 0.8, 0.6), 10, 7) + (0, 0, 1.0)]
    wheels = [
        shapes.cylinder(0.33, y - 0.1, y + 0.1, 12, axis=1) + (x, 0, 0.33) for x in (-1.4, 1.4) for y in (-0.8, 0.8)
    ]
    meshes = [make_mesh(np.concatenate(body), 6, 14), *(make_mesh(wheel, 7, 14) for wheel in wheels)]
    mesh = join(meshes)
    start = np.cumsum([0, *(len(part) for part in meshes)]).astype(np.int32)
    return TemplateArrays(mesh.corner.reshape(-1, 9), mesh.normals, mesh.material, mesh.tag, start)


def furnish(name: str, level: StaticScene, poses: np.ndarray) -> Scene:
    """A level with cars at the first of `poses`."""
    templates = car_templates()
    part = np.tile(np.arange(5, dtype=np.int32), CARS)
    near = poses[np.argsort(np.hypot(*(poses[:, :2] - poses[0, :2]).T))[1 : CARS + 1]]
    yaw = near[:, 4]
    matrices = np.zeros((CARS, 3, 4))
    matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 1, 0], matrices[:, 1, 1] = (
        np.cos(yaw),
        -np.sin(yaw),
        np.sin(yaw),
        np.cos(yaw),
    )
    matrices[:, 2, 2], matrices[:, :, 3] = 1.0, near[:, :3]
    size, count = len(templates.corner), CARS * len(templates.corner)
    first = len(level.corner) + (np.arange(CARS)[:, None] * size + templates.start[None, :-1]).ravel()
    last = len(level.corner) + (np.arange(CARS)[:, None] * size + templates.start[None, 1:]).ravel()
    empty = np.zeros((len(part), 3), np.float32)
    triangles = Triangles(
        np.concatenate([level.corner, np.zeros((count, 9), np.float32)]),
        np.concatenate([level.normal, np.zeros((count, 3), np.float32)]),
        np.concatenate([level.material, np.tile(templates.material, CARS)]),
        np.concatenate([level.tag, np.tile(templates.tag, CARS)]),
        np.concatenate([level.thing, np.repeat(np.arange(CARS, dtype=np.int32), size)]),
    )
    clusters = Clusters(
        np.concatenate([level.first, first.astype(np.int32)]),
        np.concatenate([level.last, last.astype(np.int32)]),
        np.concatenate([level.low, empty]),
        np.concatenate([level.high, empty]),
    )
    movers = Movers(templates, part, np.repeat(matrices, 5, axis=0))
    place(triangles, clusters, len(level.first), *movers)
    return Scene(name, triangles, clusters, level.paint, level.paint_clusters, len(level.corner), movers, poses)


def scenes(towns: list[str]) -> Iterator[Scene]:
    """The city, then towns at the spawn point with most others within 60 m."""
    street = np.column_stack([np.arange(-300.0, 300.0, 7.0), np.full(86, -2.0), np.zeros((86, 4))])
    yield furnish("city", sort_level(city()), np.roll(street, -43, axis=0))
    for name in towns:
        town = load_town(name)
        poses = town.spawn_points
        near = np.hypot(*(poses[:, None, :2] - poses[None, :, :2]).transpose(2, 0, 1)) < 60.0
        yield furnish(name, static_scene(town), np.roll(poses, -int(near.sum(axis=1).argmax()), axis=0))


def views_of(scene: Scene, count: int) -> list[View]:
    """Three views ahead, and to the left and right; six: again from half a metre beside."""
    views = []
    for k in range(count):
        pose = scene.poses[0].copy()
        pose[:3] += (0.0, 0.5 * (k // 3), EYE_HEIGHT)
        pose[4] += np.radians((-60.0, 0.0, 60.0)[k % 3])
        views.append(look_along(pose, FOV, SIZE, SIZE))
    return views


def parts_of(scene: Scene, views: list[View]) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    full, bare = Rasteriser(), Rasteriser()
    buffers = full.draw(*scene[1:5], views, scene.static)
    palette = np.random.default_rng(0).integers(0, 255, (64, 4), np.uint8)
    bgra = palette[(scene.triangles.tag * 7 + scene.triangles.thing)[buffers.seen] % 64]
    cameras = pinholes(views)
    reach, room = np.full(len(views), FAR, np.float32), room_for(len(views), len(scene.clusters.first))
    return {
        "all": lambda: full.draw(*scene[1:5], views, scene.static),
        "no paint": lambda: bare.draw(scene.triangles, scene.clusters, NO_PAINT, NO_CLUSTERS, views, scene.static),
        "cull": lambda: find_clusters(cameras, *scene.clusters[2:], reach, SLACK, *room),
        "smooth": lambda: smooth_edges(bgra.copy(), buffers, scene.triangles, views),
        "place": lambda: place(scene.triangles, scene.clusters, len(scene.clusters.first) - 5 * CARS, *scene.movers),
    }


def measure(parts: dict[str, Callable[[], object]], rounds: int) -> dict[str, np.ndarray]:
    """Milliseconds (rounds, 2) of CPU and wall time of each part."""
    times = {name: np.zeros((rounds, 2)) for name in parts}
    for part in parts.values():
        part()
    for k in range(rounds):
        for name, part in parts.items():
            cpu, wall = time.process_time(), time.perf_counter()
            part()
            times[name][k] = time.process_time() - cpu, time.perf_counter() - wall
    return {name: 1e3 * values for name, values in times.items()}


def report(times: dict[str, np.ndarray]) -> Iterator[str]:
    """Best and median of the parts. Solid and paint are differences."""
    for label, pick in (("best", np.min), ("median", np.median)):
        cost = {name: pick(values, axis=0) for name, values in times.items()}
        cost["solid"], cost["paint"] = cost["no paint"] - cost["cull"], cost["all"] - cost["no paint"]
        for column, kind in enumerate(("cpu", "wall")):
            names = ("cull", "solid", "paint", "all", "smooth", "place")
            yield f"  {label:6} {kind:4} " + "  ".join(f"{name} {cost[name][column]:6.2f}" for name in names)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--towns", nargs="*", default=["Town03", "Town12"])
    parser.add_argument("--views", nargs="*", type=int, default=[3, 6])
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    print(f"{numba.get_num_threads()} threads; milliseconds a call")
    for scene in scenes(arguments.towns):
        print(f"{scene.name}: {scene.static} + {len(scene.triangles.corner) - scene.static} triangles, ", end="")
        print(f"{len(scene.paint.corner)} of paint, {len(scene.clusters.first)} clusters")
        for count in arguments.views:
            print(f" {count} views of {SIZE} x {SIZE}")
            for line in report(measure(parts_of(scene, views_of(scene, count)), arguments.rounds)):
                print(line)


if __name__ == "__main__":
    main()
