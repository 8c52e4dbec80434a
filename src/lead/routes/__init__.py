"""Route files, the lane graph and plans."""

from lead.routes.errors import RouteError
from lead.routes.graph import LaneGraph
from lead.routes.options import RoadOption
from lead.routes.plan import Trace, sparse_plan, trace_route
from lead.routes.xml import Route, ScenarioConfig, WeatherKeyframe, read_routes, weather_at, write_routes

__all__ = [
    "LaneGraph",
    "RoadOption",
    "Route",
    "RouteError",
    "ScenarioConfig",
    "Trace",
    "WeatherKeyframe",
    "read_routes",
    "sparse_plan",
    "trace_route",
    "weather_at",
    "write_routes",
]
