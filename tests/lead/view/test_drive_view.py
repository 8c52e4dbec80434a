"""The picture of a drive shows who is on the road, and nobody who waits below it."""

import carla
import numpy as np

from lead.routes import LaneGraph
from lead.scenarios.lanes import shifted
from lead.view import DriveView, ViewConfig


def test_who_waits_below_the_ground_is_not_in_the_picture(launch):
    port = launch("--town", "Town01").port
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(30.0)
    world = client.get_world()
    world.apply_settings(carla.WorldSettings(synchronous_mode=True, fixed_delta_seconds=0.05))
    library = world.get_blueprint_library()
    start = world.get_map().get_spawn_points()[0]
    ahead = shifted(start, ahead_m=12.0)
    ego = world.spawn_actor(library.find("vehicle.lincoln.mkz_2020"), start)
    other = world.spawn_actor(library.find("vehicle.audi.tt"), ahead)
    assert isinstance(ego, carla.Vehicle)
    other.set_simulate_physics(False)
    view = DriveView(world, ego, LaneGraph.from_map(world.get_map()), np.zeros((0, 2)), ViewConfig())

    def picture(up: float, marked: tuple[int, ...] = ()):
        place = carla.Location(ahead.location.x, ahead.location.y, ahead.location.z + up)
        other.set_transform(carla.Transform(place, ahead.rotation))
        world.tick()
        world.tick()
        return view.paint(view.look(world.get_snapshot(), marked=marked)).astype(int)

    there, marked, gone = picture(0.0), picture(0.0, (other.id,)), picture(-300.0)
    assert np.count_nonzero(np.abs(there - gone).max(axis=2) > 60) > 100
    assert np.count_nonzero((marked[..., 2] > 200) & (marked[..., 0] < 120)) > 80
