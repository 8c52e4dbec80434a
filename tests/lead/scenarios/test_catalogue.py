"""The catalogue of scenarios says something on every type, and takes its pictures from drives."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from lead.cli import main
from lead.evaluation.stills import take_still
from lead.scenarios.catalogue import CHAPTERS
from lead.scenarios.catalogue.glossary import GLOSSARY
from lead.scenarios.registry import scenario_types

ENTRIES = [entry for chapter in CHAPTERS for entry in chapter.entries]
PAGES = Path(__file__).parents[3] / "docs" / "scenarios"
ROUTE = """<routes><route id="7" town="Town01"><waypoints><position x="0" y="0" z="0"/><position x="9" y="0" z="0"/>
</waypoints><scenarios><scenario name="Accident_1" type="Accident"><trigger_point x="0" y="0" z="0" yaw="0"/></scenario>
</scenarios></route></routes>"""


def test_every_type_is_in_it_once():
    assert sorted(kind for entry in ENTRIES for kind in entry.types) == sorted(scenario_types())


def test_every_parameter_is_explained():
    names = {field.name for kind in scenario_types().values() for field in dataclasses.fields(kind.parameters)}
    assert names == set(GLOSSARY)


def test_the_page_has_every_type_and_every_picture_that_it_shows():
    text = (PAGES / "README.md").read_text(encoding="utf-8")
    assert all(f"[{kind}](#" in text for kind in scenario_types())
    shown = {part.split('"')[0] for part in text.split('<img src="')[1:]}
    assert shown == {path.name for path in PAGES.glob("*.jpg")} and len(shown) == len(ENTRIES)
    assert sum(path.stat().st_size for path in PAGES.iterdir()) < 4_000_000


def test_list(capsys):
    assert main(["scenarios", "list"]) == 0
    assert "ParkingCrossingPedestrian" in capsys.readouterr().out


def test_the_page_is_written(tmp_path: Path):
    (tmp_path / "routes" / "mine").mkdir(parents=True)
    (tmp_path / "routes" / "mine" / "7.xml").write_text(ROUTE)
    arguments = ["--routes", str(tmp_path / "routes"), "--output", str(tmp_path / "out"), "--no-pictures"]
    assert main(["scenarios", "catalogue", *arguments]) == 0
    (line,) = [line for line in (tmp_path / "out" / "README.md").read_text().splitlines() if "[Accident](" in line]
    assert line.endswith("| mine |")


def test_a_folder_that_is_not_there(tmp_path: Path, capsys):
    arguments = ["--routes", str(tmp_path / "routes"), "--output", str(tmp_path)]
    assert main(["scenarios", "catalogue", *arguments]) == 2
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.slow
def test_picture_of_a_parked_car(stage, real_route):
    route = real_route("ParkedObstacle", distance={"value": "40"})
    image = take_still(stage, route, route.scenarios[0])
    blue, green, red = np.moveaxis(image.astype(int), 2, 0)
    # What belongs to the scenario is red: a car's length by its width at eight pixels a metre, at least.
    assert np.count_nonzero((red > 200) & (green < 140) & (blue < 110)) > 30 * 12
