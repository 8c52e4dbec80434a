"""A log of 123D's while it is written: it has its place when it is whole."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from py123d.api.scene.arrow.arrow_log_writer import ArrowLogWriter
from py123d.api.scene.arrow.utils.log_writer_config import LogWriterConfig
from py123d.datatypes import LogMetadata, MapMetadata
from py123d.parser.base_dataset_parser import ModalitiesSync

from lead.recording.arrow_map import DATASET, Floats
from lead.recording.layout import results, write_file
from lead.recording.layout.route import INCOMPLETE
from lead.recording.writer import RecordingError

SPLIT = f"{DATASET}_train"
_CONFIG = LogWriterConfig(
    force_log_conversion=True,
    camera_store_option="jpeg_binary",
    lidar_store_option="binary",
    lidar_codec="laz",
)


class ArrowLog:
    """The log `name` in `logs/carla_train/` of a folder. Until it is closed it grows in `<name>.incomplete`."""

    def __init__(self, folder: Path, name: str, town: str, town_map: MapMetadata | None):
        """RecordingError when there is one already."""
        logs = folder / "logs"
        self.path = logs / SPLIT / name
        self._growing = self.path.with_name(name + INCOMPLETE)
        if self.path.exists():
            raise RecordingError(f"{self.path} exists already")
        # py123d names a log by its folder, so it gets a folder of that name from the start.
        self._writer = ArrowLogWriter(_CONFIG, self._growing, folder / "sensors")
        self._writer.reset(LogMetadata(DATASET, SPLIT, name, town.lower(), town_map))

    def set_route(self, points: Floats) -> None:
        """Note the route (n, 3), ISO, m."""
        self._writer.set_route(points)

    def write(self, frame: ModalitiesSync) -> None:
        """Add a frame."""
        self._writer.write_sync(frame)

    def close(self, record: Mapping[str, Any]) -> None:
        """Finish the log, write its route's record beside it, and give it its place. RecordingError."""
        try:
            self._writer.close()
            write_file(self.path.with_suffix(".json"), results.encode(record))
            (self._growing / SPLIT / self.path.name).rename(self.path)
            shutil.rmtree(self._growing)
        except OSError as error:
            raise RecordingError(f"{self.path} cannot be finished: {error.strerror}") from error
