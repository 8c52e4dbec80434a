"""The CARLA leaderboard agent interface and our own agents."""

from lead.agents.context import DriveContext, PrivilegedAgent
from lead.agents.foreign import AgentLoadError
from lead.agents.interface import AutonomousAgent, Track
from lead.agents.registry import AGENTS, STUDENT, LoadedAgent, find_agent, load_agent
from lead.agents.rules import COLLECTING, OFFICIAL, InvalidSensors, SensorRules, validate_sensors
from lead.agents.sensors import SensorInterface
from lead.agents.session import AgentCrash, AgentSession, AgentSetupError, Assignment, drive

__all__ = [
    "AGENTS",
    "COLLECTING",
    "OFFICIAL",
    "STUDENT",
    "AgentCrash",
    "AgentLoadError",
    "AgentSession",
    "AgentSetupError",
    "Assignment",
    "AutonomousAgent",
    "DriveContext",
    "InvalidSensors",
    "LoadedAgent",
    "PrivilegedAgent",
    "SensorInterface",
    "SensorRules",
    "Track",
    "drive",
    "find_agent",
    "load_agent",
    "validate_sensors",
]
