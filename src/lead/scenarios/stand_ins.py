"""What takes the place of things that a route asks for and a simulator has not.

Fail2Drive comes with animals, walls, pictures and stains of its own; CARLA's library has none of them. Whatever is
replaced is told in the log and in the playbill's notes.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

import carla


class StandIn(NamedTuple):
    """Blueprints that fit the pattern `wanted` are replaced by `instead`.

    `upright`: the wanted one is a picture that is hung up on its edge, its middle above the ground; what stands in for
    it stands on the ground.
    """

    wanted: str
    instead: str
    upright: bool = False


_CHILD, _WALL, _PLATE, _STAIN = (
    "walker.pedestrian.0048",
    "static.prop.busstop",
    "static.prop.ironplank",
    "static.prop.dirtdebris01",
)
#: The first that fits counts. Walls are some 4 m wide and 3 m high, plates some 1.5 m, stains can be driven over.
STAND_INS = (
    StandIn("walker.animal.*", _CHILD),
    StandIn("static.prop.brickwall*", _WALL, upright=True),
    StandIn("static.prop.autobahn*", _WALL, upright=True),
    StandIn("static.prop.screenshot*", _WALL, upright=True),
    StandIn("static.prop.walkingkid*", _PLATE),
    StandIn("static.prop.ampel*", _PLATE),
    StandIn("static.prop.snow*", _STAIN),
    StandIn("static.prop.dirt*", _STAIN),
    StandIn("static.prop.graffiti*", _STAIN),
    StandIn("static.prop.smiley*", _STAIN),
    StandIn("static.prop.gnome*", "static.prop.trashbag"),
    StandIn("static.prop.slide*", "static.prop.foodcart"),
    StandIn("static.prop.haybale*", "static.prop.clothcontainer"),
    StandIn("static.prop.mailbox*", "static.prop.bin"),
    StandIn("static.prop.clothesline*", "static.prop.swing"),
    StandIn("static.prop.foodcart*", "static.prop.kiosk_01"),
    StandIn("static.prop.busstop*", "static.prop.busstop"),
    StandIn("static.prop.advertisement*", "static.prop.advertisement"),
)


def stand_in(library: carla.BlueprintLibrary, wanted: str) -> StandIn | None:
    """What is used instead of a blueprint; None when the library has it, or when nothing can take its place."""
    if len(library.filter(wanted)):
        return None
    fitting = (one for one in STAND_INS if fnmatchcase(wanted, one.wanted) and len(library.filter(one.instead)))
    return next(fitting, None)


def blueprints_or_stand_ins(
    library: carla.BlueprintLibrary, wanted: str, notes: list[str]
) -> Sequence[carla.ActorBlueprint]:
    """Blueprints by id or pattern, in the order of their ids, or those that take their place; `notes` says so."""
    other = stand_in(library, wanted)
    if other is not None:
        note = f"{other.instead} stands in for {wanted}, which the simulator does not have"
        if note not in notes:
            notes.append(note)
    return sorted(library.filter(other.instead if other else wanted), key=lambda one: one.id)
