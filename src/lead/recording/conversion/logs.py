"""The logs of 123D's in a folder."""

from pathlib import Path

from py123d.api import SceneAPI
from py123d.api.scene.arrow.arrow_scene_builder import ArrowSceneBuilder
from py123d.api.scene.scene_filter import SceneFilter
from py123d.common.execution.sequential_executor import SequentialExecutor

from lead.recording.layout.route import INCOMPLETE


def find_logs(folder: Path) -> list[Path]:
    """The folders of all logs that are whole, in `logs/<split>/` of a folder, in order."""
    found = [path for path in (folder / "logs").glob("*/*") if (path / "sync.arrow").is_file()]
    return sorted(path for path in found if not path.name.endswith(INCOMPLETE))


def open_log(log: Path, maps: Path) -> SceneAPI:
    """A log as one scene."""
    builder = ArrowSceneBuilder(log.parent.parent, maps)
    chosen = SceneFilter(split_names=[log.parent.name], log_names=[log.name])
    (scene,) = builder.get_scenes(chosen, SequentialExecutor())
    return scene


def record_of(log: Path) -> Path | None:
    """The record of a log's route: beside it, or in the split's folder without the data set's name, as LEAD has it."""
    split = log.parent.name.rsplit("_", 1)[-1]
    places = (log.with_suffix(".json"), log.parent.parent / split / f"{log.name}.json")
    return next((place for place in places if place.is_file()), None)
