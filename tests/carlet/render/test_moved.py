"""Where parts were one tick ago: what optical flow is made of."""

import numpy as np

from carlet.episode import Episode
from carlet.town import load_town

DT = 0.05


def walking() -> tuple[Episode, int]:
    """A world in which somebody has walked for a second and a car rolls; and the walker's id."""
    episode = Episode(load_town("Town01"), episode_id=1)
    first, second = episode.town.spawn_points[[0, 20]]
    car = episode.spawn("vehicle.lincoln.mkz_2020", {}, first)
    walker = episode.spawn("walker.pedestrian.0001", {}, second + [0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    for actor, pose, speed in ((car, first, 8.0), (walker, second, 0.0)):
        row = episode.table.row(actor)
        episode.table.velocity[row, :2] = speed * np.cos(pose[4]), speed * np.sin(pose[4])
    row = episode.table.row(walker)
    episode.table.direction[row] = np.cos(second[4]), np.sin(second[4]), 0.0
    episode.table.walk_speed[row] = 1.5
    for _ in range(20):
        episode.tick(DT)
    return episode, walker


def test_parts_come_from_where_they_were() -> None:
    episode, walker = walking()
    before = episode.look().triangles.corner.reshape(-1, 3, 3).astype(np.float64)
    episode.tick(DT)
    stage = episode.look()
    now, moved = stage.triangles.corner.reshape(-1, 3, 3).astype(np.float64), stage.moved
    row = np.arange(moved.first[0], len(now))
    back = moved.before[np.searchsorted(moved.first, row, side="right") - 1].reshape(-1, 3, 4)
    came = np.einsum("nij,nkj->nki", back[:, :, :3], now[row]) + back[:, None, :, 3]
    walks = stage.things.actor[stage.triangles.thing[row]] == walker
    way = np.linalg.norm(now[row] - before[row], axis=2).max(axis=1)
    assert np.ptp(way[walks]) > 0.05
    assert np.percentile(np.abs(came - before[row])[walks], 99) < 0.005
    assert np.percentile(np.abs(came - before[row])[~walks], 95) < 0.02
