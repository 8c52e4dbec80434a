"""Right of way at stop and yield signs, as CARLA's server tells it to vehicles: in the state of the light before them.

A vehicle in a sign's box is told red, at a stop sign for two seconds at least, as long as somebody is on a lane of the
junction that conflicts with its own or about to enter it; then green. The Traffic Manager queues whom it finds at red.
"""

from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carlet.actors.lights import LightState
from carlet.actors.table import ActorTable
from carlet.episode.zones import HEIGHT_M, Zones
from carlet.town import LaneKind, Lanes, Signs, Town

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_KINDS = ("traffic.stop", "traffic.yield")
_BOX_HALF_M = 1.5  # along the lane
STOP_S, CLEAR_S = 2.0, 0.5
_BODY_HALF_WIDTH_M = 0.9
_CHECK_SHARE = 0.45  # of a lane's width: half the side of the boxes that are looked into
_BEFORE_M = 9.5  # of the conflicting lanes before the junction
_NEAR_M = 60.0


@dataclass(frozen=True)
class Bodies:
    """Vehicles: `place` (n, 3) of the middle of their boxes, `yaw` (n,), half lengths and widths `half` (n, 2)."""

    place: Floats
    yaw: Floats
    half: Floats


@dataclass
class WaySigns:
    """The stop and yield signs of a town. `waits_s` (w,): how long each holds everybody."""

    lanes: Lanes
    zones: Zones
    centre: Floats
    approach: Ints
    waits_s: Floats
    _conflicts: dict[int, Floats] = field(default_factory=dict)

    @staticmethod
    def of(town: Town) -> "WaySigns":
        """Those of a town that speak to a lane."""
        signs, lanes = town.signs, town.lanes
        stop, give = (np.array([kind == name for kind in signs.type_id], dtype=bool) for name in _KINDS)
        rows = np.flatnonzero((stop | give) & signs.box_centre.any(axis=1))
        centre = _box_places(signs, rows)
        near = lanes.nearest(centre)
        heading = lanes.heading[near.sample]
        half_width = signs.box_extent[rows, 0] + _BODY_HALF_WIDTH_M
        line = np.column_stack([centre, np.cos(heading), np.sin(heading), half_width])
        zones = Zones.build(line, np.arange(len(rows)))
        return WaySigns(lanes, zones, centre, near.lane, np.where(stop[rows], STOP_S, 0.0))

    def tell(self, table: ActorTable, rows: Ints, fronts: Floats, dt: float) -> NDArray[np.uint8]:
        """The light state (n,) that signs make of vehicles', whose front bumpers are at `fronts` (n, 3), after another
        `dt` s, which the table keeps account of.
        """
        if not len(self.waits_s):
            return np.full(len(rows), LightState.GREEN, dtype=np.uint8)
        bodies = _bodies(table, rows)
        sign = self.zones.of(fronts, bodies.yaw, _BOX_HALF_M, _BOX_HALF_M + 2.0 * bodies.half[:, 0])
        table.way_clear_s[rows] = np.where(sign == table.way_sign[rows], table.way_clear_s[rows] + dt, CLEAR_S)
        table.way_sign_s[rows] = np.where(sign == table.way_sign[rows], table.way_sign_s[rows] + dt, 0.0)
        table.way_sign[rows] = sign
        for one in np.unique(sign[sign >= 0]).tolist():
            if self.is_busy(one, bodies, sign != one):
                table.way_clear_s[rows[sign == one]] = 0.0
        red = (sign >= 0) & ((table.way_sign_s[rows] < self.waits_s[sign]) | (table.way_clear_s[rows] < CLEAR_S))
        return np.where(red, np.uint8(LightState.RED), np.uint8(LightState.GREEN))

    def is_busy(self, sign: int, bodies: Bodies, others: NDArray[np.bool_]) -> bool:
        """Whether one of the `others` (n,) is where those who wait at a sign have to let pass."""
        if sign not in self._conflicts:
            self._conflicts[sign] = _conflicting_places(self.lanes, int(self.approach[sign]))
        near = others & (np.abs(bodies.place - self.centre[sign]).max(axis=1) < _NEAR_M)
        return bool(_any_inside(bodies.place[near], bodies.yaw[near], bodies.half[near], self._conflicts[sign]))


