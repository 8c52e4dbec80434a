"""What to evaluate: an agent on routes under a protocol, against a simulator."""

from dataclasses import dataclass, field
from pathlib import Path

from lead.evaluation.protocol import find_protocol
from lead.simulator import ServerConfig
from lead.traffic import BackgroundConfig


@dataclass(frozen=True)
class EvaluationConfig:
    """An evaluation; checked when made: ProtocolError, or ValueError with one sentence."""

    agent: str
    """Name of a registered agent, or a Python file with `get_entry_point`."""
    routes: Path
    """Route file, or folder of route files."""
    output: Path
    """Folder of the run: its store and the result files. What an earlier part of the same run finished is kept."""
    protocol: str = "leaderboard@2.0"
    """Rules and scores, by name and version."""
    agent_config: str = ""
    """What the agent's `setup` is given."""
    server: ServerConfig | None = None
    """Server to start, and to start again when it dies; None uses the one at `host` and `port`."""
    host: str = "127.0.0.1"
    """Where a running simulator is, if none is started."""
    port: int = 2000
    """RPC port of a running simulator, if none is started."""
    traffic_manager_port: int | None = None
    """Port of the Traffic Manager; None takes a free one."""
    repetitions: int = 1
    """How often each route is driven."""
    seed: int = 0
    """Seed of traffic and scenarios."""
    agent_timeout_s: float = 300.0
    """Longest time for the agent's set-up and for each of its steps."""
    simulator_timeout_s: float = 60.0
    """Longest time for an answer of the simulator."""
    attempts: int = 2
    """How often a route is tried when the simulator fails."""
    background: BackgroundConfig = field(default_factory=BackgroundConfig)
    """Background traffic; `present=False` for none."""
    scenarios: bool = True
    """Whether the scenarios of the routes are played."""
    passes_over_unfit: bool = False
    """Whether a route that does not fit its town is told of and passed over, instead of ending the run."""

    def __post_init__(self):
        find_protocol(self.protocol)
        if self.repetitions < 1 or self.attempts < 1:
            raise ValueError("repetitions and attempts must be 1 or more")
        if self.agent_timeout_s <= 0.0 or self.simulator_timeout_s <= 0.0:
            raise ValueError("agent_timeout_s and simulator_timeout_s must be positive")
