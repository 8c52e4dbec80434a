"""Ticks per second, client and server together, synchronous, with Traffic Manager cars.

python benchmarks/ticks.py                     # 30 and 100 cars in Town01
python benchmarks/ticks.py --towns Town03 --cars 50
"""

import argparse
import itertools
import socket
import statistics
import subprocess
import sys
import time

import carla
from server import carlet, machine, synchronise, traffic

from lead.simulator import TrafficWatch

WARM_UP = 100
TICK_TIMEOUT_S = 60.0


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def measure(client: carla.Client, cars: int, ticks: int, rounds: int) -> tuple[int, list[float]]:
    """Cars alive, and ticks per second of each round."""
    world = client.get_world()
    synchronise(world)
    port = free_port()
    actors = traffic(client, world, cars, port)
    manager, rates = client.get_trafficmanager(port), []
    with TrafficWatch(manager) as watch:
        for _ in range(WARM_UP):
            watch.tick(world, TICK_TIMEOUT_S)
        for _ in range(rounds):
            begin = time.perf_counter()
            for _ in range(ticks):
                watch.tick(world, TICK_TIMEOUT_S)
            rates.append(ticks / (time.perf_counter() - begin))
    manager.shut_down()
    return len(actors), rates


def each_alone(options: argparse.Namespace) -> None:
    """One process a measurement: a process outlives the server of its Traffic Manager badly."""
    for town, cars in itertools.product(options.towns, options.cars):
        lengths = ["--ticks", str(options.ticks), "--rounds", str(options.rounds)]
        subprocess.run([sys.executable, __file__, "--towns", town, "--cars", str(cars), *lengths], check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--towns", nargs="+", default=["Town01"])
    parser.add_argument("--cars", nargs="+", type=int, default=[30, 100])
    parser.add_argument("--ticks", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if len(options.towns) * len(options.cars) > 1:
        each_alone(options)
        return
    print(machine())
    for town in options.towns:
        for cars in options.cars:
            with carlet("--town", town) as (client, _, started):
                alive, rates = measure(client, cars, options.ticks, options.rounds)
            median = statistics.median(rates)
            print(
                f"{town}: ready after {started:.2f} s; {alive} cars: median {median:.0f} ticks/s "
                f"({min(rates):.0f} to {max(rates):.0f} in {options.rounds} rounds of {options.ticks})"
            )


if __name__ == "__main__":
    main()
