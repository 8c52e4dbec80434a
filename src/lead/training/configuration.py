"""How a model is trained; checked when made."""

from dataclasses import dataclass, field
from enum import Enum

from lead.models.config_tree import ConfigError


class Schedule(str, Enum):
    """How the learning rate falls after the warm-up."""

    COSINE = "cosine"
    """Once, to zero at the end."""
    RESTARTS = "restarts"
    """LEAD's: in cycles of 1, 2, 4, 8, ... epochs, each from the full rate to zero."""


@dataclass(frozen=True)
class OptimiserConfig:
    """AdamW with a schedule."""

    learning_rate: float = 3e-4
    weight_decay: float = 0.01
    """Of matrices and kernels; norms, biases, embeddings and queries have none."""
    schedule: Schedule = Schedule.COSINE
    warmup_steps: int = 1000
    """Steps in which the rate rises from zero; at most a tenth of all."""
    clip_norm: float = 5.0
    """Largest norm of the gradients."""

    def __post_init__(self):
        if self.learning_rate <= 0.0 or self.clip_norm <= 0.0:
            raise ConfigError("learning_rate and clip_norm must be positive")
        if self.weight_decay < 0.0 or self.warmup_steps < 0:
            raise ConfigError("weight_decay and warmup_steps must not be negative")


@dataclass(frozen=True)
class TrainingConfig:
    """One stage of training."""

    epochs: int = 31
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    average_decay: float | None = 0.999
    """Decay a step of the averaged weights, which are what is kept in the end; None keeps the last ones."""
    bfloat16: bool = True
    """Whether the forward pass computes in 16 bits where that is safe; losses stay in 32."""
    seed: int = 0
    """Of dropout; the order of samples has its own."""
    device: str = "cpu"
    log_every: int = 50
    """Steps between two lines of the log."""

    def __post_init__(self):
        if min(self.epochs, self.log_every) < 1:
            raise ConfigError("epochs and log_every must be 1 or more")
        if self.average_decay is not None and not 0.0 < self.average_decay < 1.0:
            raise ConfigError(f"average_decay must lie between 0 and 1, not {self.average_decay}")
