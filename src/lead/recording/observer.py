"""What recorders of drives have in common: one recording at a time, begun, fed and ended by an evaluation."""

from abc import ABC, abstractmethod
from typing import Protocol

from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.records import RouteRecord, RouteStatus


class Recording(Protocol):
    """The recording of one drive."""

    def tick(self, context: RouteContext, seen: Observation) -> None:
        """Take in a tick."""
        ...

    def close(self, record: RouteRecord) -> None:
        """Write what is left and give the recording its name."""
        ...

    def abandon(self) -> None:
        """End it as it is, marked incomplete."""
        ...


class DriveRecorder(ABC):
    """Records every route that it observes. Use as a context, so that an interrupted recording ends in order."""

    def __init__(self) -> None:
        self._drive: Recording | None = None

    @abstractmethod
    def begin(self, context: RouteContext) -> Recording:
        """A recording of the drive that begins. RecordingError when that is not possible."""

    def __enter__(self) -> "DriveRecorder":
        return self

    def __exit__(self, *_: object) -> None:
        if self._drive is not None:
            self._drive.abandon()
            self._drive = None

    def on_route_start(self, context: RouteContext) -> None:
        """Begin a recording."""
        self._drive = None
        self._drive = self.begin(context)

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        """Take in a tick."""
        if self._drive is not None:
            self._drive.tick(context, seen)

    def on_route_end(self, record: RouteRecord) -> None:
        """Finish the recording, unless the simulator failed."""
        if self._drive is not None:
            drive, self._drive = self._drive, None
            if record.status is RouteStatus.SIMULATION_CRASHED:
                drive.abandon()
            else:
                drive.close(record)
