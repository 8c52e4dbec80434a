"""Pictures of a rig's cameras side by side, from the readings to what a student sees."""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lead.sensors.rig import Rig

Picture = NDArray[np.uint8]


def colour_strip(rig: Rig, readings: Mapping[str, Any], suffix: str = "") -> Picture:
    """The cameras' used rows side by side (h, w, 3), blue green red, of the readings `rgb_1` ... and suffix."""
    pictures = [
        readings[f"rgb_{number}{suffix}"][: camera.cropped_height, :, :3]
        for number, camera in enumerate(rig.cameras, 1)
    ]
    return np.concatenate(pictures, axis=1)


def through_jpeg(strip: Picture, quality: int, whole_colours: bool = False) -> Picture:
    """The picture as it comes back from a JPEG file; `whole_colours`: of each pixel, not each two by two."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality]
    if whole_colours:
        options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    _, data = cv2.imencode(".jpg", strip, options)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def shrink(strip: Picture, height: int, width: int) -> Picture:
    """The picture (h, w, 3) in a smaller size, each pixel the mean of those that it covers."""
    if strip.shape[:2] == (height, width):
        return strip
    return np.asarray(cv2.resize(strip, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def to_channels(strip: Picture) -> Picture:
    """A picture (h, w, 3) blue green red as (3, h, w) red green blue."""
    planes = np.empty((3, *strip.shape[:2]), np.uint8)
    cv2.split(strip, [planes[2], planes[1], planes[0]])
    return planes
