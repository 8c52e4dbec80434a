"""Scenes on disk: a few seconds of a drive in one small file (an npz, packed by xz), numbers rounded to thousandths.

What changes from tick to tick is stored by actor, because the rows of one actor look alike; the route is stored once.
"""

import io
import json
import lzma
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lead.expert.facts import ScenarioFact
from lead.expert.scene import Actors, Ego, Route, Scene, SceneError, Signals, Weather

_UNIT = 1e-3
_FORMAT = 2
_RAGGED = ("parked", "walls", "approaches", "crossings")
_LIGHTS, _STOPS = ("light_id", "light_s", "light_position", "light_state"), ("stop_id", "stop_s")

Arrays = dict[str, NDArray]


def save_scenes(scenes: Sequence[Scene], file: Path) -> None:
    """Write scenes of one drive, in their order; the file is there whole or not at all."""
    arrays = _ticks(scenes) | _actors(scenes) | _routes(scenes) | _facts(scenes)
    for name in _RAGGED:
        arrays |= _packed(name, [getattr(scene, name) for scene in scenes])
    for key in (*_LIGHTS, *_STOPS):
        arrays |= _packed(f"signals.{key}", [getattr(scene.signals, key) for scene in scenes])
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, format=np.array(_FORMAT), **arrays)
    partial = file.with_name(file.name + ".part")
    partial.write_bytes(lzma.compress(stream.getvalue()))
    partial.replace(file)


def load_scenes(file: Path) -> list[Scene]:
    """Read what `save_scenes` wrote. SceneError, naming the file, for anything else."""
    try:
        packed = io.BytesIO(lzma.decompress(file.read_bytes()))
        with np.load(packed, allow_pickle=False) as stored:
            if int(stored["format"]) != _FORMAT:
                raise SceneError(f"{file} has format {int(stored['format'])}, not {_FORMAT}")
            arrays = {key: stored[key] for key in stored.files}
        return [_scene(arrays, tick) for tick in range(len(arrays["time_s"]))]
    except SceneError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, OSError, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise SceneError(f"{file} is no log of scenes: {error}") from None


def _coded(values: NDArray) -> NDArray:
    return np.rint(values / _UNIT).astype(np.int32) if values.dtype.kind == "f" else values


def _decoded(values: NDArray) -> NDArray:
    return values * _UNIT if values.dtype == np.int32 else values


def _ticks(scenes: Sequence[Scene]) -> Arrays:
    """What has the same shape in every tick."""
    arrays = {"time_s": np.array([scene.time_s for scene in scenes])}
    arrays["targets"] = _coded(np.array([scene.targets for scene in scenes]))
    arrays["ego.position"] = _coded(np.array([scene.ego.position for scene in scenes]))
    for part, kind in (("ego", Ego), ("weather", Weather)):
        for key in [one.name for one in fields(kind) if one.name != "position"]:
            arrays[f"{part}.{key}"] = _coded(np.array([float(getattr(getattr(scene, part), key)) for scene in scenes]))
    arrays["route.length"] = _coded(np.array([scene.route.length for scene in scenes]))
    return arrays


def _packed(name: str, parts: Sequence[NDArray]) -> Arrays:
    """Arrays of several lengths as one, and the tick of each row."""
    counts = [len(part) for part in parts]
    return {name: _coded(np.concatenate(parts)), f"{name}.tick": np.repeat(np.arange(len(parts)), counts)}


def _actors(scenes: Sequence[Scene]) -> Arrays:
    tick = np.repeat(np.arange(len(scenes)), [len(scene.actors) for scene in scenes])
    ids = np.concatenate([scene.actors.id for scene in scenes])
    order = np.lexsort((tick, ids))
    arrays = {"actors.tick": tick[order]}
    for one in fields(Actors):
        arrays[f"actors.{one.name}"] = _coded(
            np.concatenate([getattr(scene.actors, one.name) for scene in scenes])[order]
        )
    return arrays


def _routes(scenes: Sequence[Scene]) -> Arrays:
    """All rows of the route that some scene has, and which of them each has."""
    s = np.concatenate([scene.route.s for scene in scenes])
    _, rows = np.unique(np.rint(s / _UNIT).astype(np.int64), return_index=True)
    arrays = {
        f"route.{one.name}": _coded(np.concatenate([getattr(scene.route, one.name) for scene in scenes])[rows])
        for one in fields(Route)
        if one.name != "length"
    }
    first = np.searchsorted(s[rows], [scene.route.s[0] for scene in scenes])
    return arrays | {"route.first": first, "route.count": np.array([len(scene.route.s) for scene in scenes])}


def _facts(scenes: Sequence[Scene]) -> Arrays:
    texts = [json.dumps([asdict(fact) | {"values": dict(fact.values)} for fact in scene.facts]) for scene in scenes]
    kinds, index = np.unique(texts, return_inverse=True)
    return {"facts": kinds, "facts.index": index}


def _scene(arrays: Mapping[str, NDArray], tick: int) -> Scene:
    def at(name: str) -> Any:
        return _decoded(arrays[name][arrays[f"{name}.tick"] == tick])

    def parts(part: str, kind: type) -> dict[str, float]:
        keys = [one.name for one in fields(kind) if one.name != "position"]
        return {key: float(_decoded(arrays[f"{part}.{key}"])[tick]) for key in keys}

    mine = arrays["actors.tick"] == tick
    begin = int(arrays["route.first"][tick])
    rows = slice(begin, begin + int(arrays["route.count"][tick]))
    columns = [one.name for one in fields(Route) if one.name != "length"]
    facts = json.loads(str(arrays["facts"][arrays["facts.index"][tick]]))
    return Scene(
        time_s=float(arrays["time_s"][tick]),
        ego=Ego(position=_decoded(arrays["ego.position"])[tick], **parts("ego", Ego)),
        actors=Actors(*(_decoded(arrays[f"actors.{one.name}"][mine]) for one in fields(Actors))),
        route=Route(
            **{key: _decoded(arrays[f"route.{key}"][rows]) for key in columns},
            length=float(_decoded(arrays["route.length"])[tick]),
        ),
        signals=Signals(**{key: at(f"signals.{key}") for key in (*_LIGHTS, *_STOPS)}),
        targets=_decoded(arrays["targets"])[tick],
        weather=Weather(**parts("weather", Weather)),
        facts=tuple(ScenarioFact(**{**fact, "actors": tuple(fact["actors"])}) for fact in facts),
        **{name: at(name) for name in _RAGGED},
    )
