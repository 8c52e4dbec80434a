"""Published models, where their lists are, and a small model of our own."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import torch
from published_models import STATE_DICTS

from lead.models.tfv6 import recipes
from lead.models.tfv6.modelling import TFv6

# Two threads that wait for each other are slower than one where other tests run beside these.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def state_dicts() -> Path:
    if not STATE_DICTS.is_dir():
        pytest.skip(f"there are no lists of published models in {STATE_DICTS}; LEAD_STATE_DICTS names another folder")
    return STATE_DICTS


@pytest.fixture(scope="session")
def recipe(state_dicts: Path) -> ModuleType:
    """How weights, inputs and labels of the deterministic passes are made."""
    spec = importlib.util.spec_from_file_location("anchor_recipe", state_dicts / "tfv6_anchor_recipe.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def nano() -> TFv6:
    """A small model with weights from a fixed seed, in evaluation mode."""
    torch.manual_seed(0)
    return TFv6(recipes.tfv6_nano()).eval()
