"""Every walker has a body of its height that can walk, and looks like nobody else."""

import numpy as np
import pytest
from model_checks import at_rest, count, share_of_inner_sides_seen

from carlet.actors.blueprints import library
from carlet.models.actor_model import Joint, Model
from carlet.models.walkers import far_walker_model, walker_model
from carlet.models.walkers.person import Carried, Top, person

WALKERS = tuple(name for name in library() if name.startswith("walker."))
LIMBS = {joint for joint in Joint if Joint.HEAD <= joint <= Joint.SHIN_RIGHT}


def model_of(name: str, build=walker_model, **kwargs) -> Model:
    blueprint = library()[name]
    given = {attribute.id: attribute.default for attribute in blueprint.attributes}
    return build(name, blueprint.box_extent, given["age"], given["gender"], **kwargs)


@pytest.mark.parametrize("name", WALKERS)
def test_bodies_fill_their_height_and_are_no_wider_than_people(name: str):
    extent = library()[name].box_extent
    for build in (walker_model, far_walker_model):
        corner = at_rest(model_of(name, build))
        low, high = corner.min(axis=(0, 1)), corner.max(axis=(0, 1))
        assert low[2] == pytest.approx(-extent[2], abs=1e-4)
        assert high[2] == pytest.approx(extent[2], abs=0.02)
        assert np.abs([low[:2], high[:2]]).max() < 0.2 * 2.0 * extent[2]
        assert 0.22 < (high[1] - low[1]) / (2.0 * extent[2]) < 0.36


@pytest.mark.parametrize("name", WALKERS)
def test_bodies_have_all_joints_and_stay_within_the_budget(name: str):
    near, far = model_of(name), model_of(name, far_walker_model)
    assert {part.joint for part in near.parts} == LIMBS | {Joint.FIXED}
    assert 300 <= count(near) <= 520
    assert 60 <= count(far) < 90
    for model in (near, far):
        assert all(part.parent < row for row, part in enumerate(model.parts))
        assert all((part.mesh.tag == 12).all() for part in model.parts)
        assert ((model.tints >= 0.0) & (model.tints <= 1.0)).all()


def test_bodies_are_seen_from_their_outsides():
    names = [*WALKERS[::4], "walker.pedestrian.0030"]
    seen = [share_of_inner_sides_seen(at_rest(model_of(name))) for name in names]
    assert max(seen) < 0.03
    assert np.mean(seen) < 0.01


def test_limbs_hang_down_and_point_forward():
    for part in model_of("walker.pedestrian.0002").parts[1:]:
        low, high = part.mesh.bounds
        assert -low[2] > high[2] or part.joint is Joint.HEAD
        if part.joint in (Joint.SHIN_LEFT, Joint.SHIN_RIGHT):
            assert high[0] > -2.0 * low[0]


def test_no_two_walkers_look_the_same():
    looks = set()
    for name in WALKERS:
        model = model_of(name)
        shape = b"".join(part.mesh.corner.tobytes() + part.mesh.material.tobytes() for part in model.parts)
        looks.add(shape + model.tints.tobytes())
    assert len(looks) == len(WALKERS)


def test_officers_wear_uniform_and_looks_follow_from_the_name():
    officer, other = (person(f"walker.pedestrian.{number}", 1.86, "adult", "male") for number in ("0030", "0038"))
    assert officer.worn is Carried.POLICE_CAP and officer.tints[0] == pytest.approx(officer.tints[1])
    assert (other.top, other.carried) == (Top.SUIT, Carried.BRIEFCASE)


def test_wheelchairs_stand_on_wheels_that_roll():
    model = model_of("walker.pedestrian.0001", wheelchair=True)
    wheels = [part for part in model.parts if part.joint in (Joint.WHEEL_REAR_LEFT, Joint.WHEEL_REAR_RIGHT)]
    corner = at_rest(model)
    assert len(wheels) == 2
    for wheel in wheels:
        low, high = wheel.mesh.bounds
        assert wheel.pivot[2] == pytest.approx(-low[2]) == pytest.approx(high[2], rel=0.1)
    assert corner[:, :, 2].min() == pytest.approx(-0.93, abs=0.03)
    assert 0.3 < corner[:, :, 2].max() < 0.75
