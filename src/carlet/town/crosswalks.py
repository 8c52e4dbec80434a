"""Outlines of pedestrian crossings."""

import numpy as np

from carlet.town.model import Floats, Ints
from carlet.town.opendrive import Network
from carlet.town.reference import beside


def build_crosswalks(network: Network) -> tuple[Floats, Ints]:
    """Corners (k, 3) of all outlines in CARLA's frame, and the number (k,) of the crosswalk of each."""
    named = [item for item in network.objects if item.type == "crosswalk" or "crosswalk" in item.name.lower()]
    items = [item for item in named if len(item.corners)]
    corners = [np.array(item.corners) for item in items]
    number = np.repeat(np.arange(len(items)), [len(own) for own in corners])
    if not len(items):
        return np.zeros((0, 3)), number.astype(np.int64)
    local = np.concatenate(corners)
    road = np.array([item.road for item in items])
    place = np.array([(item.s, item.t, item.z_offset, item.heading) for item in items])
    # CARLA's client counts t from the lane offset, not from the reference line; so do we, to agree with it.
    t = place[:, 1] + network.offset.at(road, place[:, 0])
    centre, heading = beside(network, road, place[:, 0], t, place[:, 2])
    angle = (place[:, 3] - heading)[number]
    x = local[:, 0] * np.cos(angle) - local[:, 1] * np.sin(angle)
    y = local[:, 0] * np.sin(angle) + local[:, 1] * np.cos(angle)
    return centre[number] + np.stack([x, -y, local[:, 2]], axis=1), number.astype(np.int64)
