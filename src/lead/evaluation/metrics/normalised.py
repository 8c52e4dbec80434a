"""The normalised driving score of long routes: infractions count by how often they happen per kilometre."""

from lead.evaluation.infractions import tally_messages
from lead.evaluation.metrics.base import DrivenRoute, Metric, mean_of
from lead.evaluation.metrics.leaderboard import driven_metres
from lead.evaluation.scoring import normalised_score


def normalised(route: DrivenRoute) -> float:
    """The normalised driving score of one route, percent."""
    record = route.record
    return normalised_score(record.score_route, driven_metres(route) / 1000.0, tally_messages(record.infractions))


NORMALISED = (Metric("normalised_driving_score", "normalised driving score", "%", mean_of(normalised)),)
