"""The store: nothing in it changes, nothing foreign gets in, and killing the writer costs nothing that was written."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from lead.evaluation.attempt import RunIdentity
from lead.evaluation.infractions import Event, Infraction, Place
from lead.evaluation.store import RunStore, StoreError, is_used, open_store
from lead.files import replacing
from lead.simulator import Outcome

IDENTITY = RunIdentity("leaderboard@2.0", "aaaa", "bbbb", "cccc", 0)
RED = Event(Infraction.RED_LIGHT, 5.0, "a red light", place=Place(100, (1.0, 2.0, 3.0), 42.5))


@pytest.fixture
def store(tmp_path) -> RunStore:
    return open_store(tmp_path / "run", IDENTITY)


def test_what_goes_in_comes_out(store, attempt):
    spoiled = attempt(0, 10.0, outcome=Outcome.SERVER_DIED, error="the server is gone")
    driven = attempt(0, 80.0, (RED,), number=2, ticks=1200)
    other = attempt(1)
    for one in (other, driven, spoiled):
        store.add(one)
    assert store.read() == (spoiled, driven, other)
    assert open_store(store.folder, IDENTITY).read() == (spoiled, driven, other)
    assert sorted(path.name for path in store.attempts_folder.iterdir()) == [
        "7_rep0_seed0_attempt1.json",
        "7_rep0_seed0_attempt2.json",
        "8_rep0_seed0_attempt1.json",
    ]


def test_a_stored_attempt_is_never_changed(store, attempt):
    store.add(attempt(0, 50.0))
    with pytest.raises(StoreError, match="is there already"):
        store.add(attempt(0, 100.0))
    assert store.read() == (attempt(0, 50.0),)


def test_ids_that_are_no_file_names_are_kept_too(store, attempt):
    strange = replace(attempt(), route="../a b/ö")
    store.add(strange)
    assert store.read() == (strange,)
    assert [path.parent for path in store.folder.rglob("*.json")] == [store.attempts_folder]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"protocol": "leaderboard@2.1"}, "differs in protocol;"),
        ({"routes": "dddd"}, "differs in routes;"),
        ({"agent": "dddd"}, "differs in agent;"),
        ({"config": "dddd"}, "differs in config;"),
        ({"seed": 1, "agent": "x"}, "differs in agent and seed;"),
    ],
)
def test_runs_are_never_mixed(store, attempt, change, what):
    store.add(attempt())
    other = replace(IDENTITY, **change)
    with pytest.raises(StoreError, match=what):
        open_store(store.folder, other)
    with pytest.raises(StoreError, match=what):
        store.add(attempt(1, run=other))
    # Not by hand either.
    elsewhere = open_store(store.folder.with_name("other"), other)
    elsewhere.add(attempt(1, run=other))
    (file,) = elsewhere.attempts_folder.iterdir()
    file.rename(store.attempts_folder / file.name)
    with pytest.raises(StoreError, match=what):
        store.read()


@pytest.mark.parametrize("text", ["", '{"run": {', "[]", '{"number": "one"}', "\x00"])
def test_a_damaged_file_is_named_and_left_alone(store, attempt, text):
    store.add(attempt())
    (path,) = store.attempts_folder.iterdir()
    path.write_text(text)
    with pytest.raises(StoreError, match=r"attempt1\.json is no attempt of a run"):
        open_store(store.folder, IDENTITY)
    assert path.read_text() == text


def test_somebody_elses_result_file_is_not_overwritten(tmp_path):
    assert not is_used(tmp_path)
    (tmp_path / "checkpoint_endpoint.json").write_text("{}")
    assert is_used(tmp_path)
    with pytest.raises(StoreError, match="was not made from attempts"):
        open_store(tmp_path, IDENTITY)


def test_a_run_that_was_ended_before_its_first_attempt_goes_on(tmp_path):
    ours = {"_checkpoint": {"records": []}, "lead": {}}
    (tmp_path / "checkpoint_endpoint.json").write_text(json.dumps(ours))
    assert open_store(tmp_path, IDENTITY).read() == ()
    (tmp_path / "checkpoint_endpoint.json").write_text(json.dumps({"_checkpoint": {"records": []}}))
    with pytest.raises(StoreError, match="was not made from attempts"):
        open_store(tmp_path, IDENTITY)


def test_one_evaluation_at_a_time(store):
    with store.locked(), pytest.raises(StoreError, match="another evaluation is at work"), store.locked(0.1):
        pass
    with store.locked(0.0):
        pass


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
import msgspec
from lead.evaluation.attempt import Attempt
from lead.evaluation.store import RunStore
from lead.files import replacing

one = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Attempt)
store = RunStore(Path(sys.argv[2]), one.run)
for number in range(2, 100000):
    store.add(replace(one, number=number))
    print(number, flush=True)
"""


def test_an_attempt_half_written_is_not_read(store, attempt):
    store.add(attempt())
    (whole,) = store.attempts_folder.iterdir()
    with replacing(whole.with_stem("7_rep0_seed0_attempt9")) as unfinished:
        unfinished.write_bytes(whole.read_bytes()[:100])
        assert len(open_store(store.folder, IDENTITY).read()) == 1


def test_a_killed_writer_leaves_whole_attempts_only(store, attempt):
    """Killed at five different moments: every attempt that was reported is there, and none is half there."""
    store.add(attempt(events=(RED,) * 500))
    (sample,) = store.attempts_folder.iterdir()
    for delay in (0.0, 0.011, 0.023, 0.037, 0.051):
        folder = store.folder.with_name(f"killed{delay}")
        command = [sys.executable, "-c", WRITER, str(sample), str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(delay)
            os.kill(writer.pid, signal.SIGKILL)
            told = 1 + len(writer.stdout.readlines())
        killed = open_store(folder, IDENTITY)
        numbers = [one.number for one in killed.read()]
        assert numbers[:told] == list(range(2, 2 + told))
        assert len(numbers) <= told + 1
        with killed.locked():
            assert all(path.suffix == ".json" for path in killed.attempts_folder.iterdir())
