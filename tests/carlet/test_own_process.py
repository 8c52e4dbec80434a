"""The helper of tests that must outlive CARLA's wheel."""

import os
import time
from pathlib import Path

import pytest
from own_process import in_a_process_of_its_own


def tries(folder: Path) -> int:
    (folder / str(os.getpid())).touch()
    return len(list(folder.iterdir()))


def die_once(folder: Path) -> int:
    if tries(folder) == 1:
        os._exit(1)
    return tries(folder)


def hang_once(folder: Path) -> int:
    if tries(folder) == 1:
        time.sleep(1000.0)
    return tries(folder)


def fail(folder: Path) -> None:
    raise AssertionError(f"try {tries(folder)}")


@pytest.mark.parametrize("call", [die_once, hang_once])
def test_another_process_tries_again_when_one_dies_or_hangs(tmp_path: Path, call):
    assert in_a_process_of_its_own(call, tmp_path, limit_s=5.0) == 2


def test_what_fails_is_not_tried_again(tmp_path: Path):
    with pytest.raises(AssertionError, match="try 1"):
        in_a_process_of_its_own(fail, tmp_path)
