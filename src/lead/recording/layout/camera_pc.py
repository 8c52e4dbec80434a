"""`camera_pc`: an NPZ file of the cameras' pixels as points, float32 (n, 5): x, y, z, class and instance number."""

import io
import zipfile
import zlib

import numpy as np
from numpy.typing import NDArray

from lead.recording.layout.errors import LayoutError

_NAME = "camera_pc"


def encode(points: NDArray[np.floating]) -> bytes:
    """The file of points (n, 5)."""
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **{_NAME: points.astype(np.float32)})
    return out.getvalue()


def decode(data: bytes) -> NDArray[np.float32]:
    """The points (n, 5). LayoutError when the file is damaged or holds something else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            points = np.asarray(arrays[arrays.files[0]], np.float32)
    except (ValueError, OSError, EOFError, IndexError, zipfile.BadZipFile, zlib.error) as error:
        raise LayoutError(f"this is no whole NPZ file: {error}") from None
    if points.ndim != 2 or points.shape[1] != 5:
        raise LayoutError(f"camera points have shape {points.shape}, not (n, 5)")
    return points
