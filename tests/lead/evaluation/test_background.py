"""Background traffic in real towns."""

import math
from itertools import pairwise

import carla
import numpy as np
import pytest

from lead.evaluation.background import BackgroundConfig, BackgroundTraffic
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.observe import traffic_speed
from lead.evaluation.stage import open_stage

CONFIG = BackgroundConfig(most=12)
CENTRE = (92.0, 130.0, 0.0)


@pytest.fixture
def stage(port, tmp_path):
    config = EvaluationConfig("route_follower", tmp_path, tmp_path, port=port, simulator_timeout_s=30.0)
    with open_stage(config) as stage:
        yield stage


def located(snapshot: carla.WorldSnapshot, ids: list[int]) -> list[tuple[float, float, float]]:
    places = [snapshot.find(actor_id).get_transform().location for actor_id in ids]
    return [(place.x, place.y, place.z) for place in places]


def simulate(stage, ticks: int, seed: int, move: float = 0.0):
    """Where the cars are, tick by tick, around a centre that moves along y."""
    stage.manager.set_random_device_seed(seed)
    world, town = stage.enter_town("Town01")
    traffic = BackgroundTraffic(stage.client, stage.manager, town.places, seed, CONFIG)
    with traffic.running(CENTRE):
        log = []
        for tick in range(ticks):
            snapshot = stage.tick(world)
            centre = (CENTRE[0], CENTRE[1] + move * tick, 0.0)
            log.append((centre, list(traffic.ids), located(snapshot, traffic.ids), snapshot))
            traffic.update(snapshot, centre)
    assert all(stage.tick(world).find(actor_id) is None for actor_id in traffic.ids)
    return log


def test_cars_drive_around_the_ego_with_room_between_them(stage):
    log = simulate(stage, 100, seed=1)
    _, ids, places, snapshot = log[0]
    assert len(ids) == CONFIG.most
    distances = [math.dist(place, CENTRE) for place in places]
    assert CONFIG.unseen_at_start_m <= min(distances)
    assert max(distances) <= CONFIG.radius_m + 1.0
    gaps = [math.dist(one, other) for i, one in enumerate(places) for other in places[:i]]
    assert min(gaps) > CONFIG.room_m - 0.5
    assert traffic_speed(snapshot, []) is None
    assert traffic_speed(snapshot, [*ids, 10**6]) == traffic_speed(snapshot, ids)
    moved = [math.dist(one, other) for one, other in zip(places, log[-1][2], strict=True)]
    assert np.median(moved) > 10.0


def test_far_cars_go_and_new_ones_come_out_of_sight(stage):
    log = simulate(stage, 160, seed=2, move=0.75)
    first, last = set(log[0][1]), set(log[-1][1])
    assert first - last
    assert last - first
    seen = set(first)
    for (before, *_), (_, ids, places, _) in pairwise(log):
        for actor_id, place in zip(ids, places, strict=True):
            if actor_id not in seen:
                assert math.dist(place, before) > CONFIG.unseen_m - 2.0
        seen |= set(ids)
    assert all(math.dist(place, log[-1][0]) < CONFIG.vanish_m + 10.0 for place in log[-1][2])


def test_the_same_seed_gives_the_same_traffic(stage):
    def summary(seed: int):
        return [places for _, _, places, _ in simulate(stage, 60, seed)]

    first, again, other = summary(5), summary(5), summary(6)
    assert np.array_equal(first[0], again[0])
    assert np.allclose(first[-1], again[-1], atol=0.2)
    assert not np.array_equal(first[0], other[0])


def test_density_follows_the_roads(stage):
    _, town = stage.enter_town("Town01")
    places = town.places
    assert len(places.within(CENTRE, 150.0)) > len(places.within(CENTRE, 50.0)) > 0
    assert len(places.within((1e4, 1e4, 0.0), 150.0)) == 0
    rows = places.within(CENTRE, 100.0)
    assert np.linalg.norm(places.points[rows] - CENTRE, axis=1).max() <= 100.0
    assert not any(places.waypoints[row].is_junction for row in rows)
