"""Rays hit what a search through all triangles finds, on level, paint and movers."""

import numpy as np
import pytest

from carlet.geometry import rotation_matrices
from carlet.models.mesh import Mesh, join, make_mesh
from carlet.render.rays import Level, Movers, cast, grow_forest, level_of, no_forest, place_movers
from carlet.render.scene import NOTHING, Triangles
from carlet.render.static import StaticScene, sort_level
from carlet.town.level_mesh import LevelMesh, make_things

RAYS = 1600
REACH = 80.0


def soup(rng: np.random.Generator, count: int, size: float = 40.0, flat: float = 0.2) -> np.ndarray:
    middle = rng.uniform(-size, size, (count, 1, 3)) * (1, 1, flat)
    return (middle + rng.normal(0, 1.0, (count, 3, 3))).astype(np.float32)


def box_mesh(half: tuple[float, float, float], tag: int = 14) -> Mesh:
    """A box about the origin, seen from outside."""
    corner = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * half
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([face for a, b, c, d in quads for face in ((a, b, c), (a, c, d))])
    mesh = make_mesh(corner[faces], 0, tag)
    assert ((mesh.corner.mean(axis=1) * mesh.normals).sum(axis=1) > 0).all()
    return mesh


def scene_of(solid: np.ndarray, paint: np.ndarray | None = None) -> StaticScene:
    marks = make_mesh(np.zeros((0, 3, 3)) if paint is None else paint, 0, 24)
    return sort_level(LevelMesh(make_mesh(solid, 0, 1), marks, make_things(np.zeros((1, 3)))))


def directions(rng: np.random.Generator, count: int = RAYS) -> np.ndarray:
    ray = rng.normal(size=(count, 3)) * (1, 1, 0.3) - (0, 0, 0.3)
    return (ray / np.linalg.norm(ray, axis=1, keepdims=True)).astype(np.float32)


