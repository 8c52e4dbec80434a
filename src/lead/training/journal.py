"""What a training tells: lines of JSON, TensorBoard's curves and pictures, and how it gets on, for people."""

import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lead.files import write_bytes, write_text
from lead.models.config_tree import ConfigError
from lead.training.state import Progress

logger = logging.getLogger(__name__)

LOG_NAME = "log.jsonl"
PICTURES_NAME = "pictures"


class Journal:
    """Writes into a folder; nothing is written by a process that does not lead."""

    def __init__(self, folder: Path, leads: bool = True, wandb_project: str | None = None):
        """Raises ConfigError when Weights & Biases is asked for and not installed."""
        self._folder, self._leads = folder, leads
        self._board: Any = None
        self._wandb: Any = _open_wandb(wandb_project, folder) if leads and wandb_project else None
        self._counted, self._since = 0, time.monotonic()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._board is not None:
            self._board.close()
        if self._wandb is not None:
            self._wandb.finish()

    def begin(self, progress: Progress) -> None:
        """Take back lines of steps that will be taken again, and open TensorBoard's file."""
        if not self._leads:
            return
        _rewind(self._folder / LOG_NAME, progress.step)
        self._board = _open_tensorboard(self._folder, progress.step)

    def count(self, samples: int) -> None:
        """Samples have been trained with."""
        self._counted += samples

    def write(self, progress: Progress, values: Mapping[str, float]) -> None:
        """A line with the progress and named numbers."""
        if not self._leads:
            return
        line = {**asdict(progress), **values}
        with (self._folder / LOG_NAME).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, progress.step)
        if self._wandb is not None:
            self._wandb.log(dict(values), step=progress.step)

    def samples_per_second(self) -> float:
        """Of this process since the last time this was asked."""
        now = time.monotonic()
        rate = self._counted / max(now - self._since, 1e-9)
        self._counted, self._since = 0, now
        return rate

    def pause(self) -> None:
        """Begin to count anew: time was spent on something else."""
        self._counted, self._since = 0, time.monotonic()

    def draw(self, progress: Progress, pictures: list[NDArray[np.uint8]]) -> None:
        """Pictures (h, w, 3), blue green red, into files and TensorBoard."""
        if not self._leads or not pictures:
            return
        folder = self._folder / PICTURES_NAME
        folder.mkdir(exist_ok=True)
        for number, picture in enumerate(pictures):
            write_bytes(folder / f"epoch_{progress.epoch:04d}_{number}.jpg", cv2.imencode(".jpg", picture)[1].tobytes())
            if self._board is not None:
                self._board.add_image(f"held_out/{number}", picture[..., ::-1].copy(), progress.step, dataformats="HWC")

    def say(self, progress: Progress, share: float, loss: float, rate: float, epochs: int) -> None:
        """A line for people: where it is, how fast, how long still."""
        left = timedelta(seconds=round(progress.seconds * (1.0 - share) / share)) if share > 0.0 else "?"
        logger.info(
            "epoch %d of %d, step %d, loss %.4f, %.0f samples/s, %.0f %%, %s left%s",
            min(progress.epoch + 1, epochs), epochs, progress.step, loss, rate, 100.0 * share, left,
            f", {progress.skipped} steps left out" if progress.skipped else "",
        )  # fmt: skip


def _rewind(path: Path, step: int) -> None:
    """Leave only whole lines of steps up to `step`."""
    if not path.exists():
        return
    kept = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if line["step"] <= step and step > 0:
            kept.append(text + "\n")
    write_text(path, "".join(kept))


def _open_tensorboard(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        logger.info("tensorboard is not installed: curves are in %s alone", folder / LOG_NAME)
        return None
    return SummaryWriter(str(folder), purge_step=step or None)


def _open_wandb(project: str, folder: Path) -> Any:
    try:
        import wandb  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise ConfigError("wandb_project is set, but wandb is not installed") from None
    return wandb.init(project=project, dir=os.fspath(folder), name=folder.name, resume="allow")
