"""What the backbone makes of every view, computed once, so that the planner alone can be trained in minutes."""

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from lead.data.dataset import DriveDataset
from lead.data.expand import expand
from lead.data.resident import ResidentViews, list_views, read_view
from lead.files import replacing
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.tensors import Inputs

logger = logging.getLogger(__name__)

_PLAN = ("speed", "target_speed", "brake", "commands", "pose", "route", "waypoints", "yaws", "target_points")
"""What stays of a view beside its features."""
_KEY = "made_of"
_SAID_EVERY = 50


def load_features(
    model: TFv6, dataset: DriveDataset, device: str, batch_size: int, file: Path, bfloat16: bool = False
) -> ResidentViews:
    """Views of a data set with features (16 bits) in place of pictures and rasters; kept in `file` for the next time.

    The model is left in evaluation mode. DataError, naming file and frame, for what cannot be read.
    """
    views, twin = list_views(dataset, dataset.config.perturbation > 0.0)
    key = _digest(model, dataset, views)
    tensors = _stored(file, key)
    if tensors is None:
        model.eval()
        parts = []
        for number, start in enumerate(range(0, len(views), batch_size)):
            parts.append(_compute(model, dataset, views[start : start + batch_size], device, bfloat16))
            if number % _SAID_EVERY == 0:
                logger.info("features of %d of %d views", start, len(views))
        tensors = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
        with replacing(file) as unfinished:
            save_file(tensors, unfinished, {_KEY: key})
    there = {name: value.to(device) for name, value in tensors.items()}
    return ResidentViews(there, twin, dataset.store.config)


@torch.no_grad()
def _compute(
    model: TFv6, dataset: DriveDataset, views: list[tuple[int, str]], device: str, bfloat16: bool
) -> dict[str, Tensor]:
    read = [read_view(dataset, frame, view) for frame, view in views]
    whole = {
        name: torch.from_numpy(np.stack([one[name] for one in read]))
        for name in read[0]
        if name in (*_PLAN, "rgb", "lidar")
    }
    inputs = Inputs.from_batch(expand(whole, dataset.store.config, dataset.config)).to(device)
    with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=bfloat16):
        features, _ = model.backbone(inputs.rgb, inputs.rasterized_lidar)
    return {name: value for name, value in whole.items() if name in _PLAN} | {"bev_features": features.half().cpu()}


def _digest(model: TFv6, dataset: DriveDataset, views: list[tuple[int, str]]) -> str:
    """Names weights, frames and settings that the features depend on."""
    digest = hashlib.sha256()
    for value in _arrays(model):
        digest.update(value.tobytes())
    index = dataset.index
    frames = [(index.drives[index.drive[frame]], int(index.row[frame]), view) for frame, view in views]
    digest.update(json.dumps([frames, repr(dataset.config), repr(dataset.store.config)]).encode())
    return digest.hexdigest()


def _arrays(model: TFv6) -> Iterator[np.ndarray]:
    return (value.detach().cpu().numpy() for value in model.backbone.state_dict().values())


def _stored(file: Path, key: str) -> dict[str, Tensor] | None:
    if not file.exists():
        return None
    with safe_open(file, "pt") as stored:
        if (stored.metadata() or {}).get(_KEY) != key:
            return None
        return {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
