"""`lead data collect`: killed and gone on with, bad routes among good ones, a disk that is full."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lead.cli import main
from lead.recording.layout import RouteFolder
from lead.recording.layout.route import find_routes
from lead.recording.verify import verify_route

ROUTE = """<routes><route id="{0}" town="Town01"><waypoints>
<position x="{1}" y="{2}" z="0"/><position x="{3}" y="{4}" z="0"/></waypoints></route></routes>"""
PLACES = [(7, 170.0, 59.6, 190.0, 59.6), (7, 396.3, 200.0, 396.3, 180.0), (9, 396.3, 270.0, 396.3, 250.0)]

RIG = """name = "tiny"
[[camera]]
position = [0.3, 0.0, 2.0]
rotation_deg = [0.0, 0.0, 0.0]
width = 48
height = 48
fov_deg = 90.0
"""


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    """Three short routes of Town01 in three folders, two of them with one id."""
    for number, place in enumerate(PLACES):
        folder = tmp_path / "routes" / f"set{number}"
        folder.mkdir(parents=True)
        (folder / "one.xml").write_text(ROUTE.format(*place))
    (tmp_path / "tiny.toml").write_text(RIG)
    return tmp_path / "routes"


def manner(folder: Path) -> list[str]:
    rig = ["--rig", str(folder / "tiny.toml")]
    return ["--agent", "route_follower", *rig, "--jpeg-quality=60", "--ego-filter=box"]


def collect(routes: Path, output: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lead", "data", "collect", str(routes), "--output", str(output)]
    options = [*manner(routes.parent), *arguments]
    return subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(run: subprocess.Popen[str]) -> str:
    text, _ = run.communicate(timeout=280)
    assert "Traceback" not in text
    return text


def recordings(output: Path) -> list[RouteFolder]:
    return [route for route in find_routes(output / "data") if route.is_complete]


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 200.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_killed_at_any_time_it_goes_on_and_nothing_is_lost_or_repeated(routes, tmp_path, capsys):
    """Killed during the first route and after it, then driven to its end beside two files that are no routes."""
    output = tmp_path / "out"
    (routes / "broken.xml").write_text("<routes><route")
    (routes / "far.xml").write_text(ROUTE.format(5, 4000.0, 59.6, 4100.0, 59.6))
    for moment in (lambda: list(output.glob("data/*/*.incomplete/metas/0001.pkl")), lambda: recordings(output)):
        run = collect(routes, output)
        wait_for(lambda moment=moment, run=run: moment() or run.poll() is not None)
        assert run.poll() is None, finish(run)
        family = psutil.Process(run.pid).children(recursive=True)
        os.kill(run.pid, signal.SIGKILL)
        finish(run)
        wait_for(lambda family=family: not any(one.is_running() for one in family))
    kept = {route.path.name: route.path.stat().st_ino for route in recordings(output)}
    assert 1 <= len(kept) < 3
    last = collect(routes, output)
    text = finish(last)
    assert last.returncode == 1, text
    assert "broken.xml, line 1: not well-formed XML" in text
    assert "not recorded: 5: route 5: keypoint 0 at (4000.0, 59.6, 0.0) is off the road" in text
    found = recordings(output)
    assert kept.items() <= {route.path.name: route.path.stat().st_ino for route in found}.items()
    assert Counter(route.path.name.split("_route")[0] for route in found) == {
        "Town01_Rep0_9": 1, "Town01_Rep0_set0-one": 1, "Town01_Rep0_set1-one": 1,
    }  # fmt: skip
    assert not list(output.glob("data/*/*.incomplete"))
    assert [str(problem) for route in found for problem in verify_route(route)] == []
    metas = [route.read("metas", "0001") for route in found]
    assert {meta["jpeg_storage_quality"] for meta in metas} == {60}
    assert {meta["dataset_information"]["ego_filter"] for meta in metas} == {"box"}
    summary = {one["route"]: one for one in json.loads((output / "collection.json").read_text())["routes"]}
    assert "off the road" in summary.pop("5")["why"]
    assert all(one["accepted"] and (output / one["folder"]).is_dir() for one in summary.values())
    assert len(summary) == 3
    for option, sentence in (
        ("--per-type=1", "of other routes"),
        ("--no-perturbed", "with another twin"),
        ("--jpeg-quality=61", "with another jpeg_quality"),
        ("--ego-filter=cross", "with another ego_filter"),
        ("--jpeg-quality=0", "it must be from 1 to 100"),
    ):
        options = [*manner(tmp_path), option]
        assert main(["data", "collect", str(routes), "--output", str(output), *options]) == 2
        assert sentence in capsys.readouterr().err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 kB; tests that need it are skipped where it cannot be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = (
        shutil.which("mount")
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=600k", "none", str(folder)], capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("no rights to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_ends_it_in_one_sentence(routes, small_disk):
    refused = collect(routes, small_disk / "out")
    text = finish(refused)
    assert refused.returncode == 2 and "GB will be needed and" in text
    run = collect(routes, small_disk / "out", "--no-check-space")
    text = finish(run)
    assert run.returncode == 1, text
    assert text.count("No space left on device") == 1 and str(small_disk) in text
    assert not list(small_disk.glob("out/data/*/*.incomplete"))


@pytest.mark.parametrize("what", ["file", "nowhere", "empty"])
def test_what_cannot_be_is_said_in_one_sentence(routes, tmp_path, capsys, what):
    output, source = tmp_path / "out", routes
    if what == "file":
        output.write_text("")
        sentence = f"{output} cannot be written: "
    elif what == "nowhere":
        source = routes / "nowhere"
        sentence = "there is no route file or folder"
    else:
        source = tmp_path / "empty"
        source.mkdir()
        sentence = "has no route that could be driven"
    assert main(["data", "collect", str(source), "--output", str(output)]) == 2
    assert sentence in capsys.readouterr().err
