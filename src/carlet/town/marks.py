"""Road marks as a compact table."""

import numpy as np

from carlet.town.model import MARK_COLOURS, MARK_TYPES, Marks
from carlet.town.opendrive import Network


def build_marks(network: Network) -> Marks:
    """Every stretch of paint or kerb of a network; each ends where the next of its border, or the section, begins."""
    row = network.mark_lane
    centre = row < 0
    lane = np.maximum(row, 0)
    section = np.where(centre, -1 - row, network.lane_section[lane])
    start = network.section_start[section] + network.mark_s
    ordered = np.lexsort((start, row))
    following = np.append(row[ordered][1:] == row[ordered][:-1], False)[: len(row)]
    end = network.section_end[section]
    end[ordered[following]] = start[np.roll(ordered, -1)[following]]
    painted = np.array([name != "none" for name in network.mark_type], dtype=bool)
    types = {name: code for code, name in enumerate(MARK_TYPES)}
    colours = {name: code for code, name in enumerate(MARK_COLOURS)}
    kind = np.array([types.get(name, types["other"]) for name in network.mark_type], dtype=np.uint8)
    colour = np.array([colours.get(name, 0) for name in network.mark_colour], dtype=np.uint8)
    return Marks(
        road_id=network.road_id[network.section_road[section]][painted],
        section=network.section_number[section][painted],
        lane_id=np.where(centre, 0, network.lane_id[lane])[painted],
        start=start[painted],
        end=end[painted],
        width=network.mark_width[painted],
        type=kind[painted],
        colour=colour[painted],
    )
