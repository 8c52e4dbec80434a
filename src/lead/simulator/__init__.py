"""Start, supervise and connect to a CARLA-protocol server."""

from lead.simulator.client import WORKER_THREADS, check_ticking, connect, probe_version
from lead.simulator.errors import (
    Outcome,
    PortsUnavailable,
    SensorTimeout,
    ServerDied,
    ServerFailedToStart,
    ServerTimeout,
    ServerUnreachable,
    SimulatorError,
)
from lead.simulator.ports import PortRange, Ports, is_free, lease_ports, lock_directory
from lead.simulator.server import Server, ServerConfig, last_line, start_server
from lead.simulator.traffic_watch import TrafficWatch

__all__ = [
    "WORKER_THREADS",
    "Outcome",
    "PortRange",
    "Ports",
    "PortsUnavailable",
    "SensorTimeout",
    "Server",
    "ServerConfig",
    "ServerDied",
    "ServerFailedToStart",
    "ServerTimeout",
    "ServerUnreachable",
    "SimulatorError",
    "TrafficWatch",
    "check_ticking",
    "connect",
    "is_free",
    "last_line",
    "lease_ports",
    "lock_directory",
    "probe_version",
    "start_server",
]
