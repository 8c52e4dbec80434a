"""Every vehicle of the library has a model of its size, closed, lit, on its wheels and within its budget."""

import time

import numpy as np
import pytest

from carlet.actors.appearance import vehicle_facts
from carlet.actors.blueprints import library
from carlet.models.actor_model import Joint
from carlet.models.materials import Lamp, code, material_arrays
from carlet.models.shapes import signed_volume, turn
from carlet.models.vehicles import VehicleFacts, far_model, vehicle_model
from carlet.models.vehicles.pedalling import CRANK_LENGTH, ankle_at

FACTS = {name: vehicle_facts(print_) for name, print_ in library().items() if name.startswith("vehicle.")}
TWO_WHEELERS = [name for name, facts in FACTS.items() if facts.base_type in ("motorcycle", "bicycle")]
BICYCLES = [name for name in TWO_WHEELERS if FACTS[name].base_type == "bicycle"]
CARS = [name for name in FACTS if name not in TWO_WHEELERS]
#: Big vehicles, and cars with bars and beacons, may have more than a car's 700 triangles.
ROOMY = {"carlacola", "european_hgv", "firetruck", "ambulance", "fusorosa", "charger_police_2020"}
WHEELS = (Joint.WHEEL_FRONT_LEFT, Joint.WHEEL_FRONT_RIGHT, Joint.WHEEL_REAR_LEFT, Joint.WHEEL_REAR_RIGHT)
DOORS = (Joint.DOOR_FRONT_LEFT, Joint.DOOR_FRONT_RIGHT, Joint.DOOR_REAR_LEFT, Joint.DOOR_REAR_RIGHT)
EVERYWHERE = Lamp.POSITION | Lamp.LOW_BEAM | Lamp.BRAKE
ON_ENGINES = EVERYWHERE | Lamp.HIGH_BEAM | Lamp.LEFT_BLINKER | Lamp.RIGHT_BLINKER
ON_CARS = ON_ENGINES | Lamp.REVERSE | Lamp.FOG
BEACONS = Lamp.BEACON_LEFT | Lamp.BEACON_RIGHT


def placed(model, turns=None):
    """Corners (n, 3, 3) of all parts in the actor's frame, parts turned by `turns`: joint -> (angle, axis)."""
    frames, corners = [], []
    for part in model.parts:
        matrix, origin = (np.eye(3), np.zeros(3)) if part.parent < 0 else frames[part.parent]
        origin = origin + matrix @ np.array(part.pivot)
        matrix = matrix @ turn(*(turns or {}).get(part.joint, (0.0, 1)))
        frames.append((matrix, origin))
        corners.append(part.mesh.corner.astype(float) @ matrix.T + origin)
    return corners


def lamps_of(model):
    lit = material_arrays().lamps
    return Lamp(int(np.bitwise_or.reduce(np.concatenate([lit[part.mesh.material] for part in model.parts]))))


def share_of_backs(corner, eye, target, rays=16):
    """Of the rays that hit anything, the share that hits a triangle's back first: holes."""
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross((0.0, 0.0, 1.0), forward)
    right /= np.linalg.norm(right)
    grid = np.linspace(-0.3, 0.3, rays)
    across, up = np.meshgrid(grid, 0.6 * grid)
    way = (forward + across[..., None] * right + up[..., None] * np.cross(forward, right)).reshape(-1, 3)
    start, first, second = corner[:, 0], corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    normal = np.cross(first, second)
    slope = way @ normal.T
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = ((start - eye) * normal).sum(axis=1) / slope
        side = np.cross(way[:, None], second[None])
        scale = (side * first).sum(axis=-1)
        u = (side * (eye - start)).sum(axis=-1) / scale
        v = (way @ np.cross(eye - start, first).T) / scale
        inside = (u >= 0.0) & (v >= 0.0) & (u + v <= 1.0) & (distance > 0.0)
    distance = np.where(inside, distance, np.inf)
    front, back = (np.where(facing, distance, np.inf).min(axis=1) for facing in (slope < 0.0, slope > 0.0))
    hit = np.isfinite(np.minimum(front, back))
    return float((back < front - 2e-3)[hit].mean())


def test_the_whole_library_is_here():
    assert len(FACTS) == 41


@pytest.mark.parametrize("name", FACTS)
def test_the_model_fills_its_box(name):
    facts = FACTS[name]
    corner = np.concatenate(placed(vehicle_model(facts)))
    low, high = corner.min(axis=(0, 1)), corner.max(axis=(0, 1))
    centre, extent = np.array(facts.box_centre), np.array(facts.box_extent)
    assert low[:2] == pytest.approx((centre - extent)[:2], abs=0.03)
    assert high == pytest.approx(centre + extent, abs=0.03)
    assert low[2] == pytest.approx(0.0, abs=0.001)


