"""What stands in a town, as solid boxes with names, and as things to be drawn. Seeded, so always the same."""

import numpy as np

from carlet.town.grid import build_grid, empty_grid
from carlet.town.model import Ground, Lights, Scenery, Signs
from carlet.town.objects import KIND_TAG, OBJECTS, ObjectKind

_CELL = 16.0


def empty_scenery() -> Scenery:
    """Nothing at all."""
    none, points = np.zeros(0), np.zeros((0, 3))
    codes = none.astype(np.uint8)
    return Scenery(
        centre=points,
        extent=points,
        yaw=none,
        tag=codes,
        name=[],
        solid_centre=points,
        solid_extent=points,
        kind=codes,
        model=codes,
        origin=points,
        size=points,
        seed=none.astype(np.uint32),
        source=none.astype(np.int64),
        lean=False,
        grid=empty_grid(_CELL),
    )


def build_scenery(name: str, ground: Ground, lights: Lights, signs: Signs) -> Scenery:
    """All scenery of the town `name`; its boxes fit what is drawn."""
    from carlet.town.dressing.boxes import boxes_of, solids_of
    from carlet.town.dressing.placing import place_objects
    from carlet.town.dressing.style import build_site

    site = build_site(name, ground, lights, signs)
    objects = place_objects(site)
    centre, extent = boxes_of(objects, site.style.lean)
    solid_centre, solid_extent = solids_of(objects, centre, extent)
    cos, sin = np.abs(np.cos(objects.yaw)), np.abs(np.sin(objects.yaw))
    reach = np.stack([extent[:, 0] * cos + extent[:, 1] * sin, extent[:, 0] * sin + extent[:, 1] * cos], axis=1)
    return Scenery(
        centre=centre,
        extent=extent,
        yaw=objects.yaw,
        tag=KIND_TAG[objects.kind],
        name=_names(objects.kind),
        solid_centre=solid_centre,
        solid_extent=solid_extent,
        kind=objects.kind,
        model=objects.model,
        origin=objects.origin,
        size=objects.size,
        seed=objects.seed,
        source=_sources(objects.kind, objects.source),
        lean=site.style.lean,
        grid=build_grid(centre[:, :2] - reach, centre[:, :2] + reach, np.arange(len(centre)), _CELL),
    )


def _names(kinds: np.ndarray) -> list[str]:
    """Names by kind and running number; things of one kind follow each other."""
    names: list[str] = []
    for kind in ObjectKind:
        count = int(np.count_nonzero(kinds == kind))
        names += [OBJECTS[kind].name.format(number) for number in range(count)]
    return names


def _sources(kinds: np.ndarray, source: np.ndarray) -> np.ndarray:
    """The sources, street lamps numbered as they follow each other."""
    lamps = kinds == ObjectKind.STREET_LAMP
    numbered = source.copy()
    numbered[lamps] = np.arange(np.count_nonzero(lamps))
    return numbered
