"""What LEAD's dictionaries of boxes have in common."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lead.geometry import rotation_matrices

Floats = NDArray[np.float64]

VEHICLE, LIGHT, WALKER, OBSTACLE, SPECIAL, STOP, BIKER = 1, 3, 4, 6, 7, 8, 9
"""Classes of boxes, as `transfuser_semantics_id` has them."""


def common_fields(
    kind: str, group: int, position: Floats, yaw: float, extent: Floats, actor_id: int, matrix: list[list[float]]
) -> dict[str, Any]:
    """What all boxes have: place (3,) and yaw in the ego's frame, half sizes (3,), the matrix (4, 4) in the world."""
    return {
        "class": kind,
        "transfuser_semantics_id": group,
        "extent": extent.tolist(),
        "position": position.tolist(),
        "yaw": yaw,
        "distance": float(np.linalg.norm(position)),
        "id": actor_id,
        "matrix": matrix,
    }


def matrix_of(pose: Floats) -> list[list[float]]:
    """Matrix (4, 4) of a pose (6,)."""
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation_matrices(pose[3:]), pose[:3]
    return matrix.tolist()
