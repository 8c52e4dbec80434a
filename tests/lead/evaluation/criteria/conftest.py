"""Hand-made ticks for the criteria."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lead.evaluation.criteria import Criterion
from lead.evaluation.infractions import Event
from lead.evaluation.observation import Ego, LanePoint, Observation, Progress, RouteLine

TICK_S = 0.05


@pytest.fixture
def line() -> RouteLine:
    """A straight route of 200 m along x."""
    points = np.zeros((201, 3))
    points[:, 0] = np.arange(201)
    return RouteLine.from_poses(points, np.zeros(201))


@pytest.fixture
def lane() -> LanePoint:
    """A lane along x, 3.5 m wide."""
    return LanePoint(road_id=1, lane_id=-1, in_junction=False, location=(0.0, 0.0, 0.0), yaw=0.0, width=3.5)


@pytest.fixture
def tick() -> Callable[..., Observation]:
    """Makes an observation; keywords of `Ego`, `Progress` and `Observation` change what matters."""
    ego = Ego((0.0, 0.0, 0.0), yaw=0.0, half_length=2.4, speed=8.0, forward_speed=8.0, speed_limit_kmh=30.0)
    progress = Progress(index=0, metres=0.0, advanced_m=0.0, total_m=200.0, to_end_m=200.0)

    def make(time_s: float = 0.0, **values: Any) -> Observation:
        def some(kind: type) -> dict[str, Any]:
            return {name: values.pop(name) for name in list(values) if name in kind.__dataclass_fields__}

        parts = {"ego": replace(ego, **some(Ego)), "progress": replace(progress, **some(Progress))}
        return Observation(frame=round(time_s / TICK_S), time_s=time_s, **parts, **values)

    return make


@pytest.fixture
def events_of() -> Callable[[Criterion, Sequence[Observation]], list[Event]]:
    """All events of a criterion over some ticks and the end."""

    def drive(criterion: Criterion, ticks: Sequence[Observation]) -> list[Event]:
        events = [event for seen in ticks for event in criterion.step(seen)]
        return [*events, *criterion.finish(ticks[-1])]

    return drive
