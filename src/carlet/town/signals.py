"""Traffic lights and signs as actors: where they stand, which lanes they govern, where those have to stop."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from carlet.geometry import wrap_angle
from carlet.town.links import LaneTable
from carlet.town.model import Floats, LaneKind, Lanes, Lights, Signs
from carlet.town.opendrive import Network, RoadObject, Signal
from carlet.town.reference import beside

_LIGHT_TYPES = frozenset({"1000001", "1000002", "1000009", "1000010", "1000011", "1000012"})
_SIGN_TYPES = {"206": "traffic.stop", "205": "traffic.yield"}
_PAINT_TYPES = frozenset({"", "-1", "roadMark"})
_SPEED_NAME = re.compile(r"^speed_?(?:limit_?)?(?:static_?)?(\d+)", re.IGNORECASE)
_GOVERNED = frozenset({int(LaneKind.DRIVING), int(LaneKind.BIDIRECTIONAL)})

_LIGHT_FORWARD = 0.25  # the lamp post stands this far ahead of its signal
_LIGHT_DEPTH = 1.25
_LIGHT_BACK = 1.0  # the box of a light lies this far before the line, clear of the junction's own lanes
_STOP_DEPTH = 1.5
_STOP_BACK = 3.0  # the box of a stop sign lies this far before the line
_SPEED_DEPTH = 0.35  # of the lane's width
_END_REACH = 30.0  # a signal this close before a junction holds at the lane's end
_BOX_HEIGHT = 1.0

#: Heights (n,) of the ground at points (n, 3).
GroundHeights = Callable[[Floats], Floats]


@dataclass(frozen=True)
class SpeedSign:
    """A speed limit sign: its object, the limit, and the lane rows it governs from `s` on."""

    source: RoadObject
    limit_kmh: float
    lanes: tuple[int, ...]


def speed_signs(network: Network, table: LaneTable) -> list[SpeedSign]:
    """Signs among the objects (`Speed_30`, `SpeedLimit60Assembly`), as the towns have them."""
    signs = []
    for item in network.objects:
        found = _SPEED_NAME.match(item.name)
        if found and int(found.group(1)) > 0:
            signs.append(SpeedSign(item, float(found.group(1)), _side_lanes(network, table, item)))
    return signs


def _side_lanes(network: Network, table: LaneTable, item: RoadObject) -> tuple[int, ...]:
    section = table.section_at(item.road, item.s)
    lanes = [row for row in _section_lanes(network, section) if int(network.lane_kind[row]) in _GOVERNED]
    side = {"-": -1, "+": 1}.get(item.orientation, 0)
    same = tuple(row for row in lanes if int(network.lane_id[row]) * side > 0)
    return same or tuple(lanes)


def _section_lanes(network: Network, section: int) -> range:
    first = int(np.searchsorted(network.lane_section, section))
    return range(first, int(np.searchsorted(network.lane_section, section, side="right")))


@dataclass(frozen=True)
class _Line:
    """Where a lane has to stop: pose (6,) on its centre, half its width, its row and the sample there."""

    pose: Floats
    half_width: float
    lane: int
    sample: int


def build_lights(network: Network, table: LaneTable, lanes: Lanes, ground: GroundHeights) -> Lights:
    """Traffic lights of a network, in the order of their controllers, lone ones last."""
    uses = _uses(network)
    groups = _groups(network, _heads(network), uses)
    heads = {s.id: s for s in network.signals if not s.reference}
    ids = list(groups)
    poses = _poses(network, [heads[i] for i in ids], ground, _LIGHT_FORWARD)
    lines = [_lines(network, table, lanes, uses[i]) for i in ids]
    centres, extents = np.zeros((len(ids), 3)), np.full((len(ids), 3), 0.25)
    for row, own in enumerate(lines):
        faced = _faced(poses[row], own, lanes)
        poses[row, 4] = _across(poses[row, 4], faced)
        if faced:
            centres[row], extents[row] = _box(lanes, poses[row], faced, _LIGHT_BACK, _LIGHT_DEPTH)
    flat = [(line, row) for row, own in enumerate(lines) for line in own]
    return Lights(
        sign_id=ids,
        pose=poses,
        box_centre=centres,
        box_extent=extents,
        box_yaw=np.zeros(len(ids)),
        junction_id=np.array([groups[i][0] for i in ids], dtype=np.int64),
        controller=np.array([groups[i][1] for i in ids], dtype=np.int64),
        line_pose=np.array([line.pose for line, _ in flat]).reshape(-1, 6),
        line_half_width=np.array([line.half_width for line, _ in flat], dtype=np.float64),
        line_light=np.array([row for _, row in flat], dtype=np.int64),
        line_lane=np.array([line.lane for line, _ in flat], dtype=np.int64),
    )


def build_signs(
    network: Network, table: LaneTable, lanes: Lanes, speeds: Iterable[SpeedSign], ground: GroundHeights
) -> Signs:
    """Stop, yield, other and speed limit signs, in this order."""
    uses = _uses(network)
    known = [s for s in network.signals if not s.reference and s.type not in _LIGHT_TYPES | _PAINT_TYPES]
    rank = {"206": 0, "205": 1}
    known.sort(key=lambda s: rank.get(s.type, 2))
    speeds = list(speeds)
    sources: list[Signal | RoadObject] = [*known, *(sign.source for sign in speeds)]
    poses = _poses(network, sources, ground, 0.0)
    types = [_SIGN_TYPES.get(s.type, "traffic.unknown") for s in known]
    types += [f"traffic.speed_limit.{sign.limit_kmh:.0f}" for sign in speeds]
    centres, extents = np.zeros((len(sources), 3)), np.full((len(sources), 3), 0.5)
    lines = [_lines(network, table, lanes, uses[s.id]) for s in known]
    lines += [[_line_at(lanes, row, sign.source.s) for row in sign.lanes] for sign in speeds]
    for row, own in enumerate(lines):
        faced = _faced(poses[row], own, lanes)
        poses[row, 4] = _across(poses[row, 4], faced)
        if faced and row < len(known):
            centres[row], extents[row] = _box(lanes, poses[row], faced, _STOP_BACK, _STOP_DEPTH)
        elif faced:
            depth = 2.0 * _SPEED_DEPTH * faced[0].half_width
            centres[row], extents[row] = _box(lanes, poses[row], faced, depth, depth)
    ids = [source.id for source in sources]
    return Signs(ids, types, poses, centres, extents, np.zeros(len(ids)))


def _heads(network: Network) -> dict[str, Signal]:
    """Traffic lights that can be seen, by id.

    Road editors also write nameless ones without a controller or a side, for turns that have no lamp: no actors.
    """
    controlled = {i for signals in network.controllers.values() for i in signals}
    lights = [s for s in network.signals if not s.reference and s.dynamic and s.type in _LIGHT_TYPES]
    return {s.id: s for s in lights if s.name or s.orientation != "none" or s.id in controlled}


def _uses(network: Network) -> dict[str, list[Signal]]:
    """Signals and references by signal id, those that name lanes."""
    uses: dict[str, list[Signal]] = defaultdict(list)
    for signal in network.signals:
        if any(span != (0, 0) for span in signal.validity):
            uses[signal.id].append(signal)
    return uses


def _groups(network: Network, heads: dict[str, Signal], uses: dict[str, list[Signal]]) -> dict[str, tuple[int, int]]:
    """Group and index of the controller within it, by signal id, in the order in which the actors come."""
    groups: dict[str, tuple[int, int]] = {}
    used: dict[int, int] = {}
    home = {controller: junction.id for junction in network.junctions for controller in junction.controllers}
    listed = [c for junction in network.junctions for c in junction.controllers if c in network.controllers]
    lone = [c for c in network.controllers if c not in home]
    for number, controller in enumerate([*listed, *lone]):
        fresh = [i for i in network.controllers[controller] if i in heads and i not in groups]
        group = home.get(controller, -2 - number)
        for signal in fresh:
            groups[signal] = (group, used.get(group, 0))
        if fresh:
            used[group] = used.get(group, 0) + 1
    for number, signal in enumerate(i for i in heads if i not in groups):
        junctions = [int(network.junction[use.road]) for use in uses[signal] if network.junction[use.road] >= 0]
        group = junctions[0] if junctions else -2 - len(lone) - len(listed) - number
        groups[signal] = (group, used.get(group, 0))
        used[group] = used.get(group, 0) + 1
    return groups


def _poses(
    network: Network, sources: list[Signal] | list[Signal | RoadObject], ground: GroundHeights, forward: float
) -> Floats:
    """Poses (n, 6) on the ground; yaw is the direction of the traffic that the source speaks to."""
    if not sources:
        return np.zeros((0, 6))
    road = np.array([source.road for source in sources], dtype=np.int64)
    place = np.array([(source.s, source.t, source.z_offset) for source in sources], dtype=np.float64)
    points, headings = beside(network, road, place[:, 0], place[:, 1], place[:, 2])
    turn = np.array([s.heading if isinstance(s, RoadObject) else s.heading_offset for s in sources])
    yaw = headings - turn
    poses = np.zeros((len(sources), 6))
    poses[:, 0] = points[:, 0] + forward * np.cos(yaw)
    poses[:, 1] = points[:, 1] + forward * np.sin(yaw)
    base, _ = beside(network, road, place[:, 0], place[:, 1], np.zeros(len(road)))
    poses[:, 2] = ground(np.column_stack([poses[:, :2], base[:, 2]]))
    poses[:, 4] = yaw
    return poses


def _lines(network: Network, table: LaneTable, lanes: Lanes, uses: list[Signal]) -> list[_Line]:
    """Stop lines of a signal, one a governed lane, ordered by lane row."""
    ends: dict[int, _Line] = {}
    for use in uses:
        section = table.section_at(use.road, use.s)
        in_junction = network.junction[use.road] >= 0
        for row in _spanned(network, table, use, section):
            if in_junction:
                start = 0 if network.lane_id[row] < 0 else 1
                found = [back for back in table.beyond(row, start) if int(network.lane_kind[back]) in _GOVERNED]
                ends.update((back, _line_at_end(lanes, back)) for back in found)
            else:
                ends[row] = _line_near(lanes, row, use.s)
    return [ends[row] for row in sorted(ends)]


def _spanned(network: Network, table: LaneTable, use: Signal, section: int) -> list[int]:
    """Driving lanes that a use names, taken where travel enters the road if that is a connecting one."""
    rows = []
    for low, high in (sorted(span) for span in use.validity):
        for number in range(low, high + 1):
            at = section
            if network.junction[use.road] >= 0:
                at = table.first[use.road] if number < 0 else table.last[use.road]
            row = table.rows.get((at, number))
            if number and row is not None and int(network.lane_kind[row]) in _GOVERNED:
                rows.append(row)
    return rows


def _line_at_end(lanes: Lanes, row: int) -> _Line:
    return _line_of_sample(lanes, row, int(lanes.first[row] + lanes.count[row] - 1))


def _line_near(lanes: Lanes, row: int, s: float) -> _Line:
    """The end of the lane when it leads into a junction soon after `s`, else at `s`."""
    end = int(lanes.first[row] + lanes.count[row] - 1)
    following = lanes.next_lane[lanes.next_first[row] : lanes.next_first[row + 1]]
    enters = bool((lanes.junction_id[following] >= 0).any()) and lanes.junction_id[row] < 0
    if enters and abs(lanes.s[end] - s) < _END_REACH:
        return _line_at_end(lanes, row)
    return _line_at(lanes, row, s)


def _line_at(lanes: Lanes, row: int, s: float) -> _Line:
    own = slice(int(lanes.first[row]), int(lanes.first[row] + lanes.count[row]))
    return _line_of_sample(lanes, row, own.start + int(np.argmin(np.abs(lanes.s[own] - s))))


def _line_of_sample(lanes: Lanes, row: int, sample: int) -> _Line:
    pose = np.array([*lanes.point[sample], 0.0, lanes.heading[sample], 0.0])
    return _Line(pose, 0.5 * float(lanes.width[sample]), row, sample)


def _faced(pose: Floats, lines: list[_Line], lanes: Lanes) -> list[_Line]:
    """The lines of the one approach that a signal speaks to: same road and side, best aligned, then nearest."""
    approaches: dict[tuple[int, bool], list[_Line]] = defaultdict(list)
    for line in lines:
        approaches[int(lanes.road_id[line.lane]), bool(lanes.lane_id[line.lane] > 0)].append(line)

    def order(approach: list[_Line]) -> float:
        mean = np.mean([line.pose[:3] for line in approach], axis=0)
        turned = abs(float(wrap_angle(np.asarray(approach[0].pose[4] - pose[4]))))
        return float(np.linalg.norm(mean - pose[:3])) + 100.0 * turned

    return min(approaches.values(), key=order, default=[])


def _across(yaw: float, lines: list[_Line]) -> float:
    """The actor's yaw: a quarter turn right of the signal, squared up with the lanes."""
    actor = yaw + 0.5 * np.pi
    if lines:
        square = lines[0].pose[4] + 0.5 * np.pi
        actor = square + np.pi * np.round((actor - square) / np.pi)
    return float(wrap_angle(np.asarray(actor)))


