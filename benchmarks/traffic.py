"""How well Traffic Manager cars drive in carlet: red lights crossed, collisions, distance from the lane centre.

python benchmarks/traffic.py                   # 30 cars, 2000 ticks, Town01 and Town03
"""

import argparse
import subprocess
import sys

import carla
import numpy as np
from server import carlet, machine, synchronise, traffic
from ticks import free_port

LANE_CHECK_EVERY = 10
MOVING_M_S = 1.0


class StopLines:
    """All stop lines of a town: where, which way, whose light."""

    def __init__(self, world: carla.World):
        lights = [a for a in world.get_actors() if a.type_id == "traffic.traffic_light"]
        found = [(light, waypoint) for light in lights for waypoint in light.get_stop_waypoints()]
        self.lights = [light for light, _ in found]
        places = [w.transform for _, w in found]
        self.place = np.array([[t.location.x, t.location.y, t.location.z] for t in places])
        yaw = np.radians([t.rotation.yaw for t in places])
        self.along = np.column_stack([np.cos(yaw), np.sin(yaw)])
        self.half_width = np.array([w.lane_width / 2 for _, w in found])

    def crossed(self, before: np.ndarray, after: np.ndarray) -> list[tuple[int, carla.TrafficLight]]:
        """(car, light) of every front bumper (n, 3) that passed a line between two ticks."""
        ahead_before = ((before[:, None, :2] - self.place[:, :2]) * self.along).sum(axis=2)
        offset = after[:, None, :] - self.place
        ahead = (offset[:, :, :2] * self.along).sum(axis=2)
        across = np.abs(offset[:, :, 0] * self.along[:, 1] - offset[:, :, 1] * self.along[:, 0])
        passed = (ahead_before < 0) & (ahead >= 0) & (across < self.half_width) & (np.abs(offset[:, :, 2]) < 3)
        return [(int(car), self.lights[line]) for car, line in zip(*np.nonzero(passed), strict=True)]


def fronts(cars: list[carla.Actor], reach: list[float]) -> np.ndarray:
    """Front bumpers (n, 3)."""
    rows = []
    for car, ahead in zip(cars, reach, strict=True):
        pose = car.get_transform()
        tip = pose.location + ahead * pose.get_forward_vector()
        rows.append((tip.x, tip.y, tip.z))
    return np.array(rows)


def drive(client: carla.Client, count: int, ticks: int) -> dict[str, float]:
    """Drive and count."""
    world = client.get_world()
    synchronise(world)
    port = free_port()
    cars = traffic(client, world, count, port)
    collisions: set[tuple[int, int]] = set()
    blueprint = world.get_blueprint_library().find("sensor.other.collision")
    sensors = [world.spawn_actor(blueprint, carla.Transform(), attach_to=car) for car in cars]
    for sensor in sensors:
        sensor.listen(lambda event: collisions.add((event.actor.id, event.other_actor.id)))
    world.tick()
    lines, town = StopLines(world), world.get_map()
    reach = [car.bounding_box.location.x + car.bounding_box.extent.x for car in cars]
    start = fronts(cars, reach)
    before, red, crossings, offsets, driven = start, 0, 0, [], np.zeros(len(cars))
    for tick in range(ticks):
        world.tick()
        after = fronts(cars, reach)
        driven += np.linalg.norm(after - before, axis=1)
        for _, light in lines.crossed(before, after):
            crossings += 1
            red += light.state == carla.TrafficLightState.Red
        before = after
        if tick % LANE_CHECK_EVERY == 0:
            offsets += lane_offsets(town, cars)
    client.get_trafficmanager(port).shut_down()
    for sensor in sensors:
        sensor.destroy()
    return {
        "cars": len(cars),
        "km driven": float(driven.sum()) / 1000,
        "lines crossed": crossings,
        "on red": red,
        "collisions": len(collisions),
        "mean lane offset m": float(np.mean(offsets)),
    }


def lane_offsets(town: carla.Map, cars: list[carla.Actor]) -> list[float]:
    """Distance from the lane centre of every moving car outside junctions."""
    offsets = []
    for car in cars:
        if car.get_velocity().length() < MOVING_M_S:
            continue
        location = car.get_location()
        waypoint = town.get_waypoint(location)
        if not waypoint.is_junction:
            right = waypoint.transform.get_right_vector()
            gap = location - waypoint.transform.location
            offsets.append(abs(gap.x * right.x + gap.y * right.y))
    return offsets


def each_alone(options: argparse.Namespace) -> None:
    """One process a town: a process outlives the server of its Traffic Manager badly."""
    for town in options.towns:
        lengths = ["--cars", str(options.cars), "--ticks", str(options.ticks)]
        subprocess.run([sys.executable, __file__, "--towns", town, *lengths], check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--towns", nargs="+", default=["Town01", "Town03"])
    parser.add_argument("--cars", type=int, default=30)
    parser.add_argument("--ticks", type=int, default=2000)
    options = parser.parse_args()
    if len(options.towns) > 1:
        each_alone(options)
        return
    (town,) = options.towns
    with carlet("--town", town) as (client, _, _):
        result = drive(client, options.cars, options.ticks)
    print(machine())
    print(f"{town}, {options.ticks} ticks:", ", ".join(f"{k} {v:.3g}" for k, v in result.items()), flush=True)


if __name__ == "__main__":
    main()
