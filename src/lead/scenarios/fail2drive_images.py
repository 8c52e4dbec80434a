"""Fail2Drive's pictures: stop signs that something sticks to, and images of lights and children beside the road."""

import math
from dataclasses import dataclass

import carla

from lead.scenarios.cast import Cast
from lead.scenarios.conditions import drove, left_junction
from lead.scenarios.lanes import LaneError, flat_distance, forward, places_along, shifted, turned
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, first_of, in_turn
from lead.scenarios.walkers import border

NONE = "none"
_AHEAD_M, _OFF_LANE_M, _FACE_M = 50.0, 1.5, 4.0
_STICKS_OUT_M = 0.03
_JUNCTION_BEYOND_M, _IMAGE_BEYOND_M = 10.0, 10.0
_OUTWARD_M = 1.5
#: What is longer (m) stands along the road, not across the pavement.
_LONG_M = 2.0


@dataclass(frozen=True)
class StopSignParameters:
    """What sticks to the next stop sign, "none" for nothing, `offset_y` (m) to the right and `offset_z` (m) above its
    middle.
    """

    prop: str = "static.prop.barrel"
    offset_y: float = 0.0
    offset_z: float = 0.0


@dataclass(frozen=True)
class ImageParameters:
    """An object at the right roadside `distance` (m) ahead with an image on the side that the ego sees, "none" for no
    image. The image is moved by offsets (m; x ahead, y right, z up).
    """

    distance: float = 10.0
    prop: str = "static.prop.advertisement"
    image: str = NONE
    offset_x: float = 0.0
    offset_y: float = 0.0
    offset_z: float = 0.0


def obscured_stop_sign(scene: Scene, params: StopSignParameters) -> Script:
    """Something sticks to the next stop sign, which can hardly be read."""
    with scene.cast() as cast:
        found = _stop_sign_face(scene)
        if found is not None:
            _stick(cast, found, params)
        yield scene.triggered
        if found is None:
            # In large towns signs are known only when they are near.
            face = _stop_sign_face(scene)
            if face is None:
                raise LaneError(f"there is no stop sign for the ego within {_AHEAD_M:g} m")
            _stick(cast, face, params)
        scene.traffic.handle_junction(clear=True, clear_ego_entry=True, stop_entries=True)
        with scene.without_blocked_test():
            through = in_turn(left_junction(scene), drove(scene, _JUNCTION_BEYOND_M))
            yield first_of(through, scene.timeout())


def image_on_object(scene: Scene, params: ImageParameters) -> Script:
    """An object beside the road shows a picture, of a traffic light or a child, that means nothing."""
    with scene.cast() as cast:
        lane = forward(scene.reference, params.distance)
        along = border(lane, 1, _OUTWARD_M)
        across = turned(along, 90.0)
        prop = cast.prop(params.prop, across)
        is_long = 2.0 * prop.bounding_box.extent.x > _LONG_M
        if is_long:
            prop.set_transform(along)
        if params.image != NONE:
            _show_image(cast, prop.bounding_box, along if is_long else across, lane.transform.rotation, params)
        yield scene.triggered
        with scene.without_blocked_test():
            yield first_of(drove(scene, params.distance + _IMAGE_BEYOND_M), scene.timeout())


# -- building blocks


def _stick(cast: Cast, face: carla.Transform, params: StopSignParameters) -> None:
    """Put the prop flat onto a sign's face."""
    if params.prop == NONE:
        return
    place = shifted(face, right=-params.offset_y, ahead_m=_STICKS_OUT_M, up=params.offset_z).location
    cast.prop(params.prop, _flat_on(place, face.rotation.yaw))


def _flat_on(place: carla.Location, yaw_deg: float) -> carla.Transform:
    """The pose of a thing that lies on its back, put up so that it looks to `yaw_deg`."""
    return carla.Transform(place, carla.Rotation(0.0, yaw_deg - 90.0, 90.0))


def _stop_sign_face(scene: Scene) -> carla.Transform | None:
    """The middle of the face of the next stop sign of the ego's lane, heading to those who read it."""
    lanes = places_along(scene.reference, _AHEAD_M)
    for sign in scene.world.get_actors().filter("traffic.stop*"):
        assert isinstance(sign, carla.TrafficSign)
        centre = _in_world(sign.get_transform(), sign.trigger_volume.location)
        lane = min(lanes, key=lambda one: flat_distance(one.transform.location, centre))
        if flat_distance(lane.transform.location, centre) <= _OFF_LANE_M:
            return _face_at(scene, sign.get_location(), lane.transform.rotation.yaw)
    return None


def _face_at(scene: Scene, foot: carla.Location, lane_yaw_deg: float) -> carla.Transform | None:
    """The face of the sign at a place, as those see it who come along a lane with this heading."""
    boxes = scene.world.get_level_bbs(carla.CityObjectLabel.TrafficSigns)
    near = [box for box in boxes if flat_distance(box.location, foot) < _FACE_M]
    if not near:
        return None
    box = min(near, key=lambda one: flat_distance(one.location, foot))
    thin_along_x = box.extent.x <= box.extent.y
    yaw = box.rotation.yaw + (0.0 if thin_along_x else 90.0)
    faces_away = math.cos(math.radians(yaw - lane_yaw_deg)) > 0.0
    face = carla.Transform(box.location, carla.Rotation(0.0, yaw + (180.0 if faces_away else 0.0), 0.0))
    return shifted(face, ahead_m=min(box.extent.x, box.extent.y))


def _in_world(pose: carla.Transform, place: carla.Location) -> carla.Location:
    """A place in the frame of a pose, in the world's."""
    inside = carla.Location(place.x, place.y, place.z)
    there = pose.transform(inside)
    return carla.Location(there.x, there.y, there.z)


def _show_image(
    cast: Cast, box: carla.BoundingBox, pose: carla.Transform, lane: carla.Rotation, params: ImageParameters
) -> None:
    """An image on the side of a prop, a box at a pose, that those see who come along a lane of this heading."""
    is_across = abs(math.sin(math.radians(pose.rotation.yaw - lane.yaw))) > 0.5
    depth = box.extent.y if is_across else box.extent.x
    frame = carla.Transform(_in_world(pose, box.location), lane)
    ahead = params.offset_x - depth - _STICKS_OUT_M
    place = shifted(frame, right=params.offset_y, ahead_m=ahead, up=params.offset_z).location
    cast.prop(params.image, _flat_on(place, lane.yaw + 180.0))


SCENARIOS = (
    declare("ObscuredStopSign", StopSignParameters, obscured_stop_sign),
    declare("ImageOnObject", ImageParameters, image_on_object),
)
