"""The expert with all of its interventions, and without one of them at a time, on the same routes: one table.

python benchmarks/ablation.py --routes FILE_OR_FOLDER --output outputs/ablation [--protocol NAME] [--workers 2]

Each setting is driven into a folder of its own name; routes that are there already are not driven again.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from lead.agents.expert.agent import CONFIG_VARIABLE
from lead.commands.report import show

SETTINGS = {"all": "", **{f"no_{name}": f"{name}=false" for name in ("visibility", "uncertainty", "intent")}}


def drive(routes: Path, folder: Path, config: str, protocol: str, workers: int) -> int:
    """Drive the routes in a process of its own; its exit status."""
    command = [sys.executable, "-m", "lead", "--expert", "--routes", str(routes), "--output-dir", str(folder)]
    command += ["--protocol", protocol, "--workers", str(workers), "--no-video"]
    return subprocess.run(command, env={**os.environ, CONFIG_VARIABLE: config}, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--routes", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--protocol", default="bench2drive@0.0.3")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    for name, config in SETTINGS.items():
        status = drive(options.routes, options.output / name, config, options.protocol, options.workers)
        if status != 0:
            return status
    show(tuple(options.output / name for name in SETTINGS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
