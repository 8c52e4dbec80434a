"""`depth`: a quarter of the cameras' size, in 8 bits up to 50 m or in 16 bits up to 96 m."""

import cv2
import numpy as np
from numpy.typing import NDArray

from lead.recording.layout import png

RATIO = 4
REACH_M = {8: 50.0, 16: 96.0}


def quantise(depth: NDArray[np.floating], bits: int = 8, ratio: int = RATIO) -> NDArray[np.unsignedinteger]:
    """Depth (h, w) in metres as stored: (h / ratio, w / ratio) uint8 or uint16, cut, not rounded."""
    height, width = depth.shape
    small = cv2.resize(depth.astype(np.float32), (width // ratio, height // ratio), interpolation=cv2.INTER_AREA)
    reach, top = REACH_M[bits], (1 << bits) - 1
    return (np.clip(small, 0.0, reach) * (top / reach)).astype(np.uint8 if bits == 8 else np.uint16)


def metres(stored: NDArray[np.unsignedinteger]) -> NDArray[np.float32]:
    """Depth (h, w) in metres of a stored picture."""
    bits = 8 * stored.dtype.itemsize
    return stored.astype(np.float32) * np.float32(REACH_M[bits] / ((1 << bits) - 1))


encode = png.encode
decode = png.decode
