"""Process replay: on recorded scenes of every type of scenario the expert decides as before."""

import json
import shutil
from pathlib import Path

import pytest
from staging import actor, scene

from lead.commands.replay import main
from lead.expert.replay import answers_to, compare, most_telling, read_answers, save_log
from lead.expert.scene_log import load_scenes

LOGS = Path(__file__).parent / "logs"


@pytest.fixture
def log(tmp_path):
    """A small log of a car that is followed."""
    scenes = [scene(actor(20.0 - 0.5 * n, 0.0, 3.0), speed=8.0, time_s=0.2 * n) for n in range(5)]
    file = tmp_path / "logs" / "Following-1.scenes"
    file.parent.mkdir()
    save_log(scenes, file)
    return file


@pytest.mark.parametrize("log", sorted(LOGS.glob("*.scenes")), ids=lambda log: log.stem)
def test_recorded_scenes_are_answered_as_before(log):
    differences = list(compare(log, answers_to(load_scenes(log))))
    assert not differences, f"{differences[0]}; if that is meant: lead replay {LOGS} --update"


def test_the_logs_are_small():
    files = list(LOGS.iterdir())
    assert len(files) > 140
    assert sum(file.stat().st_size for file in files) < 1_600_000


def test_the_command_says_what_differs_and_how_to_accept_it(log, capsys):
    assert main([str(log.parent)]) == 0
    answers = log.with_suffix(".json")
    rows = json.loads(answers.read_text())
    rows[2]["speed"] += 0.001
    answers.write_text(json.dumps(rows))
    assert main([str(log.parent)]) == 1
    said = capsys.readouterr().out
    assert "Following-1 at 0.40 s" in said and "--update" in said
    assert main([str(log.parent), "--update"]) == 0
    assert main([str(log)]) == 0


def test_what_is_no_log_is_refused_by_name(log, tmp_path, capsys):
    assert main([str(tmp_path / "nothing")]) == 2
    assert "there is no log of scenes" in capsys.readouterr().err
    log.write_bytes(b"something else")
    assert main([str(log)]) == 2
    assert "Following-1.scenes is no log of scenes" in capsys.readouterr().err


def test_a_log_without_answers_is_refused_by_name(log, capsys):
    log.with_suffix(".json").unlink()
    assert main([str(log)]) == 2
    assert "Following-1.json holds no answers" in capsys.readouterr().err


def test_the_part_with_the_most_reasons_is_kept(log):
    scenes = load_scenes(log)
    answers = read_answers(log)
    calm = answers_to([scene(time_s=0.2 * n) for n in range(5)])
    kept = most_telling([*[scene()] * 5, *scenes], [*calm, *answers], count=6)
    assert len(kept) == 6
    assert kept[-1] is scenes[0]


def test_logs_are_the_same_wherever_they_are_copied(log, tmp_path):
    copy = tmp_path / "copy.scenes"
    shutil.copy(log, copy)
    assert [one.time_s for one in load_scenes(copy)] == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8])
    assert answers_to(load_scenes(copy)) == read_answers(log)
