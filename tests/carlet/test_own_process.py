"""The helper of tests that must outlive CARLA's wheel."""

import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from own_process import in_a_process_of_its_own


@pytest.fixture
def launch_one(tmp_path: Path) -> Callable[[], tuple[Path, int]]:
    """The folder of what was tried, and how many of these were made."""
    made = itertools.count(1)
    return lambda: (tmp_path, next(made))


def tries(folder: Path) -> int:
    (folder / str(os.getpid())).touch()
    return len(list(folder.iterdir()))


def die_once(folder: Path, made: int) -> tuple[int, int]:
    if tries(folder) == 1:
        os._exit(1)
    return tries(folder), made


def hang_once(folder: Path, made: int) -> tuple[int, int]:
    if tries(folder) == 1:
        time.sleep(1000.0)
    return tries(folder), made


def fail(folder: Path, made: int) -> None:
    raise AssertionError(f"try {tries(folder)}")


@pytest.mark.parametrize("call", [die_once, hang_once])
def test_another_process_tries_again_with_new_arguments_when_one_dies_or_hangs(launch_one: Callable, call: Callable):
    assert in_a_process_of_its_own(call, launch_one, limit_s=5.0) == (2, 2)


def test_what_fails_is_not_tried_again(launch_one: Callable):
    with pytest.raises(AssertionError, match="try 1"):
        in_a_process_of_its_own(fail, launch_one)
