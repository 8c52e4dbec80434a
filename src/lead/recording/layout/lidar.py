"""`lidar`: a LAZ file of points in the ego's frame (z lowered), in tenths of a metre, each with its age in ticks.

Version 1.2, point format 0, the offset at the smallest coordinates; the extra dimension `time` (uint8) is the age.
The libraries of the format are imported when a file is read or written: training from records does neither.
"""

import io
from datetime import date

import numpy as np

from lead.recording.layout.errors import LayoutError
from lead.sensors.sweeps import SCALE_M, Sweep

_AGE = "time"


def encode(sweep: Sweep, created: date | None = None) -> bytes:
    """The file of a sweep; `created` (today) is only noted in its header."""
    import laspy

    header = laspy.LasHeader(version="1.2", point_format=0)
    header.add_extra_dim(laspy.ExtraBytesParams(name=_AGE, type=np.uint8))
    header.scales = np.full(3, SCALE_M)
    header.offsets = sweep.points.min(axis=0) if len(sweep.points) else np.zeros(3)
    if created is not None:
        header.creation_date = created
    las = laspy.LasData(header)
    las.x, las.y, las.z = sweep.points.T
    las[_AGE] = sweep.age
    out = io.BytesIO()
    las.write(out, do_compress=True, laz_backend=laspy.LazBackend.Lazrs)
    return out.getvalue()


def decode(data: bytes) -> Sweep:
    """The sweep of a file. LayoutError when it is damaged or has no ages."""
    import laspy
    import lazrs

    laz_error: type[Exception] = getattr(lazrs, "LazrsError")  # noqa: B009 - a compiled module without types
    try:
        las = laspy.read(io.BytesIO(data), laz_backend=laspy.LazBackend.Lazrs)
        points = np.asarray(las.xyz, np.float64)
        age = np.asarray(las[_AGE], np.uint8)
    except (laspy.errors.LaspyException, laz_error, ValueError, EOFError, RuntimeError) as error:
        raise LayoutError(f"this is no whole LAZ file of LEAD's: {error}") from None
    return Sweep(points, age)
