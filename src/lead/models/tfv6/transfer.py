"""Weights of one model for another: planner added, cameras changed."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.modelling import TFv6


@dataclass(frozen=True)
class TransferReport:
    """Names of the parameters that were taken, fitted to other cameras, left at their start, and not used."""

    taken: tuple[str, ...]
    fitted: tuple[str, ...]
    left: tuple[str, ...]
    unused: tuple[str, ...]


def transfer_weights(model: TFv6, tensors: Mapping[str, Tensor], source: TFv6Config) -> TransferReport:
    """Load what fits into `model` from the weights of a model of configuration `source`.

    Position embeddings of the fusion are fitted when cameras or bird's-eye range differ; what has no counterpart of
    the same shape stays as it is.
    """
    own = model.state_dict()
    state, fitted = {}, []
    for key in own.keys() & tensors.keys():
        value = tensors[key]
        if key.endswith(".pos_emb") and source.fusion_tokens == value.shape[1]:
            value = fit_positions(value, source, model.config)
            fitted += [key] if value is not tensors[key] else []
        if value.shape == own[key].shape:
            state[key] = value
    model.load_state_dict(state, strict=False)
    return TransferReport(
        taken=tuple(key for key in own if key in state),
        fitted=tuple(sorted(fitted)),
        left=tuple(key for key in own if key not in state),
        unused=tuple(key for key in tensors if key not in state),
    )


def fit_positions(
    embedding: Float[Tensor, "1 tokens width"], source: TFv6Config, target: TFv6Config
) -> Float[Tensor, "1 new_tokens width"]:
    """Embeddings of the fusion's tokens for the target's cameras and range.

    Cameras of the same rig keep their own part; others, and other sizes, are interpolated.
    """
    if source.cameras == target.cameras and source.bev == target.bev:
        return embedding
    rows, columns = source.cameras.anchors
    picture = embedding[:, : rows * columns].transpose(1, 2).unflatten(2, (rows, columns))
    bev = embedding[:, rows * columns :].transpose(1, 2).unflatten(2, source.bev.anchors)
    picture = _interpolate(_choose_cameras(picture, source, target), target.cameras.anchors)
    bev = _interpolate(bev, target.bev.anchors)
    return torch.cat([picture.flatten(2), bev.flatten(2)], dim=2).transpose(1, 2).contiguous()


def _choose_cameras(picture: Tensor, source: TFv6Config, target: TFv6Config) -> Tensor:
    known = source.cameras.used
    if source.cameras.rig != target.cameras.rig or not set(target.cameras.used) <= set(known):
        return picture
    parts = picture.chunk(len(known), dim=3)
    return torch.cat([parts[known.index(number)] for number in target.cameras.used], dim=3)


def _interpolate(features: Tensor, size: tuple[int, int]) -> Tensor:
    if tuple(features.shape[-2:]) == size:
        return features
    return functional.interpolate(features, size=size, mode="bilinear", align_corners=False)
