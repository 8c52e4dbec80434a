"""Checkpoints in folders: ours (`config.json` and `model*.safetensors`) and LEAD's (`config.json` and `model_*.pth`).

A folder with several `model*` files is an ensemble. Nothing is unpickled but tensors.
"""

import json
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from lead.files import replacing, write_bytes
from lead.models.config_tree import ConfigError, from_tree, to_tree
from lead.models.shipped import find_model
from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.lead_layout import read_lead_config, write_lead_config
from lead.models.tfv6.modelling import TFv6
from lead.suggestions import suggest

CONFIG_NAME = "config.json"
LEAD_CONFIG_NAME = "lead_config.json"
"""LEAD's own configuration file, kept unchanged beside ours for the way back."""
FORMAT = "lead/tfv6@1"

_ORDER = "keys"
_PREFIX = "model"
_SHOWN_KEYS = 3


class CheckpointFileError(ValueError):
    """A checkpoint that cannot be read or written; the message is one sentence that names the file."""


class Layout(str, Enum):
    """How a checkpoint folder is laid out."""

    OURS = "ours"
    LEAD = "lead"

    @property
    def suffix(self) -> str:
        """Of the files with weights."""
        return ".safetensors" if self is Layout.OURS else ".pth"


@dataclass(frozen=True)
class CheckpointFolder:
    """A checkpoint on disk. `members`: its files with weights, sorted; `lead_config`: LEAD's file, if there is one."""

    folder: Path
    layout: Layout
    config: TFv6Config
    members: tuple[Path, ...]
    lead_config: bytes | None = None


def open_checkpoint(source: str | Path, download: bool = False) -> CheckpointFolder:
    """Look into a folder, a file with weights in one, or, with `download`, a model of the Hugging Face hub.

    Raises CheckpointFileError, or ConfigError for the configuration in it.
    """
    path = _locate(source, download)
    folder = path if path.is_dir() else path.parent
    tree = _read_json(folder / CONFIG_NAME)
    layout = Layout.OURS if "format" in tree else Layout.LEAD
    members = (path,) if path.is_file() else tuple(sorted(folder.glob(f"{_PREFIX}*{layout.suffix}")))
    if not members:
        raise CheckpointFileError(f"{folder} has no {_PREFIX}*{layout.suffix}")
    if layout is Layout.LEAD:
        with _naming(folder / CONFIG_NAME):
            config = read_lead_config(tree, read_tensors(members[0]))
        return CheckpointFolder(folder, layout, config, members, (folder / CONFIG_NAME).read_bytes())
    kept = folder / LEAD_CONFIG_NAME
    return CheckpointFolder(
        folder, layout, _our_config(folder, tree), members, kept.read_bytes() if kept.exists() else None
    )


def from_pretrained(source: str | Path, download: bool = False) -> TFv6:
    """The one model of a checkpoint, in evaluation mode on the CPU.

    `source` as in `open_checkpoint`. Raises CheckpointFileError, also when there are several: then name one's file, or
    use `load_ensemble`.
    """
    checkpoint = open_checkpoint(source, download)
    member, *others = checkpoint.members
    if others:
        names = ", ".join(member.name for member in checkpoint.members)
        raise CheckpointFileError(f"{checkpoint.folder} holds an ensemble, name one of its files: {names}")
    return load_member(checkpoint, member)


def load_ensemble(source: str | Path, download: bool = False) -> tuple[TFv6, ...]:
    """All models of a checkpoint, sorted by file name, in evaluation mode on the CPU."""
    checkpoint = open_checkpoint(source, download)
    return tuple(load_member(checkpoint, member) for member in checkpoint.members)


def load_member(checkpoint: CheckpointFolder, member: Path) -> TFv6:
    """One model of a checkpoint; its weights must fit exactly."""
    model = TFv6(checkpoint.config)
    tensors = read_tensors(member)
    own = model.state_dict()
    missing, unexpected = own.keys() - tensors.keys(), tensors.keys() - own.keys()
    misshapen = [key for key in own.keys() & tensors.keys() if own[key].shape != tensors[key].shape]
    for what, keys in (("lacks", missing), ("has besides", unexpected), ("has in other shapes", misshapen)):
        if keys:
            raise CheckpointFileError(f"{member} does not fit its {CONFIG_NAME}: it {what} {_by_module(keys)}")
    model.load_state_dict(tensors)
    return model.eval()


