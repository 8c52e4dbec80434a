"""From compact views to batches by LEAD's names, with tensors on any device; the same labels as `sample.py` makes."""

from collections.abc import Mapping
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from lead.data.centernet import YAW_BINS, bump
from lead.data.classes import BOX_CLASSES, Column
from lead.data.config import RecordConfig, SampleConfig
from lead.data.sample import CARLA
from lead.navigation.targets import COMMANDS
from lead.recording.layout.depth import REACH_M
from lead.sensors.bev import MOST_POINTS

_PLAN = {"waypoints": "future_waypoints", "yaws": "future_yaws", "route": "route"}
_SAME = ("rgb", "semantic", "bev_semantic", "radar", "radar_detections", "speed", "target_speed", "brake")


def expand(compact: Mapping[str, Tensor], records: RecordConfig, config: SampleConfig) -> dict[str, Tensor]:
    """Inputs and labels of a batch, given the compact arrays of its views, one row a sample."""
    batch = {name: compact[name] for name in _SAME if name in compact}
    batch |= {name: compact[key] for key, name in _PLAN.items() if config.planning and key in compact}
    batch["source_dataset"] = torch.full_like(compact["commands"][:, 0], CARLA)
    numbers = torch.arange(COMMANDS, device=compact["commands"].device)
    previous, current, following = (compact["commands"][..., None] == numbers).float().unbind(dim=1)
    batch |= {"command": current, "next_command": following, "previous_command": previous}
    for number, name in enumerate(("target_point_previous", "target_point", "target_point_next")):
        batch[name] = compact["target_points"][:, number]
    if "bev_features" in compact:
        # Batches are counted by their pictures, which nobody looks at any more.
        batch["bev_features"] = compact["bev_features"].float()
        batch["rgb"] = torch.zeros(len(compact["speed"]), 3, 1, 1, dtype=torch.uint8, device=compact["speed"].device)
    if "lidar" in compact:
        batch["rasterized_lidar"] = compact["lidar"][:, None].float() / MOST_POINTS
    if "depth" in compact:
        batch["depth"] = _depth(compact["depth"], compact["rgb"].shape[-2], config)
    if "boxes" in compact:
        made = box_targets(compact["boxes"], compact["box_count"], records)
        batch |= {f"center_net_{name}": value for name, value in made.items()}
        batch |= {"center_net_bounding_boxes": compact["boxes"], "center_net_num_boxes": compact["box_count"].long()}
    return batch


def _depth(stored: Tensor, rows: int, config: SampleConfig) -> Tensor:
    """Metres (batch, rows, columns) of the used cameras from stored depth of all."""
    bits = 8 * stored.element_size()
    # Numbers of 16 bits are kept as signed ones, which every device can convert.
    values = stored.to(torch.int32) & ((1 << bits) - 1)
    metres = values.float() * (REACH_M[bits] / ((1 << bits) - 1))
    factor = rows // stored.shape[-2] if config.rows is None else 4
    size = (factor * stored.shape[-2], factor * stored.shape[-1])
    whole = functional.interpolate(metres[:, None], size=size, mode="bilinear", align_corners=False)[:, 0, :rows]
    one = whole.shape[-1] // config.camera_count
    parts = [whole[..., (number - 1) * one : number * one] for number in config.cameras]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)


def box_targets(boxes: Tensor, count: Tensor, config: RecordConfig) -> dict[str, Tensor]:
    """`centernet.targets` of a batch: `boxes` (batch, rows, 9), of which the first `count` (batch,) hold."""
    rows, columns = config.grid
    place = boxes[..., Column.X : Column.Y + 1] / config.pixels_per_m
    column = place[..., 0].long().clamp(0, columns - 1)
    row = place[..., 1].long().clamp(0, rows - 1)
    holds = torch.arange(boxes.shape[1], device=boxes.device) < count[:, None]
    winner, there = _last_box(row * columns + column, holds, rows * columns)
    yaw_class, yaw_residual = _encode_yaw(boxes[..., Column.YAW])
    offset = place - torch.stack([column, row], dim=-1)
    half = boxes[..., Column.W : Column.H + 1] / config.pixels_per_m
    values = torch.cat([half, offset, yaw_residual[..., None], boxes[..., Column.SPEED, None]], dim=-1)
    maps = _to_cells(values, winner, there).unflatten(-1, (rows, columns))
    labels = torch.stack([yaw_class.float(), boxes[..., Column.BRAKE].round()], dim=-1)
    whole = _to_cells(labels, winner, there).unflatten(-1, (rows, columns)).to(torch.int32)
    heatmap = _heatmap(row, column, boxes[..., Column.CLASS].long(), holds, (rows, columns))
    return {
        "heatmap": heatmap,
        "pixel_weight": there.float().unflatten(-1, (rows, columns))[:, None].expand(-1, 2, -1, -1),
        "wh": maps[:, 0:2],
        "offset": maps[:, 2:4],
        "yaw_class": whole[:, 0],
        "yaw_res": maps[:, 4:5],
        "velocity": maps[:, 5:6],
        "brake": whole[:, 1],
        "avg_factor": (heatmap == 1.0).flatten(1).sum(dim=1).clamp(min=1),
    }


def _last_box(cell: Tensor, holds: Tensor, cells: int) -> tuple[Tensor, Tensor]:
    """For each cell (batch, cells) the last box in it, and whether there is one."""
    order = torch.arange(cell.shape[1], device=cell.device).expand_as(cell)
    order = torch.where(holds, order, -1)
    winner = torch.full((len(cell), cells), -1, device=cell.device)
    winner.scatter_reduce_(1, cell, order, "amax")
    return winner.clamp(min=0), winner >= 0


def _to_cells(values: Tensor, winner: Tensor, there: Tensor) -> Tensor:
    """Values (batch, boxes, n) of each cell's box, zero where there is none: (batch, n, cells)."""
    index = winner[:, None].expand(-1, values.shape[-1], -1)
    return values.transpose(1, 2).gather(2, index) * there[:, None]


def _encode_yaw(yaw: Tensor) -> tuple[Tensor, Tensor]:
    turn = 2.0 * torch.pi
    step = turn / YAW_BINS
    turned = torch.remainder(torch.remainder(yaw.double(), turn) + step / 2.0, turn)
    place = (turned / step).long().clamp(max=YAW_BINS - 1)
    return place, (turned - place.double() * step - step / 2.0).float()


def _heatmap(row: Tensor, column: Tensor, label: Tensor, holds: Tensor, size: tuple[int, int]) -> Tensor:
    """Bumps (batch, classes, rows, columns) round the cells; where they overlap the higher one counts."""
    shape = _bump(row.device)
    edge = shape.shape[0] // 2
    height, width = size[0] + 2 * edge, size[1] + 2 * edge
    steps = torch.arange(2 * edge + 1, device=row.device)
    rows = (row[..., None, None] + steps[:, None]).expand(-1, -1, -1, len(steps))
    columns = column[..., None, None] + steps
    index = (label[..., None, None] * height + rows) * width + columns
    values = torch.where(holds[..., None, None], shape, 0.0)
    flat = torch.zeros(len(row), BOX_CLASSES * height * width, device=row.device)
    flat.scatter_reduce_(1, index.flatten(1), values.flatten(1), "amax")
    return flat.unflatten(1, (BOX_CLASSES, height, width))[..., edge:-edge, edge:-edge].contiguous()


@lru_cache(maxsize=8)
def _bump(device: torch.device) -> Tensor:
    return torch.from_numpy(bump()).to(device)
