"""One or several trained models, asked for a plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from lead.models.config_tree import ConfigError
from lead.models.half_precision import warn_of_16_bits
from lead.models.tfv6.boxes import decode_boxes, keep_scores
from lead.models.tfv6.checkpoint import load_ensemble
from lead.models.tfv6.configuration import LabelSpace, TFv6Config
from lead.models.tfv6.modelling import PLANNING_ONLY, Head, TFv6
from lead.models.tfv6.prepare import prepare_for_inference
from lead.models.tfv6.suppression import suppress
from lead.models.tfv6.tensors import BoxMaps, Inputs, Outputs, Plan


class Precision(str, Enum):
    """In which numbers a model computes."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    """Convolutions and products in 16 bits, norms and the plan in 32."""


@dataclass(frozen=True)
class InferenceConfig:
    """How models are run and what becomes of their answers."""

    heads: frozenset[Head] = PLANNING_ONLY
    """What is computed; heads that only people look at cost a third of the time and more."""
    device: str = "cpu"
    precision: Precision = Precision.FLOAT32
    compiled: bool = False
    """Whether the models are compiled at the first prediction, which takes a minute and more."""
    brake_threshold: float = 0.9
    """Probability of the lowest speed class above which the target speed is 0."""
    target_speed_factor: float = 1.0
    """What target speeds are multiplied by; LEAD's `lower_target_speed` is 0.8."""
    score_threshold: float = 0.3
    """Boxes count from this score on."""
    overlap_threshold: float = 0.2
    """Of two boxes that share more than this part of their union, the better one stays."""

    def __post_init__(self):
        for name in ("brake_threshold", "score_threshold", "overlap_threshold"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"{name} must lie between 0 and 1, not {getattr(self, name)}")
        if self.target_speed_factor <= 0.0:
            raise ConfigError(f"target_speed_factor must be positive, not {self.target_speed_factor}")


@dataclass(frozen=True)
class Prediction:
    """What the ensemble answers, on the CPU in 32 bits; ego frame, metres, m/s, radians.

    `boxes`: for each sample an array with the columns of `lead.models.tfv6.boxes.COLUMNS`. Semantic maps are logits.
    What the models do not have, or were not asked for, is None.
    """

    waypoints: Float[Tensor, "batch waypoints 2"] | None = None
    headings: Float[Tensor, "batch waypoints"] | None = None
    route: Float[Tensor, "batch route_points 2"] | None = None
    target_speed: Float[Tensor, " batch"] | None = None
    speed_probabilities: Float[Tensor, "batch speed_classes"] | None = None
    semantic: Float[Tensor, "batch semantic_classes height width"] | None = None
    depth: Float[Tensor, "batch height width"] | None = None
    bev_semantic: Float[Tensor, "batch bev_classes bev_height bev_width"] | None = None
    boxes: tuple[Float[np.ndarray, "_ 9"], ...] | None = None
    radar: Float[Tensor, "models batch queries 4"] | None = None


