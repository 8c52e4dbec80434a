"""Milliseconds a tick with cameras, LiDAR and radars, stream to the client included, in synchronous mode.

python benchmarks/pictures.py                          # both rigs in Town03 and Town12
python benchmarks/pictures.py --rigs tfv6 --towns Town03 --ticks 100

`tfv6`: 3 cameras 384x384 rgb, LiDAR of 600,000 points/s at 10 Hz, 4 radars, imu, gnss.
`recording`: 3 cameras x rgb, depth, semantic, instance, twice (one rig shifted), 2 LiDARs, 8 radars, imu, gnss.
A tick ends when every sensor's data of that frame has been copied in Python, as an agent's sensor interface does.
"""

import argparse
import queue
import statistics
import time
from collections.abc import Iterator
from typing import NamedTuple

import carla
import numpy as np
import psutil
from server import carlet, machine, synchronise

CARS, WALKERS = 60, 30
WARM_UP = 30
TIMEOUT_S = 60.0
FIRST_TICKS, FIRST_WAIT_S = 50, 2.0
CAMERA_POSES = ((0.10, -0.35, -54.5), (0.35, 0.0, 0.0), (0.10, 0.35, 54.5))
RADAR_POSES = ((2.6, -45.0), (2.6, 45.0), (-2.6, 135.0), (-2.6, 225.0))
PICTURES = ("rgb", "depth", "semantic_segmentation", "instance_segmentation")
SHIFT_M, SHIFT_YAW_DEG = 0.8, 4.0


class SensorSpec(NamedTuple):
    """A sensor of a rig: blueprint, attributes, and its place on the car."""

    type_id: str
    attributes: dict[str, str]
    pose: carla.Transform


def pose(x: float, y: float, z: float, yaw_deg: float = 0.0) -> carla.Transform:
    return carla.Transform(carla.Location(x, y, z), carla.Rotation(yaw=yaw_deg))


def cameras(kinds: tuple[str, ...], shift_m: float = 0.0, shift_yaw_deg: float = 0.0) -> Iterator[SensorSpec]:
    size = {"image_size_x": "384", "image_size_y": "384", "fov": "60"}
    for x, y, yaw_deg in CAMERA_POSES:
        for kind in kinds:
            yield SensorSpec(f"sensor.camera.{kind}", size, pose(x, y + shift_m, 2.25, yaw_deg + shift_yaw_deg))


def lidars(count: int) -> Iterator[SensorSpec]:
    attributes = {
        "channels": "64",
        "range": "85",
        "points_per_second": "600000",
        "rotation_frequency": "10",
        "upper_fov": "10",
        "lower_fov": "-30",
    }
    for yaw_deg in (-90.0, -270.0)[:count]:
        yield SensorSpec("sensor.lidar.ray_cast", attributes, pose(0.0, 0.0, 2.5, yaw_deg))


def radars(shift_m: float = 0.0, shift_yaw_deg: float = 0.0) -> Iterator[SensorSpec]:
    attributes = {"horizontal_fov": "90", "vertical_fov": "0.1", "range": "100", "points_per_second": "1500"}
    for x, yaw_deg in RADAR_POSES:
        yield SensorSpec("sensor.other.radar", attributes, pose(x, shift_m, 0.6, yaw_deg + shift_yaw_deg))


def common() -> Iterator[SensorSpec]:
    yield SensorSpec("sensor.other.imu", {}, pose(0.0, 0.0, 0.0))
    yield SensorSpec("sensor.other.gnss", {}, pose(0.0, 0.0, 0.0))


RIGS = {
    "none": [],
    "tfv6": [*cameras(("rgb",)), *lidars(1), *radars(), *common()],
    "recording": [
        *cameras(PICTURES),
        *cameras(PICTURES, SHIFT_M, SHIFT_YAW_DEG),
        *lidars(2),
        *radars(),
        *radars(SHIFT_M, SHIFT_YAW_DEG),
        *common(),
    ],
}


def crowded_point(points: list[carla.Transform], count: int) -> list[carla.Transform]:
    """The spawn point with the closest company, then the `count` nearest to it."""
    places = np.array([[p.location.x, p.location.y] for p in points])
    far = np.array([np.sort(np.hypot(*(places - place).T))[min(count, len(places) - 1)] for place in places])
    hub = int(far.argmin())
    order = np.argsort(np.hypot(*(places - places[hub]).T), kind="stable")
    return [points[i] for i in order[: count + 1]]


