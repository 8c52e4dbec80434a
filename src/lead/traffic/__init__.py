"""Background activity: the cars that keep the ego company on its road, come towards it and cross its junctions."""

from lead.traffic.activity import BackgroundActivity, BackgroundConfig
from lead.traffic.cars import ROLE_NAME

__all__ = ["ROLE_NAME", "BackgroundActivity", "BackgroundConfig"]
