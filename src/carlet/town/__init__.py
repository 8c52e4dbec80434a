"""OpenDRIVE towns: lanes, ground, signals, spawn points and scenery, cached on disk."""