def _box(lanes: Lanes, pose: Floats, lines: list[_Line], back: float, depth: float) -> tuple[Floats, Floats]:
    """Centre in the actor's frame and half sizes of a box over the lanes, `back` metres before their lines."""
    x_axis = np.array([np.cos(pose[4]), np.sin(pose[4])])
    y_axis = np.array([-x_axis[1], x_axis[0]])
    spots = np.array([_before(lanes, line, back) for line in lines]) - pose[:2]
    across, along = spots @ x_axis, spots @ y_axis
    half = np.array([line.half_width for line in lines])
    low, high = float((across - half).min()), float((across + half).max())
    height = float(np.mean([line.pose[2] for line in lines])) - pose[2]
    centre = np.array([0.5 * (low + high), float(along.mean()), height + 0.5 * _BOX_HEIGHT])
    return centre, np.array([max(0.5 * (high - low), 0.5), depth, _BOX_HEIGHT])


def _before(lanes: Lanes, line: _Line, back: float) -> Floats:
    """The place (2,) on the lane's centre `back` metres before a line, or where the lane begins."""
    sample = line.sample
    while sample > lanes.first[line.lane]:
        step = lanes.point[sample, :2] - lanes.point[sample - 1, :2]
        size = float(np.hypot(*step))
        if size >= back:
            return lanes.point[sample, :2] - step * (back / size)
        back -= size
        sample -= 1
    return lanes.point[sample, :2]
