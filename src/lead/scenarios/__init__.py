"""Scenarios of CARLA's benchmarks: each a small generator over a typed scene, played along a route."""
