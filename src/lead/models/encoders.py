"""Convolutional encoders from timm that can be run stage by stage."""

import lead.models.vision_operators  # noqa: F401  isort: skip
import timm
from jaxtyping import Float
from timm.models import FeatureListNet
from torch import Tensor

from lead.models.config_tree import ConfigError
from lead.suggestions import suggest

STRIDES = (4, 8, 16, 32)
"""Of the four stages' features."""


def create_encoder(name: str, in_channels: int, pretrained: bool = False) -> FeatureListNet:
    """The timm network `name` as a feature net of four or five levels, the last four at `STRIDES`.

    `pretrained` downloads timm's weights when they are not in its cache. Raises ConfigError for a network that timm
    does not have, or that cannot be run stage by stage.
    """
    if not timm.is_model(name):
        raise ConfigError(f"timm has no network {name}{suggest(name, timm.list_models())}")
    encoder = timm.create_model(name, pretrained=pretrained, in_chans=in_channels, features_only=True)
    if not isinstance(encoder, FeatureListNet) or tuple(encoder.feature_info.reduction()[-4:]) != STRIDES:
        raise ConfigError(f"{name} has no four stages at strides 4, 8, 16 and 32 that can be run one after the other")
    return encoder


def stage_channels(encoder: FeatureListNet) -> tuple[int, ...]:
    """Channels of the four stages' features."""
    return tuple(encoder.feature_info.channels()[-4:])


def stage_layers(encoder: FeatureListNet) -> tuple[tuple[str, ...], ...]:
    """Names of the layers of each of the four stages, in the order in which they run; the stem belongs to the first."""
    ends = list(encoder.return_layers)[-4:]
    stages: list[tuple[str, ...]] = []
    layers: list[str] = []
    for name, _ in encoder.named_children():
        layers.append(name)
        if name in ends:
            stages.append(tuple(layers))
            layers = []
    return tuple(stages)


def run_stage(
    encoder: FeatureListNet, layers: tuple[str, ...], features: Float[Tensor, "batch in_channels h_in w_in"]
) -> Float[Tensor, "batch channels h w"]:
    """`features` through the named layers of the encoder."""
    for name in layers:
        features = encoder[name](features)
    return features
