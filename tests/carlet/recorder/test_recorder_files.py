"""Recordings as files: what the texts say of good ones, and of any others."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carlet.recorder import RecordingError, actors_blocked, collision_table, file_info, path_of, recordings_folder
from carlet.recorder.layout import (
    Category,
    Creation,
    Information,
    Packet,
    creations,
    frame_start,
    information_block,
    number_packet,
    packet,
    physics_controls,
    poses_of,
    records,
)
from carlet.recorder.reading import Recording

DATE = 1_550_742_380
HERO, CAR, WALKER = 122, 118, 130


def creation(actor_id: int, type_id: str, category: Category, role: str) -> Creation:
    pose = np.array([43.4763, -84.0951, 1.2, 0.1, 0.2, 0.3])
    return Creation(actor_id, category, pose, 7, type_id, {"role_name": (4, role), "color": (5, "255,241,0")})


def cast() -> bytes:
    return creations(
        [
            creation(HERO, "vehicle.yamaha.yzf", Category.VEHICLE, "hero"),
            creation(CAR, "vehicle.dodge.charger_police", Category.VEHICLE, "autopilot"),
            creation(WALKER, "walker.pedestrian.0001", Category.WALKER, ""),
        ]
    )


def positions(hero_x: float, car_x: float) -> bytes:
    places = np.zeros((3, 3))
    places[:, 0] = hero_x, car_x, 0.0
    return records(Packet.POSITION, id=[HERO, CAR, WALKER], location=places, rotation=np.full((3, 3), 1.5))


def hit(number: int, other: int, hero: int = 1) -> bytes:
    return records(Packet.COLLISION, id=[number], first=[HERO], second=[other], first_hero=[hero], second_hero=[0])


def file_of(*bodies: bytes, dt: float = 0.5) -> bytes:
    frames = [frame_start(k + 1, dt, k * dt) + body + packet(Packet.FRAME_END) for k, body in enumerate(bodies)]
    return information_block(Information(DATE, "Town05")) + b"".join(frames)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.log"


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def head() -> str:
    return f"Version: 1\nMap: Town05\nDate: {time.strftime('%m/%d/%y %H:%M:%S', time.localtime(DATE))}\n\n"


def test_the_head_of_a_file_is_carlas():
    content = file_of(b"")
    assert content[:2] == b"\x01\x00"
    assert content[2:18] == b"\x0e\x00CARLA_RECORDER"
    assert content[26:34] == b"\x06\x00Town05"
    assert content[34:39] == b"\x00\x18\x00\x00\x00"


def test_file_info_tells_events_in_carlas_words(path: Path):
    parent = records(Packet.EVENT_PARENT, id=[CAR], parent=[HERO])
    gone = records(Packet.EVENT_DEL, id=[CAR])
    write(path, file_of(cast(), positions(0, 0), parent + hit(1, CAR), gone, dt=1 / 3))
    assert file_info(path, False) == (
        head() + "Frame 1 at 0 seconds\n"
        " Create 122: vehicle.yamaha.yzf (1) at (4347.63, -8409.51, 120)\n  role_name = hero\n  color = 255,241,0\n"
        " Create 118: vehicle.dodge.charger_police (1) at (4347.63, -8409.51, 120)\n"
        "  role_name = autopilot\n  color = 255,241,0\n"
        " Create 130: walker.pedestrian.0001 (2) at (4347.63, -8409.51, 120)\n  role_name = \n  color = 255,241,0\n"
        "\n"
        "Frame 3 at 0.666667 seconds\n"
        " Parenting 118 with 122 (parent)\n"
        " Collision id 1 between 122 (hero)  with 118\n"
        "\n"
        "Frame 4 at 1 seconds\n"
        " Destroy 118\n"
        "\n"
        "Frames: 4\nDuration: 1 seconds\n"
    )


def test_file_info_with_everything_shows_every_packet(path: Path):
    body = b"".join(
        [
            positions(150, 0),
            records(Packet.STATE, id=[9], frozen=[1], elapsed=[2.5], state=[2]),
            records(Packet.ANIM_VEHICLE, id=[CAR], steer=[-0.5], throttle=[0.75], brake=[0], hand_brake=[1], gear=[-1]),
            records(Packet.ANIM_WALKER, id=[WALKER], speed=[1.5]),
            records(Packet.VEHICLE_LIGHT, id=[CAR], bits=[1 | 8]),
            records(Packet.KINEMATICS, id=[CAR], velocity=[[100, 0, 0]], angular_velocity=[[0, 0, 90]]),
            records(Packet.BOUNDING_BOX, id=[CAR], origin=[[0, 0, 75]], extent=[[200, 100, 75]]),
            records(Packet.TRIGGER_VOLUME, id=[9], origin=[[0, 0, 0]], extent=[[150, 80, 100]]),
            records(Packet.LIGHT_TIME, id=[9], green=[10], yellow=[3], red=[2]),
            physics_controls([(CAR, [1.0, [2.0]])]),
            number_packet(Packet.PLATFORM_TIME, 12.5),
            number_packet(Packet.FRAME_COUNTER, 77),
        ]
    )
    lines = file_info(write(path, file_of(body)), True).splitlines()
    for line in (
        " Positions: 3",
        "  Id: 122 Location: (150, 0, 0) Rotation: (1.5, 1.5, 1.5)",
        " State traffic lights: 1",
        "  Id: 9 state: 2 frozen: 1 elapsedTime: 2.5",
        " Vehicle animations: 1",
        "  Id: 118 Steering: -0.5 Throttle: 0.75 Brake: 0 Handbrake: 1 Gear: -1",
        " Walker animations: 1",
        "  Id: 130 Speed: 1.5",
        " Vehicle light animations: 1",
        "  Id: 118 Position Brake",
        " Dynamic actors: 1",
        " Actor bounding boxes: 1",
        " Actor trigger volumes: 1",
        " Traffic Light time events: 1",
        " Current platform time: 12.5",
        " Physics Control events: 1",
    ):
        assert line in lines
    assert "Positions" not in file_info(path, False)


def test_the_collision_table_has_carlas_columns_and_one_line_a_collision(path: Path):
    write(path, file_of(cast(), *[b""] * 31, hit(1, CAR), hit(2, CAR), *[b""] * 20, hit(3, 0), b"", hit(4, CAR)))
    assert collision_table(path, "v", "a") == (
        head()
        + "    Time  Types     Id Actor 1                                 Id Actor 2                            \n"
        "      16   v v     122 vehicle.yamaha.yzf                     118 vehicle.dodge.charger_police       \n"
        "      27   v o     122 vehicle.yamaha.yzf                       0                                    \n"
        "      28   v v     122 vehicle.yamaha.yzf                     118 vehicle.dodge.charger_police       \n"
        "\n"
        "Frames: 57\nDuration: 28 seconds\n"
    )


@pytest.mark.parametrize(("first", "second", "lines"), [("h", "v", 1), ("h", "o", 1), ("a", "a", 2), ("w", "a", 0)])
def test_letters_choose_collisions(path: Path, first: str, second: str, lines: int):
    write(path, file_of(cast(), hit(1, CAR), hit(2, 0)))
    assert collision_table(path, first, second).count("vehicle.yamaha.yzf") == lines


def test_an_unknown_letter_is_refused(path: Path):
    with pytest.raises(ValueError, match="use one of h v w t o a"):
        collision_table(write(path, file_of(b"")), "x", "a")


def test_the_blocked_table_lists_the_longest_stop_first(path: Path):
    driving = [positions(300.0 * k, 0.0) for k in range(1, 11)]
    standing = [positions(3000.0 + k % 2, 0.0) for k in range(30)]
    write(path, file_of(cast() + positions(0, 0), *driving, *standing, positions(9000, 0), dt=1.0))
    assert actors_blocked(path, 20.0, 10.0) == (
        head() + "    Time     Id Actor                                 Duration\n"
        "       0    118 vehicle.dodge.charger_police                41\n"
        "       0    130 walker.pedestrian.0001                      41\n"
        "      10    122 vehicle.yamaha.yzf                          31\n"
        "\n"
        "Frames: 42\nDuration: 41 seconds\n"
    )
    assert "yamaha" not in actors_blocked(path, 32.0, 10.0)


def test_a_missing_file_a_pipe_and_something_else_are_told_apart(tmp_path: Path):
    assert file_info(tmp_path / "no.log", False) == f"File {tmp_path}/no.log not found on server\n"
    os.mkfifo(tmp_path / "pipe")
    assert "not found on server" in collision_table(tmp_path / "pipe", "a", "a")
    assert "not found on server" in file_info(Path("/tmp/a\0b"), False)
    (tmp_path / "text").write_text("a letter to nobody")
    assert "is not a recording" in actors_blocked(tmp_path / "text", 1.0, 1.0)


def test_a_recording_that_breaks_off_is_told_as_far_as_it_goes(path: Path):
    whole = file_of(cast(), positions(0, 0), hit(1, CAR), positions(5, 0))
    text = file_info(write(path, whole[:-9]), False)
    assert "Frames: 3\nDuration: 1 seconds\n" in text
    assert text.endswith("This is not all: the recording cannot be read after frame 3: it breaks off there\n")


def test_a_giant_size_asks_for_no_memory(path: Path):
    whole = file_of(cast()) + b"\x06\xff\xff\xff\xff"
    assert "a frame does not begin like one" in file_info(write(path, whole), True)
    broken = file_of(cast())[:-5] + b"\x06\xff\xff\xff\xff" + b"x" * 100
    assert "it breaks off there" in file_info(write(path, broken), True)


def test_numbers_that_are_none_end_the_reading(path: Path):
    text = file_info(write(path, file_of(b"", positions(float("nan"), 0.0))), True)
    assert "Frames: 1\n" in text
    assert "a packet POSITION holds numbers that are not finite" in text


def test_packets_of_later_versions_are_skipped(path: Path):
    unknown = bytes([104]) + (3).to_bytes(4, "little") + b"abc"
    text = file_info(write(path, file_of(cast() + unknown, hit(1, CAR))), True)
    assert "Collision id 1" in text
    assert "not all" not in text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_bytes_are_damaged_the_answer_is_a_text(tmp_path: Path, data: st.DataObject):
    content = bytearray(file_of(cast(), positions(0, 0) + hit(1, CAR), physics_controls([(CAR, [1.0])]), dt=1.0))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = write(tmp_path / "damaged.log", bytes(content[: data.draw(st.integers(0, len(content)))]))
    for text in (file_info(path, True), collision_table(path, "a", "a"), actors_blocked(path, 0.0, 10.0)):
        assert text.endswith("\n")


def test_a_pose_survives_the_file(path: Path):
    write(path, file_of(cast()))
    with Recording(path) as recording:
        (frame,) = recording.frames()
    np.testing.assert_allclose(frame.created[0].pose, [43.4763, -84.0951, 1.2, 0.1, 0.2, 0.3], atol=1e-5)
    assert frame.created[0].hero
    np.testing.assert_allclose(poses_of([100.0, 0.0, 0.0], [10.0, 20.0, 30.0])[3:], np.radians([20.0, 30.0, 10.0]))


def test_an_unreadable_recording_has_no_frames(tmp_path: Path):
    with pytest.raises(RecordingError, match="not found"):
        Recording(tmp_path / "none.log")


def test_names_without_a_slash_lie_in_the_folder_of_recordings(tmp_path: Path):
    assert recordings_folder({"CARLET_RECORDINGS": "/somewhere", "XDG_DATA_HOME": "/data"}) == Path("/somewhere")
    assert recordings_folder({"XDG_DATA_HOME": "/data"}) == Path("/data/carlet/recordings")
    assert recordings_folder({}) == Path.home() / ".local/share/carlet/recordings"
    assert path_of("a.log", tmp_path) == tmp_path / "a.log"
    assert path_of("/x/a.log", tmp_path) == Path("/x/a.log")
