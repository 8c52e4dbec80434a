"""What can go wrong between us and a simulator, each with the outcome that a run records."""

# The names say what happened, as the outcomes do.
# ruff: noqa: N818

from enum import Enum


class Outcome(str, Enum):
    """How a run ended, as far as the machinery is concerned; those that are `is_infrastructure` may be tried again."""

    COMPLETED = "completed"
    AGENT_ERROR = "agent_error"
    SERVER_FAILED = "server_failed"
    SERVER_DIED = "server_died"
    SERVER_TIMEOUT = "server_timeout"
    SENSOR_TIMEOUT = "sensor_timeout"
    CLIENT_CRASHED = "client_crashed"
    OBSERVER_FAILED = "observer_failed"
    ROUTE_UNFIT = "route_unfit"

    @property
    def is_infrastructure(self) -> bool:
        """Whether the fault lies with the machinery, not with the driver or the route."""
        return self not in (Outcome.COMPLETED, Outcome.AGENT_ERROR, Outcome.ROUTE_UNFIT)


class SimulatorError(Exception):
    """Something between us and the simulator failed; the message is one sentence for the user."""

    outcome = Outcome.SERVER_FAILED


class PortsUnavailable(SimulatorError):
    """No free ports, or the wanted one is taken."""


class ServerFailedToStart(SimulatorError):
    """The server ended, or stayed silent, before it was ready."""


class ServerUnreachable(SimulatorError):
    """Nothing, or something that does not speak CARLA's protocol, is at the address."""


class ServerDied(SimulatorError):
    """A server that had been ready is gone."""

    outcome = Outcome.SERVER_DIED


class ServerTimeout(SimulatorError):
    """A server that had been ready no longer answers or no longer ticks."""

    outcome = Outcome.SERVER_TIMEOUT


class SensorTimeout(SimulatorError):
    """A sensor did not deliver the data of a frame in time."""

    outcome = Outcome.SENSOR_TIMEOUT
