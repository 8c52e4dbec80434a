"""Milliseconds of TransFuser v6, beside a plain implementation: `python benchmarks/tfv6.py [--models NAMES]`.

Latency: batch 1, evaluation, planning alone and all heads; eager, compiled and in 16 bits. Training step: batch 2,
forward, losses and backward. The ways take turns, so that a busy machine is unfair to all of them alike; medians.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Mapping

import torch
from plain_tfv6 import PlainTFv6
from server import machine

from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.inference import InferenceConfig, OpenLoopInference, Precision
from lead.models.tfv6.modelling import ALL_HEADS, PLANNING_ONLY, TFv6
from lead.models.tfv6.recipes import find_recipe
from lead.models.tfv6.tensors import Inputs, Outputs

TOLERANCE = 1e-2
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
WAYS = {
    "eager, planning": InferenceConfig(PLANNING_ONLY),
    "eager, all heads": InferenceConfig(ALL_HEADS),
    "compiled, planning": InferenceConfig(PLANNING_ONLY, compiled=True),
    "compiled, all heads": InferenceConfig(ALL_HEADS, compiled=True),
    "bf16, planning": InferenceConfig(PLANNING_ONLY, precision=Precision.BFLOAT16),
    "bf16, compiled, planning": InferenceConfig(PLANNING_ONLY, precision=Precision.BFLOAT16, compiled=True),
}


def make_inputs(config: TFv6Config, batch: int) -> Inputs:
    generator = torch.Generator().manual_seed(0)
    radar = torch.rand(batch, 300, 5, generator=generator) * 20.0
    radar[..., 4] = torch.arange(4).repeat_interleave(75)
    size = (batch, 3, config.cameras.height, config.cameras.picture_width)
    return Inputs(
        rgb=torch.randint(0, 256, size, generator=generator).float(),
        speed=torch.full((batch,), 5.0),
        command=torch.eye(6)[:1].expand(batch, -1),
        rasterized_lidar=torch.rand(batch, 1, config.bev.height, config.bev.width, generator=generator),
        radar=radar,
        target_point_previous=torch.zeros(batch, 2),
        target_point=torch.full((batch, 2), 20.0),
        target_point_next=torch.full((batch, 2), 40.0),
    )


def measure(
    ways: Mapping[str, Callable[[], object]], rounds: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in ways}
    for name, way in ways.items():
        begin = clock()
        way()
        print(f"  first time, {name}: {clock() - begin:.1f} s", flush=True)
    for _ in range(rounds):
        for name, way in ways.items():
            begin = clock()
            way()
            times[name].append(1e3 * (clock() - begin))
    return times


def show(times: Mapping[str, list[float]]) -> None:
    base = statistics.median(times["plain, all heads"])
    for name, spent in times.items():
        median = statistics.median(spent)
        print(
            f"  {name:26} median {median:7.0f} ms, best {min(spent):7.0f} ms, {base / median:.2f} times plain's speed"
        )


def latency(model: TFv6, plain: PlainTFv6, names: list[str], rounds: int, clock: Callable[[], float]) -> None:
    inputs = make_inputs(model.config, 1)

    def run_plain() -> dict:
        with torch.inference_mode():
            return plain(inputs)

    ways: dict[str, Callable[[], object]] = {"plain, all heads": run_plain}
    for name in names:
        inference = OpenLoopInference([model], WAYS[name])
        ways[name] = lambda inference=inference: inference.predict(inputs)
    route = OpenLoopInference([model]).predict(inputs).route
    assert route is not None and (route - run_plain()["route"]).abs().max() < TOLERANCE
    show(measure(ways, rounds, clock))


def training_step(model: TFv6, plain: PlainTFv6, rounds: int, clock: Callable[[], float]) -> None:
    """The same simple loss of all outputs for both: it is the networks that are compared, not losses."""
    inputs = make_inputs(model.config, 2)

    def step(network: torch.nn.Module, collect: Callable) -> None:
        network.zero_grad(set_to_none=True)
        torch.stack([value.float().square().mean() for value in collect(network(inputs))]).sum().backward()

    ways = {
        "plain, all heads": lambda: step(plain.train(), plain_tensors),
        "ours, all heads": lambda: step(model.train(), tensors),
    }
    show(measure(ways, rounds, clock))


def tensors(outputs: Outputs) -> list[torch.Tensor]:
    plan, boxes, radar = outputs.plan, outputs.boxes, outputs.radar
    assert plan is not None and boxes is not None and radar is not None
    dense = [outputs.semantic, outputs.depth, outputs.bev_semantic, *vars(boxes).values()]
    return [*dense, plan.route, plan.waypoints, plan.speed_logits, radar.predictions]


def plain_tensors(outputs: dict) -> list[torch.Tensor]:
    dense = [outputs["semantic"], outputs["depth"], outputs["bev_semantic"], *outputs["boxes"]]
    return [*dense, outputs["route"], outputs["waypoints"], outputs["speed_logits"], outputs["radar"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=["tfv6_resnet34", "tfv6_regnety_032"])
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--clock", choices=CLOCKS, default="wall", help="cpu, with one thread, on a machine that is busy"
    )
    parser.add_argument("--training", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    clock = CLOCKS[options.clock]
    print(f"{machine()}; {options.threads} threads, {options.clock} time, load {os.getloadavg()[0]:.1f}")
    for name in options.models:
        torch.manual_seed(0)
        model = TFv6(find_recipe(name)).eval()
        plain = PlainTFv6(model.config).eval()
        plain.load_state_dict(model.state_dict())
        print(f"{name}: latency, batch 1")
        latency(model, plain, options.ways, options.rounds, clock)
        if options.training:
            print(f"{name}: training step, batch 2")
            training_step(model, plain, max(options.rounds // 2, 1), clock)


if __name__ == "__main__":
    main()
