"""`radar`: an NPZ file of `radar1` ..., each float16 (n, 4): x, y, z in the ego's frame and radial speed (m/s)."""

import io
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lead.recording.layout.errors import LayoutError


def encode(clouds: Mapping[str, NDArray[np.floating]]) -> bytes:
    """The file of the radars' clouds, by `radar1` ..."""
    out = io.BytesIO()
    halves = {name: cloud.astype(np.float16) for name, cloud in clouds.items()}
    np.savez_compressed(out, allow_pickle=False, **halves)
    return out.getvalue()


def decode(data: bytes) -> dict[str, NDArray[np.float16]]:
    """The clouds of a file. LayoutError when it is damaged or holds something else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            clouds = {name: np.asarray(arrays[name]) for name in arrays.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise LayoutError(f"this is no whole NPZ file: {error}") from None
    for name, cloud in clouds.items():
        if cloud.ndim != 2 or cloud.shape[1] != 4:
            raise LayoutError(f"{name} has shape {cloud.shape}, not (n, 4)")
    return clouds
