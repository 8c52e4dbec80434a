"""Pictures of few colours as runs of equal pixels: read by one `np.repeat`, many times faster than a PNG file."""

import numpy as np
from numpy.typing import NDArray

from lead.data.errors import DataError

_HEAD = 3


def encode(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bytes of a picture (h, w): height, width and number of runs, then lengths (all uint32), then values."""
    flat = image.reshape(-1)
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    lengths = np.diff(starts, append=len(flat))
    head = np.array([*image.shape, len(starts)])
    numbers = np.concatenate([head, lengths]).astype(np.uint32)
    return np.concatenate([numbers.view(np.uint8), flat[starts]])


def decode(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture (h, w) of bytes that begin at a multiple of four. DataError when they hold none."""
    numbers = data[: len(data) // 4 * 4].view(np.uint32)
    height, width, count = (int(number) for number in numbers[:_HEAD]) if len(numbers) >= _HEAD else (0, 0, 0)
    end = _HEAD + count
    lengths, values = numbers[_HEAD:end], data[4 * end : 4 * end + count]
    if len(values) != count or int(lengths.sum()) != height * width or count == 0:
        raise DataError("runs of a picture do not fit its size")
    return np.repeat(values, lengths).reshape(height, width)
