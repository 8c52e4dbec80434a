"""The expert as an agent: it reads the simulator into one scene a tick and leaves the rest to `lead.expert`."""

from lead.agents.expert.agent import Expert

__all__ = ["Expert"]
