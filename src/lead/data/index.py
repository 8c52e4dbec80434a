"""The frames of a collection, as flat arrays that cost worker processes nothing."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lead.data.buckets import Collection, bucket_of
from lead.data.epoch import Indices, keep_length, plan_epoch
from lead.data.errors import DataError
from lead.data.record import NOMINAL, plain_meta
from lead.data.records_file import RecordsFile
from lead.data.store import RecordStore


@dataclass(frozen=True)
class FrameIndex:
    """Frames by number: the `drive` (n,) of each, a place in `drives`, its `row` (n,) in that drive's records, and its
    `bucket` (n,), a place in `buckets` (their names) and `ratios` (how often each comes in an epoch). `dropped`: frames
    without all waypoints, because the recording ended."""

    buckets: tuple[str, ...]
    ratios: tuple[float, ...]
    drives: tuple[str, ...]
    drive: NDArray[np.int32]
    row: NDArray[np.int32]
    bucket: NDArray[np.int16]
    dropped: int = 0

    def __len__(self) -> int:
        return len(self.row)

    def plan(self, seed: int, epoch: int) -> Indices:
        """Numbers of an epoch's frames in their order."""
        return plan_epoch(self.bucket, self.ratios, seed, epoch)


def index_frames(
    store: RecordStore,
    collection: Collection,
    drives: Iterable[str] | None = None,
    keep: Callable[[str], bool] = lambda drive: True,
) -> FrameIndex:
    """The collection's frames in all drives of a store, or the given ones, that `keep` holds for.

    DataError when no frame is left.
    """
    wanted = [name for name in (store.names() if drives is None else drives) if keep(name)]
    used, rows, dropped = [], [], 0
    for name in wanted:
        records = store.drive(name)
        if records.facts["outcome"] != collection.outcome:
            continue
        found, short = _rows(records, collection, store.config.frame_stride)
        used.append(name)
        rows.append(found)
        dropped += short
    table = np.concatenate([np.zeros((0, 2), np.int64), *rows])
    if len(table) == 0:
        raise DataError(f"{store.cache}: no frame of {len(wanted)} drives belongs to the collection {collection.name}")
    drive = np.repeat(np.arange(len(used)), [len(one) for one in rows])
    names, ratios = (tuple(getattr(bucket, key) for bucket in collection.buckets) for key in ("name", "ratio"))
    bucket = table[:, 1].astype(np.int16)
    scaled = tuple(keep_length(bucket, ratios)) if collection.keeps_length else ratios
    place, row = drive.astype(np.int32), table[:, 0].astype(np.int32)
    return FrameIndex(names, scaled, tuple(used), place, row, bucket, dropped)


def thin(index: FrameIndex, most: int) -> FrameIndex:
    """At most so many of the frames, evenly spread."""
    if len(index) <= most:
        return index
    chosen = np.linspace(0, len(index) - 1, most).round().astype(np.int64)
    return replace(index, drive=index.drive[chosen], row=index.row[chosen], bucket=index.bucket[chosen])


def settle(index: FrameIndex, seed: int) -> FrameIndex:
    """The frames that the first epoch takes: of buckets that come but in part, the same part in every epoch."""
    chosen = np.unique(index.plan(seed, 0))
    drive, row, bucket = index.drive[chosen], index.row[chosen], index.bucket[chosen]
    return replace(index, ratios=tuple(max(one, 1.0) for one in index.ratios), drive=drive, row=row, bucket=bucket)


def _rows(records: RecordsFile, collection: Collection, stride: int) -> tuple[NDArray[np.int64], int]:
    """Rows and buckets (n, 2) of a drive's frames, and how many lack waypoints."""
    count = len(records.facts["frames"])
    found, dropped = [], 0
    first, last = (math.ceil(skipped / stride) for skipped in (collection.skip_first, collection.skip_last))
    for row in range(first, count - last):
        if collection.planning and records.row(f"{NOMINAL}/known", row) < records.row(f"{NOMINAL}/yaws", row).size:
            dropped += 1
            continue
        number = bucket_of(str(records.facts["drive"]), plain_meta(records, row), collection.buckets)
        if number is not None:
            found.append((row, number))
    return np.array(found, np.int64).reshape(-1, 2), dropped
