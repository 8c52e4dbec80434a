"""Trained models that come with the package."""

import pytest

from lead.agents.sensor.config import find_checkpoint
from lead.models.shipped import find_model, shipped_models
from lead.models.tfv6.checkpoint import from_pretrained

MOST_BYTES = 20e6


def test_there_is_a_small_student():
    assert "tfv6_nano" in shipped_models()


@pytest.mark.parametrize("name", shipped_models())
def test_a_shipped_model_is_whole(name):
    folder = find_checkpoint(name)
    assert sum(path.stat().st_size for path in folder.iterdir()) < MOST_BYTES
    assert from_pretrained(name).config.planner is not None
    card = (folder / "README.md").read_text()
    assert card.startswith(f"# {name}\n") and "## Trained on" in card and "## Limits" in card


def test_a_folder_of_the_same_name_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tfv6_nano").mkdir()
    assert find_model("tfv6_nano").resolve() == tmp_path / "tfv6_nano"
