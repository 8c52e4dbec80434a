"""What cameras see of a town, through the official client: what CARLA's own smoke tests and examples rely on."""

import math
from typing import Any

import carla
import numpy as np
import pytest
from scenes import DT, MKZ, Ear, blueprint, open_space, run, settled, spawn

SIZE = {"image_size_x": "160", "image_size_y": "120"}
ROAD_TAGS = (1, 24)
CAR_TAG = 14


def pixels(image: Any) -> np.ndarray:
    """Blue, green and red (h, w, 3) as integers."""
    return np.frombuffer(image.raw_data, np.uint8).reshape(image.height, image.width, 4)[..., :3].astype(np.int64)


def metres(image: Any) -> np.ndarray:
    blue, green, red = np.moveaxis(pixels(image), -1, 0)
    return 1000.0 * (red + 256 * green + 65536 * blue) / (2**24 - 1)


def tags(image: Any) -> np.ndarray:
    return pixels(image)[..., 2]


def numbers_of_things(image: Any) -> np.ndarray:
    return pixels(image)[..., 1] + 256 * pixels(image)[..., 0]


class Eyes:
    """Cameras of several kinds in one place."""

    def __init__(self, world: carla.World, kinds: tuple[str, ...], pose: carla.Transform, parent: Any = None):
        self.world = world
        self.cameras = [
            world.spawn_actor(blueprint(world, f"sensor.camera.{kind}", **SIZE), pose, attach_to=parent)
            for kind in kinds
        ]
        self.ears = [Ear(world, camera) for camera in self.cameras]

    def look(self) -> list[Any]:
        """Tick, and what each sees."""
        frame = self.world.tick()
        return [self._of(ear, frame) for ear in self.ears]

    @staticmethod
    def _of(ear: Ear, frame: int) -> Any:
        image = ear.next()
        while image.frame < frame:
            image = ear.next()
        return image


def above_the_road(world: carla.World, height: float = 2.0) -> carla.Transform:
    pose = open_space(world)
    return carla.Transform(pose.location + carla.Location(z=height), pose.rotation)


def test_pictures_look_like_a_street(world: carla.World):
    """CARLA's test_encoding_cameras."""
    eyes = Eyes(world, ("depth", "semantic_segmentation", "instance_segmentation", "rgb"), above_the_road(world))
    depth, semantic, instance, colours = eyes.look()
    distance, tag = metres(depth), tags(semantic)
    assert distance.min() < 25.0
    assert np.median(distance) > 5.0
    assert distance.max() > 500.0
    counts = np.sort(np.bincount(tag.ravel()) / tag.size)[::-1]
    assert tag.max() <= 28
    assert counts[:5].sum() >= 0.5
    assert (counts > 0.01).sum() >= 3
    assert not pixels(semantic)[..., :2].any()
    assert len(np.unique(pixels(instance).reshape(-1, 3), axis=0)) > 2
    assert (tags(instance) == tag).all()
    assert pixels(colours).std() > 10.0
    again = eyes.look()
    for before, after in zip((depth, semantic, instance, colours), again, strict=True):
        assert np.abs(pixels(before) - pixels(after)).mean() < 5.0


def test_a_car_ahead_is_seen_as_itself(world: carla.World):
    """CARLA's bounding_boxes example: the pixel's number is the actor's id, its red byte the tag."""
    start = open_space(world)
    car = settled(world, MKZ, start)
    ahead = carla.Transform(start.location + 15.0 * start.get_forward_vector(), start.rotation)
    other = settled(world, "vehicle.audi.tt", ahead)
    mount = carla.Transform(carla.Location(x=1.5, z=1.6))
    eyes = Eyes(world, ("depth", "instance_segmentation", "normals"), mount, car)
    depth, instance, normals = eyes.look()
    mine = (numbers_of_things(instance) == other.id) & (tags(instance) == other.semantic_tags[0])
    assert mine.sum() > 60
    assert other.semantic_tags[0] == CAR_TAG
    back = other.get_transform().transform(carla.Location(x=-other.bounding_box.extent.x))
    assert np.percentile(metres(depth)[mine], 5) == pytest.approx(
        eyes.cameras[0].get_location().distance(back), abs=0.6
    )
    rows, columns = np.nonzero(mine)
    assert abs(columns.mean() - 79.5) < 8.0
    assert rows.max() > 60, "its wheels stand below the horizon"
    road = np.isin(tags(instance), ROAD_TAGS)
    assert road.sum() > 1000
    up = pixels(normals)[road][:, ::-1]
    assert np.abs(np.median(up, axis=0) - [128, 128, 255]).max() <= 3


def test_depth_is_where_the_road_is(world: carla.World):
    eyes = Eyes(world, ("depth", "semantic_segmentation"), above_the_road(world))
    depth, semantic = eyes.look()
    distance, tag = metres(depth), tags(semantic)
    camera, town = eyes.cameras[0].get_transform(), world.get_map()
    focal = 80.0
    checked = 0
    for row, column in zip(*np.nonzero(np.isin(tag, ROAD_TAGS) & (distance < 40.0)), strict=True):
        if (row * 160 + column) % 97:
            continue
        reach = distance[row, column]
        local = carla.Location(reach, reach * (column + 0.5 - 80) / focal, -reach * (row + 0.5 - 60) / focal)
        point = camera.transform(local)
        lane = town.get_waypoint(point, lane_type=carla.LaneType.Any)
        assert abs(lane.transform.location.z - point.z) < 0.3
        checked += 1
    assert checked > 20