def _bodies(table: ActorTable, rows: Ints) -> Bodies:
    yaw = table.rotation[rows, 1]
    ahead = np.column_stack([np.cos(yaw), np.sin(yaw), np.zeros(len(rows))])
    place = table.location[rows] + table.box_centre[rows, :1] * ahead
    return Bodies(place, yaw, table.box_extent[rows, :2])


def _box_places(signs: Signs, rows: Ints) -> Floats:
    """Middles (w, 3) of trigger volumes in the world."""
    pose, centre = signs.pose[rows], signs.box_centre[rows]
    c, s = np.cos(pose[:, 4]), np.sin(pose[:, 4])
    x, y = centre[:, 0] * c - centre[:, 1] * s, centre[:, 0] * s + centre[:, 1] * c
    return pose[:, :3] + np.column_stack([x, y, np.zeros(len(rows))])


def _conflicting_places(lanes: Lanes, approach: int) -> Floats:
    """Squares (c, 4) of x, y, z and half a side on the lanes that conflict with those that a lane leads on to, inside
    their junction and just before it.
    """
    own = _following(lanes, approach)
    junction = int(lanes.junction_id[own[0]]) if len(own) else -1
    if junction < 0:
        return np.zeros((0, 4))
    inside = np.flatnonzero((lanes.junction_id == junction) & (lanes.kind == LaneKind.DRIVING))
    source = np.repeat(np.arange(len(lanes.first)), np.diff(lanes.next_first))
    places = []
    for lane in np.setdiff1d(inside, own).tolist():
        before = source[lanes.next_lane == lane]
        if (lanes.road_id[before] != lanes.road_id[approach]).all() and _meets(lanes, lane, own):
            places += [_squares(lanes, lane, _whole(lanes, lane))]
            places += [_squares(lanes, one, _end(lanes, one)) for one in before.tolist()]
    return np.concatenate(places) if places else np.zeros((0, 4))


def _following(lanes: Lanes, lane: int) -> Ints:
    return lanes.next_lane[lanes.next_first[lane] : lanes.next_first[lane + 1]]


def _whole(lanes: Lanes, lane: int) -> Ints:
    return np.arange(lanes.first[lane], lanes.first[lane] + lanes.count[lane])


def _end(lanes: Lanes, lane: int) -> Ints:
    """Samples of the last metres of a lane."""
    rows = _whole(lanes, lane)
    left = np.hypot(*(lanes.point[rows, :2] - lanes.point[rows[-1], :2]).T)
    return rows[left < _BEFORE_M]


def _squares(lanes: Lanes, lane: int, rows: Ints) -> Floats:
    """Squares on samples of a lane, so close to each other that no car fits in between."""
    spacing = float(np.median(np.hypot(*np.diff(lanes.point[_whole(lanes, lane), :2], axis=0).T), axis=0))
    rows = rows[:: max(int(1.5 / max(spacing, 0.01)), 1)]
    return np.column_stack([lanes.point[rows], _CHECK_SHARE * lanes.width[rows]])


def _meets(lanes: Lanes, lane: int, own: Ints) -> bool:
    """Whether a lane comes so near to one of others that cars on both would touch."""
    mine = _whole(lanes, lane)
    theirs = np.concatenate([_whole(lanes, one) for one in own.tolist()])
    step = lanes.point[mine, None, :2] - lanes.point[None, theirs, :2]
    reach = _CHECK_SHARE * (lanes.width[mine, None] + lanes.width[None, theirs])
    return bool((np.hypot(step[..., 0], step[..., 1]) < reach).any())


@njit(cache=True)
def _any_inside(place, yaw, half, squares):
    for i in range(place.shape[0]):
        c, s = np.cos(yaw[i]), np.sin(yaw[i])
        for k in range(squares.shape[0]):
            dx, dy = squares[k, 0] - place[i, 0], squares[k, 1] - place[i, 1]
            side = squares[k, 3]
            along, across = abs(dx * c + dy * s), abs(dy * c - dx * s)
            level = abs(place[i, 2] - squares[k, 2]) < HEIGHT_M
            if along < half[i, 0] + side and across < half[i, 1] + side and level:
                return True
    return False