@pytest.mark.parametrize("name", FACTS)
def test_the_far_model_is_small_and_of_the_same_size_and_tags(name):
    facts = FACTS[name]
    near, far = vehicle_model(facts), far_model(facts)
    assert [part.joint for part in far.parts] == [Joint.FIXED]
    assert 60 <= len(far.parts[0].mesh) <= 175
    corner = far.parts[0].mesh.corner
    low, high = corner.min(axis=(0, 1)), corner.max(axis=(0, 1))
    centre, extent = np.array(facts.box_centre), np.array(facts.box_extent)
    assert low == pytest.approx([*(centre - extent)[:2], 0.0], abs=0.06)
    assert high == pytest.approx(centre + extent, abs=0.06)
    assert set(far.parts[0].mesh.tag.tolist()) == {tag for part in near.parts for tag in part.mesh.tag.tolist()}
    assert EVERYWHERE in lamps_of(far)


@pytest.mark.parametrize("name", FACTS)
def test_the_model_keeps_to_its_budget(name):
    count = sum(len(part.mesh) for part in vehicle_model(FACTS[name]).parts)
    roomy = any(name.endswith(end) for end in ROOMY)
    assert 350 <= count <= (900 if roomy else 620 if name in TWO_WHEELERS else 700)


@pytest.mark.parametrize("name", FACTS)
def test_nothing_can_be_looked_into(name):
    facts = FACTS[name]
    corner = np.concatenate(placed(vehicle_model(facts)))
    centre = np.array(facts.box_centre)
    away = 3.2 * np.linalg.norm(facts.box_extent)
    shares = []
    for angle in np.radians((37.0, 97.0, 217.0)):
        eye = centre + away * np.array((np.cos(angle), np.sin(angle), 0.0))
        shares.append(share_of_backs(corner, np.array((eye[0], eye[1], 1.5)), centre))
    assert np.mean(shares) < 0.008


@pytest.mark.parametrize("name", FACTS)
def test_solids_look_outwards_and_have_no_slivers(name):
    model = vehicle_model(FACTS[name])
    for part in model.parts:
        assert (np.linalg.norm(part.mesh.normals, axis=1) > 0.99).all()
    body = np.prod(2.0 * np.array(FACTS[name].box_extent))
    share = signed_volume(model.parts[0].mesh.corner.astype(float)) / body
    assert (0.45 if name in CARS else 0.01) < share < 0.9
    for part in model.parts:
        if part.joint in WHEELS:
            assert signed_volume(part.mesh.corner.astype(float)) > 0.0


@pytest.mark.parametrize("name", CARS)
def test_cars_stand_on_four_wheels_where_their_axles_are(name):
    facts = FACTS[name]
    wheels = {part.joint: part for part in vehicle_model(facts).parts if part.joint in WHEELS}
    assert set(wheels) == set(WHEELS)
    for joint, part in wheels.items():
        front, right = joint in WHEELS[:2], joint in WHEELS[1::2]
        x, y, z = part.pivot
        radius = facts.radius[0 if front else 1]
        assert x == pytest.approx((1 if front else -1) * facts.wheelbase / 2)
        assert z == pytest.approx(radius)
        assert (y > 0) == right
        assert 0.5 * facts.box_extent[1] < abs(y) <= facts.track[0 if front else 1] / 2 + 1e-9
        low, high = part.mesh.bounds
        assert low[2] == pytest.approx(-radius, abs=1e-4)
        assert high[0] == pytest.approx(radius, abs=1e-4)


@pytest.mark.parametrize("name", TWO_WHEELERS)
def test_two_wheelers_have_two_wheels_in_line_and_a_rider(name):
    facts = FACTS[name]
    model = vehicle_model(facts)
    parts = {part.joint: part for part in model.parts}
    front, rear = parts[Joint.WHEEL_FRONT_LEFT], parts[Joint.WHEEL_REAR_LEFT]
    assert front.pivot == pytest.approx((facts.wheelbase / 2, 0.0, facts.radius[0]), abs=0.06)
    assert rear.pivot == pytest.approx((-facts.wheelbase / 2, 0.0, facts.radius[1]), abs=0.06)
    assert parts[Joint.FORK].pivot[:2] == pytest.approx(front.pivot[:2])
    tags = np.concatenate([part.mesh.tag for part in model.parts])
    assert set(tags.tolist()) == {13, facts.tag}
    corner = np.concatenate(placed(model))
    assert corner[tags == 13].max(axis=(0, 1))[2] == pytest.approx(facts.top, abs=0.005)
    assert (tags == 13).sum() > 150


@pytest.mark.parametrize("name", CARS)
def test_cars_have_every_lamp(name):
    assert ON_CARS in lamps_of(vehicle_model(FACTS[name]))
    beacons = lamps_of(vehicle_model(FACTS[name])) & BEACONS
    assert beacons == (BEACONS if FACTS[name].special_type == "emergency" else Lamp.NONE)


@pytest.mark.parametrize("name", TWO_WHEELERS)
def test_two_wheelers_have_the_lamps_of_their_kind(name):
    wanted = EVERYWHERE & ~Lamp.BRAKE if name in BICYCLES else ON_ENGINES
    assert wanted in lamps_of(vehicle_model(FACTS[name]))


