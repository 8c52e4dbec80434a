"""Students trained on the expert with all of its interventions, and without one of them at a time: one table.

python benchmarks/asymmetry.py --training-routes FOLDER --routes FILE_OR_FOLDER --output outputs/asymmetry [--workers 2]
    [--collect "--per-type 4 --longest 225 --exclude ROUTES"] [--train "recipe=tfv6_micro training.max_minutes=60"]

The same routes are recorded and driven, and the same training is done, for each setting, in a folder of its name. The
same command goes on where it ended.
"""

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ablation import SETTINGS

from lead.agents.expert.agent import CONFIG_VARIABLE
from lead.commands.report import show
from lead.models.half_precision import computes_in_16_bits

COLLECT = "--per-type 4 --longest 225 --jpeg-quality 90 --ego-filter box --protocol bench2drive@0.0.3"
TRAIN = (
    "recipe=tfv6_micro records.shrink=2 records.boxes=false records.depth=false records.semantic=false"
    " records.radar=false records.oldest_age=1 collection=closed_loop_balanced speed_ahead_s=1"
    " model.planner.told_queries=true model.planner.target_point_scale_m=50,20 training.losses.waypoints_weight=0.2"
    " training.losses.route_weight=2 workers=0 batch_size=16 lr=1e-3 training.optimiser.warmup_steps=100"
    f" training.bfloat16={str(computes_in_16_bits('cpu')).lower()} epochs=1000"
    " training.max_minutes=60 training.checkpoint_minutes=10"
)


def lead(words: Sequence[str], config: str = "") -> None:
    """One of the package's commands, the expert as `config` says; an exit when it fails."""
    status = subprocess.run(
        [sys.executable, "-m", "lead", *words], env={**os.environ, CONFIG_VARIABLE: config}, check=False
    ).returncode
    if status != 0:
        sys.exit(status)


def run(folder: Path, config: str, options: argparse.Namespace) -> Path:
    """Record, train and drive in `folder`; where the results of the drives lie."""
    workers = str(options.workers)
    recordings, student, drives = folder / "data", folder / "student", folder / "drives"
    collect = shlex.split(options.collect)
    lead(
        ["data", "collect", str(options.training_routes), "--output", str(recordings), "--workers", workers, *collect],
        config,
    )
    train = [*shlex.split(TRAIN), *shlex.split(options.train)]
    places = [f"logdir={student}", f"data={recordings}", f"cache={folder / 'cache'}"]
    lead(["train", *places, "use_planning_decoder=true", *train])
    drive = ["--checkpoint", str(student), "--routes", str(options.routes), "--output-dir", str(drives), "--no-video"]
    lead([*drive, "--protocol", options.protocol, "--workers", workers])
    return drives


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--training-routes", type=Path, required=True)
    parser.add_argument("--routes", type=Path, required=True, help="what the students drive")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--collect", default=COLLECT, help="options of `lead data collect`")
    parser.add_argument("--train", default="", help="settings of `lead train` that come after its own ones")
    parser.add_argument("--protocol", default="bench2drive@0.0.3")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    show(tuple(run(options.output / name, config, options) for name, config in SETTINGS.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
