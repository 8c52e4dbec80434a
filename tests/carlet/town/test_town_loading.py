import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from carlet.town import TownError, available_towns, load_opendrive, load_town

ROAD = """<OpenDRIVE><header/><road length="50" id="1" junction="-1">
<planView><geometry s="0" x="0" y="0" hdg="0" length="50"><line/></geometry></planView>
<lanes><laneSection s="0"><center><lane id="0"/></center><right><lane id="-1" type="driving">
<width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane></right></laneSection></lanes></road></OpenDRIVE>"""


def same(one, other):
    arrays = ("point", "heading", "speed_limit_kmh", "next_lane")
    return all(np.array_equal(getattr(one.lanes, name), getattr(other.lanes, name)) for name in arrays)


def test_all_towns_of_the_package_are_there():
    assert {"Town01", "Town07", "Town10HD", "Town12", "Town13", "Town15"} <= set(available_towns())


@pytest.mark.parametrize("spelling", ["Town01_Opt", "/Game/Carla/Maps/Town01", "Carla/Maps/Town01", "Town01"])
def test_every_spelling_of_a_town(town, spelling):
    found = town(spelling)
    assert found.name == spelling.rpartition("/")[2]
    assert same(found, town("Town01"))
    assert found.opendrive.lstrip().startswith("<?xml")


def test_unknown_town_gets_a_suggestion(tmp_path):
    with pytest.raises(TownError, match="did you mean Town10HD"):
        load_town("Town10", tmp_path)
    with pytest.raises(TownError, match="Town01, Town02"):
        load_town("Gotham", tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<OpenDRIVE><road", "not well-formed"),
        ("", "not well-formed"),
        ("<OpenDRIVE></OpenDRIVE>", "no roads"),
        (ROAD.replace('length="50" id="1"', 'length="long" id="1"'), "missing or wrong value"),
        (ROAD.replace(' id="1"', ""), "missing or wrong value"),
        (ROAD.replace("<line/>", "<wave/>"), "no known shape"),
        (
            ROAD.replace('<lane id="-1"', '<lame id="-1"').replace("</lane></right>", "</lame></right>"),
            "without geometry or lanes",
        ),
    ],
)
def test_unusable_text_is_one_sentence(tmp_path, text, said):
    with pytest.raises(TownError, match=said) as caught:
        load_opendrive("made", text, tmp_path)
    assert str(caught.value).count("\n") == 0
    assert "made" in str(caught.value)
    assert not list(tmp_path.rglob("*.town"))


def test_second_load_is_the_same_and_read_only(tmp_path):
    first, second = load_town("Town02", tmp_path), load_town("Town02", tmp_path)
    assert same(first, second)
    assert first.lights.sign_id == second.lights.sign_id
    assert first.scenery.name == second.scenery.name
    assert first.geo_origin == second.geo_origin
    assert first.extent == second.extent
    assert np.array_equal(
        first.ground.heights(first.spawn_points[:, :3])[0], second.ground.heights(second.spawn_points[:, :3])[0]
    )
    with pytest.raises(ValueError, match="read-only"):
        second.lanes.point[0, 0] = 1.0


@pytest.mark.parametrize("damage", ["truncated", "empty", "flipped", "foreign"])
def test_damaged_files_are_built_again(tmp_path, caplog, damage):
    good = load_opendrive("made", ROAD, tmp_path)
    (path,) = tmp_path.rglob("*.town")
    data = path.read_bytes()
    middle = len(data) // 2
    flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    path.write_bytes({"truncated": data[:middle], "empty": b"", "flipped": flipped, "foreign": b"x" * 4096}[damage])
    with caplog.at_level(logging.WARNING):
        assert same(load_opendrive("made", ROAD, tmp_path), good)
    assert "again" in caplog.text
    assert path.read_bytes() == data


def test_a_cache_that_cannot_be_written_is_no_hindrance(tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    assert len(load_opendrive("made", ROAD, blocked).lanes.lane_id) == 1
    assert "cannot be kept" in caplog.text


LOADER = """
import sys
from pathlib import Path
from carlet.town import load_town
t = load_town('Town02', Path(sys.argv[1]))
"""


def test_processes_that_build_at_once_do_not_disturb_each_other(tmp_path):
    command = [sys.executable, "-c", LOADER + "print(t.lanes.point.sum())", str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=200)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert said[0] == said[1]
    assert len(list(tmp_path.rglob("*"))) == 2  # the directory and one file, nothing temporary


def test_cached_towns_load_without_heavy_libraries(tmp_path):
    load_town("Town02", tmp_path)
    heavy = "{'scipy.sparse', 'scipy.spatial', 'shapely', 'lxml', 'carlet.town.build'}"
    code = LOADER + f"print(sorted({heavy} & set(sys.modules)), 'opendrive' in t.__dict__)"
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    assert said.split() == ["[]", "False"]


def test_cache_goes_where_the_environment_says(tmp_path):
    code = "from carlet.town.loading import cache_directory; print(cache_directory())"

    def said(**variables):
        keep = {k: v for k, v in os.environ.items() if k not in ("CARLET_CACHE_DIR", "XDG_CACHE_HOME")}
        done = subprocess.run(
            [sys.executable, "-c", code], env=keep | variables, capture_output=True, text=True, check=True
        )
        return Path(done.stdout.strip())

    assert said(CARLET_CACHE_DIR=str(tmp_path)) == tmp_path
    assert said(XDG_CACHE_HOME=str(tmp_path)) == tmp_path / "carlet"
    assert said(HOME=str(tmp_path)) == tmp_path / ".cache" / "carlet"
