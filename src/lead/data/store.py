"""Records of a data set on disk: one file a drive, built in parallel, built anew when what they are made of changes.

A folder holds records of one configuration, under the digest of it: `CACHE/DIGEST/DRIVE.records`.
"""

import hashlib
import json
import logging
import multiprocessing
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lead.data import record, records_file
from lead.data.config import RecordConfig, switches
from lead.data.errors import DataError
from lead.data.mining import waits
from lead.data.records_file import RecordsFile
from lead.data.source import Drive
from lead.sensors.clouds import Area

log = logging.getLogger(__name__)

_MOST_OPEN = 256
CONFIG_NAME = "config.json"


@dataclass(frozen=True)
class BuildReport:
    """Names of the drives whose records were `built` or `kept`; what could not be built, as sentences, in `failed`;
    drives without a proper end in `skipped`."""

    built: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def config_digest(config: RecordConfig) -> str:
    """What names the records of a configuration; also depends on the version of the code that makes them."""
    text = json.dumps({"version": record.VERSION, **switches(config)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def records_path(cache: Path, config: RecordConfig, name: str) -> Path:
    """Where the records of a drive are."""
    return cache / config_digest(config) / f"{name}{records_file.SUFFIX}"


def inputs_digest(drive: Drive) -> str:
    """What changes when a file of a drive is changed, added or taken away: names, sizes and times of all of them."""
    digest = hashlib.sha256()
    for path in sorted(drive.inputs):
        status = _status(path)
        digest.update(f"{path.parent.name}/{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def build(drives: Iterable[Drive], cache: Path, config: RecordConfig, workers: int = 1) -> BuildReport:
    """Make the records of all drives that have none, or whose files changed since. One that fails stops no other."""
    found: dict[str, list[str]] = {"built": [], "kept": [], "skipped": [], "failed": []}
    _write_config(cache, config)
    for outcome, text in _run(list(drives), cache, config, workers):
        found[outcome].append(text)
        log.info("%s: %s", outcome, text)
    return BuildReport(**{outcome: tuple(sorted(texts)) for outcome, texts in found.items()})


def build_drive(drive: Drive, cache: Path, config: RecordConfig) -> tuple[str, str]:
    """Make a drive's records if need be: `built`, `kept` or `skipped` and its name, or `failed` and why."""
    try:
        outcome = drive.outcome
        if outcome == "unusable":
            return "skipped", drive.name
        path, digest = records_path(cache, config, drive.name), inputs_digest(drive)
        if _is_current(path, digest):
            return "kept", drive.name
        facts = {"drive": drive.name, "outcome": outcome, "inputs": digest, "config": config_digest(config)}
        rows = dict(_make(drive, config))
        records_file.write(path, facts | {"frames": list(rows)}, list(rows.values()))
    except (ValueError, OSError) as error:
        return "failed", str(error)
    return "built", drive.name


@dataclass
class RecordStore:
    """Records of a configuration, opened when asked for; the least used are closed again."""

    cache: Path
    config: RecordConfig
    _open: "OrderedDict[str, RecordsFile]" = field(default_factory=OrderedDict, repr=False)

    def drive(self, name: str) -> RecordsFile:
        """The records of a drive. DataError, naming the file, when they are not there, damaged or of another make."""
        if name in self._open:
            self._open.move_to_end(name)
            return self._open[name]
        path = records_path(self.cache, self.config, name)
        if not path.is_file():
            raise DataError(f"{path}: there are no records of this drive; build them first")
        opened = records_file.read(path)
        if opened.facts.get("config") != config_digest(self.config):
            raise DataError(f"{path}: these records were made with other settings")
        self._open[name] = opened
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)
        return opened

    def names(self) -> list[str]:
        """All drives that have records, in order. DataError when there is none."""
        folder = self.cache / config_digest(self.config)
        suffix = records_file.SUFFIX
        found = sorted(path.relative_to(folder).as_posix()[: -len(suffix)] for path in folder.glob(f"**/*{suffix}"))
        if not found:
            raise DataError(f"{folder}: there are no records of these settings; build them first")
        return found

    def __getstate__(self) -> dict[str, Any]:
        # Workers of a loader open files of their own.
        return {"cache": self.cache, "config": self.config, "_open": OrderedDict()}


def open_store(cache: Path) -> RecordStore:
    """The records in a folder, with the settings that they were made with.

    DataError when there are none, those of several settings, or those of another version of the code.
    """
    found = sorted(path for path in cache.glob(f"*/{CONFIG_NAME}")) if cache.is_dir() else []
    if len(found) != 1:
        what = "there are no records" if not found else f"there are records of {len(found)} settings"
        raise DataError(f"{cache}: {what} in this folder")
    try:
        tree = json.loads(found[0].read_text(encoding="utf-8"))
        area = Area(*tree.pop("area"))
        tree.pop("version")
        config = RecordConfig(**tree, area=area)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{found[0]}: these are no settings of records: {error}") from None
    if config_digest(config) != found[0].parent.name:
        raise DataError(f"{found[0].parent}: these records were made by another version; make them again")
    return RecordStore(cache, config)


def _run(drives: Sequence[Drive], cache: Path, config: RecordConfig, workers: int) -> Iterable[tuple[str, str]]:
    if workers <= 1 or len(drives) <= 1:
        yield from (build_drive(drive, cache, config) for drive in drives)
        return
    # Forked children could inherit locks that threads of this process hold.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(drives)), mp_context=context) as pool:
        tasks = [pool.submit(build_drive, drive, cache, config) for drive in drives]
        yield from (task.result() for task in as_completed(tasks))


def _make(drive: Drive, config: RecordConfig) -> Iterable[tuple[str, record.Record]]:
    """Names and records of a drive's frames."""
    for place, frame in enumerate(drive.frames):
        read = drive.read(frame)
        try:
            if place % config.waiting_stride and waits(read.meta):
                continue
            made = record.make_record(read, config)
        except KeyError as error:
            raise DataError(f"{drive.name}, frame {frame}: its meta has no {error}") from None
        except (ValueError, TypeError, IndexError) as error:
            raise DataError(f"{drive.name}, frame {frame}: {error}") from None
        yield frame, made


def _is_current(path: Path, digest: str) -> bool:
    try:
        return records_file.read(path).facts.get("inputs") == digest
    except DataError:
        return False


def _write_config(cache: Path, config: RecordConfig) -> None:
    folder = cache / config_digest(config)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"version": record.VERSION, **switches(config)}, indent=2)
    records_file.write_file(folder / CONFIG_NAME, text.encode())


def _status(path: Path):
    try:
        return path.stat()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
