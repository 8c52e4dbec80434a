"""Playing a recording: before every tick, the recorded actors go where they were."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carlet.episode import SPECTATOR_ID, Episode
from carlet.geometry import compose, wrap_angle
from carlet.recorder.cast import Cast, Choices, Entrance, World, entrances
from carlet.recorder.layout import Packet, RecordingError, poses_of
from carlet.recorder.reading import Frame, Recording
from carlet.town import TownError

log = logging.getLogger(__name__)

TIME_TOLERANCE_S = 1e-6
PLAYED_PACKETS = frozenset(
    {
        Packet.EVENT_ADD,
        Packet.EVENT_DEL,
        Packet.EVENT_PARENT,
        Packet.POSITION,
        Packet.STATE,
        Packet.ANIM_VEHICLE,
        Packet.ANIM_WALKER,
        Packet.VEHICLE_LIGHT,
    }
)


@dataclass(frozen=True)
class ReplayOrder:
    """What to play: from `start_s` (negative: before the end) for `duration_s` (0: all).

    The spectator follows the actor of the recorded id `follow` (0: none) at the pose `offset` (6,) relative to it.
    """

    path: Path
    start_s: float
    duration_s: float
    follow: int
    with_sensors: bool
    offset: NDArray[np.float64]


class Replayer:
    """Plays one recording at a time. After its end the actors stay, standing; autopilots are the clients' affair."""

    def __init__(self, world: World):
        self.choices = Choices()
        self._world = world
        self._waiting: _Waiting | None = None
        self._play: _Play | None = None
        self._former: dict[int, int] = {}

    @property
    def playing(self) -> bool:
        """Whether a recording is being played or waits for its map."""
        return self._play is not None or self._waiting is not None

    def start(self, order: ReplayOrder) -> str:
        """Play a recording instead of what is played now; the answer says what will happen, or why nothing will."""
        self.stop(keep_actors=False)
        try:
            recording = Recording(order.path)
        except RecordingError as error:
            return f"{error}\n"
        count, total, problem = recording.extent()
        if not count:
            recording.close()
            return f"File {order.path} holds no frames{': ' if problem else ''}{problem}\n"
        begin = min(max(order.start_s + (total if order.start_s < 0.0 else 0.0), 0.0), total)
        end = min(begin + order.duration_s, total) if order.duration_s > 0.0 else total
        waiting = _Waiting(order, recording, begin, end, self._world.episode)
        try:
            loading = self._load(waiting)
        except TownError as error:
            recording.close()
            return f"Replaying File: {order.path}\n{error}\n"
        note = f"This is not all: {problem}\n" if problem else ""
        span = f"Replaying from {begin:g} s - {end:g} s ({total:g} s) at {self.choices.time_factor:.1f}x\n"
        return f"Replaying File: {order.path}\n{loading}Total time recorded: {total:g}\n{note}{span}"

    def stop(self, keep_actors: bool) -> None:
        """End the replay. Without `keep_actors` those that it had spawned go."""
        if self._waiting is not None:
            self._waiting.recording.close()
            self._waiting = None
        play, self._play = self._play, None
        if play is None:
            return
        play.end(keep_actors)
        self._former = dict(play.cast.playing)

    def before_tick(self, dt: float) -> None:
        """Put the actors where they are `dt` seconds later, as the time factor has it."""
        if self._waiting is not None and self._waiting.episode is not self._world.episode:
            self._begin_after_load(self._waiting)
        play = self._play
        if play is None:
            return
        if play.episode is not self._world.episode:
            log.info("the replay ends with its world")
            play.recording.close()
            self._play = None
        elif play.over:
            self.stop(keep_actors=True)
        else:
            self._guarded(lambda: play.advance(dt))

    def _load(self, waiting: "_Waiting") -> str:
        """Begin at once in the right world, else ask for it; says which."""
        wanted = waiting.recording.info.map_name
        if _same_map(wanted, waiting.episode.map_name):
            self._begin(waiting)
            return ""
        self._world.request_load(wanted, False)
        self._waiting = waiting
        return f"Loading map {wanted}...\nReplayer will start after map is loaded...\n"

    def _begin_after_load(self, waiting: "_Waiting") -> None:
        self._waiting = None
        if _same_map(waiting.recording.info.map_name, self._world.episode.map_name):
            self._begin(waiting)
        else:
            log.info("another world was loaded: nothing is replayed")
            waiting.recording.close()

    def _begin(self, waiting: "_Waiting") -> None:
        play = _Play(waiting, self._world, self.choices, self._former)
        self._play = play
        self._guarded(play.begin)

    def _guarded(self, action: Callable[[], None]) -> None:
        """A file that makes no sense from some frame on ends the replay there."""
        try:
            action()
        except (RecordingError, OSError) as error:
            log.warning("the replay ends here: %s", error)
            self.stop(keep_actors=True)


