"""Lamps that clients switch, and that follow the sun."""

from dataclasses import replace

import numpy as np

from carlet.episode.lamps import Lamps, street_lamps
from carlet.models.materials import code
from carlet.town import load_town
from carlet.town.dressing import build_dressing
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


def test_a_town_has_lamps_that_shine_where_they_are_drawn():
    town = load_town("Town02")
    records, level = street_lamps(town), build_dressing(town)
    assert [record.lamp_id for record in records] == list(range(1, len(records) + 1))
    lamps = level.things.lamp[level.solid.thing]
    assert set(lamps[lamps >= 0].tolist()) == set(range(len(records)))
    glow = level.solid.material == code("lamp_street")
    assert np.all(lamps[glow] >= 0)
    middle = level.solid.corner[glow].mean(axis=1)
    spots = np.array([record.location for record in records])[lamps[glow]]
    assert np.linalg.norm(middle - spots, axis=1).max() < 0.6
