"""LiDAR points of made-up roads, in the ego's frame: x ahead, y to the right, z up, m."""

import numpy as np


def ground(slope=0.0):
    """The road around."""
    x, y = np.meshgrid(np.arange(-30.0, 40.0, 0.5), np.arange(-15.0, 15.0, 0.5))
    return np.column_stack([x.ravel(), y.ravel(), slope * x.ravel()])


def thing(x, y=0.0, width=1.8, low=0.3, high=1.5, slope=0.0):
    """The side of something that the ego sees."""
    across, up = np.meshgrid(np.linspace(y - width / 2, y + width / 2, 9), np.linspace(low, high, 6))
    return np.column_stack([np.full(across.size, x), across.ravel(), up.ravel() + slope * x])
