"""How much was recorded, of which scenarios, and how much of it can be trained on."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lead.recording.layout import LayoutError, RouteFolder
from lead.recording.layout.results import is_accepted

_TICK_S = 0.05
_USUAL_TICKS = 5
_GB = 1e9


@dataclass
class Yield:
    """What came of the routes of one scenario type. `accepted`: complete and good enough to be trained on."""

    scenario: str
    routes: int = 0
    complete: int = 0
    accepted: int = 0
    frames: int = 0
    accepted_frames: int = 0
    size_bytes: int = 0
    seconds: float = 0.0

    @property
    def hours(self) -> float:
        """Hours of driving."""
        return self.seconds / 3600.0

    @property
    def gb_per_hour(self) -> float:
        """Size of an hour of driving."""
        return self.size_bytes / _GB / self.hours if self.frames else 0.0

    def add(self, other: "Yield") -> None:
        """Add another's numbers."""
        for name in ("routes", "complete", "accepted", "frames", "accepted_frames", "size_bytes", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def count_route(route: RouteFolder) -> Yield:
    """What one route comes to."""
    names = route.frames() if (route.path / "metas").is_dir() else []
    one = Yield(route.path.parent.name, 1, int(route.is_complete), 0, len(names), 0, folder_size(route.path))
    if names:
        one.seconds = len(names) * _ticks_of(route, names[0]) * _TICK_S
    if route.is_complete and names:
        try:
            one.accepted = int(is_accepted(route.results()))
        except LayoutError:
            one.accepted = 0
    one.accepted_frames = len(names) * one.accepted
    return one


def _ticks_of(route: RouteFolder, name: str) -> int:
    """Ticks from one frame to the next, as a meta says; LEAD's usual ones where it cannot be read or does not say."""
    try:
        return int(route.read("metas", name)["dataset_information"]["data_save_freq"])
    except (LayoutError, KeyError, TypeError):
        return _USUAL_TICKS


def count_routes(routes: Iterable[RouteFolder]) -> list[Yield]:
    """What routes come to, by scenario type in alphabetical order."""
    by_type: dict[str, Yield] = {}
    for route in routes:
        one = count_route(route)
        by_type.setdefault(one.scenario, Yield(one.scenario)).add(one)
    return [by_type[name] for name in sorted(by_type)]


def total(yields: Iterable[Yield]) -> Yield:
    """The sum of all."""
    result = Yield("all")
    for one in yields:
        result.add(one)
    return result


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
