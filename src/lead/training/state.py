"""All that a training needs to go on as if it had never stopped, in one file that is never half written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from lead.files import replacing

STATE_NAME = "training_state.pt"
_FREE = ("device", "log_every", "wandb_project", "pictures", "checkpoint_minutes", "halved", "replayed")
"""Settings that may change between two parts of a training."""


class TrainingStateError(ValueError):
    """A state that cannot be continued; the message is one sentence that names the file."""


@dataclass
class Progress:
    """How far the training is: epochs done, steps done, steps left out because loss or gradients were not finite, and
    time spent (s)."""

    epoch: int = 0
    step: int = 0
    skipped: int = 0
    seconds: float = 0.0


def save_state(folder: Path, config: dict[str, Any], progress: Progress, parts: dict[str, Any]) -> None:
    """Write `parts` (state dictionaries by name), progress and torch's generators."""
    generators = [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [])]
    with replacing(folder / STATE_NAME) as unfinished:
        torch.save({"config": config, "progress": vars(progress), "generators": generators, **parts}, unfinished)


def load_state(folder: Path, config: dict[str, Any]) -> tuple[Progress, dict[str, Any]] | None:
    """Progress and parts of an earlier run in the folder, if there is one; torch's generators go on from there.

    Raises TrainingStateError when it was trained with another configuration.
    """
    path = folder / STATE_NAME
    if not path.exists():
        return None
    saved = torch.load(path, map_location="cpu", weights_only=True)
    keys = (config.keys() | saved["config"].keys()) - set(_FREE)
    different = sorted(key for key in keys if config.get(key) != saved["config"].get(key))
    if different:
        raise TrainingStateError(f"{path} was trained with another {', '.join(different)}; train in another folder")
    host, *others = saved.pop("generators")
    torch.set_rng_state(host)
    if others and torch.cuda.is_available() and len(others) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(others)
    progress = Progress(**saved.pop("progress"))
    del saved["config"]
    return progress, saved
