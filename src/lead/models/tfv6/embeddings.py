"""Sine embeddings of positions."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lead.models.tfv6.configuration import BevConfig

_TEMPERATURE = 10000.0
_EPSILON = 1e-6


def embed_angles(angles: Float[Tensor, "*shape"], size: int) -> Float[Tensor, "*shape size"]:
    """`size` features an angle (rad): sine and cosine in turn, of ever slower waves."""
    pairs = torch.arange(size // 2, device=angles.device, dtype=angles.dtype)
    waves = angles[..., None] / _TEMPERATURE ** (2.0 * pairs / size)
    return torch.stack([waves.sin(), waves.cos()], dim=-1).flatten(-2)


def embed_points(points: Float[Tensor, "*shape 2"], size: int) -> Float[Tensor, "*shape size"]:
    """Embedding of points (x, y), each 0 to 1 (others are moved to the edge): half of it for y, then half for x."""
    angles = points.clamp(0.0, 1.0) * (2.0 * math.pi)
    return torch.cat([embed_angles(angles[..., 1], size // 2), embed_angles(angles[..., 0], size // 2)], dim=-1)


def embed_cells(rows: int, columns: int, size: int) -> Float[Tensor, "1 size rows columns"]:
    """Embedding of the cells of a grid, as in DETR: half of it for the row, then half for the column."""
    row_angles = torch.arange(1, rows + 1) / (rows + _EPSILON) * (2.0 * math.pi)
    column_angles = torch.arange(1, columns + 1) / (columns + _EPSILON) * (2.0 * math.pi)
    by_row = embed_angles(row_angles, size // 2)[:, None].expand(-1, columns, -1)
    by_column = embed_angles(column_angles, size // 2)[None].expand(rows, -1, -1)
    return torch.cat([by_row, by_column], dim=-1).permute(2, 0, 1)[None].contiguous()


def unit_square(points: Float[Tensor, "*shape 2"], bev: BevConfig) -> Float[Tensor, "*shape 2"]:
    """Points (x, y in metres) in units of the bird's-eye range: 0 to 1 within it."""
    low = points.new_tensor([bev.min_x_m, bev.min_y_m])
    high = points.new_tensor([bev.max_x_m, bev.max_y_m])
    return (points - low) / (high - low)
