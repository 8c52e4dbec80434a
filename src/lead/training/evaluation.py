"""The open-loop report: everything that can be measured on held-out samples without driving."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lead.files import write_text
from lead.models.tfv6.configuration import BEV_CLASSES, LabelSpace
from lead.models.tfv6.labels import Labels
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.tensors import Inputs, Outputs
from lead.training.batches import Batch
from lead.training.metrics import plan_errors, to_device
from lead.training.perception import BoxPrecision, ClassOverlap

REPORT_NAME = "open_loop.json"
COMMANDS = ("left", "right", "straight", "follow lane", "change lane left", "change lane right")


@dataclass(frozen=True)
class OpenLoopReport:
    """Numbers by name over all `samples`, the plan's also by navigation command, and boxes' precision by class."""

    samples: int
    metrics: dict[str, float]
    by_command: dict[str, dict[str, float]]
    box_precision: dict[str, float]

    def write(self, folder: Path) -> None:
        """Leave the report in a folder."""
        write_text(folder / REPORT_NAME, json.dumps(vars(self), indent=2) + "\n")


@torch.no_grad()
def evaluate(model: TFv6, batches: Iterable[Batch], device: str = "cpu", bfloat16: bool = False) -> OpenLoopReport:
    """Measure a model on all samples of the batches; it is left in evaluation mode."""
    model.eval()
    sums = _Sums(model)
    for batch in batches:
        there = to_device(batch, device)
        with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=bfloat16):
            outputs = model(Inputs.from_batch(there))
        sums.add(outputs, there)
    return sums.report()


class _Sums:
    def __init__(self, model: TFv6):
        self.config = model.config
        self.samples = 0
        self.plan: dict[str, list[Tensor]] = {}
        self.commands: list[Tensor] = []
        self.depth: list[Tensor] = []
        self.semantic = ClassOverlap(model.config.perspective.semantic_classes)
        self.bev_semantic = ClassOverlap(BEV_CLASSES[LabelSpace.CARLA])
        self.boxes = BoxPrecision(model.config)

    def add(self, outputs: Outputs, batch: dict[str, Tensor]) -> None:
        labels = Labels.from_batch(batch, self.config.label_spaces)
        self.samples += len(batch["rgb"])
        if outputs.plan is not None and labels.plan is not None and self.config.planner is not None:
            errors = plan_errors(outputs.plan, labels.plan, self.config.planner.speed_classes)
            for name, values in errors.items():
                self.plan.setdefault(name, []).append(values.cpu())
            self.commands.append(batch["command"].argmax(dim=1).cpu())
        known = labels.spaces.get(LabelSpace.CARLA)
        if known is None:
            return
        if outputs.semantic is not None and known.semantic is not None:
            self.semantic.add(outputs.semantic, known.semantic)
        if outputs.bev_semantic is not None and known.bev_semantic is not None:
            self.bev_semantic.add(outputs.bev_semantic, known.bev_semantic)
        if outputs.depth is not None and known.depth is not None:
            self.depth.append((outputs.depth.float() - known.depth).abs().flatten(1).mean(dim=1).cpu())
        if outputs.boxes is not None and "center_net_bounding_boxes" in batch:
            self.boxes.add(outputs.boxes, batch["center_net_bounding_boxes"], batch["center_net_num_boxes"])

    def report(self) -> OpenLoopReport:
        whole = {name: torch.cat(values) for name, values in self.plan.items()}
        metrics = {name: float(values.mean()) for name, values in whole.items()}
        metrics |= {
            f"{name}_miou": overlap.mean
            for name, overlap in (("semantic", self.semantic), ("bev_semantic", self.bev_semantic))
            if overlap.counts.sum()
        }
        metrics |= {"depth_error": float(torch.cat(self.depth).mean())} if self.depth else {}
        precision = self.boxes.by_class()
        metrics |= {"box_ap": sum(precision.values()) / len(precision)} if precision else {}
        return OpenLoopReport(self.samples, metrics, self._by_command(whole), precision)

    def _by_command(self, whole: dict[str, Tensor]) -> dict[str, Any]:
        commands = torch.cat(self.commands) if self.commands else torch.zeros(0)
        table = {}
        for number, name in enumerate(COMMANDS):
            chosen = commands == number
            if chosen.any():
                table[name] = {"samples": int(chosen.sum())} | {k: float(v[chosen].mean()) for k, v in whole.items()}
        return table
