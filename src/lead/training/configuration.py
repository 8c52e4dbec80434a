"""How a model is trained; checked when made."""

from dataclasses import dataclass, field
from enum import Enum

from lead.models.config_tree import ConfigError
from lead.models.tfv6.losses import LossConfig


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
    max_minutes: float | None = None
    """Time on the clock after which training ends, whatever epochs are left; the learning rate reaches zero by then."""
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    losses: LossConfig = field(default_factory=LossConfig)
    average_decay: float | None = 0.999
    """Decay a step of the averaged weights, which are what is kept in the end; None keeps the last ones."""
    bfloat16: bool | None = None
    """Whether the forward pass computes in 16 bits where that is safe; losses stay in 32. None: on CUDA alone."""
    compiled: bool = False
    """Whether the model is compiled at the first step, which takes a minute and more."""
    replayed: bool = False
    """Whether a step's forward and backward pass are recorded once and replayed as a CUDA graph: small models wait less
    for their many kernels. Needs CUDA, one process, and a model without radar."""
    channels_last: bool = True
    """Whether pictures and kernels lie in memory with their channels last."""
    shared_norms: bool = True
    """Whether several processes normalise over all their batches together."""
    seed: int = 0
    """Of first weights, dropout, and the order of samples."""
    device: str = "auto"
    """auto: CUDA where there is one."""
    log_every: int = 50
    """Steps between two lines of the log."""
    checkpoint_every: int = 1
    """Epochs between two checkpoints; with each come held-out errors and pictures."""
    checkpoint_minutes: float | None = None
    """Time between two checkpoints, at ends of epochs; takes the place of `checkpoint_every`."""
    halved: bool = False
    """Whether the checkpoint's weights are written in 16 bits; the training state is not."""
    pictures: int = 4
    """How many held-out samples are drawn with each checkpoint."""
    wandb_project: str | None = None
    """Weights & Biases project that curves are sent to as well."""

    def __post_init__(self):
        if min(self.epochs, self.log_every, self.checkpoint_every) < 1:
            raise ConfigError("epochs, log_every and checkpoint_every must be 1 or more")
        if self.average_decay is not None and not 0.0 < self.average_decay < 1.0:
            raise ConfigError(f"average_decay must lie between 0 and 1, not {self.average_decay}")
        for name in ("max_minutes", "checkpoint_minutes"):
            if getattr(self, name) is not None and getattr(self, name) <= 0.0:
                raise ConfigError(f"{name} must be positive, not {getattr(self, name)}")
        if self.pictures < 0:
            raise ConfigError("pictures must not be negative")
