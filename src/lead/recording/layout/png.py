"""`semantics`, `hdmap` (uint8 grey) and `instance` (uint8 colour): PNG files of zlib's level 6.

`semantics` holds LEAD's grouped classes; `hdmap` 256 x 256 pixels, 2 a metre, the ego in the middle: 0 nothing, 1 road,
3 lane marking, 4 broken white marking.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from lead.recording.layout.errors import LayoutError

_LEVEL = 6


def encode(image: NDArray[np.unsignedinteger]) -> bytes:
    """The file of an image (h, w) or (h, w, 3) blue green red, uint8 or uint16."""
    _, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, _LEVEL])
    return data.tobytes()


def decode(data: bytes) -> NDArray[np.unsignedinteger]:
    """The image of a file. LayoutError when there is none in it."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if image is None:
        raise LayoutError("this is no readable PNG picture")
    return np.asarray(image, np.uint16 if image.dtype == np.uint16 else np.uint8)
