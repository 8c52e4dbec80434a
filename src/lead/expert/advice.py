"""What a strategy is: the answer to one type of scenario; and what it may ask of the driver."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from lead.expert.decision import Decision, Note
from lead.expert.facts import ScenarioFact
from lead.expert.path import Shift
from lead.expert.situation import Situation


@dataclass(frozen=True)
class Advice:
    """What a strategy asks for.

    `shifts` of the way; `wishes` for a speed; `ignored` actors that the general rules leave alone; `yields`: others go
    first in what comes; `merges`: those who come from behind in the lane that the way leads into count;
    `closest`: metres at which to stand behind others at most; `at_least`: drive this speed (m/s) if nothing is in the
    way, however slow the others think right.
    """

    shifts: tuple[Shift, ...] = ()
    wishes: tuple[Decision, ...] = ()
    ignored: frozenset[int] = field(default_factory=frozenset)
    yields: bool = False
    merges: bool = False
    closest: float = math.inf
    at_least: float = 0.0

    @property
    def is_brisk(self) -> bool:
        """Whether time matters: a gap has to be used, or a stream to be kept up with."""
        return self.yields or self.at_least > 0.0


Strategy = Callable[[Situation, ScenarioFact, Note], tuple[Advice, Note]]
"""From a situation, the scenario and what is remembered of it to an advice and what to remember."""


def join(advices: Iterable[Advice]) -> Advice:
    """All advices in one."""
    total = Advice()
    for one in advices:
        total = replace(
            total,
            shifts=total.shifts + one.shifts,
            wishes=total.wishes + one.wishes,
            ignored=total.ignored | one.ignored,
            yields=total.yields or one.yields,
            merges=total.merges or one.merges,
            closest=min(total.closest, one.closest),
            at_least=max(total.at_least, one.at_least),
        )
    return total
