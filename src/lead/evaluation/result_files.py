"""Results as files have them: a run folder, an official result file of any leaderboard, or a folder of such files."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lead.evaluation.checkpoint import global_record
from lead.evaluation.infractions import Infraction
from lead.evaluation.junctions import junction_shares
from lead.evaluation.metric_info import FOLDER as METRIC_INFO_FOLDER
from lead.evaluation.metric_info import driven_route
from lead.evaluation.metrics import DrivenRoute, plain_id
from lead.evaluation.metrics.abilities import TRAFFIC_SIGNS, TYPES
from lead.evaluation.protocol import Protocol, find_protocol, one_protocol
from lead.evaluation.records import RouteKey, RouteRecord, RouteStatus
from lead.evaluation.store import CHECKPOINT_NAME
from lead.routes import read_routes

#: What files of one run have in common; seeds and route files may differ.
_SAME_IN_A_RUN = ("agent", "config")


class ResultError(Exception):
    """Something that is no result; the message is one sentence."""


@dataclass(frozen=True)
class ResultFile:
    """One official result file: its records, and what `lead` says there of the run, such as protocol and agent."""

    path: Path
    records: tuple[RouteRecord, ...]
    identity: Mapping[str, Any] = field(default_factory=dict)

    @property
    def metric_info(self) -> Path:
        """Where the motion files of its drives are, if they are beside it."""
        return self.path.parent / METRIC_INFO_FOLDER


@dataclass(frozen=True)
class Run:
    """The results of an evaluation under one protocol. A route that was driven several times is there as often.

    `spoiled`: the drives that the simulator failed; they say nothing of the agent and are not among `routes`.
    """

    name: str
    protocol: Protocol
    routes: tuple[DrivenRoute, ...]
    spoiled: tuple[RouteRecord, ...] = ()

    @property
    def records(self) -> tuple[RouteRecord, ...]:
        """The bare records."""
        return tuple(route.record for route in self.routes)


def read_run(
    path: Path, protocol: str | None = None, metric_info: Path | None = None, routes: Path | None = None
) -> Run:
    """The results at `path`: of `lead`, or of anybody's leaderboard under the protocol that is named.

    `metric_info`: the folder with Bench2Drive's motion files, by default the one in the run's own folder. `routes`: the
    route files, with which to find what the run does not tell of its junctions.
    Raises ResultError, ProtocolError, MetricInfoError or RouteError, one sentence each.
    """
    files = read_files(path)
    rules = _protocol_of(files, protocol)
    found = join(files)
    if not found:
        raise ResultError(f"{path} holds no record of a route")
    spoiled = tuple(record for record, _ in found if record.status is RouteStatus.SIMULATION_CRASHED)
    driven = tuple(
        driven_route(record, metric_info or file.metric_info) for record, file in found if record not in spoiled
    )
    return Run(str(path), rules, driven if routes is None else _with_junctions(driven, routes), spoiled)


def _with_junctions(driven: Sequence[DrivenRoute], routes: Path) -> tuple[DrivenRoute, ...]:
    unknown = {route.id for route in driven if route.junction_share is None}
    wanted = [route for route in read_routes(routes) if route.id in unknown]
    shares = junction_shares(wanted, TYPES[TRAFFIC_SIGNS])
    return tuple(replace(one, junction_share=shares.get(one.id, one.junction_share)) for one in driven)


def read_files(path: Path) -> tuple[ResultFile, ...]:
    """The result file `path`, or that of a run's folder, or all that lie in a folder and its subfolders."""
    if not path.exists():
        raise ResultError(f"there is no result file or folder {path}")
    if path.is_file():
        return (read_file(path),)
    if (path / CHECKPOINT_NAME).exists():
        return (read_file(path / CHECKPOINT_NAME),)
    contents = [(file, _load(file)) for file in sorted(path.rglob("*.json"))]
    files = tuple(_parse(file, data) for file, data in contents if isinstance(data, dict) and "_checkpoint" in data)
    if not files:
        raise ResultError(f"{path} holds no result file of the leaderboard's schema")
    return files


