"""`lead WORD ...`: another command than driving by its first word; without one, an agent is driven."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

#: Commands by their word, and the module in which each begins. Only the one that is asked for is imported.
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "checkpoint": "lead.commands.checkpoint",
        "data": "lead.commands.data",
        "records": "lead.commands.records",
        "replay": "lead.commands.replay",
        "report": "lead.commands.report",
        "routes": "lead.commands.routes",
        "scenarios": "lead.commands.scenarios",
        "train": "lead.commands.train",
        "view": "lead.commands.view",
    }
)
DRIVE = "lead.commands.drive"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, or the `arguments` given, and return the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words and words[0] in COMMANDS:
        return importlib.import_module(COMMANDS[words[0]]).main(words[1:])
    return importlib.import_module(DRIVE).main(arguments)
