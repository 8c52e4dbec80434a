"""The rigs of LEAD's data sets, by name."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lead.sensors.rig import Camera, Lidar, Radar, Rig, RigError
from lead.sensors.rig_file import read_rig
from lead.suggestions import suggest

_LIDARS = (Lidar((0.0, 0.0, 2.5), (0.0, 0.0, -90.0)), Lidar((0.0, 0.0, 2.5), (0.0, 0.0, -270.0)))
_RADARS = (
    Radar((2.6, 0.0, 0.6), (0.0, 0.0, -45.0)),
    Radar((2.6, 0.0, 0.6), (0.0, 0.0, 45.0)),
    Radar((-2.6, 0.0, 0.6), (0.0, 0.0, 135.0)),
    Radar((-2.6, 0.0, 0.6), (0.0, 0.0, 225.0)),
)


def _square(x: float, y: float, yaw_deg: float) -> Camera:
    return Camera((x, y, 2.25), (0.0, 0.0, yaw_deg), 384, 384, 60.0)


def _nuplan(position: tuple[float, float, float], rotation_deg: tuple[float, float, float]) -> Camera:
    return Camera(position, rotation_deg, 480, 280, 63.71, 270)


_THREE = (_square(0.1, -0.35, -54.5), _square(0.35, 0.0, 0.0), _square(0.1, 0.35, 54.5))
_SIX = (
    _square(0.0, -0.3, -57.5),
    _square(0.25, 0.0, 0.0),
    _square(0.0, 0.3, 57.5),
    _square(-0.3, 0.3, 122.5),
    _square(-0.55, 0.0, 180.0),
    _square(-0.3, -0.3, -122.5),
)
_NAVSIM = (
    _nuplan((0.25678, -0.14913, 1.96119), (-1.79087, -0.18031, -56.00986)),
    _nuplan((0.34360, 0.00982, 1.95210), (0.00405, -2.34456, -1.02538)),
    _nuplan((0.36278, 0.16381, 1.95403), (0.89089, -0.51773, 54.26239)),
    _nuplan((-1.83719, 0.02312, 1.91052), (0.00405, 1.98191, 180.0)),
)
_WIDE = Camera((-1.5, 0.0, 2.0), (0.0, 0.0, 0.0), 1024, 512, 110.0, 384)
_FRONT_123D = Camera((-1.5, 0.0, 2.0), (0.0, 0.0, 0.0), 1024, 512, 110.0)
_SIX_CAMERAS = Rig("lead_6cameras", _SIX, _LIDARS, _RADARS, 2)

RIGS: Mapping[str, Rig] = MappingProxyType(
    {
        rig.name: rig
        for rig in (
            Rig("lead_3cameras", _THREE, _LIDARS, _RADARS, 1),
            _SIX_CAMERAS.with_cameras("lead_4cameras", (0, 1, 2, 4), 2),
            _SIX_CAMERAS,
            Rig("lead_1camera", (_WIDE,), _LIDARS, _RADARS, 3),
            Rig("navsim", _NAVSIM, _LIDARS, _RADARS, 4),
            Rig("py123d", (_FRONT_123D,), _LIDARS, (), 6),
        )
    }
)
"""LEAD's rigs. `lead_4cameras` is the one of six without the two that look back to the sides."""


def find_rig(name_or_file: str) -> Rig:
    """A rig of ours by its name, or one of the user's by its .toml file. RigError, one sentence, for anything else."""
    if name_or_file in RIGS:
        return RIGS[name_or_file]
    if name_or_file.endswith(".toml"):
        return read_rig(Path(name_or_file))
    hint = suggest(name_or_file, RIGS, 0.4)
    raise RigError(f"there is neither a rig nor a .toml file called {name_or_file!r}{hint}")
