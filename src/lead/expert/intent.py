"""What the target points say about the lane to be in."""

import numpy as np

from lead.expert.scene import Scene

_ON_ROUTE_M = 3.0


def intended_side(scene: Scene) -> float:
    """The side (-1 left, 1 right) on which the lane of the next target points is; 0 if they stay in this one.

    Target points that the route's known part does not pass say nothing.
    """
    route = scene.route
    here = route.lane[np.searchsorted(route.s, scene.ego.s).clip(0, len(route.s) - 1)]
    for target in scene.targets[1:]:
        away = np.hypot(*(route.points[:, :2] - target).T)
        away = np.where(route.s > scene.ego.s, away, np.inf)
        row = int(np.argmin(away))
        if away[row] < _ON_ROUTE_M and route.lane[row] != here:
            return float(np.sign(route.lane[row] - here))
    return 0.0
