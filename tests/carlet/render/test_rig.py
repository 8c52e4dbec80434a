"""Wheels roll and steer, doors open outwards, people walk on the ground, and hierarchies agree with plain recursion."""

import numpy as np
import pytest

from carlet.actors.blueprints import library
from carlet.actors.bones import CustomPose
from carlet.geometry import rotation_matrices
from carlet.models import shapes
from carlet.models.actor_model import Joint, Model, Part
from carlet.models.mesh import make_mesh
from carlet.models.vehicles.pedalling import ankle_at, knee_at
from carlet.models.walkers import far_walker_model, walker_model
from carlet.render.gait import LIMBS, CustomLimbs, Legs, gait, limb_angles
from carlet.render.rig import Motion, Rig, join_rigs, part_matrices, rig_of

RADIUS = 0.35
WALKER = "walker.pedestrian.0016"
CHILD = "walker.pedestrian.0009"


def mesh(low, high):
    return make_mesh(shapes.box(low, high), 0, 14)


def car() -> Model:
    wheel = mesh((-RADIUS, -0.1, -RADIUS), (RADIUS, 0.1, RADIUS))
    door = mesh((-1.0, -0.02, 0.0), (0.0, 0.02, 0.9))
    parts = [Part(mesh((-2.2, -0.9, 0.2), (2.2, 0.9, 1.5)))]
    places = [(1.4, -0.8), (1.4, 0.8), (-1.4, -0.8), (-1.4, 0.8)]
    for k, (x, y) in enumerate(places):
        parts.append(Part(wheel, Joint(Joint.WHEEL_FRONT_LEFT + k), (x, y, RADIUS), 0))
        parts.append(Part(door, Joint(Joint.DOOR_FRONT_LEFT + k), (0.7 if x > 0 else -0.4, 1.1 * y, 0.4), 0))
    return Model(tuple(parts), np.ones((3, 3)))


AXLE, HIPS, LEG = (
    np.array([0.05, 0.0, 0.3]),
    {-1.0: np.array([-0.15, -0.1, 0.95]), 1.0: np.array([-0.15, 0.1, 0.95])},
    0.42,
)


def bicycle() -> Model:
    """At rest its left pedal is in front; the rider's feet are on the pedals."""
    wheel = mesh((-RADIUS, -0.02, -RADIUS), (RADIUS, 0.02, RADIUS))
    parts = [
        Part(mesh((-0.5, -0.1, 0.3), (0.5, 0.1, 1.0))),
        Part(mesh((-0.05, -0.3, 0.3), (0.05, 0.3, 1.0)), Joint.FORK, (0.55, 0.0, 0.0), 0),
        Part(wheel, Joint.WHEEL_FRONT_LEFT, (0.0, 0.0, RADIUS), 1),
        Part(wheel, Joint.WHEEL_REAR_LEFT, (-0.5, 0.0, RADIUS), 0),
        Part(mesh((-0.17, -0.1, -0.02), (0.17, 0.1, 0.02)), Joint.CRANK, tuple(AXLE), 0),
    ]
    for name, y in (("LEFT", -1.0), ("RIGHT", 1.0)):
        ankle = ankle_at(AXLE, HIPS[y], -y, 0.0)
        knee = knee_at(HIPS[y], ankle, LEG, LEG)
        leg = mesh((-0.05, -0.05, -0.05), (0.05, 0.05, 0.05))
        parts.append(Part(leg, Joint[f"PEDAL_THIGH_{name}"], tuple(HIPS[y]), 0))
        parts.append(Part(leg, Joint[f"PEDAL_SHIN_{name}"], tuple(knee - HIPS[y]), len(parts) - 1))
    return Model(tuple(parts), np.ones((3, 3)))


def person(name: str = WALKER, build=walker_model) -> Model:
    blueprint = library()[name]
    given = {attribute.id: attribute.default for attribute in blueprint.attributes}
    return build(name, blueprint.box_extent, given["age"], given["gender"])


def motion(count: int = 1, **values) -> Motion:
    defaults = {
        "pose": np.tile(np.eye(3, 4), (count, 1, 1)),
        "steer": np.zeros(count),
        "travelled": np.zeros(count),
        "speed": np.zeros(count),
        "doors": np.zeros(count, np.uint8),
        "idle": np.zeros(count),
    }
    return Motion(**{**defaults, **values})


def placed(matrix: np.ndarray, points) -> np.ndarray:
    return np.asarray(points, float) @ matrix[:, :3].T + matrix[:, 3]


