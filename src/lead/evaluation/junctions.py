"""Where on their routes the first junctions are passed, looked up on the installed maps of the towns."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lead.routes import Route, trace_route
from lead.routes.towns import open_town

#: Points of the route, about a metre apart, after the first one in a junction, until it counts as passed.
POINTS_TO_PASS = 8


def junction_share(in_junction: NDArray[np.bool_]) -> float | None:
    """The route completion (0 to 1) at which the first junction counts as passed; None on a route without one.

    `in_junction` (n,): for each point of the route, about a metre apart, whether it lies in a junction.
    """
    inside = np.flatnonzero(in_junction)
    return float(inside[0] + 1 + POINTS_TO_PASS) / len(in_junction) if len(inside) else None


def junction_shares(routes: Sequence[Route], types: Iterable[str]) -> dict[str, float]:
    """`junction_share` by the ids of the routes whose first scenario is of one of `types`.

    Raises RouteError for a town without an installed map, or a route that does not fit its town.
    """
    wanted = [route for route in routes if route.scenarios and route.scenarios[0].type in types]
    shares: Mapping[str, float | None] = {
        route.id: junction_share(trace_route(graph, route.keypoints, route.id).junction)
        for town in sorted({route.town for route in wanted})
        for graph in [open_town(town)]
        for route in wanted
        if route.town == town
    }
    return {route_id: share for route_id, share in shares.items() if share is not None}
