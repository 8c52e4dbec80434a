"""Brings the scenarios of a route on stage: near their trigger they are set up, at it they begin, and in the end they
clean up.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lead.expert.facts import ScenarioFact
from lead.routes import ScenarioConfig, Trace
from lead.routes.xml import Trigger
from lead.scenarios.cast import PlacingError
from lead.scenarios.lanes import LaneError
from lead.scenarios.registry import ScenarioType
from lead.scenarios.scene import Fault, Scene
from lead.scenarios.script import Running
from lead.scenarios.tick import Tick

logger = logging.getLogger(__name__)

SET_UP_M, TRIGGER_M = 500.0, 2.0
#: Points of the route from the ego on, of which the nearest is where the ego is.
_WINDOW = 5
#: A trigger belongs to a route that passes it this closely (m, rad).
_OFF_ROUTE_M, _OFF_YAW = 2.0, np.radians(10.0)


@dataclass(frozen=True)
class Planned:
    """A scenario that is to be played: its place in the route file, its type and its parsed parameters."""

    config: ScenarioConfig
    kind: ScenarioType
    parameters: Any


@dataclass
class Playbill:
    """What became of the scenarios of a route, by name; `dropped` with the reason.

    `notes`: what stood in for things that the simulator does not have.
    """

    played: list[str] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)


class Director:
    """Plays the scenarios of one drive. `make_scene(config, tick)` gives each its scene."""

    def __init__(
        self, plan: Iterable[Planned], trace: Trace, make_scene: Callable[[ScenarioConfig, Tick], Scene]
    ) -> None:
        self._trace = trace
        self._make_scene = make_scene
        self._waiting: list[Planned] = []
        self._playing: list[tuple[Scene, Running]] = []
        self.bill = Playbill()
        self.last_faults: list[Fault] = []
        for planned in plan:
            if passes_trigger(planned.config.trigger, trace):
                self._waiting.append(planned)
            else:
                self.bill.dropped[planned.config.name] = "the route does not pass its trigger point"

    def step(self, tick: Tick) -> list[Fault]:
        """Let a tick pass; what scenarios hold against the ego in it."""
        place = self._place(tick)
        faults: list[Fault] = []
        for scene, script in tuple(self._playing):
            scene.tick = tick
            if not scene.is_triggered and np.linalg.norm(scene.config.trigger[:3] - place) < TRIGGER_M:
                scene.is_triggered = True
                self.bill.played.append(scene.config.name)
            if self._play(scene, script):
                self._playing.remove((scene, script))
            faults += scene.faults
            scene.faults.clear()
        self.set_up(tick)
        return faults

    def set_up(self, tick: Tick) -> None:
        """Put those on stage whose trigger is near; they may begin in the next tick, when the client knows them."""
        here = np.array(tick.location)
        near = [one for one in self._waiting if np.linalg.norm(one.config.trigger[:3] - here) < SET_UP_M]
        for planned in near:
            self._waiting.remove(planned)
            scene = self._make_scene(planned.config, tick)
            script = Running(planned.kind.script(scene, planned.parameters))
            if not self._play(scene, script):
                self._playing.append((scene, script))

    def facts(self) -> list[ScenarioFact]:
        """What is on stage now."""
        return [scene.fact for scene, _ in self._playing]

    @property
    def is_busy(self) -> bool:
        """Whether a scenario is going on or still to come."""
        return bool(self._playing or self._waiting)

    def close(self) -> None:
        """Give up what is still going on, the latest first; what that holds against the ego is in `last_faults`."""
        while self._playing:
            scene, script = self._playing.pop()
            script.close()
            self.last_faults += scene.faults
            if not scene.is_triggered:
                self.bill.dropped[scene.config.name] = "the ego did not come to its trigger point"
        for planned in self._waiting:
            self.bill.dropped[planned.config.name] = "the ego did not come near its trigger point"
        self._waiting.clear()

    def _play(self, scene: Scene, script: Running) -> bool:
        """Whether the scenario is over; one that cannot go on is, and says why."""
        try:
            return script()
        except (LaneError, PlacingError) as error:
            script.close()
            name = scene.config.name
            self.bill.dropped[name] = str(error)
            logger.warning("scenario %s (%s) is dropped: %s", name, scene.config.type, error)
            return True
        finally:
            if scene.notes:
                self.bill.notes[scene.config.name] = scene.notes

    def _place(self, tick: Tick) -> Any:
        """The point (3,) of the route where the ego is."""
        ahead = self._trace.location[tick.route_index : tick.route_index + _WINDOW]
        return ahead[np.linalg.norm(ahead - tick.location, axis=1).argmin()]


def passes_trigger(trigger: Trigger, trace: Trace) -> bool:
    """Whether a route passes a trigger point (x, y, z in m and yaw in deg) closely and in its direction."""
    x, y, z, yaw_deg = trigger
    near = np.hypot(trace.location[:, 0] - x, trace.location[:, 1] - y) < _OFF_ROUTE_M
    near &= np.abs(trace.location[:, 2] - z) < _OFF_ROUTE_M
    turn = (trace.yaw - np.radians(yaw_deg) + np.pi) % (2.0 * np.pi) - np.pi
    return bool((near & (np.abs(turn) < _OFF_YAW)).any())