def poses(model: Model, time_s: float = 0.0, **values) -> dict[Joint, np.ndarray]:
    """Matrices by joint, of one actor at the origin; single values may be given plainly."""
    arrays = {name: value if name == "custom" else np.array([value]) for name, value in values.items()}
    matrices = part_matrices(rig_of(model), motion(**arrays), time_s)
    return {part.joint: matrix for part, matrix in zip(model.parts, matrices, strict=True)}


def test_the_top_of_a_wheel_moves_forward_and_its_foot_stands():
    before, after = (poses(car(), travelled=way)[Joint.WHEEL_REAR_LEFT] for way in (10.0, 10.0 + 1e-4))
    rim = np.array([[0.0, 0.0, RADIUS], [0.0, 0.0, -RADIUS]])
    local = np.linalg.inv(np.vstack([before, [0, 0, 0, 1]])) @ np.vstack(
        [(placed(np.eye(3, 4), rim) + before[:, 3]).T, [1, 1]]
    )
    speed = (placed(after, local[:3].T) - placed(before, local[:3].T)) / 1e-4
    assert speed[0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-3)
    assert speed[1] == pytest.approx([-1.0, 0.0, 0.0], abs=1e-3)


def test_front_wheels_steer_to_the_right_and_rear_ones_do_not():
    turned = poses(car(), steer=0.4)
    for joint in (Joint.WHEEL_FRONT_LEFT, Joint.WHEEL_FRONT_RIGHT):
        assert turned[joint][:, 0] == pytest.approx([np.cos(0.4), np.sin(0.4), 0.0])
    assert turned[Joint.WHEEL_REAR_RIGHT][:, 0] == pytest.approx([1.0, 0.0, 0.0])


def test_a_fork_carries_its_wheel_and_turns_it_once():
    turned = poses(bicycle(), steer=-0.3)
    assert turned[Joint.WHEEL_FRONT_LEFT][:, 0] == pytest.approx([np.cos(0.3), -np.sin(0.3), 0.0])


@pytest.mark.parametrize("bit", range(4))
def test_open_doors_stand_70_degrees_off_and_outside(bit: int):
    model, open_ = car(), poses(car(), doors=np.uint8(1 << bit))
    for k in range(4):
        joint = Joint(Joint.DOOR_FRONT_LEFT + k)
        hinge = next(part.pivot for part in model.parts if part.joint is joint)
        handle = placed(open_[joint], [-1.0, 0.0, 0.0]) - hinge
        side = -1.0 if k % 2 == 0 else 1.0
        angle = np.radians(70.0) if k == bit else 0.0
        assert handle == pytest.approx([-np.cos(angle), side * np.sin(angle), 0.0])


@pytest.mark.parametrize("way", np.linspace(-1.0, 2.5, 15))
def test_feet_stay_on_the_pedals(way: float):
    model = bicycle()
    rest, moved = poses(model), poses(model, travelled=way)
    pitch = -2.0 * np.pi * way / 2.5
    assert moved[Joint.CRANK][:, :3] == pytest.approx(rotation_matrices(np.array([pitch, 0.0, 0.0])))
    for name, y in (("LEFT", -1.0), ("RIGHT", 1.0)):
        foot = ankle_at(AXLE, HIPS[y], -y, 0.0) - rest[Joint[f"PEDAL_SHIN_{name}"]][:, 3]
        ankle = placed(moved[Joint[f"PEDAL_SHIN_{name}"]], foot)
        assert ankle == pytest.approx(ankle_at(AXLE, HIPS[y], -y, pitch), abs=1e-6)
        knee, hip = moved[Joint[f"PEDAL_SHIN_{name}"]][:, 3], HIPS[y]
        assert np.cross(ankle - hip, knee - hip)[1] < 0.0


def soles(model: Model, travelled: float, speed: float) -> np.ndarray:
    """Corners (2, n, 3) of both shins with their shoes over the ground."""
    found = poses(model, travelled=travelled, speed=speed)
    ground = model.parts[0].pivot[2]
    meshes = {part.joint: part.mesh.corner.reshape(-1, 3) for part in model.parts}
    return np.array([placed(found[j], meshes[j]) for j in (Joint.SHIN_LEFT, Joint.SHIN_RIGHT)]) - (0.0, 0.0, ground)