def save_pretrained(model: TFv6, folder: str | Path, name: str = _PREFIX, halved: bool = False) -> None:
    """Write `config.json` and `NAME.safetensors` into a folder, each under a temporary name first.

    `halved`: weights in 16 bits, half the size; models read them into 32.
    """
    if not name.startswith(_PREFIX):
        raise CheckpointFileError(f"the name of a file with weights must start with {_PREFIX}, not {name}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = model.state_dict()
    if halved:
        tensors = {key: halve(value) for key, value in tensors.items()}
    write_tensors(folder / f"{name}{Layout.OURS.suffix}", tensors)
    write_bytes(folder / CONFIG_NAME, _our_json(model.config))


def halve(values: Tensor) -> Tensor:
    """Numbers of 32 bits in 16, unless one is too large for that; others as they are."""
    fits = values.dtype == torch.float32 and bool((values.abs() <= torch.finfo(torch.float16).max).all())
    return values.half() if fits else values


def convert(checkpoint: CheckpointFolder, target: Path, layout: Layout) -> tuple[Path, ...]:
    """Write the checkpoint into the folder `target` in another layout and return the files with weights.

    Tensors stay bit for bit what they were, in the same order. Raises ConfigError for a model that LEAD cannot build.
    """
    if target.resolve() == checkpoint.folder.resolve():
        raise CheckpointFileError(f"{target} is the checkpoint itself; convert into another folder")
    if layout is Layout.LEAD:
        lead_config = checkpoint.lead_config or _json_bytes(write_lead_config(checkpoint.config))
        files = {CONFIG_NAME: lead_config}
    else:
        files = {CONFIG_NAME: _our_json(checkpoint.config)}
        files |= {} if checkpoint.lead_config is None else {LEAD_CONFIG_NAME: checkpoint.lead_config}
    target.mkdir(parents=True, exist_ok=True)
    written = tuple(target / f"{member.stem}{layout.suffix}" for member in checkpoint.members)
    for member, path in zip(checkpoint.members, written, strict=True):
        write_tensors(path, read_tensors(member))
    for name, content in files.items():
        write_bytes(target / name, content)
    return written


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a `.pth` or `.safetensors` file by name, in the order in which the model has them."""
    try:
        if path.suffix == Layout.OURS.suffix:
            with safe_open(path, framework="pt") as file:
                order = (file.metadata() or {}).get(_ORDER)
                keys = json.loads(order) if order else list(file.keys())
                return {key: file.get_tensor(key) for key in keys}
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, SafetensorError) as error:
        raise CheckpointFileError(f"{path} is no file with tensors: {str(error).splitlines()[0]}") from error
    if not isinstance(loaded, Mapping) or not all(isinstance(value, Tensor) for value in loaded.values()):
        raise CheckpointFileError(f"{path} holds other things than tensors by name")
    return dict(loaded)


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write a `.pth` or `.safetensors` file, under a temporary name first."""
    plain = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    with replacing(path) as unfinished:
        if path.suffix == Layout.OURS.suffix:
            # The format sorts its entries; the order of the model's own list goes along.
            own = {key: value.clone() for key, value in plain.items()}
            save_file(own, unfinished, metadata={"format": "pt", _ORDER: json.dumps(list(own))})
        else:
            torch.save(plain, unfinished)


def _locate(source: str | Path, download: bool) -> Path:
    path = find_model(source)
    if path.exists():
        return path
    words = str(source).split("/")
    looks_like_hub = len(words) >= 2 and all(words) and not path.is_absolute() and "." not in words[0]
    if not looks_like_hub:
        raise CheckpointFileError(f"there is no checkpoint {source}")
    if not download:
        raise CheckpointFileError(f"there is no folder {source}; a model of the hub is fetched only when asked to")
    return _fetch("/".join(words[:2])).joinpath(*words[2:])


def _fetch(repository: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError as error:
        raise CheckpointFileError(f"{repository} is fetched by huggingface_hub, which is not installed") from error
    try:
        patterns = [f"*{CONFIG_NAME}", *(f"*{_PREFIX}*{layout.suffix}" for layout in Layout)]
        return Path(snapshot_download(repository, allow_patterns=patterns))
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise CheckpointFileError(f"{repository} could not be fetched: {str(error).splitlines()[0]}") from error


def _our_config(folder: Path, tree: Mapping[str, Any]) -> TFv6Config:
    path = folder / CONFIG_NAME
    if tree["format"] != FORMAT:
        raise CheckpointFileError(f"{path}: unknown format {tree['format']!r}{suggest(str(tree['format']), [FORMAT])}")
    with _naming(path):
        return from_tree(TFv6Config, {key: value for key, value in tree.items() if key != "format"})


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointFileError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(tree, dict):
        raise CheckpointFileError(f"{path} must hold an object")
    return tree


def _our_json(config: TFv6Config) -> bytes:
    return _json_bytes({"format": FORMAT, **to_tree(config)})


def _json_bytes(tree: Mapping[str, Any]) -> bytes:
    return (json.dumps(tree, indent=2) + "\n").encode()


def _by_module(keys: Sequence[str] | set[str]) -> str:
    modules: dict[str, list[str]] = {}
    for key in sorted(keys):
        modules.setdefault(key.split(".")[0], []).append(key)
    parts = []
    for module, names in modules.items():
        shown = ", ".join(names[:_SHOWN_KEYS]) + (", ..." if len(names) > _SHOWN_KEYS else "")
        parts.append(f"{len(names)} of {module} ({shown})")
    return "; ".join(parts)
