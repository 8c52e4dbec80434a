"""carlet: a CARLA 0.9.16 compatible simulation server that needs no GPU."""
