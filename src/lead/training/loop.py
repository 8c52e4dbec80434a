"""The loop: batches, losses, steps, and after every few epochs everything on disk."""

import copy
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from lead.files import remove_unfinished
from lead.models.config_tree import to_tree
from lead.models.half_precision import warn_of_16_bits
from lead.models.tfv6.checkpoint import save_pretrained
from lead.models.tfv6.modelling import TFv6
from lead.training.batches import Batch, Batches
from lead.training.configuration import TrainingConfig
from lead.training.evaluation import evaluate
from lead.training.journal import LOG_NAME, Journal
from lead.training.metrics import to_device
from lead.training.optimisation import WeightAverage, make_optimiser, rate_factor
from lead.training.pictures import draw_predictions
from lead.training.processes import current_group, find_device, largest, largest_tensor, mean_of, share_norms
from lead.training.state import Progress, load_state, save_state
from lead.training.steps import NORM, TOTAL, Gradients, LaunchedGradients, ReplayedGradients, check_replay

__all__ = ["LOG_NAME", "Data", "train"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Data:
    """What is trained with, and held-out batches that errors are measured on with every checkpoint."""

    batches: Batches
    held_out: Iterable[Batch] = ()


def train(model: TFv6, data: Data, config: TrainingConfig, folder: Path) -> Progress:
    """Train `model` in place and leave checkpoint, log, report, pictures and state in `folder`.

    An interrupted run continues there. Raises TrainingStateError when the folder holds a run with another
    configuration. With several processes (see `processes.join_group`) each trains on its share of every batch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    leads = current_group().leads
    if leads:
        remove_unfinished(folder)
    with Journal(folder, leads, config.wandb_project) as journal:
        run = _Run(model, data, config, folder, journal)
        while not run.is_over():
            run.train_epoch()
            run.finish_epoch()
    return run.progress


class _Run:
    def __init__(self, model: TFv6, data: Data, config: TrainingConfig, folder: Path, journal: Journal):
        self.config, self.folder, self.data, self.journal = config, folder, data, journal
        self.device, self.group = find_device(config.device), current_group()
        self.low_precision = self.device.startswith("cuda") if config.bfloat16 is None else config.bfloat16
        if self.low_precision:
            warn_of_16_bits(self.device)
        torch.manual_seed(config.seed + self.group.rank)
        self.model = self._place(model)
        self.averaged = copy.deepcopy(self.model).requires_grad_(False) if config.average_decay else self.model
        self.optimiser = make_optimiser(self.model, config.optimiser)
        self.progress = self._resume()
        self.skipped = torch.tensor(float(self.progress.skipped), device=self.device)
        self.average = WeightAverage(self.averaged, self.model, config.average_decay) if config.average_decay else None
        self.gradients = self._choose_gradients()
        self.began = time.monotonic() - self.progress.seconds
        self.kept_at = time.monotonic()
        journal.begin(self.progress)

    def _place(self, model: TFv6) -> TFv6:
        model = model.to(self.device)
        if self.config.channels_last:
            model = model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        if self.group.size > 1 and self.config.shared_norms:
            share_norms(model)
        return model

    def _wrap(self) -> nn.Module:
        network: nn.Module = self.model
        if self.group.size > 1:
            network = DistributedDataParallel(network)
        return torch.compile(network, dynamic=False) if self.config.compiled else network  # pyright: ignore[reportReturnType]

    def _choose_gradients(self) -> Gradients:
        launched = LaunchedGradients(self._wrap(), self.model.config, self.config, self.device, self.low_precision)
        if not self.config.replayed:
            return launched
        check_replay(self.model.config, self.device, self.group.size)
        return ReplayedGradients(launched, self.model, self.device)

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

    def is_over(self) -> bool:
        return self.progress.epoch >= self.config.epochs or self._time_share() >= 1.0

    def _time_share(self) -> float:
        """How much of the time is over that the training may take."""
        if self.config.max_minutes is None:
            return 0.0
        self.progress.seconds = largest(time.monotonic() - self.began, self.device)
        return self.progress.seconds / (60.0 * self.config.max_minutes)

    def train_epoch(self) -> None:
        self.model.train()
        self.journal.pause()
        for batch in self.data.batches.epoch(self.progress.epoch):
            share = self._time_share()
            if share >= 1.0:
                return
            self._set_rate(share)
            results = self._step(batch)
            self.progress.step += 1
            self.journal.count(len(batch["rgb"]) * self.group.size)
            if self.progress.step % self.config.log_every == 0:
                self._report(results, share)

    def _step(self, batch: Batch) -> dict[str, Tensor]:
        results = self.gradients(to_device(batch, self.device))
        # A label that is not a number leaves gradients finite: the absolute error has none there.
        unusable = largest_tensor((~torch.isfinite(results[NORM] + results[TOTAL])).float())
        # Fused kernels leave all weights and moments alone where this is 1; nobody waits for the answer.
        self.optimiser.found_inf = unusable  # pyright: ignore[reportAttributeAccessIssue]
        self.optimiser.step()
        self.skipped += unusable
        if self.average is not None:
            self.average.update(self.progress.step)
        return results

    def _count_skipped(self) -> None:
        skipped = int(self.skipped)
        if skipped > self.progress.skipped:
            new = skipped - self.progress.skipped
            logger.warning("%d steps up to %d left out: loss or gradients are not finite", new, self.progress.step)
        self.progress.skipped = skipped

    def _set_rate(self, time_share: float) -> None:
        steps, config = len(self.data.batches), self.config
        factor = rate_factor(self.progress.step, steps, config.epochs, config.optimiser, time_share)
        for group in self.optimiser.param_groups:
            group["lr"] = config.optimiser.learning_rate * factor

    def _report(self, values: dict[str, Tensor], time_share: float) -> None:
        numbers = mean_of(values)
        self._count_skipped()
        self.progress.seconds = time.monotonic() - self.began
        speed = self.journal.samples_per_second()
        rate = self.optimiser.param_groups[0]["lr"]
        self.journal.write(self.progress, {"learning_rate": rate, "samples_per_second": speed, **numbers})
        share = max(self.progress.step / (self.config.epochs * max(len(self.data.batches), 1)), time_share)
        self.journal.say(self.progress, share, numbers["loss"], speed, self.config.epochs)

    def finish_epoch(self) -> None:
        self.progress.epoch += 1
        self._count_skipped()
        over = self.is_over()
        self.progress.seconds = time.monotonic() - self.began
        if not (over or self._checkpoint_is_due()) or not self.group.leads:
            return
        self._measure()
        save_pretrained(self.averaged, self.folder, halved=self.config.halved)
        parts = {
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        save_state(self.folder, self._identity(), self.progress, parts)
        self.kept_at = time.monotonic()

    def _checkpoint_is_due(self) -> bool:
        minutes = self.config.checkpoint_minutes
        if minutes is None:
            return self.progress.epoch % self.config.checkpoint_every == 0
        return time.monotonic() - self.kept_at >= 60.0 * minutes

    def _measure(self) -> None:
        report = evaluate(self.averaged, self.data.held_out, self.device, self.low_precision)
        if report.samples:
            report.write(self.folder)
        self.journal.write(self.progress, {f"held_out_{name}": value for name, value in report.metrics.items()})
        first = next(iter(islice(self.data.held_out, 1)), None)
        if first is not None and "bev_features" not in first and self.config.pictures:
            self.journal.draw(self.progress, draw_predictions(self.averaged, first, self.config.pictures, self.device))
        shown = ", ".join(f"{name} {value:.3f}" for name, value in report.metrics.items())
        logger.info("epoch %d done; held out: %s", self.progress.epoch, shown or "no samples")
