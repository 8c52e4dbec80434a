"""How the parts of a body hang together."""

from collections.abc import Mapping

from carlet.models.actor_model import Joint, Part
from carlet.models.mesh import Mesh
from carlet.models.walkers.measures import Measures

#: Parts after the trunk, with what they hang on (none: the trunk).
CHAIN = (
    (Joint.HEAD, None),
    (Joint.UPPER_ARM_LEFT, None),
    (Joint.UPPER_ARM_RIGHT, None),
    (Joint.THIGH_LEFT, None),
    (Joint.THIGH_RIGHT, None),
    (Joint.FOREARM_LEFT, Joint.UPPER_ARM_LEFT),
    (Joint.FOREARM_RIGHT, Joint.UPPER_ARM_RIGHT),
    (Joint.SHIN_LEFT, Joint.THIGH_LEFT),
    (Joint.SHIN_RIGHT, Joint.THIGH_RIGHT),
)
Point = tuple[float, float, float]


def pivots(size: Measures) -> dict[Joint, Point]:
    """Where the joints are on what they hang on; the trunk's origin is on the ground."""
    elbow, knee = (0.0, 0.0, -size.upper_arm), (0.0, 0.0, size.knee - size.hip)
    return {
        Joint.HEAD: (0.006 * size.unit, 0.0, size.chin),
        Joint.UPPER_ARM_LEFT: (-0.004 * size.unit, -size.shoulder_y, size.shoulder),
        Joint.UPPER_ARM_RIGHT: (-0.004 * size.unit, size.shoulder_y, size.shoulder),
        Joint.THIGH_LEFT: (0.0, -size.hip_y, size.hip),
        Joint.THIGH_RIGHT: (0.0, size.hip_y, size.hip),
        Joint.FOREARM_LEFT: elbow,
        Joint.FOREARM_RIGHT: elbow,
        Joint.SHIN_LEFT: knee,
        Joint.SHIN_RIGHT: knee,
    }


def standing(size: Measures, trunk: Mesh, limbs: Mapping[Joint, Mesh]) -> tuple[Part, ...]:
    """A body that stands upright about an origin at half its height, of a trunk and the limbs given."""
    places = pivots(size)
    parts = [Part(trunk, pivot=(0.0, 0.0, -0.5 * size.unit))]
    rows: dict[Joint | None, int] = {None: 0}
    for joint, above in CHAIN:
        if joint in limbs:
            rows[joint] = len(parts)
            parts.append(Part(limbs[joint], joint, places[joint], rows[above]))
    return tuple(parts)
