"""The gallery: pictures for people."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from carlet.__main__ import main
from carlet.actors.blueprints import library
from carlet.episode import Episode
from carlet.gallery import (
    SETTLING_TICKS,
    SIZE,
    TICK_S,
    Shot,
    busy_street,
    contact_sheet,
    photograph,
    standing,
)
from carlet.presets import WEATHERS
from carlet.town import load_town


def test_a_busy_street_is_full_of_different_things():
    episode = Episode(load_town("Town01"), episode_id=1)
    episode.weather = WEATHERS["ClearNoon"]
    eye = busy_street(episode)
    assert len(episode.actors) > 20
    pixels = photograph(episode, eye)
    assert pixels.shape == (SIZE[1], SIZE[0], 3)
    assert len(np.unique((pixels // 16).reshape(-1, 3), axis=0)) > 100


@pytest.mark.parametrize("type_id", ["vehicle.audi.tt", "walker.pedestrian.0001", "static.prop.ironplank"])
def test_actors_of_portraits_stand_on_the_ground(type_id: str):
    episode = Episode(load_town("Town01"), episode_id=1)
    blueprint, spot = library()[type_id], episode.town.spawn_points[0]
    ground = episode.town.ground.heights(spot[None, :3])[0][0]
    actor = episode.spawn(type_id, {}, standing(episode, blueprint, spot), check_room=False)
    for _ in range(SETTLING_TICKS):
        episode.tick(TICK_S)
    row = episode.table.row(actor)
    bottom = episode.table.location[row, 2] + blueprint.box_centre[2] - blueprint.box_extent[2]
    assert bottom == pytest.approx(ground, abs=0.1)


def test_a_sheet_shows_every_picture_over_its_name():
    grey = np.full((SIZE[1], SIZE[0], 3), 128, np.uint8)
    sheet = contact_sheet([Shot(name, grey) for name in ("one", "two", "three")], columns=2)
    assert sheet.shape[1] == SIZE[0]
    assert (sheet == 128).all(axis=2).sum() == pytest.approx(3 * SIZE[0] * SIZE[1] / 4, rel=0.02)


def test_bad_wishes_end_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["gallery", "--out", str(tmp_path), "--only", "sheep"]) == 2
    assert "there is no subject 'sheep'" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main(["gallery", "--out", str(tmp_path / "file"), "--only", "weathers"]) == 2
    assert "cannot be drawn" in capsys.readouterr().err


@pytest.mark.slow
def test_all_blueprints_and_weathers_become_files(tmp_path: Path):
    assert main(["gallery", "--out", str(tmp_path), "--only", "weathers"]) == 0
    files = sorted(path.stem for path in (tmp_path / "weathers").iterdir())
    assert files == sorted(WEATHERS)
    assert cv2.imread(str(tmp_path / "weathers.png")) is not None
