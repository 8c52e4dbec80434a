import math

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlet.wire import commands, controls, drawings, messages, values
from carlet.wire.checks import WireError
from carlet.wire.commands import CommandKind

DECODERS = [
    values.vec2,
    values.vec3,
    values.rates,
    values.rotation,
    values.transform,
    values.bounding_box,
    values.color,
    values.actor_id,
    values.actor_ids,
    values.object_ids,
    values.strings,
    values.attachment,
    values.actor_description,
    values.episode_settings,
    values.weather,
    values.opendrive_parameters,
    values.lamp_record,
    values.lamp_records,
    lambda value: values.texture(value, floats=True),
    lambda value: values.texture(value, floats=False),
    controls.vehicle_control,
    controls.walker_control,
    controls.ackermann_control,
    controls.ackermann_settings,
    controls.physics_control,
    controls.bone_transforms,
    controls.door,
    controls.wheel_index,
    controls.light_bits,
    commands.command,
    drawings.debug_shape,
]

NUMBERS = st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=7),
    max_leaves=30,
)
#: Values with the right look: arrays of the lengths that decoders expect, mostly of numbers.
LOOKALIKES = st.recursive(
    NUMBERS | st.booleans() | st.just(math.nan) | st.text(max_size=3),
    lambda inner: st.lists(inner, min_size=1, max_size=7) | st.lists(NUMBERS, min_size=2, max_size=14),
    max_leaves=30,
)

POSE = [[1.0, 2, 3.0], [10, 20.0, 30.0]]
DESCRIPTION = [7, "vehicle.a.b", [["role_name", 4, "hero"], ["color", 5, "1,2,3"]]]


@settings(max_examples=150, deadline=None)
@given(value=VALUES | LOOKALIKES)
def test_anything_either_decodes_or_is_a_wire_error(value):
    for decode in DECODERS:
        try:
            decode(value)
        except WireError as error:
            assert "\n" not in str(error)
            assert 10 < len(str(error)) < 200


@settings(max_examples=60, deadline=None)
@given(value=LOOKALIKES, kind=st.integers(0, 25))
def test_any_command_either_decodes_or_is_a_wire_error(value, kind):
    try:
        decoded = commands.command([[kind, value]])
    except WireError:
        return
    assert decoded.kind == kind


# -- geometry


def test_a_transform_is_a_pose_in_radians():
    assert values.transform(POSE) == pytest.approx([1, 2, 3, *np.radians([10, 20, 30])])
    assert values.rates([90.0, 0.0, -180.0]) == pytest.approx([np.pi / 2, 0, -np.pi])


@given(st.lists(st.floats(-1e4, 1e4), min_size=6, max_size=6))
def test_transforms_there_and_back(numbers):
    pose = np.array(numbers)
    assert values.transform(values.encode_transform(pose)) == pytest.approx(pose)
    assert values.encode_transforms([pose, pose])[1] == values.encode_transform(pose)


def test_boxes_there_and_back():
    encoded = values.encode_bounding_box([1, 2, 3], np.float32([4, 5, 6]), [0.1, 0.2, 0.3])
    for value in (encoded, [*encoded, 1634235231]):
        box = values.bounding_box(value)
        assert box.centre.tolist() == [1, 2, 3]
        assert box.extent.tolist() == [4, 5, 6]
        assert box.rotation == pytest.approx([0.1, 0.2, 0.3])
    ones = np.ones((2, 3))
    one = values.encode_bounding_box(ones[0], ones[0], ones[0])
    assert np.array(values.encode_bounding_boxes(ones, ones, ones)) == pytest.approx(np.array([one, one]))
    assert values.encode_bounding_boxes(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3))) == []
    assert values.encode_transforms(np.zeros((0, 6))) == []


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, "1", None, True, [1.0]])
@pytest.mark.parametrize("place", [(0, 1), (1, 2)])
def test_only_finite_numbers_make_a_transform(bad, place):
    value = [list(part) for part in POSE]
    value[place[0]][place[1]] = bad
    with pytest.raises(WireError, match=r"^transform: expected a finite number, got"):
        values.transform(value)


@pytest.mark.parametrize("value", [None, 5, "ab", {}, [], [[1, 2, 3]], [[1, 2, 3], [1, 2]], [[1, 2, 3], [1, 2, 3], 0]])
def test_a_transform_has_exactly_its_parts(value):
    with pytest.raises(WireError, match=r"^transform: expected an array of [23] elements, got"):
        values.transform(value)