@dataclass(frozen=True)
class _Waiting:
    order: ReplayOrder
    recording: Recording
    begin: float
    end: float
    episode: Episode


class _Play:
    """One recording that is being played in one world."""

    def __init__(self, ready: _Waiting, world: World, choices: Choices, former: dict[int, int]):
        self.recording = ready.recording
        self.episode = world.episode
        self.cast = Cast(world, choices, ready.order.with_sensors, former)
        self._order = ready.order
        self._choices = choices
        self._now, self._end = ready.begin, ready.end
        self._frames: Iterator[Frame] = ready.recording.frames(PLAYED_PACKETS)
        self._frame: Frame | None = None
        self._ahead: Frame | None = None

    @property
    def over(self) -> bool:
        """Whether the end has been shown."""
        return self._now >= self._end

    def begin(self) -> None:
        """Show the first moment."""
        self._ahead = next(self._frames, None)
        self.episode.signals.cycle.held = True
        self._show(0.0)

    def advance(self, dt: float) -> None:
        """Show the moment `dt` seconds of the world's time later."""
        self._now = min(self._now + dt * self._choices.time_factor, self._end)
        self._show(dt)

    def end(self, keep_actors: bool) -> None:
        """Let go of the world."""
        self.recording.close()
        self.episode.signals.cycle.held = False
        self.cast.release()
        if not keep_actors:
            self.cast.remove_spawned()

    def _show(self, dt: float) -> None:
        came, went = self._read_on()
        self.cast.leave(went)
        self.cast.enter(came.values())
        if self._frame is None:
            return
        smooth = self._choices.time_factor <= Choices.SMOOTH_UP_TO
        self.cast.place(*_poses(self._frame, self._ahead if smooth else None, self._now), dt)
        self.cast.act(self._frame)
        self.cast.show_lights(self._frame)
        self._follow()

    def _read_on(self) -> tuple[dict[int, Entrance], list[int]]:
        """Take the frames up to now; who came and went in between is in neither list."""
        came: dict[int, Entrance] = {}
        went: list[int] = []
        while self._ahead is not None and self._ahead.elapsed <= self._now + TIME_TOLERANCE_S:
            self._frame = self._ahead
            went += [i for i in self._frame.destroyed if came.pop(i, None) is None]
            came |= entrances(self._frame)
            self._ahead = next(self._frames, None)
        return came, went

    def _follow(self) -> None:
        living, table = self.cast.playing.get(self._order.follow), self.episode.table
        if living is None or living not in table:
            return
        pose = compose(self.episode.pose(table.row(living)), self._order.offset)
        self.episode.place(SPECTATOR_ID, pose)


def _poses(frame: Frame, ahead: Frame | None, now: float) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """Recorded ids (n,) and their poses (n, 6) at a time between two frames."""
    rows = frame.table(Packet.POSITION)
    poses = poses_of(rows["location"], rows["rotation"])
    if ahead is None or ahead.elapsed <= frame.elapsed:
        return rows["id"], poses
    later = ahead.table(Packet.POSITION)
    _, a, b = np.intersect1d(rows["id"], later["id"], return_indices=True)
    change = poses_of(later["location"][b], later["rotation"][b]) - poses[a]
    change[:, 3:] = wrap_angle(change[:, 3:])
    poses[a] += change * min(max((now - frame.elapsed) / (ahead.elapsed - frame.elapsed), 0.0), 1.0)
    return rows["id"], poses


def _same_map(name: str, other: str) -> bool:
    return name.rsplit("/", 1)[-1].removesuffix("_Opt") == other.rsplit("/", 1)[-1].removesuffix("_Opt")
