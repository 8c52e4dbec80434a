"""Pictures and videos of what happened."""

from lead.view.birdview import BirdView, Frame, StopLine, ViewConfig
from lead.view.tiles import TownTiles
from lead.view.video import VideoWriter

__all__ = ["BirdView", "Frame", "StopLine", "TownTiles", "VideoWriter", "ViewConfig"]
