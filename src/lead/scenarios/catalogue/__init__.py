"""The catalogue: every type of scenario in words, for people who drive through them."""

from lead.scenarios.catalogue.crossings import CROSSINGS, FAIL2DRIVE_WALKERS
from lead.scenarios.catalogue.entry import Chapter, Entry, Example
from lead.scenarios.catalogue.fail2drive import FAIL2DRIVE
from lead.scenarios.catalogue.junctions import JUNCTIONS, NUMBERED
from lead.scenarios.catalogue.road import DISTURBANCES, OBSTACLES
from lead.scenarios.catalogue.traffic import CUT_INS, FLOWS

CHAPTERS: tuple[Chapter, ...] = (
    OBSTACLES,
    DISTURBANCES,
    CUT_INS,
    FLOWS,
    CROSSINGS,
    JUNCTIONS,
    FAIL2DRIVE,
    FAIL2DRIVE_WALKERS,
    NUMBERED,
)

__all__ = ["CHAPTERS", "Chapter", "Entry", "Example"]
