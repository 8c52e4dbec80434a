"""OpenDRIVE towns: lanes, ground, signals, spawn points and scenery, cached on disk."""

from carlet.town.loading import available_towns, load_opendrive, load_town
from carlet.town.model import (
    Ground,
    LaneKind,
    Lanes,
    Lights,
    Marks,
    Nearest,
    Scenery,
    Signs,
    Tag,
    Terrain,
    Town,
    TownError,
)

__all__ = [
    "Ground",
    "LaneKind",
    "Lanes",
    "Lights",
    "Marks",
    "Nearest",
    "Scenery",
    "Signs",
    "Tag",
    "Terrain",
    "Town",
    "TownError",
    "available_towns",
    "load_opendrive",
    "load_town",
]