@pytest.mark.parametrize("name", [WALKER, CHILD, "walker.pedestrian.0022"])
@pytest.mark.parametrize("speed", [0.0, 0.4, 1.5, 4.0])
@pytest.mark.parametrize("build", [walker_model, far_walker_model])
def test_the_standing_leg_touches_the_ground_and_none_sinks(name: str, speed: float, build):
    model = person(name, build)
    lowest = np.array([soles(model, way, speed)[:, :, 2].min(axis=1) for way in np.linspace(0.0, 3.0, 61)])
    assert lowest.min() > -0.01
    assert lowest.min(axis=1).max() < 0.06
    if speed > 1.0:
        assert lowest.max() > 0.025 * 2.0 * library()[name].box_extent[2]  # the other foot is lifted


@pytest.mark.parametrize(("speed", "slip"), [(1.0, 0.25), (1.5, 0.25), (4.0, 0.45)])
def test_the_foot_on_the_ground_stays_where_it_is(speed: float, slip: float):
    model, step = person(), 0.01
    slips = []
    for way in np.arange(0.0, 2.6, 0.05):
        before, after = soles(model, way, speed), soles(model, way + step, speed)
        standing = before[:, :, 2].min(axis=1).argmin()
        contact = before[standing, :, 2].argmin()
        slips.append((after - before)[standing, contact, 0] / step)
    assert np.mean(np.abs(np.array(slips) + 1.0)) < slip  # share of the way


def test_legs_alternate_and_arms_swing_against_them():
    model = person()
    angles = []
    for way in np.linspace(0.0, 1.5, 40):
        found = poses(model, travelled=way, speed=1.5)
        angles.append([-found[j][0, 2] for j in (Joint.THIGH_LEFT, Joint.THIGH_RIGHT, Joint.UPPER_ARM_LEFT)])
    left, right, arm = np.array(angles).T
    assert np.corrcoef(left, right)[0, 1] < -0.8
    assert np.corrcoef(left, arm)[0, 1] < -0.8


def test_standing_people_hang_their_arms_and_look_around_as_time_goes():
    model = person()
    still, later = poses(model, travelled=7.3, speed=0.05), poses(model, 1.0, travelled=7.3, speed=0.05)
    for joint in (Joint.THIGH_LEFT, Joint.SHIN_RIGHT, Joint.FIXED):
        assert still[joint][:, 2] == pytest.approx([0.0, 0.0, 1.0])
    assert still[Joint.UPPER_ARM_LEFT][2, 2] > 0.99
    assert not np.allclose(still[Joint.HEAD], later[Joint.HEAD])
    assert np.array_equal(later[Joint.HEAD], poses(model, 1.0, travelled=7.3, speed=0.05)[Joint.HEAD])


def test_knees_and_elbows_bend_one_way_only():
    model = person()
    for speed in (0.0, 1.5, 4.0):
        for way in np.linspace(0.0, 2.6, 30):
            found = poses(model, travelled=way, speed=speed)
            for upper, lower, sign in (
                (Joint.THIGH_LEFT, Joint.SHIN_LEFT, -1.0),
                (Joint.THIGH_RIGHT, Joint.SHIN_RIGHT, -1.0),
                (Joint.UPPER_ARM_LEFT, Joint.FOREARM_LEFT, 1.0),
            ):
                bend = found[upper][:, :3].T @ found[lower][:, :3]
                assert sign * np.arcsin(-bend[0, 2]) > -1e-9


def test_poses_of_clients_replace_the_gait_as_far_as_their_share_goes():
    raised = {"crl_arm__R": np.array([0.0, 0.0, 0.0, 1.2, 0.0, 0.0])}
    for share in (0.0, 0.5, 1.0):
        angles, shares = limb_angles(CustomPose(raised, share))
        custom = CustomLimbs(np.array([0]), angles[None], shares[None])
        found, free = (poses(person(), travelled=0.3, speed=1.5, custom=c) for c in (custom, None))
        arm, before = (np.arcsin(-m[Joint.UPPER_ARM_RIGHT][0, 2]) for m in (found, free))
        assert arm == pytest.approx(before + share * (1.2 - before), abs=0.05)
        assert found[Joint.UPPER_ARM_LEFT] == pytest.approx(free[Joint.UPPER_ARM_LEFT], abs=0.05)


