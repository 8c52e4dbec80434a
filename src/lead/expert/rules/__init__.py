"""The general rules: each looks at a situation and the way, and wishes for a speed or says nothing."""

from collections.abc import Callable, Iterable

from lead.expert.advice import Advice
from lead.expert.decision import Decision
from lead.expert.rules.beside import mind_the_sides
from lead.expert.rules.blind import heed_blind_junctions
from lead.expert.rules.leader import follow_leader
from lead.expert.rules.meeting import heed_meetings
from lead.expert.rules.signals import heed_light, heed_stop_sign
from lead.expert.rules.walkers import heed_walkers
from lead.expert.situation import Situation, Way

Rule = Callable[[Situation, Way, Advice], Iterable[Decision]]

RULES: tuple[Rule, ...] = (
    follow_leader,
    mind_the_sides,
    heed_meetings,
    heed_walkers,
    heed_light,
    heed_stop_sign,
    heed_blind_junctions,
)
"""In no order: the slowest wish counts."""
