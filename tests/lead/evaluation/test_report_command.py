import json

import pytest
from drives import drive, event, write_results

from lead.cli import main
from lead.evaluation.infractions import Infraction

CAR = event(Infraction.COLLISION_VEHICLE)
BENCH = "bench2drive@0.0.3"


@pytest.fixture
def runs(tmp_path):
    """Two runs of ours, the second of which hits a car on one of their three common routes."""
    good = [drive(str(number), scenario="Accident") for number in (1, 2, 3)]
    bad = [drive("1", scenario="Accident", events=(CAR,)), *good[1:], drive("4", scenario="ParkingExit")]
    write_results(tmp_path / "good" / "checkpoint_endpoint.json", good, BENCH)
    write_results(tmp_path / "bad" / "checkpoint_endpoint.json", bad, BENCH)
    return tmp_path / "good", tmp_path / "bad"


@pytest.fixture
def say(monkeypatch, capsys):
    """What a command prints, on a wide terminal, and its exit code."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words):
        code = main(["report", *map(str, words)])
        return code, capsys.readouterr()

    return run


def test_show(runs, say, tmp_path):
    code, said = say("show", *runs, "--json", tmp_path / "metrics.json")
    assert code == 0
    assert "3 of 220 routes" in said.out and "4 of 220 routes" in said.out
    assert "with 0 for the 217 missing routes: driving score 1.36, success rate 1.36." in said.out
    data = json.loads((tmp_path / "metrics.json").read_text())["runs"]
    assert [run["metrics"]["success_rate"]["value"] for run in data] == [100.0, 75.0]
    assert data[0]["metrics"]["comfort"] == {"value": None, "low": None, "high": None, "unit": "%"}


def test_compare(runs, say, tmp_path):
    code, said = say("compare", *runs, "--json", tmp_path / "difference.json")
    assert code == 0
    assert "3 common routes" in said.out
    assert "1 more routes that the other did not drive" in said.out
    data = json.loads((tmp_path / "difference.json").read_text())
    assert data["metrics"]["difference"]["driving_score"]["value"] == pytest.approx(-40.0 / 3, abs=1e-4)
    assert data["changes"][0] == {
        "route_id": "1",
        "first": 100.0,
        "second": 60.0,
        "first_status": "Perfect",
        "second_status": "Completed",
        "change": -40.0,
    }


def test_merge(runs, say, tmp_path):
    merged = tmp_path / "merged.json"
    code, said = say("merge", merged, *runs)
    assert (code, said.out) == (0, f"{merged}: 5 of 440 drives under {BENCH}\n")
    code, said = say("show", merged)
    assert code == 0 and "4 of 220 routes, 5 drives" in said.out
    code, said = say("merge", merged, *runs)
    assert code == 2 and said.err == f"lead: {merged} exists already\n"


def test_different_protocols_are_refused(runs, say, tmp_path):
    theirs = write_results(tmp_path / "theirs.json", [drive("1")])
    for words in (["compare", runs[0], theirs], ["show", runs[0], theirs]):
        code, said = say(*words, "--protocol", BENCH)
        assert code == 0
        code, said = say(*words)
        assert code == 2 and said.err == f"lead: {theirs} does not say its protocol: name it with --protocol\n"
        code, said = say(*words, "--protocol", "longest6@2")
        assert code == 2 and "results of different protocols cannot be put together" in said.err
        assert said.err.count("\n") == 1


@pytest.mark.parametrize("words", [["show"], ["show", "nowhere"], ["merge", "new.json"], ["compare", "x", "y"]])
def test_bad_input_is_one_sentence(say, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, said = say(*words)
    assert code == 2
    assert said.err.startswith("lead: ") and said.err.count("\n") == 1