def populate(client: carla.Client, world: carla.World) -> carla.Actor:
    """The ego in the middle of cars that keep driving and walkers that walk; no Traffic Manager takes part."""
    library = world.get_blueprint_library()
    cars = [b for b in library.filter("vehicle.*") if b.get_attribute("base_type").as_str() in ("car", "van")]
    walkers = library.filter("walker.pedestrian.*")
    places = crowded_point(world.get_map().get_spawn_points(), CARS + WALKERS)
    ego = library.find("vehicle.lincoln.mkz_2020")
    ego.set_attribute("role_name", "hero")
    hero = world.spawn_actor(ego, places[0])
    batch = [carla.command.SpawnActor(cars[i % len(cars)], place) for i, place in enumerate(places[1 : CARS + 1])]
    for i, place in enumerate(places[CARS + 1 :]):
        side = place.get_right_vector()
        spot = carla.Transform(place.location + carla.Location(side.x * 4.0, side.y * 4.0, 1.0), place.rotation)
        batch.append(carla.command.SpawnActor(walkers[i % len(walkers)], spot))
    ids = [answer.actor_id for answer in client.apply_batch_sync(batch, True) if not answer.error]
    for actor in world.get_actors(ids):
        if actor.type_id.startswith("walker."):
            ahead = actor.get_transform().get_forward_vector()
            actor.apply_control(carla.WalkerControl(ahead, 1.2))
        else:
            actor.apply_control(carla.VehicleControl(throttle=0.35, steer=0.02))
    return hero


class Rig:
    """Sensors on a car, and the wait for all of a frame."""

    def __init__(self, world: carla.World, car: carla.Actor, specs: list[SensorSpec]):
        self._data: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
        self._sensors = [self._attach(world, car, spec, i) for i, spec in enumerate(specs)]

    def _attach(self, world: carla.World, car: carla.Actor, spec: SensorSpec, index: int) -> carla.Sensor:
        blueprint = world.get_blueprint_library().find(spec.type_id)
        for name, value in spec.attributes.items():
            blueprint.set_attribute(name, value)
        sensor = world.spawn_actor(blueprint, spec.pose, attach_to=car)
        sensor.listen(lambda data: self._take(index, data))
        return sensor

    def _take(self, index: int, data: carla.SensorData) -> None:
        if hasattr(data, "raw_data"):
            np.frombuffer(data.raw_data, np.uint8).copy()
        self._data.put((data.frame, index))

    def wait(self, frame: int, timeout_s: float = TIMEOUT_S) -> bool:
        """Until every sensor has said something about `frame`; False when they did not in time."""
        missing = set(range(len(self._sensors)))
        while missing:
            try:
                seen, index = self._data.get(timeout=timeout_s)
            except queue.Empty:
                return False
            if seen == frame:
                missing.discard(index)
        return True

    def begin(self, world: carla.World) -> None:
        """Tick until all sensors speak: subscriptions take a moment to arrive."""
        for _ in range(FIRST_TICKS):
            if self.wait(world.tick(TIMEOUT_S), FIRST_WAIT_S):
                return
        raise SystemExit("not all sensors began to speak")

    def destroy(self) -> None:
        for sensor in self._sensors:
            sensor.stop()
            sensor.destroy()


def timed(world: carla.World, rig: Rig, ticks: int) -> list[float]:
    """Milliseconds of each tick."""
    times = []
    rig.begin(world)
    for i in range(WARM_UP + ticks):
        begin = time.perf_counter()
        if not rig.wait(world.tick(TIMEOUT_S)):
            raise SystemExit("data of a sensor got lost")
        if i >= WARM_UP:
            times.append(1e3 * (time.perf_counter() - begin))
    return times


def measure(town: str, rigs: list[str], ticks: int) -> None:
    with carlet("--town", town) as (client, pid, started):
        world = client.get_world()
        synchronise(world)
        hero = populate(client, world)
        process = psutil.Process(pid)
        print(f"{town}: ready after {started:.1f} s, {CARS} cars, {WALKERS} walkers, {ticks} ticks each")
        for name in rigs:
            rig = Rig(world, hero, RIGS[name])
            begin, busy = time.perf_counter(), sum(process.cpu_times()[:2])
            times = timed(world, rig, ticks)
            share = (sum(process.cpu_times()[:2]) - busy) / (time.perf_counter() - begin)
            rig.destroy()
            median, slow = statistics.median(times), sorted(times)[int(0.95 * len(times))]
            memory = process.memory_info().rss / 2**20
            print(
                f"  {name:9s}: median {median:6.1f} ms a tick = {1e3 / median:5.1f} ticks/s (fastest {min(times):.1f}, "
                f"95 % under {slow:.1f} ms); server busy on {share:.2f} cores, {memory:.0f} MiB",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--towns", nargs="+", default=["Town03", "Town12"])
    parser.add_argument("--rigs", nargs="+", choices=list(RIGS), default=list(RIGS))
    parser.add_argument("--ticks", type=int, default=100)
    options = parser.parse_args()
    print(machine())
    for town in options.towns:
        measure(town, options.rigs, options.ticks)


if __name__ == "__main__":
    main()
