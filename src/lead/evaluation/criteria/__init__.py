"""The leaderboard's criteria: each a small state machine over observations."""

from lead.evaluation.criteria.actor_blocked import ActorBlocked
from lead.evaluation.criteria.base import Criterion
from lead.evaluation.criteria.collision import Collision
from lead.evaluation.criteria.in_route import InRoute
from lead.evaluation.criteria.minimum_speed import MinimumSpeedRoute
from lead.evaluation.criteria.outside_lanes import OutsideRouteLanes
from lead.evaluation.criteria.red_light import RunningRedLight
from lead.evaluation.criteria.route_completion import RouteCompletion
from lead.evaluation.criteria.route_timeout import RouteTimeout
from lead.evaluation.criteria.stop_sign import RunningStop

__all__ = [
    "ActorBlocked",
    "Collision",
    "Criterion",
    "InRoute",
    "MinimumSpeedRoute",
    "OutsideRouteLanes",
    "RouteCompletion",
    "RouteTimeout",
    "RunningRedLight",
    "RunningStop",
]
