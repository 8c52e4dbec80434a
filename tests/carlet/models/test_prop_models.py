"""Every prop fills its box, is seen from its outside, and looks like itself."""

import numpy as np
import pytest
from model_checks import at_rest, count, share_of_inner_sides_seen

from carlet.actors.blueprints import library
from carlet.actors.table import Kind
from carlet.models.props import prop_model
from carlet.models.props.registry import LOOKS

PROPS = tuple(name for name, blueprint in library().items() if blueprint.kind is Kind.PROP)
KNOWN = tuple(name for name in PROPS if name != "static.prop.mesh")


def model_of(name: str):
    blueprint = library()[name]
    return prop_model(name, blueprint.box_extent, blueprint.semantic_tag)


def test_every_prop_has_a_look_and_no_look_is_left_over():
    assert {name.removeprefix("static.prop.") for name in KNOWN} == set(LOOKS)


@pytest.mark.parametrize("name", KNOWN)
def test_props_fill_their_boxes_and_stand_on_the_ground(name: str):
    extent = np.array(library()[name].box_extent)
    corner = at_rest(model_of(name))
    assert corner.min(axis=(0, 1)) == pytest.approx([-extent[0], -extent[1], 0.0], abs=1e-4)
    assert corner.max(axis=(0, 1)) == pytest.approx([extent[0], extent[1], 2.0 * extent[2]], abs=1e-4)
    assert 20 <= count(model_of(name)) <= 330


@pytest.mark.parametrize("name", PROPS)
def test_props_are_seen_from_their_outsides(name: str):
    corner = at_rest(model_of(name)).astype(np.float64)
    corner /= np.ptp(corner, axis=(0, 1))
    assert share_of_inner_sides_seen(corner) < 0.02


def test_tags_are_as_asked_for_and_tints_are_colours():
    for tag in (21, 20):
        model = prop_model("static.prop.trafficcone01", (0.44, 0.44, 0.57), tag)
        assert set(np.concatenate([part.mesh.tag for part in model.parts])) == {tag}
    for name in PROPS:
        tints = model_of(name).tints
        assert tints.shape == (3, 3) and ((tints >= 0.0) & (tints <= 1.0)).all()


def test_few_props_look_alike():
    looks = {}
    for name in KNOWN:
        model = model_of(name)
        key = model.parts[0].mesh.corner.tobytes() + model.parts[0].mesh.material.tobytes() + model.tints.tobytes()
        looks.setdefault(key, []).append(name)
    assert [names for names in looks.values() if len(names) > 1] == []


def test_a_mesh_of_unknown_content_is_a_plain_box_of_its_size():
    box = at_rest(prop_model("static.prop.mesh", (1.0, 2.0, 0.5)))
    assert np.ptp(box, axis=(0, 1)) == pytest.approx([2.0, 4.0, 1.0])
    assert len(box) == 12
    assert np.ptp(at_rest(model_of("static.prop.mesh")), axis=(0, 1)).min() > 0.0
