"""lead: an end-to-end driving stack that talks to any CARLA-protocol server."""
