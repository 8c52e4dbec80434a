"""The metrics of the benchmarks, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from lead.evaluation.metrics.abilities import ABILITIES
from lead.evaluation.metrics.base import DrivenRoute, Metric, plain_id
from lead.evaluation.metrics.bench2drive import BENCH2DRIVE
from lead.evaluation.metrics.fail2drive import FAIL2DRIVE
from lead.evaluation.metrics.leaderboard import RATES, SCORES
from lead.evaluation.metrics.normalised import NORMALISED

METRICS: Mapping[str, Metric] = MappingProxyType(
    {metric.name: metric for metric in (*SCORES, *NORMALISED, *BENCH2DRIVE, *ABILITIES, *FAIL2DRIVE, *RATES)}
)

__all__ = ["METRICS", "DrivenRoute", "Metric", "plain_id"]
