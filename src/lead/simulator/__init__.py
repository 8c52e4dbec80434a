"""Start, supervise and connect to a CARLA-protocol server."""