@pytest.mark.parametrize("name", CARS)
def test_lamps_are_at_their_own_ends_and_sides(name):
    lit = material_arrays().lamps
    model = vehicle_model(FACTS[name])
    corner = np.concatenate(placed(model)).mean(axis=1)
    lamps = np.concatenate([lit[part.mesh.material] for part in model.parts])
    middle = FACTS[name].box_centre[0]
    assert (corner[lamps & Lamp.BRAKE > 0][:, 0] < middle).all()
    assert (corner[lamps & Lamp.REVERSE > 0][:, 0] < middle).all()
    assert (corner[lamps & Lamp.LOW_BEAM > 0][:, 0] > middle).all()
    for lamp, side in ((Lamp.LEFT_BLINKER, -1), (Lamp.RIGHT_BLINKER, 1)):
        places = corner[lamps & lamp > 0]
        assert (side * places[:, 1] > 0).all()
        assert places[:, 0].min() < middle < places[:, 0].max()


@pytest.mark.parametrize("name", FACTS)
def test_moving_doors_swing_outwards_and_only_those(name):
    facts = FACTS[name]
    model = vehicle_model(facts)
    doors = [part.joint for part in model.parts if part.joint in DOORS]
    assert bool(doors) == facts.moving_doors
    assert {Joint.DOOR_FRONT_LEFT, Joint.DOOR_FRONT_RIGHT} <= set(doors) or not facts.moving_doors
    shut = placed(model)
    turns = {joint: (1.0 if joint in DOORS[::2] else -1.0, 2) for joint in doors}
    for part, before, after in zip(model.parts, shut, placed(model, turns), strict=True):
        if part.joint in DOORS:
            outwards = np.abs(after).max(axis=(0, 1))[:2] - np.abs(before).max(axis=(0, 1))[:2]
            assert outwards.max() > 0.25


@pytest.mark.parametrize("name", BICYCLES)
def test_feet_are_on_the_pedals_and_reach_them_all_the_way_round(name):
    model = vehicle_model(FACTS[name])
    parts = {part.joint: part for part in model.parts}
    where = dict(zip((part.joint for part in model.parts), placed(model), strict=True))
    crank = np.array(parts[Joint.CRANK].pivot)
    for limb, side in (("LEFT", 1.0), ("RIGHT", -1.0)):
        thigh, shin = parts[Joint[f"PEDAL_THIGH_{limb}"]], parts[Joint[f"PEDAL_SHIN_{limb}"]]
        shoe = where[shin.joint][shin.mesh.material == code("rider_shoes")]
        assert shoe.mean(axis=(0, 1))[[0, 2]] == pytest.approx(crank[[0, 2]] + (side * CRANK_LENGTH, 0.07), abs=0.02)
        assert np.sign(shoe[..., 1]).mean() == -side
        hip = np.array(thigh.pivot)
        lower = np.linalg.norm(ankle_at(crank, hip, side, 0.0) - hip - shin.pivot)
        reach = np.linalg.norm(shin.pivot) + lower
        for pitch in np.linspace(-np.pi, np.pi, 25):
            assert np.linalg.norm(ankle_at(crank, hip, side, pitch) - hip) < reach


@pytest.mark.parametrize("name", ["vehicle.lincoln.mkz_2020", "vehicle.bh.crossbike", "vehicle.carlamotors.firetruck"])
def test_models_are_the_same_every_time_and_made_in_milliseconds(name):
    first, second = vehicle_model(FACTS[name]), vehicle_model(FACTS[name])
    for one, other in zip(first.parts, second.parts, strict=True):
        assert one.mesh.corner.tobytes() == other.mesh.corner.tobytes()
        assert one.mesh.material.tobytes() == other.mesh.material.tobytes()
    spent = []
    for _ in range(3):
        start = time.process_time()
        vehicle_model(FACTS[name])
        spent.append(time.process_time() - start)
    assert min(spent) < 0.08


@pytest.mark.parametrize(
    "name", ["vehicle.tesla.model3", "vehicle.mercedes.sprinter", "vehicle.carlamotors.european_hgv"]
)
def test_both_sides_are_alike(name):
    corner = np.concatenate(placed(vehicle_model(FACTS[name]))).reshape(-1, 3)
    there = {tuple(point) for point in np.round(corner, 3).tolist()}
    across = {tuple(point) for point in np.round(corner * (1.0, -1.0, 1.0), 3).tolist()}
    assert len(there ^ across) < 0.02 * len(there)


def test_an_unknown_vehicle_becomes_a_car_of_its_own_size():
    facts = VehicleFacts(
        "vehicle.some.other", (0.0, 0.0, 0.8), (2.2, 0.95, 0.8), 2.6, (1.6, 1.6), (0.34, 0.34), "car", "", 14
    )
    low, high = vehicle_model(facts).parts[0].mesh.bounds
    assert high[0] - low[0] == pytest.approx(4.4, abs=0.05)


def test_facts_without_a_size_are_refused():
    with pytest.raises(ValueError, match="need a size"):
        VehicleFacts("vehicle.flat", (0.0, 0.0, 0.0), (2.0, 1.0, 0.0), 2.6, (1.6, 1.6), (0.3, 0.3), "car", "", 14)
