"""`python -m lead.training.train logdir=FOLDER key=value ...`, also `lead train`: from recorded drives to a checkpoint.

    lead train logdir=outputs/nano recipe=tfv6_nano data=data/carla_leaderboard2 records.shrink=2 two_stages=true

LEAD's own command lines mean the same here. `--help` lists all keys.
"""

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from lead.data.errors import DataError
from lead.models.config_tree import ConfigError
from lead.models.dotlist import keys_of
from lead.models.tfv6.checkpoint import CheckpointFileError, open_checkpoint, read_tensors
from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.recipes import for_pretraining
from lead.models.tfv6.transfer import transfer_weights
from lead.training.loop import train
from lead.training.processes import Group, find_device, join_group, leave_group
from lead.training.run_config import LEAD_NAMES, RunConfig, resolve, write_config
from lead.training.sources import find_store, make_records, observed, open_data
from lead.training.state import Progress, TrainingStateError

logger = logging.getLogger(__name__)

PRETRAIN, POSTTRAIN = "pretrain", "posttrain"
_BAD_INPUT, _INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, or the `arguments` given: 0, 2 for bad input, 130 when interrupted."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if {"-h", "--help"} & set(words):
        sys.stdout.write(_help())
        return 0
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        run(resolve(words, os.environ))
    except (ConfigError, DataError, CheckpointFileError, TrainingStateError) as error:
        sys.stderr.write(f"lead: {error}\n")
        return _BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write("lead: interrupted; the same command goes on from the last checkpoint\n")
        return _INTERRUPTED
    finally:
        leave_group()
    return 0


def run(config: RunConfig) -> Progress:
    """Train one stage, or both."""
    device = find_device(config.training.device)
    group = join_group(device)
    if device.startswith("cuda"):
        torch.cuda.set_device(device)
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.benchmark = True
    if group.leads and config.data:
        make_records(config)
    if group.size > 1:
        torch.distributed.barrier()
    if not config.two_stages:
        return run_stage(config, group, device)
    first, second = split_stages(config)
    run_stage(first, group, device)
    return run_stage(second, group, device)


def split_stages(config: RunConfig) -> tuple[RunConfig, RunConfig]:
    """Both stages of a training: perception alone, then everything from its weights; time is shared between them."""
    minutes = config.training.max_minutes
    shares = (config.pretrain_share, 1.0 - config.pretrain_share)
    folder = Path(config.logdir)
    first, second = (
        replace(config.training, max_minutes=None if minutes is None else share * minutes) for share in shares
    )
    pretrain = replace(
        config, two_stages=False, logdir=str(folder / PRETRAIN), use_planning_decoder=False, training=first
    )
    posttrain = replace(
        config,
        two_stages=False,
        logdir=str(folder / POSTTRAIN),
        use_planning_decoder=True,
        load_file=pretrain.logdir,
        pretrained_encoder=False,
        training=second,
    )
    return pretrain, posttrain


def run_stage(config: RunConfig, group: Group, device: str) -> Progress:
    """Train one stage and leave the resolved configuration beside its checkpoint."""
    folder = Path(config.logdir)
    if group.leads:
        write_config(config, folder)
    torch.manual_seed(config.training.seed)
    store = find_store(config)
    model = make_model(replace(config, model=replace(config.model, observation=observed(store))))
    count = sum(parameter.numel() for parameter in model.parameters())
    logger.info("%s: %s, %d parameters, on %s", folder, config.recipe, count, device)
    data = open_data(config, model, store, group, device)
    return train(model, data, config.training, folder)


def make_model(config: RunConfig) -> TFv6:
    """The stage's model with its first weights."""
    wanted: TFv6Config = config.model if config.use_planning_decoder else for_pretraining(config.model)
    model = TFv6(wanted, config.pretrained_encoder)
    if config.load_file is not None:
        checkpoint = open_checkpoint(config.load_file)
        report = transfer_weights(model, read_tensors(checkpoint.members[0]), checkpoint.config)
        logger.info("%d tensors from %s, %d begin anew", len(report.taken), config.load_file, len(report.left))
    return model


def _help() -> str:
    known = keys_of(RunConfig)
    lines = [f"  {key:44} {_type_name(hint)}" for key, hint in known.items()]
    others = [f"  {name:44} {key}" for name, key in LEAD_NAMES.items()]
    return "\n".join([__doc__ or "", "Keys:", *lines, "", "LEAD's names:", *others, ""])


def _type_name(hint: object) -> str:
    return getattr(hint, "__name__", str(hint)) if isinstance(hint, type) else str(hint)


if __name__ == "__main__":
    sys.exit(main())
