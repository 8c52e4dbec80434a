"""How traffic lights change: one controller of a junction at a time is green, then yellow, then red for all."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

GREEN_S, YELLOW_S, RED_S = 10.0, 3.0, 2.0
LONE_RED_S = 10.0


class LightState(IntEnum):
    """A light's state on the wire."""

    RED = 0
    YELLOW = 1
    GREEN = 2
    OFF = 3
    UNKNOWN = 4


#: The stages of a controller's turn, in order.
STAGES = (LightState.GREEN, LightState.YELLOW, LightState.RED)
#: The stage that a light is in by its state; what is no stage counts as the last.
STAGE_OF_STATE = np.array([STAGES.index(s) if s in STAGES else len(STAGES) - 1 for s in LightState])


class LightCycle:
    """The clockwork of all lights of a town.

    `group` (n,) and `order` (n,): each light's junction and its controller's rank there. Lights of one group and rank
    share a controller. `state` (n,) is what each light shows; `times` (controllers, 3) seconds of green, yellow, red.
    While it is `held` time does not pass for any light, without the groups being frozen.
    """

    def __init__(self, group: NDArray[np.int64], order: NDArray[np.int64]):
        keys = np.stack([np.asarray(group, np.int64), np.asarray(order, np.int64)], axis=1).reshape(-1, 2)
        controllers, self.controller = np.unique(keys, axis=0, return_inverse=True)
        self.controller = self.controller.reshape(-1)
        _, self._first, self.group_of_controller, size = _groups(controllers[:, 0])
        self._size = size
        self.group = self.group_of_controller[self.controller]
        self.times = np.tile([GREEN_S, YELLOW_S, RED_S], (len(controllers), 1))
        lone = self._lone_groups()
        self.times[np.isin(self.group_of_controller, lone), 2] = LONE_RED_S
        self.held = False
        self.frozen = np.zeros(len(size), dtype=bool)
        self.state = np.zeros(len(keys), dtype=np.uint8)
        self._current = self._first.copy()
        self._stage = np.zeros(len(size), dtype=np.int64)
        self._elapsed = np.zeros(len(size))
        self.reset()

    @property
    def elapsed(self) -> NDArray[np.float64]:
        """Seconds of the present stage, per light; 0 for lights that wait for their turn."""
        return np.where(self._current[self.group] == self.controller, self._elapsed[self.group], 0.0)

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        if self.held:
            return
        self._elapsed[~self.frozen] += dt
        for group in np.flatnonzero(self._elapsed > self.times[self._current, self._stage]).tolist():
            self._advance(group)

    def reset(self, light: int | None = None) -> None:
        """Start over with the first controller green: one light's whole group, or all."""
        groups = np.arange(len(self._size)) if light is None else self.group[light : light + 1]
        self._current[groups] = self._first[groups]
        self._stage[groups] = 0
        self._elapsed[groups] = 0.0
        for group in groups.tolist():
            self._show(group)

    def show(
        self,
        lights: NDArray[np.intp],
        state: NDArray[np.uint8],
        elapsed: NDArray[np.float32],
        frozen: NDArray[np.bool_],
    ) -> None:
        """Set lights (k,) to what they are to show, and their groups so that they would go on from there."""
        self.state[lights] = state
        self.frozen[self.group[lights]] = frozen
        self._elapsed[self.group[lights]] = 0.0
        turn = elapsed > 0.0
        current = lights[turn]
        groups = self.group[current]
        self._current[groups] = self.controller[current]
        self._elapsed[groups] = elapsed[turn]
        self._stage[groups] = STAGE_OF_STATE[state[turn]]

    def freeze(self, frozen: bool, light: int | None = None) -> None:
        """Stop or resume the time of one light's group, or of all."""
        self.frozen[slice(None) if light is None else self.group[light]] = frozen

    def group_members(self, light: int) -> NDArray[np.intp]:
        """All lights of the junction that a light belongs to."""
        return np.flatnonzero(self.group == self.group[light])

    def set_time(self, light: int, stage: LightState, seconds: float) -> None:
        """Change a stage's length for the controller of a light."""
        self.times[self.controller[light], STAGES.index(stage)] = seconds

    def _lone_groups(self) -> NDArray[np.intp]:
        lights = np.bincount(self.group, minlength=len(self._size))
        return np.flatnonzero((self._size == 1) & (lights == 1))

    def _advance(self, group: int) -> None:
        self._elapsed[group] = 0.0
        self._stage[group] += 1
        if self._stage[group] == len(STAGES):
            self._stage[group] = 0
            rank = self._current[group] - self._first[group] + 1
            self._current[group] = self._first[group] + rank % self._size[group]
        self._show(group)

    def _show(self, group: int) -> None:
        members = self.group == group
        self.state[members] = LightState.RED
        self.state[members & (self.controller == self._current[group])] = STAGES[self._stage[group]]


def _groups(junction_of_controller: NDArray[np.int64]) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Junction ids, first controller of each, group index of every controller, controllers of each group."""
    return np.unique(junction_of_controller, return_index=True, return_inverse=True, return_counts=True)
