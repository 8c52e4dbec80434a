"""Milliseconds of CPU that a training sample takes: `python benchmarks/data.py ROOT [--samples 400]`.

ROOT holds drives in LEAD's layout. `cold` makes a frame's records (nominal and perturbed view) from its files, `warm`
makes a sample with all labels from records, once with the usual augmentation and once without; `batch` puts 16 of them
together. One process, one thread; process time.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from lead.data import sample as sample_module
from lead.data.buckets import find_collection
from lead.data.config import RecordConfig, SampleConfig
from lead.data.dataset import DriveDataset, EpochSampler
from lead.data.epoch import Draw
from lead.data.index import index_frames
from lead.data.layout import find_drives
from lead.data.record import make_record
from lead.data.store import RecordStore, build

BATCH = 16
PARTS = ("_plan", "_pictures", "_from_above", "augment")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--samples", type=int, default=400)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    config = RecordConfig()
    drives = [drive for drive in find_drives(arguments.root, config) if drive.outcome == "accepted"]
    with tempfile.TemporaryDirectory() as folder:
        store = RecordStore(Path(folder), config)
        frames = [(drive, frame) for drive in drives for frame in drive.frames][:50]
        make_record(frames[0][0].read(frames[0][1]), config)
        show(
            "cold, both views of a frame", [cpu_ms(lambda d=d, f=f: make_record(d.read(f), config)) for d, f in frames]
        )
        build(drives, store.cache, config)
        index = index_frames(store, find_collection("full_posttrain"))
        draws = [Draw(k % len(index), 0, 0, k) for k in range(arguments.samples)]
        dataset = DriveDataset(store, index)
        plain = replace(dataset, config=SampleConfig(augmentation=None))
        for name, one in (("warm", dataset), ("warm, without augmentation", plain)):
            show(name, [cpu_ms(lambda one=one, draw=draw: one[draw]) for draw in [*draws[:5], *draws]][5:])
        show_parts(dataset, draws)
        show(f"batch of {BATCH}, per sample", [ms / BATCH for ms in batches(dataset, index)])


def cpu_ms(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return 1e3 * (time.process_time() - start)


def show(name: str, times: Iterable[float]) -> None:
    values = np.array(list(times))
    print(f"{name:36s} mean {values.mean():6.2f} ms   median {np.median(values):6.2f} ms   n {len(values)}", flush=True)


def show_parts(dataset: DriveDataset, draws: list[Draw]) -> None:
    """The share of each part of a warm sample; `augment` lies within `_pictures`."""
    spent = dict.fromkeys(PARTS, 0.0)
    originals = {name: getattr(sample_module, name) for name in PARTS}

    def timed(name: str) -> Callable[..., object]:
        def call(*arguments, **named):
            start = time.process_time()
            result = originals[name](*arguments, **named)
            spent[name] += time.process_time() - start
            return result

        return call

    for name in PARTS:
        setattr(sample_module, name, timed(name))
    for draw in draws:
        dataset[draw]
    for name in PARTS:
        setattr(sample_module, name, originals[name])
        print(f"  of it {name.strip('_'):30s} mean {1e3 * spent[name] / len(draws):6.2f} ms")


def batches(dataset: DriveDataset, index) -> list[float]:
    from lead.data.batches import collate

    draws = list(EpochSampler(index))[:BATCH]
    samples = [dataset[draw] for draw in draws]
    return [cpu_ms(lambda: collate(samples)) for _ in range(8)]


if __name__ == "__main__":
    main()
