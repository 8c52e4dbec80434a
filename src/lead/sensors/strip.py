"""Pictures of several cameras side by side, as students see them."""

import cv2
import numpy as np
from numpy.typing import NDArray


def shrink(strip: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """A picture (h, w, 3) made smaller by a whole factor each way: the mean of each block of pixels.

    Students of small pictures must be shown the same at the wheel as in training. ValueError when the factor does not
    divide the picture's size.
    """
    height, width = strip.shape[:2]
    if height % factor or width % factor:
        raise ValueError(f"a picture of {width} x {height} pixels cannot be made {factor} times smaller")
    if factor == 1:
        return strip
    return np.asarray(cv2.resize(strip, (width // factor, height // factor), interpolation=cv2.INTER_AREA), np.uint8)