@pytest.mark.parametrize("value", [[1, 2], [1, 2, 256], [1, 2, -1], [1, 2, 3.0], [1, 2, True]])
def test_colors_are_three_bytes(value):
    with pytest.raises(WireError, match=r"^color"):
        values.color(value)
    assert values.color([0, 128, 255]) == (0, 128, 255)


# -- actors, settings, world


def test_an_actor_description():
    description = values.actor_description(DESCRIPTION)
    assert (description.uid, description.type_id) == (7, "vehicle.a.b")
    assert description.attributes["color"] == (values.AttributeType.COLOR, "1,2,3")
    assert values.encode_description(7, "vehicle.a.b", description.attributes) == DESCRIPTION


def test_an_actor_packs_tags_and_token_as_bytes():
    actor = values.encode_actor(5, 2, DESCRIPTION, values.encode_bounding_box([0, 0, 0], [1, 1, 1]), [14, 7], b"t" * 24)
    assert actor[0:2] == [5, 2]
    assert actor[4:] == [b"\x0e\x07", b"t" * 24]
    assert msgpack.unpackb(msgpack.packb(actor)) == actor


@pytest.mark.parametrize("delta", [None, 0.05])
def test_settings_there_and_back(delta):
    given = values.EpisodeSettings(synchronous=True, fixed_delta_s=delta, max_substeps=16)
    assert values.episode_settings(values.encode_episode_settings(given)) == given


@pytest.mark.parametrize("delta", [0.0, -1.0])
def test_a_step_of_zero_or_less_varies(delta):
    value = values.encode_episode_settings(values.EpisodeSettings(fixed_delta_s=delta))
    assert values.episode_settings(value).fixed_delta_s is None


def test_default_settings_are_those_of_a_level():
    assert values.encode_episode_settings(values.EpisodeSettings()) == [
        False, False, [False], True, 0.01, 10, 0.0, True, 3000.0, 2000.0, True,
    ]  # fmt: skip


def test_weather_keeps_odd_values():
    weather = values.weather([-1] * 10 + [1, 0.03, 0.0331, 0])
    assert weather.sun_azimuth_angle == -1
    assert values.encode_weather(weather)[10:] == [1.0, 0.03, 0.0331, 0.0]


def test_lamps_there_and_back():
    lamp = values.LampRecord(5, (1.0, 2.0, 3.0), 50.0, 2, (10, 20, 30), False)
    assert values.lamp_records([values.encode_lamp_record(lamp)] * 2) == [lamp, lamp]


def test_textures():
    assert values.texture([2, 1, [[1, 2, 3, 4], [5, 6, 7, 255]]], floats=False).tolist() == [
        [[1, 2, 3, 4], [5, 6, 7, 255]]
    ]
    assert values.texture([1, 1, [[0.5, 1, 2, 3]]], floats=True).dtype == np.float32
    assert values.texture([0, 0, []], floats=True).shape == (0, 0, 4)
    with pytest.raises(WireError, match="expected 2 x 2 pixels"):
        values.texture([2, 2, [[1, 2, 3, 4]]], floats=False)


def test_arguments_are_counted():
    assert values.arguments([1, 2], "id", "transform") == [1, 2]
    with pytest.raises(WireError, match=r"expected 2 arguments \(id, transform\), got 1"):
        values.arguments([1], "id", "transform")


# -- controls


def test_nan_pedals_of_the_traffic_manager():
    control = controls.vehicle_control([math.nan, math.nan, math.nan, False, False, False, 0])
    assert (control.throttle, control.steer, control.brake) == (0.0, 0.0, 1.0)
    with pytest.raises(WireError, match="vehicle control"):
        controls.vehicle_control([math.inf, 0.0, 0.0, False, False, False, 0])


def test_controls_keep_their_order():
    assert controls.vehicle_control([0.1, -0.2, 0.3, True, False, True, -1]) == (0.1, -0.2, 0.3, True, False, True, -1)
    walker = controls.walker_control([[1, 0, 0], 1.5, True])
    assert (walker.direction.tolist(), walker.speed, walker.jump) == ([1, 0, 0], 1.5, True)
    assert controls.ackermann_control([1, 2, 3, 4, 5]).jerk == 5
    assert controls.ackermann_settings(controls.encode_ackermann_settings(controls.AckermannSettings())) == (
        0.15, 0.0, 0.25, 0.01, 0.0, 0.01,
    )  # fmt: skip
    assert controls.light_bits(controls.encode_light_bits(0xFFFFFFFF)) == 0xFFFFFFFF


