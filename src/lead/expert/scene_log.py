"""Scenes on disk: one small npz file each, arrays as they are and the rest as JSON."""

import json
import zipfile
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from lead.expert.facts import ScenarioFact
from lead.expert.scene import Actors, Ego, Route, Scene, SceneError, Signals, Weather

_PARTS = {"ego": Ego, "actors": Actors, "route": Route, "signals": Signals, "weather": Weather}
_PLAIN = "plain"


def save_scene(scene: Scene, file: Path) -> None:
    """Write a scene; the file is there whole or not at all."""
    arrays: dict[str, Any] = {"targets": scene.targets, "parked": scene.parked}
    plain: dict[str, Any] = {"time_s": scene.time_s, "facts": [_fact_row(fact) for fact in scene.facts]}
    for name in _PARTS:
        part = getattr(scene, name)
        for key, value in vars(part).items():
            if isinstance(value, np.ndarray):
                arrays[f"{name}.{key}"] = value
            else:
                plain[f"{name}.{key}"] = float(value)
    arrays[_PLAIN] = np.array(json.dumps(plain))
    partial = file.with_name(file.name + ".part")
    with partial.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)
    partial.replace(file)


def load_scene(file: Path) -> Scene:
    """Read what `save_scene` wrote. SceneError, naming the file, for anything else."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            plain = json.loads(str(stored[_PLAIN]))
            parts = {name: _part(kind, name, stored, plain) for name, kind in _PARTS.items()}
            facts = tuple(ScenarioFact(**{**row, "actors": tuple(row["actors"])}) for row in plain["facts"])
            rest = {"time_s": plain["time_s"], "targets": stored["targets"], "parked": stored["parked"]}
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise SceneError(f"{file} is no scene: {error}") from None
    return Scene(**parts, **rest, facts=facts)


def _part(kind: type, name: str, stored: Any, plain: dict[str, Any]) -> Any:
    keys = [f"{name}.{one.name}" for one in fields(kind)]
    values = [stored[key] if key in stored else plain[key] for key in keys]
    return kind(*values)


def _fact_row(fact: ScenarioFact) -> dict[str, Any]:
    return asdict(fact) | {"values": dict(fact.values)}
