"""The store of a run: a file for every attempt at a route, never changed once it is there.

All result files are made from it. A file appears complete or not at all, so that a run may be killed at any moment and
loses what it was driving and no more.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from lead.evaluation.attempt import Attempt, RunIdentity
from lead.files import remove_unfinished, write_bytes

CHECKPOINT_NAME = "checkpoint_endpoint.json"
_LOCK_POLL_S = 0.1


class StoreError(Exception):
    """A run folder that cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class RunStore:
    """The attempts of one run in `folder`/attempts."""

    folder: Path
    identity: RunIdentity

    @property
    def attempts_folder(self) -> Path:
        """Where the files are."""
        return self.folder / "attempts"

    def read(self) -> tuple[Attempt, ...]:
        """All attempts, in the order of route, repetition and number.

        Raises StoreError for a file that is damaged or belongs to another run.
        """
        attempts = [self._read(path) for path in self.attempts_folder.glob("*.json")]
        return tuple(sorted(attempts, key=lambda one: (*one.key, one.number)))

    def add(self, attempt: Attempt) -> None:
        """Keep an attempt.

        Raises StoreError when there is one of that number already, when it is of another run, or on a full disk.
        """
        path = self._path(attempt)
        _refuse_mixing(path, attempt.run, self.identity)
        if path.exists():
            raise StoreError(f"{path} is there already, and a stored attempt is never changed")
        with _one_sentence(path):
            write_bytes(path, msgspec.json.format(msgspec.json.encode(attempt), indent=1) + b"\n")

    def forget(self, key: tuple[str, int]) -> None:
        """Remove the attempts at a route and repetition, as if it had never been driven. StoreError."""
        for attempt in self.read():
            path = self._path(attempt)
            if attempt.key == key:
                with _one_sentence(path):
                    path.unlink()

    @contextmanager
    def locked(self, patience_s: float = 15.0) -> Iterator[None]:
        """Keep other evaluations out of the folder while the context lasts; StoreError when one does not leave it."""
        with _one_sentence(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / ".lock").open("w")
        with lock:
            deadline = time.monotonic() + patience_s
            while not _try_lock(lock.fileno()):
                if time.monotonic() > deadline:
                    raise StoreError(f"another evaluation is at work in {self.folder}")
                time.sleep(_LOCK_POLL_S)
            remove_unfinished(self.folder)
            remove_unfinished(self.attempts_folder)
            yield

    def _path(self, attempt: Attempt) -> Path:
        name = f"{attempt.route}_rep{attempt.repetition}_seed{attempt.run.seed}_attempt{attempt.number}"
        return self.attempts_folder / f"{quote(name, safe='')}.json"

    def _read(self, path: Path) -> Attempt:
        try:
            attempt = msgspec.json.decode(path.read_bytes(), type=Attempt)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreError(f"{path} is no attempt of a run ({error}); move it away") from None
        _refuse_mixing(path, attempt.run, self.identity)
        return attempt


def is_used(folder: Path) -> bool:
    """Whether a folder holds results already, stored by us or by somebody else."""
    return (folder / CHECKPOINT_NAME).exists() or any((folder / "attempts").glob("*.json"))


def open_store(folder: Path, identity: RunIdentity) -> RunStore:
    """The store of a run in a new folder, or in one that has attempts of the same run.

    Raises StoreError, one sentence, when the folder holds results of another run or somebody else's result file.
    """
    store = RunStore(folder, identity)
    found = folder / CHECKPOINT_NAME
    if not store.read() and is_used(folder) and not _is_of_a_run_that_just_began(found):
        raise StoreError(f"{found} was not made from attempts kept beside it; choose another output")
    return store


@contextmanager
def _one_sentence(path: Path) -> Iterator[None]:
    """Turn what the file system says into a StoreError."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}") from error


def _is_of_a_run_that_just_began(checkpoint: Path) -> bool:
    """Whether a result file is ours and has no records yet: its run was ended before it had driven anything."""
    try:
        data = msgspec.json.decode(checkpoint.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return False
    return "lead" in data and data.get("_checkpoint", {}).get("records") == []


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _refuse_mixing(path: Path, found: RunIdentity, wanted: RunIdentity) -> None:
    different = [name for name, value in asdict(wanted).items() if getattr(found, name) != value]
    if different:
        raise StoreError(f"{path} belongs to a run that differs in {' and '.join(different)}; choose another output")
