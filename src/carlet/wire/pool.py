"""Memory for messages that is used again once nobody holds it: fresh pages cost more than filling them."""

import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Pool:
    """Arrays of one shape and type. An array, and whatever views of it there are, may be kept as long as one likes."""

    #: Buffers that are kept though nobody uses them.
    IDLE = 2

    def __init__(self, shape: tuple[int, ...], dtype: Any):
        self._shape, self._dtype = shape, np.dtype(dtype)
        self._idle: list[bytearray] = []

    def take(self) -> NDArray[Any]:
        """An array to write to; what is in it is left from earlier."""
        size = int(np.prod(self._shape)) * self._dtype.itemsize
        storage = self._idle.pop() if self._idle else bytearray(size)
        # Whatever views there are of an array keep this very array, as its own memory is no array.
        array = np.ndarray(self._shape, self._dtype, storage)
        weakref.finalize(array, self._give_back, storage).atexit = False
        return array

    def _give_back(self, storage: bytearray) -> None:
        if len(self._idle) < self.IDLE:
            self._idle.append(storage)
