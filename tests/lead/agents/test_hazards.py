import carla
import numpy as np
import pytest

from lead.agents.hazards import EgoBody, corridor_ahead, find_conflict, find_leader
from lead.agents.path import make_path
from lead.simulator.scene import Kind, Scene

BODY = EgoBody(front=2.45, rear=2.45, half_width=1.06)
PATH = make_path([carla.Transform(carla.Location(float(x), 0.0, 0.0)) for x in range(120)])
CORRIDOR = corridor_ahead(PATH, 100, BODY.rear, 60.0)  # the ego's origin is at x = 10
EGO_POSE = np.array([10.0, 0.0, 0.0])


def scene(*actors):
    """Actors as (x, y, z, yaw, speed, kind); cars of 4 m x 2 m, or walkers."""
    rows = [np.array(actor[:5], dtype=float) for actor in actors]
    x, y, z, yaw, speed = np.array(rows).reshape(-1, 5).T
    kinds = np.array([actor[5] if len(actor) > 5 else Kind.VEHICLE for actor in actors], dtype=np.int64)
    extent = np.where((kinds == Kind.WALKER)[:, None], (0.3, 0.3), (2.0, 1.0))
    velocity = speed[:, None] * np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    ids = np.arange(1, len(actors) + 1)
    return Scene(ids, kinds, np.stack([x, y, z], axis=1), yaw, velocity, np.zeros(len(actors)), extent)


def test_the_nearest_car_in_the_lane_leads():
    leader = find_leader(CORRIDOR, scene((50, 0, 0, 0, 5.0), (30, 0.3, 0, 0, 6.0)), BODY, 0.35)
    assert leader is not None
    assert leader.id == 2
    assert leader.gap == pytest.approx(28.0 - 12.45, abs=0.2)
    assert leader.speed == pytest.approx(6.0)
    assert not leader.is_crossing


@pytest.mark.parametrize(
    "actor",
    [
        (30, 3.5, 0, np.pi, 8.0),  # the oncoming lane
        (2, 0, 0, 0, 8.0),  # behind
        (30, 0, 6.0, 0, 0.0),  # on the bridge
        (100, 0, 0, 0, 0.0),  # too far
    ],
)
def test_others_do_not_lead(actor):
    assert find_leader(CORRIDOR, scene(actor), BODY, 0.35) is None


def test_a_car_across_the_lane_and_one_that_only_juts_in_are_in_the_way():
    across = find_leader(CORRIDOR, scene((30, 0, 0, np.pi / 2, 0.0)), BODY, 0.35)
    assert across is not None and across.is_crossing and across.gap == pytest.approx(29.0 - 12.45, abs=0.2)
    assert find_leader(CORRIDOR, scene((30, 2.2, 0, 0, 0.0)), BODY, 0.35) is not None
    assert find_leader(CORRIDOR, scene((30, 2.2, 0, 0, 0.0)), BODY, 0.1) is None


def test_no_actors_no_leader():
    assert find_leader(CORRIDOR, scene(), BODY, 0.35) is None


def conflict(*actors, speed=8.0, horizon=3.0):
    return find_conflict(CORRIDOR, scene(*actors), BODY, EGO_POSE, speed, 8.0, horizon)


def test_a_car_that_arrives_from_the_side_at_the_same_time_is_a_conflict():
    found = conflict((26, -16, 0, np.pi / 2, 8.0))
    assert found is not None
    assert 1.0 < found.seconds < 2.5
    assert 8.0 < found.distance < 14.0


@pytest.mark.parametrize(
    "actor",
    [
        (26, -16, 0, np.pi / 2, 0.0),  # stands
        (26, -60, 0, np.pi / 2, 8.0),  # comes much later
        (26, 12, 0, np.pi / 2, 8.0),  # has gone by
        (40, 3.5, 0, np.pi, 8.0),  # meets us in its own lane
        (0, 0, 0, 0, 14.0),  # follows us
        (26, -16, 8.0, np.pi / 2, 8.0),  # crosses on a bridge
    ],
)
def test_others_are_no_conflict(actor):
    assert conflict(actor) is None


def test_a_walker_who_steps_out_is_a_conflict():
    found = conflict((26, -3.0, 0, np.pi / 2, 1.5, Kind.WALKER))
    assert found is not None and found.kind == Kind.WALKER


def test_a_car_that_would_hit_the_rear_is_left_to_its_driver():
    assert conflict((16.0, -22.0, 0, np.pi / 2, 13.0)) is None
