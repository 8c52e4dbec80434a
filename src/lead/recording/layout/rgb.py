"""`rgb`: all cameras' pictures side by side in one JPEG file."""

import cv2
import numpy as np
from numpy.typing import NDArray

from lead.recording.layout.errors import LayoutError

QUALITY = 30
"""LEAD's, in every weather."""
_END = b"\xff\xd9"


def encode(strip: NDArray[np.uint8], quality: int = QUALITY, whole_colours: bool = False) -> bytes:
    """The file of a strip (h, w, 3) blue green red; `whole_colours`: for each pixel, not each two by two."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, int(whole_colours)]
    if whole_colours:
        options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    _, data = cv2.imencode(".jpg", strip, options)
    return data.tobytes()


def decode(data: bytes) -> NDArray[np.uint8]:
    """The strip (h, w, 3), blue green red. LayoutError when the file holds none or ends early."""
    strip = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if strip is None or not data.rstrip(b"\0").endswith(_END):
        raise LayoutError("this is no whole JPEG picture")
    return np.asarray(strip, np.uint8)
