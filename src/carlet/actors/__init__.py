"""Blueprints as data and the state of all actors as struct-of-arrays."""
