"""Lamps that clients switch, and that follow the sun. No town has any yet, so they are judged by themselves."""

from dataclasses import replace

from carlet.episode.lamps import Lamps
from carlet.wire.values import LampRecord, encode_lamp_record

STREET = LampRecord(7, (1.0, 2.0, 5.0), 100.0, 2, (255, 250, 240), False)


def test_lamps_burn_at_night_while_the_cycle_is_on():
    lamps = Lamps([STREET])
    lamps.follow_sun(-10.0)
    assert lamps.encoded() == [encode_lamp_record(replace(STREET, active=True))]
    assert lamps.take_changed()
    assert not lamps.take_changed()
    lamps.follow_sun(45.0)
    assert lamps.encoded() == [encode_lamp_record(STREET)]


def test_without_the_cycle_lamps_stay_as_clients_left_them():
    lamps = Lamps([STREET])
    lamps.day_night_cycle = False
    lamps.follow_sun(-10.0)
    assert lamps.encoded() == [encode_lamp_record(STREET)]
    assert not lamps.take_changed()
    lit = replace(STREET, active=True, intensity=5.0)
    lamps.update([lit, replace(lit, lamp_id=99)])
    assert lamps.encoded() == [encode_lamp_record(lit)]