def search(corner: np.ndarray, origins: np.ndarray, rays: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Nearest fronts among all triangles (n, 9), in float64; distances and rows."""
    a, b, c = np.moveaxis(corner.astype(np.float64).reshape(-1, 3, 3), 1, 0)
    distance, row = np.full(len(rays), reach), np.full(len(rays), NOTHING)
    normal = np.cross(b - a, c - a)
    for ray, (origin, along) in enumerate(zip(np.broadcast_to(origins, rays.shape), rays.astype(float), strict=True)):
        facing, to = -normal @ along, origin - a
        with np.errstate(divide="ignore", invalid="ignore"):
            u = np.cross(c - a, to) @ along / facing
            v = np.cross(to, b - a) @ along / facing
            t = (to * normal).sum(axis=1) / facing
        met = (facing > 0) & (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0)
        t = np.where(met, t, reach)
        if len(t) and t.min() < reach:
            distance[ray], row[ray] = t.min(), t.argmin()
    return distance, row


def agree(corner: np.ndarray, origins: np.ndarray, rays: np.ndarray, found: tuple[np.ndarray, np.ndarray]) -> None:
    """`found` is what the search finds; but for one ray in a thousand, through a seam."""
    distance, row = search(corner, origins, rays, REACH)
    same = (row == found[1]) & (np.abs(distance - found[0]) < 1e-4 * np.maximum(1.0, distance / 20.0))
    assert (row != NOTHING).mean() > 0.04
    assert same.mean() > 0.999, np.flatnonzero(~same)


NO_MOVERS = place_movers(no_forest(), np.zeros(0, np.int32), np.zeros(0), np.zeros((0, 3, 4)))


@pytest.mark.parametrize("count", [1, 3, 40, 2000])
def test_level_hits_equal_a_search(count: int) -> None:
    rng = np.random.default_rng(count)
    corner = soup(rng, count, 20.0) if count > 3 else soup(rng, count, 0.5) * 4.0
    down = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])[:, 2] < 0
    corner[down] = corner[down][:, ::-1]
    scene = scene_of(corner)
    rays, origin = directions(rng), np.array([0.5, 1.0, 8.0], np.float32)
    found = cast(level_of(scene), NO_MOVERS, origin, rays, REACH)
    distance, row = search(scene.corner, origin, rays, REACH)
    same = (row == found[1]) & (np.abs(distance - found[0]) < 1e-4 * np.maximum(1.0, distance / 20.0))
    assert (row != NOTHING).any()
    assert same.mean() > 0.999


def test_many_origins() -> None:
    rng = np.random.default_rng(5)
    scene = scene_of(soup(rng, 3000))
    origins = np.repeat(rng.uniform(-30, 30, (40, 3)), RAYS // 40, axis=0).astype(np.float32) * (1, 1, 0.2)
    rays = directions(rng)
    found = cast(level_of(scene), NO_MOVERS, origins, rays, REACH)
    agree(scene.corner, origins.astype(np.float32), rays, found)


def test_every_ray_from_elsewhere() -> None:
    rng = np.random.default_rng(6)
    scene = scene_of(soup(rng, 3000))
    origins = (rng.uniform(-30, 30, (RAYS, 3)) * (1, 1, 0.2)).astype(np.float32)
    rays = directions(rng)
    agree(scene.corner, origins, rays, cast(level_of(scene), NO_MOVERS, origins, rays, REACH))


def test_origins_must_fit_the_rays() -> None:
    rng = np.random.default_rng(6)
    with pytest.raises(ValueError, match="2 origins for 5 rays"):
        cast(level_of(scene_of(soup(rng, 5))), NO_MOVERS, np.zeros((2, 3)), directions(rng, 5), REACH)


def test_paint_rows_are_told_apart() -> None:
    rng = np.random.default_rng(7)
    scene = scene_of(soup(rng, 1500), soup(rng, 1500))
    rays, origin = directions(rng), np.array([0.0, 0.0, 9.0], np.float32)
    distance, row = cast(level_of(scene), NO_MOVERS, origin, rays, REACH)
    joint = np.where(row <= -2, -2 - row + len(scene.corner), row)
    assert (row <= -2).mean() > 0.05
    agree(np.concatenate([scene.corner, scene.paint_corner]), origin, rays, (distance, joint))


def placed(rng: np.random.Generator, scene: StaticScene, count: int = 60) -> tuple[Level, Movers, np.ndarray]:
    """A level with movers in it, and the corners of all triangles by row."""
    parts = [box_mesh((2.2, 0.9, 0.7)), make_mesh(soup(rng, 90, 1.5, 1.0), 0, 12), box_mesh((0.3, 0.3, 0.9))]
    start = np.cumsum([0, *map(len, parts)]).astype(np.int32)
    template = join(parts).corner.reshape(-1, 9)
    forest = grow_forest(grow_forest(no_forest(), template, start[:2]), template, start)
    part = rng.integers(0, len(parts), count).astype(np.int32)
    pose = np.zeros((count, 3, 4))
    pose[:, :, :3] = rotation_matrices(rng.uniform(-3, 3, (count, 3)))
    pose[:, :, 3] = rng.uniform(-30, 30, (count, 3)) * (1, 1, 0.3)
    moved = [parts[p].moved(m[:, 3], m[:, :3]).corner.reshape(-1, 9) for p, m in zip(part, pose, strict=True)]
    corner = np.concatenate([scene.corner, *moved])
    normal = make_mesh(corner.reshape(-1, 3, 3), 0, 0).normals
    sizes = (start[1:] - start[:-1])[part]
    first = len(scene.corner) + np.cumsum(sizes) - sizes
    rows = np.zeros(len(corner), np.uint16)
    triangles = Triangles(corner, normal, rows, rows.astype(np.uint8), rows.astype(np.int32))
    return level_of(scene, triangles), place_movers(forest, part, first, pose), corner


def test_movers_hits_equal_a_search() -> None:
    rng = np.random.default_rng(8)
    level, movers, corner = placed(rng, scene_of(soup(rng, 800, 20.0)))
    rays, origin = directions(rng), np.array([0.0, 0.0, 12.0], np.float32)
    distance, row = cast(level, movers, origin, rays, REACH)
    assert (row >= 800).mean() > 0.05
    agree(corner, origin, rays, (distance, row))


def test_movers_without_a_level() -> None:
    rng = np.random.default_rng(9)
    level, movers, corner = placed(rng, scene_of(np.zeros((0, 3, 3))))
    rays, origin = directions(rng), np.array([0.0, 0.0, 1.0], np.float32)
    found = cast(level, movers, origin, rays, REACH)
    distance, row = search(corner, origin, rays, REACH)
    assert ((row == found[1]) & (np.abs(distance - found[0]) < 1e-3)).mean() > 0.999
    assert (row >= 0).mean() > 0.1


def test_hidden_triangles_are_not_hit() -> None:
    rng = np.random.default_rng(10)
    level, movers, corner = placed(rng, scene_of(soup(rng, 800, 20.0)))
    rays, origin = directions(rng), np.array([0.0, 0.0, 12.0], np.float32)
    hidden = rng.uniform(size=len(corner)) < 0.5
    normal = np.where(hidden[:, None], np.float32(0.0), level.normal)
    distance, row = cast(level._replace(normal=normal), movers, origin, rays, REACH)
    assert not hidden[row[row >= 0]].any()
    seen = corner.copy()
    seen[hidden] = 0.0
    agree(seen, origin, rays, (distance, row))


def test_parts_that_are_nowhere_are_not_hit() -> None:
    rng = np.random.default_rng(11)
    forest = grow_forest(no_forest(), box_mesh((1, 1, 1)).corner.reshape(-1, 9), np.array([0, 12, 12], np.int32))
    pose = np.tile(np.eye(3, 4), (4, 1, 1))
    pose[1, 0, 3] = np.nan
    pose[2, :, :3] = 0.0
    empty = level_of(scene_of(np.zeros((0, 3, 3))))._replace(normal=np.ones((48, 3), np.float32))
    movers = place_movers(forest, np.array([0, 0, 0, 1], np.int32), 12 * np.arange(4), pose)
    _, row = cast(empty, movers, np.array([0.0, 0.0, 5.0]), directions(rng), REACH)
    assert set(row // 12) == {-1, 0}


def test_backs_are_not_hit() -> None:
    scene = scene_of(box_mesh((1, 1, 1)).corner)
    rays = directions(np.random.default_rng(12))
    _, inside = cast(level_of(scene), NO_MOVERS, np.zeros(3), rays, REACH)
    assert (inside == NOTHING).all()


def test_reach_cuts_rays_off() -> None:
    scene = scene_of(box_mesh((1, 1, 1)).corner)
    rays = np.tile(np.array([[-1.0, 0.01, 0.02]], np.float32), (4, 1))
    reach = np.array([3.9, 4.1, 10.0, 0.0])
    distance, row = cast(level_of(scene), NO_MOVERS, np.array([5.0, 0.0, 0.0]), rays, reach)
    assert (row >= 0).tolist() == [False, True, True, False]
    np.testing.assert_allclose(distance, [3.9, 4.0, 4.0, 0.0], atol=1e-5)


@pytest.mark.parametrize("at", [0.0, 6500.0])
def test_closed_surfaces_have_no_holes(at: float) -> None:
    """A ground of small triangles lets no ray through, near the origin of the map or far from it."""
    x = np.linspace(-60, 60, 150)
    height = np.random.default_rng(13).uniform(-0.2, 0.2, (150, 150))
    node = np.stack([*np.meshgrid(x, x, indexing="ij"), height], axis=-1) + (at, -at, 0)
    a, b, c, d = (node[i : 149 + i, j : 149 + j].reshape(-1, 3) for i, j in ((0, 0), (1, 0), (1, 1), (0, 1)))
    scene = scene_of(np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)]))
    azimuth, down = np.meshgrid(np.linspace(0, 2 * np.pi, 3000), np.radians(np.linspace(-25, -2.0, 32)))
    rays = np.stack([np.cos(azimuth) * np.cos(down), np.sin(azimuth) * np.cos(down), np.sin(down)], axis=-1)
    distance, row = cast(level_of(scene), NO_MOVERS, np.array([at, -at, 1.8]), rays.reshape(-1, 3), 100.0)
    assert (row == NOTHING).sum() <= 2
    assert distance[row >= 0].max() < 60.0


def test_rays_along_an_axis() -> None:
    scene = scene_of(box_mesh((1, 1, 1)).corner)
    rays = np.array([[0, 0, -1], [0, 1, 0], [1, 0, 0], [0, 0, 1]], np.float32)
    distance, row = cast(level_of(scene), NO_MOVERS, np.array([0.1, 0.2, 4.0]), rays, REACH)
    assert (row >= 0).tolist() == [True, False, False, False]
    assert distance[0] == pytest.approx(3.0)


def test_no_rays() -> None:
    rng = np.random.default_rng(14)
    distance, row = cast(level_of(scene_of(soup(rng, 5))), NO_MOVERS, np.zeros(3), np.zeros((0, 3)), REACH)
    assert len(distance) == len(row) == 0


def test_same_hits_every_time() -> None:
    rng = np.random.default_rng(15)
    level, movers, _ = placed(rng, scene_of(soup(rng, 800)))
    rays = directions(rng)
    one, other = (cast(level, movers, np.array([0.0, 0.0, 12.0]), rays, REACH) for _ in range(2))
    assert one[0].tobytes() == other[0].tobytes()
    assert one[1].tobytes() == other[1].tobytes()


def test_few_rays_hit_what_many_hit() -> None:
    rng = np.random.default_rng(16)
    level, movers, _ = placed(rng, scene_of(soup(rng, 800)))
    rays, origin = directions(rng), np.array([0.0, 0.0, 12.0])
    many = cast(level, movers, origin, rays, REACH)
    few = [cast(level, movers, origin, rays[start : start + 160], REACH) for start in range(0, RAYS, 160)]
    for one, others in zip(many, zip(*few, strict=True), strict=True):
        np.testing.assert_array_equal(one, np.concatenate(others))
