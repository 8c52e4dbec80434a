"""`lead records` from the command line."""

import shutil
import subprocess
import sys

import pytest

from lead.cli import main


def test_records_are_made_and_checked(recording, tmp_path, capsys):
    command = [sys.executable, "-m", "lead", "records", str(recording), str(tmp_path), "--workers", "1", "--verify"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "1 drives: 1 built, 0 kept" in done.stdout and "1 drives are whole" in done.stdout
    assert main(["records", str(recording), str(tmp_path)]) == 0
    assert "0 built, 1 kept" in capsys.readouterr().out


def test_what_cannot_be_read_is_one_sentence(recording, tmp_path, capsys):
    assert main(["records", str(tmp_path / "nowhere"), str(tmp_path)]) == 2
    assert "nowhere: there is no such folder" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["records", str(recording), str(tmp_path), "--config.waypoints", "0"])
    assert "waypoints must be 1 or more, not 0" in capsys.readouterr().err
    root = shutil.copytree(recording, tmp_path / "data")
    meta = next(root.glob("**/metas/0004.pkl"))
    meta.write_bytes(b"rubbish")
    assert main(["records", str(root), str(tmp_path / "cache"), "--workers", "1"]) == 1
    assert f"{meta}: " in capsys.readouterr().out
