"""Which agents there are, and how a name or a file becomes one."""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from lead.agents.context import DriveContext
from lead.agents.foreign import AgentLoadError, load_foreign, stand_ins
from lead.agents.interface import AutonomousAgent
from lead.suggestions import suggest

STUDENT = "student"
AGENTS: Mapping[str, str] = MappingProxyType(
    {
        "constant_speed": "lead.agents.constant_speed:ConstantSpeed",
        "expert": "lead.agents.expert:Expert",
        "route_follower": "lead.agents.route_follower:RouteFollower",
        STUDENT: "lead.agents.sensor.agent:SensorAgent",
    }
)
"""Our own agents by the name that the command line knows: module and class. Only the one that drives is imported."""


@dataclass(frozen=True)
class LoadedAgent:
    """An agent class ready to be driven. `source`: its file, None for our own; `context`: what it sees of a drive."""

    name: str
    agent_class: type[AutonomousAgent]
    context: DriveContext
    source: Path | None = None

    @contextmanager
    def environment(self) -> Iterator[None]:
        """What the agent's code expects to find while it runs."""
        if self.source is None:
            yield
            return
        with stand_ins(self.context, self.source.parent):
            yield


def find_agent(name_or_file: str) -> Path | None:
    """The file of a foreign agent, None for one of ours; nothing of it is run.

    Raises AgentLoadError with a suggestion when there is no such agent.
    """
    if name_or_file in AGENTS:
        return None
    path = Path(name_or_file)
    if path.suffix == ".py":
        if not path.is_file():
            raise AgentLoadError(f"there is no agent file {path}")
        return path.resolve()
    hint = suggest(name_or_file, sorted(AGENTS), 0.4)
    raise AgentLoadError(f"there is neither an agent nor a .py file called {name_or_file!r}{hint}")


def load_agent(name_or_file: str) -> LoadedAgent:
    """An agent of ours by its name, or a foreign one by its Python file.

    Raises AgentLoadError with a suggestion for an unknown name, or with the reason why a file cannot be loaded.
    """
    context, source = DriveContext(), find_agent(name_or_file)
    if source is None:
        return LoadedAgent(name_or_file, _import(name_or_file), context)
    return LoadedAgent(source.stem, load_foreign(source, context), context, source)


def _import(name: str) -> type[AutonomousAgent]:
    module, _, entry = AGENTS[name].partition(":")
    try:
        return getattr(importlib.import_module(module), entry)
    except ModuleNotFoundError as error:
        hint = "pip install 'lead-driving[models]'"
        raise AgentLoadError(f"agent {name} needs {error.name}, which is not installed: {hint}") from error