def read_file(path: Path) -> ResultFile:
    """One file in the leaderboard's schema; ResultError for any other."""
    data = _load(path)
    if not isinstance(data, dict) or "_checkpoint" not in data:
        raise ResultError(f"{path} is no result file of the leaderboard's schema: it has no _checkpoint")
    return _parse(path, data)


def join(files: Sequence[ResultFile]) -> tuple[tuple[RouteRecord, ResultFile], ...]:
    """The records of all files, each with its file. A record that several files have alike is taken once.

    Different records of a route are repetitions of it; within one file that is an error, and so are files of different
    agents or settings.
    """
    _refuse_mixing(files)
    joined: dict[tuple[str, str], tuple[RouteRecord, ResultFile]] = {}
    for file in files:
        (route_id, count), *_ = [*Counter(record.route_id for record in file.records).most_common(1), ("", 0)]
        if count > 1:
            raise ResultError(f"{file.path} has two records of {route_id}")
        for record in file.records:
            joined.setdefault((record.route_id, json.dumps(_unnumbered(record))), (record, file))
    return tuple(joined.values())


def merge(files: Sequence[ResultFile], protocol: str | None = None) -> dict[str, Any]:
    """One file in the leaderboard's schema for all records; those of one route become its repetitions.

    Raises ResultError or ProtocolError when they do not belong together.
    """
    rules = _protocol_of(files, protocol)
    seen: Counter[str] = Counter()
    numbered: list[RouteRecord] = []
    for index, record in enumerate(sorted((record for record, _ in join(files)), key=_natural_key)):
        route_id = plain_id(record.route_id)
        key = RouteKey(index, route_id, seen[route_id])
        numbered.append(replace(record, index=index, route_id=key.route_id))
        seen[route_id] += 1
    expected = rules.routes.count if rules.routes else len(seen)
    return {
        "_checkpoint": {
            "global_record": global_record(numbered),
            "progress": [len(numbered), expected * max(seen.values(), default=1)],
            "records": [record.to_json() for record in numbered],
        },
        "lead": {"identity": {"protocol": rules.name}},
    }


def _refuse_mixing(files: Sequence[ResultFile]) -> None:
    for name in _SAME_IN_A_RUN:
        places = {file.identity[name]: file.path for file in files if name in file.identity}
        if len(places) > 1:
            first, second, *_ = places.values()
            raise ResultError(f"{first} and {second} are of runs that differ in {name}, and make no run together")


def _natural_key(record: RouteRecord) -> tuple[int, str]:
    return len(plain_id(record.route_id)), record.route_id


def _unnumbered(record: RouteRecord) -> dict[str, Any]:
    """The record without its place in a file."""
    return {key: value for key, value in record.to_json().items() if key != "index"}


def _protocol_of(files: Sequence[ResultFile], named: str | None) -> Protocol:
    names = {str(file.path): file.identity.get("protocol", named) for file in files}
    silent = [place for place, name in names.items() if name is None]
    if silent:
        raise ResultError(f"{silent[0]} does not say its protocol: name it with --protocol")
    given = {"--protocol": find_protocol(named).name} if named else {}
    return one_protocol({place: name for place, name in names.items() if name is not None} | given)


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultError(f"{path} cannot be read as JSON ({error})") from None


def _parse(path: Path, data: Mapping[str, Any]) -> ResultFile:
    try:
        records = tuple(RouteRecord.from_json(_with_all_kinds(record)) for record in data["_checkpoint"]["records"])
        identity = dict(data["lead"]["identity"]) if "lead" in data else {}
    except (KeyError, TypeError, ValueError) as error:
        raise ResultError(f"{path} is no result file ({type(error).__name__}: {error})") from None
    return ResultFile(path, records, identity)


def _with_all_kinds(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record in which the kinds of infraction that older leaderboards do not know are there and empty."""
    return {**record, "infractions": {kind.value: [] for kind in Infraction} | dict(record["infractions"])}
