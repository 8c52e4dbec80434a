"""The lamps of a level that clients may switch."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from carlet.models.street.lamps import LAMP_SPOTS
from carlet.town import Town
from carlet.town.objects import ObjectKind
from carlet.wire.values import LampRecord, encode_lamp_record

STREET_GROUP = 2
INTENSITY, COLOUR = 3000.0, (255, 209, 163)


def street_lamps(town: Town) -> list[LampRecord]:
    """The street lamps of a town, unlit, in the order of `LevelThings.lamp`; ids begin at 1."""
    scenery = town.scenery
    rows = np.flatnonzero(scenery.kind == ObjectKind.STREET_LAMP)
    rows = rows[np.argsort(scenery.source[rows], kind="stable")]
    spot = LAMP_SPOTS[scenery.model[rows]]
    cos, sin = np.cos(scenery.yaw[rows]), np.sin(scenery.yaw[rows])
    local = np.stack([spot[:, 0] * cos - spot[:, 1] * sin, spot[:, 0] * sin + spot[:, 1] * cos, spot[:, 2]], axis=1)
    places = (scenery.origin[rows] + local).tolist()
    return [
        LampRecord(number, (x, y, z), INTENSITY, STREET_GROUP, COLOUR, False)
        for number, (x, y, z) in enumerate(places, start=1)
    ]


class Lamps:
    """Street and building lamps by id, in a fixed order."""

    def __init__(self, lamps: Iterable[LampRecord] = ()):
        self._lamps = {lamp.lamp_id: lamp for lamp in lamps}
        self.changed = False
        self.day_night_cycle = True

    @property
    def records(self) -> tuple[LampRecord, ...]:
        """All lamps, in their order."""
        return tuple(self._lamps.values())

    def encoded(self) -> list[Any]:
        """All lamps as the wire has them."""
        return [encode_lamp_record(lamp) for lamp in self._lamps.values()]

    def update(self, records: Iterable[LampRecord]) -> None:
        """Take over what a client changed; unknown ids are ignored."""
        known = [record for record in records if record.lamp_id in self._lamps]
        self._lamps.update({record.lamp_id: record for record in known})
        self.changed = self.changed or bool(known)

    def follow_sun(self, altitude_deg: float) -> None:
        """Switch all lamps on below the horizon and off above, while the day-night cycle is on."""
        lit = altitude_deg < 0.0
        if self.day_night_cycle:
            self.update(replace(lamp, active=lit) for lamp in self._lamps.values() if lamp.active != lit)

    def take_changed(self) -> bool:
        """Whether a lamp changed since the last call."""
        changed, self.changed = self.changed, False
        return changed
