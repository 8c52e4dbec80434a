import pytest

from lead.evaluation.criteria.collision import Collision, kind_of
from lead.evaluation.infractions import Infraction
from lead.evaluation.observation import Contact

CAR = Contact(7, "vehicle.audi.tt")
WALL = Contact(0, "static.building")


def at(tick, time_s, x, *contacts, speed=8.0):
    return tick(time_s, location=(x, 0.0, 0.0), speed=speed, contacts=contacts)


def test_a_collision_is_told_with_type_id_and_place(tick, events_of):
    (event,) = events_of(Collision(), [at(tick, 1.0, 12.3456, CAR)])
    assert event.kind is Infraction.COLLISION_VEHICLE
    assert event.message.endswith("type=vehicle.audi.tt and id=7 at (x=12.346, y=0.0, z=0.0)")


def test_a_lasting_contact_counts_once(tick, events_of):
    ticks = [at(tick, 0.05 * i, 0.4 * i, CAR) for i in range(60)]
    assert len(events_of(Collision(), ticks)) == 1


def test_the_same_actor_counts_again_after_five_seconds_elsewhere(tick, events_of):
    early = [at(tick, 0.0, 0.0, CAR), at(tick, 4.9, 20.0, CAR)]
    late = [at(tick, 0.0, 0.0, CAR), at(tick, 5.1, 20.0, CAR)]
    assert len(events_of(Collision(), early)) == 1
    assert len(events_of(Collision(), late)) == 2


def test_other_actors_count_only_once_the_place_was_left(tick, events_of):
    near = [at(tick, 0.0, 0.0, CAR), at(tick, 1.0, 4.9, WALL)]
    far = [at(tick, 0.0, 0.0, CAR), at(tick, 1.0, 5.1, WALL)]
    back = [at(tick, 0.0, 0.0, WALL), at(tick, 1.0, 5.1), at(tick, 2.0, 0.0, WALL)]
    assert len(events_of(Collision(), near)) == 1
    assert [event.kind for event in events_of(Collision(), far)] == [
        Infraction.COLLISION_VEHICLE,
        Infraction.COLLISION_LAYOUT,
    ]
    assert len(events_of(Collision(), back)) == 2


def test_a_standing_ego_is_not_at_fault(tick, events_of):
    assert events_of(Collision(), [at(tick, 0.0, 0.0, CAR, speed=0.09)]) == []


def test_an_ego_that_the_contact_stops_dead_has_not_stood(tick, events_of):
    (event,) = events_of(Collision(), [at(tick, 0.0, 0.0), at(tick, 0.05, 0.4, WALL, speed=0.0)])
    assert event.kind is Infraction.COLLISION_LAYOUT


def test_the_sidewalk_is_not_scored_but_hides_what_follows_at_the_place(tick, events_of):
    sidewalk = Contact(0, "static.sidewalk")
    assert events_of(Collision(), [at(tick, 0.0, 0.0, sidewalk), at(tick, 0.1, 1.0, WALL)]) == []


@pytest.mark.parametrize(
    ("type_id", "kind"),
    [
        ("static.prop.vendingmachine", Infraction.COLLISION_LAYOUT),
        ("traffic.stop", Infraction.COLLISION_LAYOUT),
        ("walker.pedestrian.0001", Infraction.COLLISION_PEDESTRIAN),
        ("vehicle.bh.crossbike", Infraction.COLLISION_VEHICLE),
        ("static.sidewalk", None),
        ("spectator", None),
    ],
)
def test_kinds(type_id, kind):
    assert kind_of(type_id) is kind
