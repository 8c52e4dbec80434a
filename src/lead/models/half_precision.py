"""Whether a device computes in 16 bits by itself."""

import logging

import torch

logger = logging.getLogger(__name__)


def computes_in_16_bits(device: str) -> bool:
    """Whether the device has instructions for bfloat16; a processor without them is about ten times slower in it."""
    if torch.device(device).type != "cpu":
        return True
    return torch.backends.mkldnn.is_available() and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def warn_of_16_bits(device: str) -> None:
    """Say on the log that 32 bits are faster, where they are."""
    if not computes_in_16_bits(device):
        logger.warning("this processor has no instructions for bfloat16: float32 is about ten times faster here")
