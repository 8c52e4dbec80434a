"""What a training was shown, beside its checkpoint, for whoever writes or reads about the model later."""

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from lead.data.config import TICK_S
from lead.data.index import FrameIndex
from lead.data.store import RecordStore
from lead.files import write_json

FACTS_NAME = "data.json"
_TICKS_A_FRAME = 5
"""Between two frames of LEAD's layout, whose names count them."""
_HOUR_S = 3600.0


@dataclass(frozen=True)
class DataFacts:
    """`hours` that the trained drives took; `frames` of them that belong to the collection; drives by `towns`; drives
    and frames that errors are measured on."""

    hours: float
    drives: int
    frames: int
    towns: dict[str, int]
    held_out_drives: int
    held_out_frames: int

    def write(self, folder: Path) -> None:
        """Leave them in a folder."""
        write_json(folder / FACTS_NAME, asdict(self))


def describe(store: RecordStore, trained: FrameIndex, held_out: FrameIndex | None) -> DataFacts:
    """What the frames to train with, and those to measure on, come from."""
    return DataFacts(
        hours=round(sum(_seconds(store, drive) for drive in trained.drives) / _HOUR_S, 3),
        drives=len(trained.drives),
        frames=len(trained),
        towns=dict(sorted(Counter(drive.rpartition("/")[2].partition("_")[0] for drive in trained.drives).items())),
        held_out_drives=0 if held_out is None else len(held_out.drives),
        held_out_frames=0 if held_out is None else len(held_out),
    )


def _seconds(store: RecordStore, drive: str) -> float:
    frames = store.drive(drive).facts["frames"]
    return (int(frames[-1]) - int(frames[0]) + 1) * _TICKS_A_FRAME * TICK_S
