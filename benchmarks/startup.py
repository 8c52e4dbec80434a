"""Seconds from `python -m carlet` to the ready line, and what the server then weighs.

python benchmarks/startup.py                   # Town01, Town03, Town12, Town13, warm cache
python benchmarks/startup.py --cold            # first without the towns' cache, then with it

Modules are loaded as bytecode, as installed packages are, whatever the environment says of writing it.
"""

import argparse
import os
import statistics
import tempfile

import psutil
from server import carlet, machine


def ready_after(town: str) -> tuple[float, float, float]:
    """Seconds until ready, seconds of CPU until then, and MiB of resident memory."""
    with carlet("--town", town) as (_, pid, seconds):
        process = psutil.Process(pid)
        spent = process.cpu_times()
        return seconds, spent.user + spent.system, process.memory_info().rss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--towns", nargs="+", default=["Town01", "Town03", "Town12", "Town13"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cold", action="store_true", help="measure without the towns' cache as well")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        if options.cold:
            os.environ["CARLET_CACHE_DIR"] = folder
        for town in options.towns:
            if options.cold:
                print(f"{town}: {ready_after(town)[0]:.2f} s without its cache", flush=True)
            ready_after(town)
            runs = [ready_after(town) for _ in range(options.rounds)]
            seconds = [run[0] for run in runs]
            print(
                f"{town}: median {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f}) "
                f"with its cache, {statistics.median(run[1] for run in runs):.2f} s of CPU, {runs[-1][2]:.0f} MiB",
                flush=True,
            )


if __name__ == "__main__":
    main()
