"""What a batch teaches: forward pass, losses and gradients, either launched anew or recorded once and replayed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import torch
from torch import Tensor, nn

from lead.models.config_tree import ConfigError
from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.labels import Labels
from lead.models.tfv6.losses import compute_losses, loss_weights, total_loss
from lead.models.tfv6.tensors import Inputs
from lead.training.configuration import TrainingConfig
from lead.training.optimisation import clip

TOTAL, NORM = "loss", "gradient_norm"
_WARM_UP = 3


class Gradients(Protocol):
    """Leaves clipped gradients of a batch in the parameters."""

    def __call__(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The losses by name, their weighted sum `loss` and the gradients' norm before clipping `gradient_norm`."""
        ...


class LaunchedGradients:
    """Every operation is launched when its turn comes."""

    def __init__(self, network: nn.Module, model: TFv6Config, config: TrainingConfig, device: str, low_precision: bool):
        self._network, self._model, self._config = network, model, config
        self._device, self._low_precision = torch.device(device).type, low_precision
        self._weights = loss_weights(model, config.losses)

    def __call__(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """See `Gradients`."""
        for parameter in self._network.parameters():
            parameter.grad = None
        inputs = self._arrange(Inputs.from_batch(batch))
        with torch.autocast(self._device, torch.bfloat16, enabled=self._low_precision):
            outputs = self._network(inputs)
        labels = Labels.from_batch(batch, self._model.label_spaces)
        losses = compute_losses(outputs, labels, self._model, self._config.losses)
        total = total_loss(losses, self._weights)
        total.backward()
        return {**losses, TOTAL: total, NORM: clip(self._network, self._config.optimiser.clip_norm)}

    def _arrange(self, inputs: Inputs) -> Inputs:
        """The inputs with images as they should lie in memory."""
        if not self._config.channels_last:
            return inputs
        lidar = inputs.rasterized_lidar
        return replace(
            inputs,
            rgb=inputs.rgb.contiguous(memory_format=torch.channels_last),
            rasterized_lidar=None if lidar is None else lidar.contiguous(memory_format=torch.channels_last),
        )


class ReplayedGradients:
    """All operations on the first batch are recorded as a CUDA graph, which every later batch of its shape replays.

    Thousands of small kernels then start without Python, autograd or the driver in between. What is returned is
    overwritten by the next batch.
    """

    def __init__(self, gradients: LaunchedGradients, model: nn.Module, device: str):
        self._gradients, self._model, self._device = gradients, model, torch.device(device)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._batch: dict[str, Tensor] = {}
        self._results: dict[str, Tensor] = {}

    def __call__(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """See `Gradients`."""
        if self._graph is None:
            self._graph = self._record(batch)
        for name, value in self._batch.items():
            value.copy_(batch[name])
        self._graph.replay()
        return self._results

    def _record(self, batch: Mapping[str, Tensor]) -> torch.cuda.CUDAGraph:
        self._batch = {name: value.clone() for name, value in batch.items()}
        self._warm_up()
        for parameter in self._model.parameters():
            parameter.grad = None
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            results = self._gradients(self._batch)
        self._results = {name: value.detach() for name, value in results.items()}
        return graph

    def _warm_up(self) -> None:
        """Let libraries choose their kernels; statistics and generators stay as they were."""
        kept = [buffer.clone() for buffer in self._model.buffers()]
        stream = torch.cuda.Stream(self._device)
        stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.random.fork_rng([self._device]), torch.cuda.stream(stream):
            for _ in range(_WARM_UP):
                self._gradients(self._batch)
        torch.cuda.current_stream(self._device).wait_stream(stream)
        for buffer, value in zip(self._model.buffers(), kept, strict=True):
            buffer.copy_(value)


def check_replay(model: TFv6Config, device: str, processes: int) -> None:
    """Raises ConfigError where steps cannot be replayed."""
    if not device.startswith("cuda") or processes > 1:
        raise ConfigError("training.replayed needs CUDA and one process")
    if model.radar is not None:
        raise ConfigError("training.replayed needs model.radar=none: radar objects are matched on the host")
