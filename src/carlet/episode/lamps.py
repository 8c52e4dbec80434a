"""The lamps of a level that clients may switch."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from carlet.wire.values import LampRecord, encode_lamp_record


class Lamps:
    """Street and building lamps by id, in a fixed order."""

    def __init__(self, lamps: Iterable[LampRecord] = ()):
        self._lamps = {lamp.lamp_id: lamp for lamp in lamps}
        self.changed = False
        self.day_night_cycle = True

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
