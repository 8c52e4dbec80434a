"""The loop: batches, losses, steps, and after every epoch everything on disk."""

import copy
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lead.models.config_tree import to_tree
from lead.models.tfv6.checkpoint import save_pretrained
from lead.models.tfv6.labels import Labels
from lead.models.tfv6.losses import compute_losses, loss_weights, total_loss
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.tensors import Inputs
from lead.training.batches import Batch, Batches
from lead.training.configuration import TrainingConfig
from lead.training.metrics import evaluate_plans, to_device
from lead.training.optimisation import make_optimiser, rate_factor
from lead.training.state import Progress, load_state, save_state

logger = logging.getLogger(__name__)

LOG_NAME = "log.jsonl"


@dataclass(frozen=True)
class Data:
    """What is trained with, and held-out batches that errors are measured on after every epoch."""

    batches: Batches
    held_out: Iterable[Batch] = ()


def train(model: TFv6, data: Data, config: TrainingConfig, folder: Path) -> Progress:
    """Train `model` in place and leave checkpoint, log and state in `folder`; an interrupted run continues there.

    Raises TrainingStateError when the folder holds a run with another configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = _Run(model, data, config, folder)
    while run.progress.epoch < config.epochs:
        run.train_epoch()
        run.finish_epoch()
    return run.progress


class _Run:
    def __init__(self, model: TFv6, data: Data, config: TrainingConfig, folder: Path):
        self.config, self.folder, self.data = config, folder, data
        torch.manual_seed(config.seed)
        self.model = model.to(config.device)
        self.averaged = copy.deepcopy(self.model).requires_grad_(False) if config.average_decay else self.model
        self.optimiser = make_optimiser(self.model, config.optimiser)
        self.weights = loss_weights(model.config)
        self.progress = self._resume()

    def _resume(self) -> Progress:
        earlier = load_state(self.folder, self._identity())
        if earlier is None:
            return Progress()
        progress, parts = earlier
        self.model.load_state_dict(parts["model"])
        self.averaged.load_state_dict(parts["averaged"])
        self.optimiser.load_state_dict(parts["optimiser"])
        logger.info("continuing after epoch %d", progress.epoch)
        return progress

    def _identity(self) -> dict[str, Any]:
        return {"model": to_tree(self.model.config), **to_tree(self.config)}

    def train_epoch(self) -> None:
        self.model.train()
        for batch in self.data.batches.epoch(self.progress.epoch):
            self._set_rate()
            losses, norm = self._step(to_device(batch, self.config.device))
            self.progress.step += 1
            if self.progress.step % self.config.log_every == 0:
                self._log({"gradient_norm": norm, **{name: float(loss.detach()) for name, loss in losses.items()}})

    def _step(self, batch: Batch) -> tuple[dict[str, Tensor], float]:
        device = torch.device(self.config.device).type
        with torch.autocast(device, torch.bfloat16, enabled=self.config.bfloat16):
            outputs = self.model(Inputs.from_batch(batch))
        labels = Labels.from_batch(batch, self.model.config.label_spaces)
        losses = compute_losses(outputs, labels, self.model.config)
        self.optimiser.zero_grad(set_to_none=True)
        total = total_loss(losses, self.weights)
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.optimiser.clip_norm)
        # A label that is not a number leaves gradients finite: the absolute error has none there.
        if torch.isfinite(norm) and torch.isfinite(total):
            self.optimiser.step()
            self._average()
        else:
            self.progress.skipped += 1
            logger.warning("step %d left out: loss or gradients are not finite", self.progress.step)
        return losses, float(norm)

    @torch.no_grad()
    def _average(self) -> None:
        if self.averaged is self.model or self.config.average_decay is None:
            return
        # Early on, few steps must not be outweighed by the start.
        decay = min(self.config.average_decay, (1.0 + self.progress.step) / (10.0 + self.progress.step))
        for kept, current in zip(self.averaged.state_dict().values(), self.model.state_dict().values(), strict=True):
            if kept.is_floating_point():
                kept.lerp_(current, 1.0 - decay)
            else:
                kept.copy_(current)

    def _set_rate(self) -> None:
        factor = rate_factor(self.progress.step, len(self.data.batches), self.config.epochs, self.config.optimiser)
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.optimiser.learning_rate * factor

    def finish_epoch(self) -> None:
        self.progress.epoch += 1
        metrics = evaluate_plans(self.averaged, self.data.held_out, self.config.device)
        self._log({f"held_out_{name}": value for name, value in metrics.items()})
        save_pretrained(self.averaged, self.folder)
        parts = {
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        save_state(self.folder, self._identity(), self.progress, parts)

    def _log(self, values: Mapping[str, float]) -> None:
        line = {**asdict(self.progress), "learning_rate": self.optimiser.param_groups[0]["lr"], **values}
        with (self.folder / LOG_NAME).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
