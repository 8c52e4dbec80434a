"""Getting route files: one file, or a folder of an archive, into a folder that appears when it is complete."""

import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from lead.evaluation.route_sets import RouteSource
from lead.routes import RouteError, read_routes

TIMEOUT_S = 60.0


class DownloadError(Exception):
    """Route files that could not be got; the message is one sentence."""


def download(source: RouteSource, folder: Path) -> None:
    """Put the route files of `source`, an address or a file here, into `folder`; DownloadError when that fails.

    What arrives is read as routes before it takes its place; files that are in the folder already stay.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DownloadError(f"{folder} cannot be made: {error}") from None
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as name:
        arrived = Path(name)
        try:
            with _open(source.url) as stream:
                _unpack(stream, source, arrived)
            read_routes(arrived)
        except (urllib.error.URLError, OSError, EOFError, tarfile.TarError) as error:
            reason = getattr(error, "reason", error)
            raise DownloadError(
                f"{source.url} could not be fetched ({reason}); download it elsewhere and name the file with --source"
            ) from None
        except RouteError as error:
            raise DownloadError(f"{source.url} holds no routes: {error}") from None
        folder.mkdir(exist_ok=True)
        for file in arrived.iterdir():
            file.replace(folder / file.name)


@contextmanager
def _open(url: str) -> Iterator[BinaryIO]:
    if "://" in url:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as stream:
            yield stream
    else:
        with Path(url).open("rb") as stream:
            yield stream


def _unpack(stream: BinaryIO, source: RouteSource, folder: Path) -> None:
    if not source.inside:
        with (folder / PurePosixPath(source.url).name).open("wb") as file:
            shutil.copyfileobj(stream, file)
        return
    with tarfile.open(fileobj=stream, mode="r|gz") as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            content = archive.extractfile(member) if _wanted(path, source) and member.isfile() else None
            if content is not None:
                with (folder / path.name).open("wb") as file:
                    shutil.copyfileobj(content, file)


def _wanted(path: PurePosixPath, source: RouteSource) -> bool:
    return path.suffix == ".xml" and path.parent.name == source.inside
