"""Writing H.264 video files that browsers and players open."""

import os
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import cv2
import numpy as np
from numpy.typing import NDArray


class VideoWriter:
    """An mp4 file, frame by frame; it gets its name when it is complete, and nothing is left of an empty one."""

    def __init__(self, path: Path, width: int, height: int, frames_per_second: int | Fraction, quality: int = 28):
        """`quality`: x264's constant rate factor, smaller is better and larger; width and height must be even."""
        if width % 2 or height % 2:
            raise ValueError(f"a video of {width} x {height} pixels is not possible: both must be even")
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._container = av.open(str(self._unfinished), "w", format="mp4")
        options = {"crf": str(quality), "preset": "superfast", "tune": "animation"}
        self._stream = self._container.add_stream("libx264", rate=frames_per_second, options=options)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._time_base = 1 / Fraction(frames_per_second)
        self._frames = 0

    def write(self, image: NDArray[np.uint8]) -> None:
        """Append an image (height, width, 3), blue green red."""
        # OpenCV converts five times as fast as the encoder would.
        planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = self._frames, self._time_base
        self._frames += 1
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Finish the file."""
        if self._frames:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        if self._frames:
            self._unfinished.replace(self.path)
        else:
            self._unfinished.unlink(missing_ok=True)

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
