"""What a data set of recorded drives offers, whatever its format; LEAD's layout is one, in `layout.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lead.sensors.perturbation import Perturbation
from lead.sensors.sweeps import Sweep


@dataclass(frozen=True)
class View:
    """What one rig recorded at a frame; kinds that were not asked for are None.

    `rgb`: bytes of a JPEG picture of all cameras side by side. `semantic` (h, w) uint8: LEAD's grouped classes.
    `depth`: uint8 or uint16 as stored. `hdmap` (256, 256) uint8: 2 pixels a metre, the ego in the middle. `radars`:
    clouds (n, 4) of x, y, z (m) and radial speed (m/s), in the frame of `pose`, where the rig stands in the ego's.
    """

    rgb: bytes
    semantic: NDArray[np.unsignedinteger] | None
    depth: NDArray[np.unsignedinteger] | None
    hdmap: NDArray[np.unsignedinteger] | None
    radars: Mapping[str, NDArray[np.floating]] | None
    pose: Perturbation


@dataclass(frozen=True)
class Frame:
    """A recorded frame: LEAD's `meta` and `boxes`, the points of the last ticks, and the nominal and perturbed view.

    Of a drive that is to have one view a frame, `nominal` is in turn what the nominal and the perturbed rig saw; its
    pose says which.
    """

    meta: Mapping[str, Any]
    boxes: Sequence[Mapping[str, Any]]
    sweep: Sweep | None
    nominal: View
    perturbed: View | None


class Drive(Protocol):
    """One recorded drive."""

    @property
    def name(self) -> str:
        """What tells it from the other drives of the data set: parts separated by `/`."""
        ...

    @property
    def inputs(self) -> Sequence[Path]:
        """Files that its records are made of."""
        ...

    @property
    def frames(self) -> Sequence[str]:
        """Names of its frames, in order."""
        ...

    @property
    def outcome(self) -> str:
        """`accepted`, `failed`, or `unusable` where the drive did not end properly."""
        ...

    def read(self, frame: str) -> Frame:
        """A frame. DataError or LayoutError, naming the file, when it is missing or damaged."""
        ...
