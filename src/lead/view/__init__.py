"""Pictures and videos of what happened."""

from lead.view.birdview import BirdView, Frame, StopLine, ViewConfig
from lead.view.drive_video import DriveVideo, VideoConfig
from lead.view.drive_view import DriveView
from lead.view.tiles import TownTiles
from lead.view.video import VideoWriter

__all__ = [
    "BirdView",
    "DriveVideo",
    "DriveView",
    "Frame",
    "StopLine",
    "TownTiles",
    "VideoConfig",
    "VideoWriter",
    "ViewConfig",
]
