"""What the driver does in each type of scenario: one module a family, each with a table from type to strategy."""

from collections.abc import Mapping
from types import MappingProxyType

from lead.expert.advice import Strategy
from lead.expert.strategies import cut_ins, detours, emergency, gridlocks, invading, merging, overtaking, turns

STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {
        name: strategy
        for family in (detours, overtaking, invading, emergency, cut_ins, merging, turns, gridlocks)
        for name, strategy in family.STRATEGIES.items()
    }
)
"""By type of scenario. Where there is none, the general rules must do."""