def test_flow_is_the_motion_that_depth_tells(world: carla.World):
    pose = above_the_road(world)
    eyes = Eyes(world, ("depth", "optical_flow"), pose)
    eyes.look()
    forward = pose.get_forward_vector()
    for camera in eyes.cameras:
        camera.set_transform(carla.Transform(pose.location + 0.5 * forward, pose.rotation))
    depth, flow = eyes.look()
    vectors = np.frombuffer(flow.raw_data, np.float32).reshape(120, 160, 2)
    near = metres(depth)
    x, y = np.meshgrid(np.arange(160) + 0.5 - 80, np.arange(120) + 0.5 - 60)
    # a point at this depth was half a metre further, and so closer to the middle
    share = 0.5 / (near + 0.5)
    expected = np.stack([x * share / 80, -y * share / 60], axis=-1)
    solid = near < 900.0
    assert np.percentile(np.abs(vectors - expected)[solid], 99) < 1e-3
    assert np.abs(vectors[solid]).max() > 0.05
    still = eyes.look()[1]
    assert np.abs(np.frombuffer(still.raw_data, np.float32)).max() < 1e-4


def test_flow_of_a_car_that_passes(world: carla.World):
    start = open_space(world)
    car = settled(world, MKZ, start)
    side = start.get_right_vector()
    pose = carla.Transform(
        start.location + 9.0 * start.get_forward_vector() + carla.Location(-8.0 * side.x, -8.0 * side.y, 1.5),
        carla.Rotation(yaw=start.rotation.yaw + 90.0),
    )
    eyes = Eyes(world, ("optical_flow", "instance_segmentation", "depth"), pose)
    car.enable_constant_velocity(carla.Vector3D(x=10.0))
    moving = []
    for _ in range(20):
        flow, instance, depth = eyes.look()
        mine = numbers_of_things(instance) == car.id
        if mine.sum() > 300:
            vectors = np.frombuffer(flow.raw_data, np.float32).reshape(120, 160, 2)
            # it drives to the left: half a metre a tick
            moving.append(np.median(vectors[mine][:, 0] * metres(depth)[mine]))
            away = ~mine & (metres(depth) < 900.0)
            assert np.percentile(np.abs(vectors[away]), 95) < 1e-4
    assert len(moving) > 3
    assert np.median(moving) == pytest.approx(-10.0 * DT, rel=0.15)


def events(world: carla.World, pose: carla.Transform, **attributes: str) -> list[Any]:
    """What an event camera says while it moves half a metre a tick, 20 ticks long."""
    camera = spawn(world, "sensor.camera.dvs", pose, image_size_x="320", image_size_y="240", **attributes)
    found: list[Any] = []
    camera.listen(found.append)
    forward = pose.get_forward_vector()
    for tick in range(24):
        camera.set_transform(carla.Transform(pose.location + 0.5 * tick * forward, pose.rotation))
        world.tick()
    run(world, 2)
    camera.stop()
    return found


def test_dvs(world: carla.World):
    """CARLA's test_dvs."""
    pose = above_the_road(world)
    found = events(world, pose)
    assert len(found) > 10
    for frame in found:
        times = np.array([event.t for event in frame]) / 1e9
        assert (np.diff(times) >= 0.0).all()
        assert times[0] >= frame.timestamp - DT - 1e-3
        assert times[-1] <= frame.timestamp + 1e-3
        assert max(event.x for event in frame) < 320
        assert max(event.y for event in frame) < 240
    assert {event.pol for event in found[-1]} == {True, False}
    linear = {"use_log": "false", "positive_threshold": "20", "negative_threshold": "20"}
    assert sum(map(len, events(world, pose, **linear))) > 0
    high = {"positive_threshold": "0.9", "negative_threshold": "0.9"}
    assert sum(map(len, events(world, pose, **high))) < sum(map(len, found))


@pytest.mark.parametrize(
    ("name", "value"), [("image_size_x", "0"), ("image_size_y", "100000"), ("fov", "180"), ("fov", "nan")]
)
def test_impossible_cameras_are_refused_by_name(world: carla.World, name: str, value: str):
    with pytest.raises(RuntimeError, match=f"attribute {name}"):
        spawn(world, "sensor.camera.rgb", 0, **{name: value})
    world.tick()


def test_a_wide_camera_sees_more(world: carla.World):
    heights = []
    for fov in (40.0, 110.0):
        ear = Ear(world, spawn(world, "sensor.camera.depth", above_the_road(world), **SIZE, fov=str(fov)))
        world.tick()
        below = metres(ear.next())[119, 80]
        # this far below the camera's axis lies what the middle of the last row sees
        heights.append(below * math.tan(math.radians(fov) / 2.0) * 59.5 / 80.0)
    assert heights[0] == pytest.approx(heights[1], rel=0.02)
    assert 1.9 < heights[0] < 2.6