class OpenLoopInference:
    """An ensemble of one model or more of the same configuration."""

    def __init__(self, models: Sequence[TFv6], config: InferenceConfig | None = None):
        """Raises ConfigError for no models, or for models that differ."""
        if not models or any(model.config != models[0].config for model in models):
            raise ConfigError("an ensemble needs one model or more, all of the same configuration")
        self.config = config or InferenceConfig()
        if self.config.precision is Precision.BFLOAT16:
            warn_of_16_bits(self.config.device)
        self.model_config: TFv6Config = models[0].config
        prepared = [prepare_for_inference(model).to(self.config.device) for model in models]
        self._runs = [self._runner(model) for model in prepared]

    @classmethod
    def from_pretrained(
        cls, source: str | Path, config: InferenceConfig | None = None, download: bool = False
    ) -> "OpenLoopInference":
        """All `model*` files of a checkpoint; see `lead.models.tfv6.checkpoint.open_checkpoint`."""
        return cls(load_ensemble(source, download), config)

    def predict(self, inputs: Inputs) -> Prediction:
        """What the models agree on for a batch of observations."""
        outputs = [run(inputs.to(self.config.device)) for run in self._runs]
        plan = combine_plans([output.plan for output in outputs if output.plan is not None], self.config, self.speeds)
        radar = [output.radar.predictions for output in outputs if output.radar is not None]
        return Prediction(
            **plan,
            semantic=_combine_classes([output.semantic for output in outputs], self._carla),
            depth=_mean([output.depth for output in outputs]),
            bev_semantic=_combine_classes([_bev_semantic(output) for output in outputs], self._carla),
            boxes=self._boxes(outputs),
            radar=torch.stack(radar).float().cpu() if radar and Head.RADAR in self.config.heads else None,
        )

    @property
    def speeds(self) -> tuple[float, ...]:
        """The models' speed classes (m/s)."""
        planner = self.model_config.planner
        return () if planner is None else planner.speed_classes

    @property
    def _carla(self) -> bool:
        return self.model_config.label_spaces == (LabelSpace.CARLA,)

    def _runner(self, model: TFv6) -> Callable[[Inputs], Outputs]:
        device, heads = torch.device(self.config.device).type, self.config.heads
        low_precision = self.config.precision is Precision.BFLOAT16
        forward = torch.compile(model, dynamic=False) if self.config.compiled else model

        def run(inputs: Inputs) -> Outputs:
            with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=low_precision):
                return forward(inputs, heads)

        return run

    def _boxes(self, outputs: Sequence[Outputs]) -> tuple[Float[np.ndarray, "_ 9"], ...] | None:
        maps = [output.boxes or output.boxes_navsim for output in outputs]
        found = [self._decode(each) for each in maps if each is not None]
        if not found:
            return None
        return tuple(
            suppress(np.concatenate(sample), self.config.overlap_threshold) for sample in zip(*found, strict=True)
        )

    def _decode(self, maps: BoxMaps) -> list[np.ndarray]:
        boxes = decode_boxes(maps, self.model_config).float().cpu()
        return [sample.numpy() for sample in keep_scores(boxes, self.config.score_threshold)]


def combine_plans(
    plans: Sequence[Plan], config: InferenceConfig, speeds: tuple[float, ...]
) -> dict[str, Tensor | None]:
    """Means of the trajectories; speed probabilities from mean logits, and the target speed from these."""
    if not plans:
        return {}
    logits = _mean([plan.speed_logits for plan in plans])
    probabilities = None if logits is None else logits.softmax(dim=-1)
    return {
        "waypoints": _mean([plan.waypoints for plan in plans]),
        "headings": _mean([plan.headings for plan in plans]),
        "route": _mean([plan.route for plan in plans]),
        "speed_probabilities": probabilities,
        "target_speed": None if probabilities is None else decide_speed(probabilities, config, speeds),
    }


def decide_speed(
    probabilities: Float[Tensor, "batch speed_classes"], config: InferenceConfig, speeds: tuple[float, ...]
) -> Float[Tensor, " batch"]:
    """The expected speed (m/s); 0 where the lowest class is certain enough."""
    expected = (probabilities * probabilities.new_tensor(speeds)).sum(dim=-1) * config.target_speed_factor
    return torch.where(probabilities[:, 0] > config.brake_threshold, 0.0, expected)


def _mean(values: Sequence[Tensor | None]) -> Tensor | None:
    there = [value.float().cpu() for value in values if value is not None]
    return torch.stack(there).mean(dim=0) if there else None


def _combine_classes(values: Sequence[Tensor | None], carla: bool) -> Tensor | None:
    """For CARLA, a pixel is unlabelled only if all models say so: there the rare classes must not be outvoted."""
    there = [value.float().cpu() for value in values if value is not None]
    if not there or not carla:
        return _mean(values)
    stacked = torch.stack(there)
    return torch.cat([stacked[:, :, :1].amin(dim=0), stacked[:, :, 1:].amax(dim=0)], dim=1)


def _bev_semantic(output: Outputs) -> Tensor | None:
    return output.bev_semantic if output.bev_semantic is not None else output.bev_semantic_navsim
