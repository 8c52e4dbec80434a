"""What goes wrong with routes."""


class RouteError(ValueError):
    """A route file, route or map that cannot be used; the message is one sentence that says which and why."""