# -- commands

EXPECTED = {
    CommandKind.DESTROY: ([5], None),
    CommandKind.VEHICLE_CONTROL: ([5, [0.5, 0, 0, False, False, False, 0]], controls.VehicleControl(0.5)),
    CommandKind.ACKERMANN_CONTROL: ([5, [1, 2, 3, 4, 5]], controls.AckermannControl(1, 2, 3, 4, 5)),
    CommandKind.SIMULATE_PHYSICS: ([5, True], True),
    CommandKind.ENABLE_GRAVITY: ([5, False], False),
    CommandKind.AUTOPILOT: ([5, True], True),
    CommandKind.DEBUG_TELEMETRY: ([5, True], True),
    CommandKind.LIGHT_STATE: ([5, 0xFFFFFFFF], 0xFFFFFFFF),
    CommandKind.TRAFFIC_LIGHT_STATE: ([5, 4], 4),
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_commands(kind):
    content, value = EXPECTED[kind]
    assert commands.command([[int(kind), content]]) == (kind, 5, value)


@pytest.mark.parametrize(
    "kind",
    [CommandKind.TARGET_VELOCITY, CommandKind.IMPULSE, CommandKind.FORCE, CommandKind.ANGULAR_IMPULSE,
     CommandKind.TORQUE, CommandKind.LOCATION],
)  # fmt: skip
def test_vector_commands(kind):
    assert commands.command([[int(kind), [5, [1, 2, 3]]]]).value.tolist() == [1, 2, 3]


def test_commands_with_poses_and_rates():
    assert commands.command([[6, [5, POSE]]]).value == pytest.approx(values.transform(POSE))
    state = commands.command([[7, [5, POSE, 1.5]]]).value
    assert state.pose == pytest.approx(values.transform(POSE))
    assert state.speed == 1.5
    assert commands.command([[9, [5, [180, 0, 0]]]]).value == pytest.approx([np.pi, 0, 0])
    assert commands.command([[20, ["stat fps"]]]) == (CommandKind.CONSOLE, 0, "stat fps")


def test_a_spawn_and_what_follows_it():
    then = [[[16, [0, True]]], [[2, [0, [1.0, 0, 0, False, False, False, 0]]]]]
    spawn = commands.command([[0, [DESCRIPTION, POSE, [True, 3], 1, "socket", then]]]).value
    assert (spawn.parent, spawn.attachment, spawn.socket) == (3, values.Attachment.SPRING_ARM, "socket")
    assert [(command.kind, command.actor_id) for command in spawn.then] == [(16, 0), (2, 0)]


@pytest.mark.parametrize("garbage", [3, 32, 240, 4_000_000_000, -7])
def test_a_garbage_attachment_is_rigid(garbage):
    spawn = commands.command([[0, [DESCRIPTION, POSE, [False], garbage, "", []]]]).value
    assert (spawn.parent, spawn.attachment) == (None, values.Attachment.RIGID)


def test_spawns_do_not_nest_for_ever():
    command = [[16, [0, True]]]
    for _ in range(100):
        command = [[0, [DESCRIPTION, POSE, [False], 0, "", [command]]]]
    with pytest.raises(WireError, match="nested more than"):
        commands.command(command)


@pytest.mark.parametrize(
    "value", [[[22, [1]]], [[-1, [1]]], [[True, [1]]], [[1, []]], [[1, [1, 2]]], [1, [5]], [], [[1]]]
)
def test_commands_outside_the_table(value):
    with pytest.raises(WireError, match=r"^(command|actor id)"):
        commands.command(value)


# -- bodies


def test_bodies_of_messages():
    actor = values.encode_actor(5, 0, DESCRIPTION, values.encode_bounding_box([0, 0, 0], [1, 1, 1]))
    assert msgpack.unpackb(messages.collision(actor, actor, np.array([1, 2, 3]))) == [actor, actor, [1.0, 2.0, 3.0]]
    assert msgpack.unpackb(messages.obstacle(actor, actor, np.float32(2.5))) == [actor, actor, 2.5]
    assert msgpack.unpackb(messages.gnss(49.0, 8.0, 100)) == [49.0, 8.0, 100.0]
    assert msgpack.unpackb(messages.imu([0, 0, 9.81], (1, 2, 3), 1.5)) == [[0, 0, 9.81], [1, 2, 3], 1.5]
