"""All that stands in a town: who comes first gets the place."""

import numpy as np

from carlet.town.dressing.clearance import keep_apart
from carlet.town.dressing.lots import place_boards, place_buildings
from carlet.town.dressing.plants import place_bushes, place_trees
from carlet.town.dressing.roadside import place_furniture, place_lamps, place_parked_cars
from carlet.town.dressing.runs import place_fences, place_rails
from carlet.town.dressing.signals import place_lights, place_signs
from carlet.town.dressing.style import Site
from carlet.town.dressing.table import Objects, join_objects
from carlet.town.objects import ObjectKind


def place_objects(site: Site) -> Objects:
    """Everything, in an order that hangs on the town only; things of one kind follow each other."""
    fixed = join_objects([place_lights(site), place_signs(site)])
    if not len(site.edges):
        return fixed.chosen(np.argsort(fixed.kind, kind="stable"))
    rest = join_objects(
        [
            place_rails(site),
            place_parked_cars(site),
            place_lamps(site),
            place_buildings(site),
            place_fences(site),
            place_furniture(site),
            place_trees(site),
            place_bushes(site),
        ]
    )
    every = join_objects([fixed, rest])
    kept = every.chosen(keep_apart(every.spot, every.half, every.yaw, len(fixed)))
    boards = place_boards(site, kept.chosen(kept.kind == ObjectKind.BUILDING))
    every = join_objects([kept, boards])
    return every.chosen(np.argsort(every.kind, kind="stable"))