def test_bones_in_a_row_turn_one_after_the_other():
    neck, skull = np.array([0.3, 0.0, 0.0]), np.array([0.0, 0.5, 0.0])
    bones = {
        "crl_neck__C": np.r_[0, 0, 0, neck],
        "crl_Head__C": np.r_[0, 0, 0, skull],
        "crl_handThumb01__L": np.ones(6),
    }
    angles, share = limb_angles(CustomPose(bones, 0.7))
    assert rotation_matrices(angles[0]) == pytest.approx(rotation_matrices(neck) @ rotation_matrices(skull))
    assert share == pytest.approx([0.7] + [0.0] * (len(LIMBS) - 1))


def angles_of(rig: Rig, row: int, moved: Motion, limbs: np.ndarray) -> np.ndarray:
    """Pitch, yaw and roll of a part, by the book."""
    joint, actor = Joint(int(rig.joint[row])), rig.actor[row]
    way, steer = moved.travelled[actor], moved.steer[actor]
    parent_steers = rig.parent[row] >= 0 and rig.joint[rig.parent[row]] == Joint.FORK
    name = joint.name
    if name.startswith("WHEEL"):
        return np.array([-way / rig.radius[row], steer if "FRONT" in name and not parent_steers else 0.0, 0.0])
    if name.startswith("DOOR"):
        place = ("DOOR_FRONT_LEFT", "DOOR_FRONT_RIGHT", "DOOR_REAR_LEFT", "DOOR_REAR_RIGHT").index(name)
        is_open = moved.doors[actor] & (1 << place)
        return np.array([0.0, (np.radians(70.0) if "LEFT" in name else -np.radians(70.0)) if is_open else 0.0, 0.0])
    if joint is Joint.FORK:
        return np.array([0.0, steer, 0.0])
    if joint is Joint.CRANK:
        return np.array([-2.0 * np.pi * way / 2.5, 0.0, 0.0])
    return limbs[LIMBS.index(joint)] if joint in LIMBS else np.zeros(3)


def plain(rig: Rig, moved: Motion, time_s: float) -> np.ndarray:
    """Part by part, with 4 x 4 matrices."""
    result = np.tile(np.eye(4), (len(rig.joint), 1, 1))
    for row, actor in enumerate(rig.actor):
        one = gait(Legs(*rig.legs[[actor]].T), *(column[[actor]] for column in moved[2:4]), moved.idle[[actor]], time_s)
        local = result[row].copy()
        local[:3, :3] = rotation_matrices(angles_of(rig, row, moved, one.limbs[0]))
        local[:3, 3] = rig.pivot[row]
        if rig.parent[row] >= 0:
            result[row] = result[rig.parent[row]] @ local
            continue
        body, lean = np.eye(4), np.eye(4)
        body[:3] = moved.pose[actor]
        if rig.legs[actor, 0] > 0.0:
            hip = np.array([0.0, 0.0, rig.legs[actor, 4]])
            lean[:3, :3] = rotation_matrices(np.array([-one.lean[0], 0.0, 0.0]))
            lean[:3, 3] = hip - lean[:3, :3] @ hip + (0.0, 0.0, one.rise[0])
        result[row] = body @ lean @ local
    return result[:, :3]


def crowd(random: np.random.Generator, cars: int, bicycles: int, people: int) -> tuple[Rig, Motion]:
    rigs = (
        [rig_of(car())] * cars
        + [rig_of(bicycle())] * bicycles
        + [rig_of(person()), rig_of(person(CHILD))] * (people // 2)
    )
    random.shuffle(rigs)
    count = len(rigs)
    angles = random.uniform(-1.0, 1.0, (count, 3))
    pose = np.concatenate([rotation_matrices(angles), random.uniform(-1e3, 1e3, (count, 3, 1))], axis=2)
    return join_rigs(rigs), motion(
        count,
        pose=pose,
        steer=random.uniform(-0.6, 0.6, count),
        travelled=random.uniform(-1e4, 1e4, count),
        speed=random.uniform(0.0, 4.0, count),
        doors=random.integers(0, 16, count).astype(np.uint8),
        idle=random.uniform(0.0, 6.0, count),
    )


def test_hierarchies_agree_with_plain_recursion():
    rig, moved = crowd(np.random.default_rng(3), 5, 4, 6)
    matrices = part_matrices(rig, moved, 12.5)
    assert matrices.dtype == np.float64
    others = ~np.isin(rig.joint, [joint for joint in Joint if joint.name.startswith("PEDAL")])
    assert matrices[others] == pytest.approx(plain(rig, moved, 12.5)[others], abs=1e-9)
    lengths = np.linalg.norm(matrices[:, :, :3], axis=1)
    assert lengths == pytest.approx(np.ones_like(lengths))
