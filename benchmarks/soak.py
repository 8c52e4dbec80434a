"""Does anything leak? Many worlds, then many ticks with actors coming and going; memory, threads and sockets after.

python benchmarks/soak.py                      # 50 load_world calls over five towns, 20,000 ticks
"""

import argparse
import random

import carla
import psutil
from server import carlet, machine, synchronise

TOWNS = ("Town01", "Town02", "Town03", "Town05", "Town10HD")
ACTORS = 40


def state(process: psutil.Process) -> str:
    """Resident memory, threads and open sockets of the server."""
    memory = process.memory_info().rss / 2**20
    return f"{memory:.0f} MiB, {process.num_threads()} threads, {len(process.net_connections())} sockets"


def load_worlds(client: carla.Client, process: psutil.Process, count: int) -> None:
    """Load the towns in turn."""
    for i in range(count):
        client.load_world(TOWNS[i % len(TOWNS)])
        if (i + 1) % len(TOWNS) == 0:
            print(f"  after {i + 1} worlds: {state(process)}", flush=True)


def come_and_go(client: carla.Client, process: psutil.Process, ticks: int) -> None:
    """Keep spawning and destroying vehicles, walkers and sensors while the world ticks."""
    world = client.load_world("Town01")
    synchronise(world)
    library, points = world.get_blueprint_library(), world.get_map().get_spawn_points()
    vehicles, walkers = library.filter("vehicle.*"), library.filter("walker.pedestrian.*")
    dice, alive = random.Random(3), []
    for tick in range(ticks):
        if len(alive) < ACTORS:
            blueprint = dice.choice([*vehicles, *walkers])
            actor = world.try_spawn_actor(blueprint, dice.choice(points))
            if actor is not None:
                imu = world.spawn_actor(library.find("sensor.other.imu"), carla.Transform(), attach_to=actor)
                imu.listen(lambda data: None)
                alive.append((imu, actor))
        elif tick % 3 == 0:
            sensor, actor = alive.pop(dice.randrange(len(alive)))
            sensor.stop()
            sensor.destroy()
            actor.destroy()
        world.tick()
        if (tick + 1) % (ticks // 8) == 0:
            print(f"  after {tick + 1} ticks: {state(process)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=50)
    parser.add_argument("--ticks", type=int, default=20_000)
    options = parser.parse_args()
    print(machine())
    with carlet("--town", TOWNS[0]) as (client, pid, _):
        process = psutil.Process(pid)
        print(f"  at the start: {state(process)}")
        load_worlds(client, process, options.worlds)
        come_and_go(client, process, options.ticks)


if __name__ == "__main__":
    main()
