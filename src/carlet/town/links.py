"""Which lanes go on from which, in the direction of travel."""

from collections.abc import Iterator

import numpy as np

from carlet.town.model import Ints
from carlet.town.opendrive import Network

_ROAD, _JUNCTION = 1, 2


class LaneTable:
    """Finds lane rows by section and id, sections by road and end, and what a lane is linked to."""

    def __init__(self, network: Network):
        self.network = network
        self.rows = {
            key: row
            for row, key in enumerate(zip(network.lane_section.tolist(), network.lane_id.tolist(), strict=True))
        }
        self.roads = {number: row for row, number in enumerate(network.road_id.tolist())}
        sections = np.bincount(network.section_road, minlength=len(network.road_id))
        self.first = (np.cumsum(sections) - sections).tolist()
        self.last = (np.cumsum(sections) - 1).tolist()
        self._links = network.link.tolist()
        self._lane_links = network.lane_link.tolist()
        self._turns: dict[tuple[int, int, int], list[tuple[int, int, int]]] = {}
        for junction in network.junctions:
            for incoming, connecting, contact, links in junction.connections:
                for here, there in links:
                    self._turns.setdefault((junction.id, incoming, here), []).append((connecting, contact, there))

    def section_at(self, road: int, s: float) -> int:
        """Section row of a road row at `s`."""
        starts = self.network.section_start[self.first[road] : self.last[road] + 1]
        return self.first[road] + max(int(np.searchsorted(starts, s + 1e-6, side="right")) - 1, 0)

    def beyond(self, row: int, end: int) -> Iterator[int]:
        """Lane rows joined to lane `row` at its section's start (`end` 0) or end (1)."""
        network = self.network
        section, number = int(network.lane_section[row]), int(network.lane_id[row])
        road = int(network.section_road[section])
        linked = self._lane_links[row][end]
        edge = self.last[road] if end else self.first[road]
        if section != edge:
            yield from self._found(section + (1 if end else -1), linked)
            return
        kind, other, contact = self._links[road][end]
        if kind == _ROAD:
            yield from self._at_end(other, contact, linked)
        elif kind == _JUNCTION:
            for connecting, entry, there in self._turns.get((other, int(network.road_id[road]), number), ()):
                yield from self._at_end(connecting, entry, there)

    def _at_end(self, road_id: int, contact: int, number: int) -> Iterator[int]:
        road = self.roads.get(road_id)
        if road is not None:
            yield from self._found(self.last[road] if contact else self.first[road], number)

    def _found(self, section: int, number: int) -> Iterator[int]:
        row = self.rows.get((section, number))
        if number and row is not None:
            yield row


def next_lanes(network: Network) -> tuple[Ints, Ints]:
    """`first` (n + 1,) and `lane`: the lanes that go on from lane i are `lane[first[i]:first[i + 1]]`."""
    table = LaneTable(network)
    following: list[int] = []
    first = [0]
    for row, number in enumerate(network.lane_id.tolist()):
        following.extend(dict.fromkeys(table.beyond(row, 1 if number < 0 else 0)))
        first.append(len(following))
    return np.array(first, dtype=np.int64), np.array(following, dtype=np.int64)
