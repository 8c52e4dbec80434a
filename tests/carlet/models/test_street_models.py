import numpy as np
import pytest

from carlet.models.faces import FACES, SPEEDS_KMH, face, faces
from carlet.models.materials import Pattern, code, material_arrays
from carlet.models.palette.street import face_size
from carlet.models.shapes import signed_volume
from carlet.models.street import buildings, furniture, lamps, plants, signals

CLOSED = {
    **{f"tree {name}": lambda name=name: plants.tree(name) for name in plants.TREES if name != "palm"},
    "bush": lambda: plants.bush(0),
    **{f"lamp {name}": lambda name=name: lamps.street_lamp(name) for name in lamps.LAMPS},
    **{name: lambda name=name: getattr(furniture, name)() for name in ("bench", "litter_bin", "hydrant", "bus_stop")},
    **{name: lambda name=name: getattr(furniture, name)() for name in ("column", "power_box", "cone", "planter")},
    **{name: lambda name=name: getattr(furniture, name)() for name in ("mail_box", "barrier", "power_pole")},
    "mast": lambda: signals.mast(False),
    "arm": lambda: signals.mast_arm(True),
    "sign post": lambda: signals.sign_post(False),
    **{f"sign {name}": lambda name=name: signals.sign_plate(name) for name in ("stop", "yield", "warning", "speed_50")},
    "gable roof": lambda: buildings.gable_roof("tiles", "plaster"),
    "hip roof": lambda: buildings.hip_roof("tiles"),
    "spire": buildings.spire,
    "silo": buildings.silo,
}


@pytest.mark.parametrize("name", CLOSED)
def test_solids_have_their_outside_outwards(name):
    mesh = CLOSED[name]()
    low, high = mesh.bounds
    middle = mesh.corner.astype(float) - 0.5 * (low + high)
    assert 0.0 < signed_volume(middle) < 1.001 * np.prod(high - low)
    assert np.all(np.linalg.norm(mesh.normals, axis=1) > 0.9)


@pytest.mark.parametrize("name", plants.TREES)
def test_trees_are_as_large_as_they_say(name):
    width, height = plants.TREE_SIZES[plants.TREES.index(name)]
    mesh = plants.tree(name)
    low, high = mesh.bounds
    assert np.hypot(*np.abs(mesh.corner[..., :2]).reshape(-1, 2).T).max() <= 0.5 * width * 1.08
    assert 0.75 * height < high[2] <= 1.25 * height
    assert low[2] < 0.0
    assert 20 <= len(mesh) <= 100


def test_crowns_leave_room_below():
    leaves = [code("leaves"), code("leaves_tall")]
    for name in ("oak", "lime", "birch", "oak_lean", "lime_lean"):
        mesh = plants.tree(name)
        assert mesh.corner[np.isin(mesh.material, leaves), :, 2].min() > 1.7


@pytest.mark.parametrize("lean", [False, True])
def test_a_light_looks_along_x_with_red_on_top(lean):
    mesh = signals.light_head(lean)
    heights = []
    for name in ("lens_red", "lens_amber", "lens_green"):
        lens = mesh.material == code(name)
        assert np.all(mesh.normals[lens, 0] > 0.99)
        heights.append(mesh.corner[lens, :, 2].mean())
    assert np.allclose(np.diff(heights), -signals.LAMP_STEP, atol=0.01)
    assert mesh.corner[..., 0].max() - mesh.corner[np.isin(mesh.material, [code("housing")]), :, 0].min() < 0.5


@pytest.mark.parametrize("name", ["stop", "yield", "speed_30", "cafe"])
def test_plates_show_their_face_and_fit_it(name):
    mesh = signals.sign_plate(name)
    shown = mesh.material == code(f"face_{name}")
    assert np.all(mesh.normals[shown, 0] > 0.99)
    assert np.allclose(mesh.corner[shown, :, 0], 0.0)
    width, height = face_size(name)
    params = material_arrays().params[code(f"face_{name}")]
    assert material_arrays().pattern[code(f"face_{name}")] == Pattern.FACE
    assert params[:3] == pytest.approx([FACES.index(name), width, height])
    assert np.abs(mesh.corner[..., 1]).max() == pytest.approx(0.5 * width)
    assert np.abs(mesh.corner[..., 2]).max() <= 0.5 * height + 1e-6


def test_faces_are_small_pictures_that_differ():
    pictures = faces()
    assert pictures.shape == (len(FACES), 64, 64, 4)
    assert pictures.dtype == np.uint8
    assert len(np.unique(pictures.reshape(len(FACES), -1), axis=0)) == len(FACES)
    assert not pictures.flags.writeable
    red = pictures[face("stop"), 20, 8].astype(int)
    assert red[0] > 120 > red[1]
    with pytest.raises(ValueError, match="not in tuple"):
        face("speed_35")


def test_limits_can_be_told_apart():
    """The ink of two different limits differs where the number stands, and only there."""
    pictures = faces()[[face(f"speed_{speed}") for speed in SPEEDS_KMH], :, :, 0].astype(int)
    for one in range(len(SPEEDS_KMH)):
        for other in range(one):
            gap = np.abs(pictures[one] - pictures[other]) > 60
            assert np.count_nonzero(gap[34:]) > 40
            assert not np.any(gap[:30])


def test_designs_have_whole_bays():
    for name, design in buildings.DESIGNS.items():
        if not design.walls.startswith("facade"):
            continue
        storey, bay, *_, ground, _, _ = material_arrays().params[code(design.walls)]
        assert (storey, bay) == pytest.approx((design.storey, design.bay)), name
        assert ground == pytest.approx(design.ground), name
