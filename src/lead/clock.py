"""Time that has passed in the simulator."""

_DIGITS = 6


def seconds_between(earlier_s: float, later_s: float) -> float:
    """Seconds from one simulated time to another, to the microsecond: so they do not depend on how old the world is."""
    return round(later_s - earlier_s, _DIGITS)
