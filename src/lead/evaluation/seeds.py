"""Where the randomness of a drive comes from: the run's seed, the route and the repetition, and nothing else.

So a route is the same whatever was driven before it and whoever drives it.
"""

import hashlib
import random
import sys

import numpy as np


def seeds_of(seed: int, route_id: str, repetition: int) -> np.random.SeedSequence:
    """The seeds of traffic, scenarios and agent on a route; routes that are to have the same share `route_id`."""
    digest = hashlib.sha256(route_id.encode()).digest()
    return np.random.SeedSequence([seed, int.from_bytes(digest[:8], "big"), repetition])


def traffic_manager_seed(seed: int, repetition: int) -> int:
    """The Traffic Manager's seed: the run's, as the leaderboard has it, and another one for every repetition."""
    return seed + repetition


def seed_libraries(seeds: np.random.SeedSequence) -> None:
    """Seed the random numbers that agents may use without asking: Python's, numpy's and, if it is there, torch's."""
    number = int(seeds.generate_state(1)[0])
    random.seed(number)
    np.random.seed(number)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(number)
