"""The sorted level: nothing is lost, runs are compact, files are kept, made anew and mapped."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from carlet.models.mesh import make_mesh
from carlet.render.static import CLUSTER, StaticScene, sort_level, static_scene
from carlet.town.level_mesh import LevelMesh, make_things
from carlet.town.loading import load_town


def soup(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    middle = rng.uniform(0, 200, (count, 1, 3)) * (1, 1, 0.05)
    return (middle + rng.normal(0, 0.5, (count, 3, 3))).astype(np.float32)


def level(solid: int = 5000, paint: int = 900) -> LevelMesh:
    things = make_things(np.zeros((7, 3)))
    rows = np.arange(solid)
    return LevelMesh(
        make_mesh(soup(solid), rows % 11, rows % 29, rows % 7),
        make_mesh(soup(paint, 1), 3, 24, np.arange(paint) % 5),
        things,
    )


@pytest.fixture
def scene() -> StaticScene:
    return sort_level(level())


def keys(*columns: np.ndarray) -> list[bytes]:
    table = np.column_stack([np.asarray(column, np.float64).reshape(len(columns[0]), -1) for column in columns])
    return sorted(row.tobytes() for row in table)


def test_every_triangle_keeps_its_columns(scene: StaticScene) -> None:
    mesh = level()
    for source, sorted_ in ((mesh.solid, scene.triangles), (mesh.paint, scene.paint)):
        before = keys(source.corner, source.normals, source.material, source.tag, source.thing)
        assert before == keys(*sorted_)


@pytest.mark.parametrize("paint", [False, True])
def test_clusters_partition_the_triangles_and_enclose_them(scene: StaticScene, paint: bool) -> None:
    triangles = scene.paint if paint else scene.triangles
    clusters = scene.paint_clusters if paint else scene.clusters
    assert clusters.first[0] == 0
    assert clusters.last[-1] == len(triangles.corner)
    assert (clusters.first[1:] == clusters.last[:-1]).all()
    size = clusters.last - clusters.first
    assert size.min() > 0
    assert size.max() <= CLUSTER
    assert size.mean() > CLUSTER / 5
    owner = np.repeat(np.arange(len(size)), size)
    points = triangles.corner.reshape(-1, 3, 3)
    assert (points >= clusters.low[owner][:, None]).all()
    assert (points <= clusters.high[owner][:, None]).all()
    assert np.prod(clusters.high - clusters.low, axis=1).sum() < 3.0 * np.prod(np.ptp(points, axis=(0, 1)))


def test_unusable_triangles_are_left_out() -> None:
    corner = soup(50)
    corner[3, 1, 2] = np.nan
    corner[4, 0, 0] = np.inf
    corner[5, 2] = corner[5, 1]
    with np.errstate(invalid="ignore"):
        scene = sort_level(LevelMesh(make_mesh(corner, 0, 1), make_mesh([], 0, 24), make_things(np.zeros((1, 3)))))
    assert len(scene.corner) == 47
    assert np.isfinite(scene.corner).all()
    assert len(scene.paint_corner) == len(scene.paint_first) == 0


def test_an_empty_level_is_a_scene() -> None:
    nothing = make_mesh([], 0, 0)
    scene = sort_level(LevelMesh(nothing, nothing, make_things(np.zeros((0, 3)))))
    assert len(scene.corner) == len(scene.nodes) == 0


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def level_mesh(town):
        names.append(town.name)
        return level(300, 20)

    monkeypatch.setattr("carlet.town.level.level_mesh", level_mesh)
    return names


def test_scenes_are_built_once_and_mapped(built: list[str], tmp_path: Path) -> None:
    first = static_scene(load_town("Town01_Opt"), tmp_path)
    second = static_scene(load_town("Town01"), tmp_path)
    assert built == ["Town01"]
    for name in StaticScene.__dataclass_fields__:
        if name != "things":
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
            assert not getattr(second, name).flags.writeable
    np.testing.assert_array_equal(first.things.tint, second.things.tint)


def test_towns_do_not_share_scenes(built: list[str], tmp_path: Path) -> None:
    static_scene(load_town("Town01"), tmp_path)
    static_scene(load_town("Town02"), tmp_path)
    assert built == ["Town01", "Town02"]


@pytest.mark.parametrize("harm", ["cut", "flip", "other"])
def test_files_that_cannot_be_used_are_made_again(built: list[str], tmp_path: Path, harm: str) -> None:
    town = load_town("Town01")
    truth = static_scene(town, tmp_path).corner.copy()
    (path,) = (tmp_path / "scenes").iterdir()
    data = bytearray(path.read_bytes())
    if harm == "flip":
        data[-100] ^= 1
    path.unlink()
    path.write_bytes({"cut": data[:5000], "flip": data, "other": b"something else"}[harm])
    np.testing.assert_array_equal(static_scene(town, tmp_path).corner, truth)
    assert len(built) == 2
    static_scene(town, tmp_path)
    assert len(built) == 2


def test_a_cache_that_cannot_be_written_is_no_obstacle(built: list[str], tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert len(static_scene(load_town("Town01"), blocked).corner) == 300


def test_several_may_build_at_once(built: list[str], tmp_path: Path) -> None:
    town = load_town("Town01")
    with ThreadPoolExecutor(4) as pool:
        scenes = list(pool.map(lambda _: static_scene(town, tmp_path), range(8)))
    assert all(scene.corner.tobytes() == scenes[0].corner.tobytes() for scene in scenes)
    assert len(list((tmp_path / "scenes").iterdir())) == 1


@pytest.mark.slow
def test_a_town_with_everything(tmp_path: Path) -> None:
    """A real town: nothing is lost, and every thing of it is in reach of its triangles."""
    scene = static_scene(load_town("Town01"), tmp_path)
    assert len(scene.corner) > 50_000
    assert np.isfinite(scene.corner).all()
    assert scene.last[-1] == len(scene.corner)
    assert scene.leaves[-1].tolist() == [len(scene.corner), len(scene.paint_corner)]
    assert scene.thing.max() < len(scene.things)
