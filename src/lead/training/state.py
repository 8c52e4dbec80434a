"""All that a training needs to go on as if it had never stopped, in one file that is never half written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

STATE_NAME = "training_state.pt"


class TrainingStateError(ValueError):
    """A state that cannot be continued; the message is one sentence that names the file."""


@dataclass
class Progress:
    """How far the training is: epochs done, steps done and steps left out because loss or gradients were not finite."""

    epoch: int = 0
    step: int = 0
    skipped: int = 0


def save_state(folder: Path, config: dict[str, Any], progress: Progress, parts: dict[str, Any]) -> None:
    """Write `parts` (state dictionaries by name), progress and torch's generator, under a temporary name first."""
    unfinished = folder / f".{STATE_NAME}.unfinished"
    torch.save({"config": config, "progress": vars(progress), "generator": torch.get_rng_state(), **parts}, unfinished)
    unfinished.replace(folder / STATE_NAME)


def load_state(folder: Path, config: dict[str, Any]) -> tuple[Progress, dict[str, Any]] | None:
    """Progress and parts of an earlier run in the folder, if there is one; torch's generator goes on from there.

    Raises TrainingStateError when it was trained with another configuration.
    """
    path = folder / STATE_NAME
    if not path.exists():
        return None
    saved = torch.load(path, map_location="cpu", weights_only=True)
    keys = config.keys() | saved["config"].keys()
    different = sorted(key for key in keys if config.get(key) != saved["config"].get(key))
    if different:
        raise TrainingStateError(f"{path} was trained with another {', '.join(different)}; train in another folder")
    torch.set_rng_state(saved.pop("generator"))
    progress = Progress(**saved.pop("progress"))
    del saved["config"]
    return progress, saved
