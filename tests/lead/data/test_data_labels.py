"""LEAD's rules for boxes, the map from above, heat maps, routes and target points, case by case."""

from dataclasses import replace

import numpy as np
import pytest
from small_recording import box_of, meta_of

from lead.data.boxes import box_arrays, labelled_boxes
from lead.data.centernet import encode_yaw, targets
from lead.data.classes import SEMANTIC_OF_CARLA, BevClass, BoxClass, Column
from lead.data.config import RecordConfig, SampleConfig
from lead.data.errors import DataError
from lead.data.occupancy import bev_semantic, crop_map
from lead.data.plan import commands, curvature, smooth, speed_labels, target_points
from lead.sensors.clouds import Area
from lead.sensors.perturbation import Perturbation

CONFIG = RecordConfig()
STILL = Perturbation()
NO_MAP = np.zeros((256, 256), np.uint8)


def labels(*boxes, pose=STILL, **meta):
    return labelled_boxes(boxes, meta_of(0, **meta), pose, CONFIG)


@pytest.mark.parametrize(
    ("box", "counts"),
    [
        (box_of("ego_car", (0.0, 0.0)), False),
        (box_of("car", (70.0, 0.0)), False),
        (box_of("car", (64.0, 0.0)), False),
        (box_of("car", (20.0, 0.0), position=[20.0, 0.0, 5.0]), False),
        (box_of("car", (20.0, 0.0), num_points=0, visible_pixels=0), False),
        (box_of("car", (20.0, 0.0), num_points=0, visible_pixels=1), True),
        (box_of("car", (20.0, 0.0), num_points=-1, visible_pixels=0), True),
        (box_of("walker", (20.0, 0.0), num_points=4, visible_pixels=14), False),
        (box_of("walker", (20.0, 0.0), num_points=5, visible_pixels=0), True),
        (box_of("static_prop_car", (20.0, 0.0), num_points=2, visible_pixels=4), False),
        (box_of("traffic_light", (20.0, 0.0), state="Red", affects_ego=True), True),
        (box_of("traffic_light", (20.0, 0.0), state="Green", affects_ego=True), False),
        (box_of("stop_sign", (20.0, 0.0), affects_ego=False), False),
        (box_of("static", (20.0, 0.0), type_id="static.prop.constructioncone", num_points=0, visible_pixels=0), True),
        (box_of("static", (20.0, 0.0), type_id="static.prop.bench"), False),
        (box_of("static", (20.0, 0.0), type_id="", mesh_path="/Game/ParkedVehicles/Audi"), True),
    ],
)
def test_what_counts(box, counts):
    assert len(labels(box)) == counts


@pytest.mark.parametrize(
    ("box", "meta", "label"),
    [
        ({}, {}, BoxClass.VEHICLE),
        ({"type_id": "vehicle.ford.ambulance", "role_name": "scenario"}, {}, BoxClass.SPECIAL),
        ({"type_id": "vehicle.ford.ambulance"}, {}, BoxClass.VEHICLE),
        ({"type_id": "vehicle.gazelle.omafiets", "speed": 3.0}, {}, BoxClass.BIKER),
        ({"id": 7}, {"current_active_scenario_type": "Accident", "scenario_obstacles_ids": [7]}, BoxClass.OBSTACLE),
        ({"id": 7, "speed": 1.0}, {"current_active_scenario_type": "Accident", "scenario_obstacles_ids": [7]},
         BoxClass.VEHICLE),
        ({"lane_type_str": "Parking"}, {"current_active_scenario_type": "ParkingExit"}, BoxClass.PARKING),
        ({"lane_type_str": "Parking"}, {"current_active_scenario_type": "Accident"}, BoxClass.VEHICLE),
        ({"id": 7}, {"current_active_scenario_type": "VehicleOpensDoorTwoWays", "scenario_obstacles_ids": [7]},
         BoxClass.PARKING),
    ],
)  # fmt: skip
def test_what_as(box, meta, label):
    (one,) = labels(box_of("car", (20.0, 0.0), **box), **meta)
    assert one.label is label


def test_an_open_door_makes_a_car_wider_on_its_side():
    meta = {"current_active_scenario_type": "VehicleOpensDoorTwoWays", "scenario_obstacles_ids": [7],
            "vehicle_opened_door": True, "vehicle_door_side": "left"}  # fmt: skip
    (one,) = labels(box_of("car", (20.0, 3.0), 7), **meta)
    assert (one.label, one.x) == (BoxClass.OBSTACLE, 20.0)
    assert np.isclose(one.y, 2.4) and np.isclose(one.half_width, 1.6)
    assert np.isclose(one.y + one.half_width, 4.0)


def test_boxes_beyond_the_last_row_are_left_out():
    config = replace(CONFIG, most_boxes=3)
    found = labels(*(box_of("car", (5.0 + k, 3.0), k) for k in range(5)))
    arrays = box_arrays(found, STILL, config)
    assert arrays.used == 3 and arrays.boxes[:, Column.X].tolist() == [148.0, 152.0, 156.0]


def test_map_pixels_are_the_recorded_ones():
    hdmap = np.random.default_rng(0).choice([0, 1, 3, 4, 5, 7], (256, 256)).astype(np.uint8)
    image = crop_map(hdmap, CONFIG)
    table = {0: 0, 1: 1, 3: 2, 4: 2, 5: 3, 7: 0}
    expected = np.vectorize(table.get)(hdmap[48:208, 64:256]).repeat(2, 0).repeat(2, 1)
    assert np.array_equal(image, expected)


def _classes_at(image, x, y):
    return image[int((y + 40) * 4), int((x + 32) * 4)]


def test_what_stands_on_the_map():
    boxes = [
        box_of("walker", (10.0, 0.0), extent=[0.2, 0.2, 0.9]),
        box_of("traffic_light", (30.0, 5.0), state="Green", affects_ego=True, extent=[1.0, 1.0, 1.0]),
        box_of("traffic_light", (30.0, -5.0), state="Red", affects_ego=True, extent=[1.0, 1.0, 1.0]),
    ]
    image = bev_semantic(NO_MAP, labels(*boxes), boxes, meta_of(0), STILL, CONFIG)
    assert _classes_at(image, 10.9, 0.9) == BevClass.WALKER and _classes_at(image, 11.4, 0.0) == 0
    assert _classes_at(image, 30.0, -5.0) == BevClass.LIGHT_RED and _classes_at(image, 30.0, 5.0) == 0
    boxes[2] |= {"is_europe_traffic_light": True}
    image = bev_semantic(NO_MAP, labels(*boxes), boxes, meta_of(0), STILL, CONFIG)
    assert _classes_at(image, 30.0, -5.0) == BevClass.LIGHT_RED_SPECIAL


def test_a_construction_site_is_filled():
    cones = [box_of("static", (20.0 + 2 * k, side), type_id="static.prop.constructioncone", extent=[0.2, 0.2, 0.5])
             for k in range(4) for side in (2.0, 5.0)]  # fmt: skip
    sign = box_of("static", (14.0, 3.5), type_id="static.prop.trafficwarning", extent=[0.2, 1.4, 1.0])
    image = bev_semantic(NO_MAP, [], [*cones, sign], meta_of(0), STILL, CONFIG)
    assert _classes_at(image, 22.0, 3.5) == BevClass.OBSTACLE and _classes_at(image, 22.0, 8.0) == 0
    few = bev_semantic(NO_MAP, [], [*cones[:4], sign], meta_of(0), STILL, CONFIG)
    assert not few.any()


def test_an_accident_is_filled_where_it_is_in_the_world():
    meta = meta_of(0, current_active_scenario_type="Accident")
    forward, right = np.array([np.cos(0.5), np.sin(0.5)]), np.array([-np.sin(0.5), np.cos(0.5)])
    origin = np.array(meta["pos_global"][:2])
    hull = [(origin + x * forward + y * right).tolist() for x, y in ((20, 2), (30, 2), (30, 5), (20, 5))]
    meta["scenario_obstacles_convex_hull"] = hull
    image = bev_semantic(NO_MAP, [], [], meta, STILL, CONFIG)
    rows, columns = np.nonzero(image == BevClass.OBSTACLE)
    assert np.allclose([columns.min() / 4 - 32, columns.max() / 4 - 32], [20, 30], atol=0.3)
    assert np.allclose([rows.min() / 4 - 40, rows.max() / 4 - 40], [2, 5], atol=0.3)


def test_heat_maps_are_bumps_of_five_cells_that_do_not_add_up():
    found = labels(box_of("car", (20.3, 0.7)), box_of("car", (21.3, 0.7)), box_of("walker", (63.9, 39.9)))
    boxes = box_arrays(found, STILL, CONFIG)
    made = targets(boxes.boxes, boxes.used, CONFIG)
    row = made["heatmap"][BoxClass.VEHICLE, 40]
    bump = np.exp(-(np.arange(3) ** 2) / (2 * (5 / 6) ** 2))
    assert np.allclose(row[50:57], [bump[2], bump[1], 1, 1, bump[1], bump[2], 0], atol=1e-6)
    assert made["heatmap"][BoxClass.WALKER, 79, 95] == 1.0 and made["avg_factor"] == 3
    assert not made["heatmap"][BoxClass.STOP_SIGN].any()
    empty = targets(boxes.boxes * 0, 0, CONFIG)
    assert empty["avg_factor"] == 1 and not any(empty[name].any() for name in ("heatmap", "pixel_weight", "wh"))


def test_yaws_are_a_direction_and_a_rest():
    yaw = np.random.default_rng(0).uniform(-7, 7, 500)
    place, rest = encode_yaw(yaw)
    assert np.abs(rest).max() <= np.pi / 12 + 1e-9 and place.min() >= 0 and place.max() <= 11
    assert np.allclose(np.exp(1j * (place * np.pi / 6 + rest)), np.exp(1j * yaw))
    assert [one.tolist() for one in encode_yaw(np.zeros(1))] == [[0], [0.0]]


def test_the_speed_of_one_who_is_about_to_go():
    """It stands, and what it wants for the next tick is next to nothing; in a second it drives 4 m/s."""
    meta = meta_of(0, speed=0.0, target_speed=0.05, brake=False)
    positions = np.array([[0.0, 0.0], [0.2, 0.0], [0.8, 0.0], [1.8, 0.0], [3.2, 0.0]])
    assert speed_labels(meta, positions, 0.25, None) == {"target_speed": np.float32(0.05), "brake": False}
    assert speed_labels(meta, positions, 0.25, 1.0) == {"target_speed": np.float32(4.0), "brake": False}


def test_the_speed_of_one_who_is_about_to_stop():
    meta = meta_of(0, speed=5.0, target_speed=4.9, brake=False)
    positions = np.array([[1.0, 0.0], [1.6, 0.0], [1.8, 0.0], [1.8, 0.0]])
    assert speed_labels(meta, positions, 0.25, 1.0) == {"target_speed": np.float32(0.0), "brake": True}


@pytest.mark.parametrize("ahead_s", [0.25, 1.5])
def test_the_speed_when_there_are_no_waypoints(ahead_s):
    with pytest.raises(DataError, match=r"speed_ahead_s must lie between 0.5 and 1.25, where waypoints are"):
        speed_labels(meta_of(0), np.zeros((5, 2)), 0.25, ahead_s)


def test_a_smooth_route_has_even_steps():
    angle = np.linspace(0, 1.2, 50)
    bend = 40 * np.stack([np.sin(angle), 1 - np.cos(angle)], 1)[3:24]
    route = smooth(bend, 20)
    steps = np.hypot(*np.diff(np.vstack([[0, 0], route]), axis=0).T)
    assert np.allclose(steps, [2.5] + [1.0] * 19)
    assert np.abs(np.hypot(route[:, 0], route[:, 1] - 40) - 40).max() < 0.1
    assert np.isclose(curvature(route), 18 / 40, atol=0.05)


def test_a_short_route_goes_straight_on_and_repeats_do_not_stop_it():
    route = smooth(np.array([[2.5, 0.0], [2.5, 0.0], [3.5, 0.0]]), 6)
    assert np.allclose(route, [[2.5 + k, 0.0] for k in range(6)])


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        ([0, 10, 20], [0, 10, 20]),
        ([0, 10, 10, 20], [0, 10, 20]),
        ([0, 10], [0, 10, 10]),
        ([10, 10], [10, 10, 10]),
        ([5], [5, 5, 5]),
    ],
)
def test_target_points(ahead, expected):
    meta = meta_of(0, pos_global=[0.0, 0.0, 0.0], theta=0.0)
    meta["next_target_points_3.25"] = [[float(x), 0.0, 0.0] for x in ahead]
    assert target_points(meta, STILL, CONFIG)[:, 0].tolist() == expected


def test_no_target_point_is_an_error():
    with pytest.raises(DataError, match=r"no point in 'next_target_points_3\.25'"):
        target_points(meta_of(0) | {"next_target_points_3.25": []}, STILL, CONFIG)


@pytest.mark.parametrize(("number", "place"), [(1, 0), (2, 1), (4, 3), (6, 5), (-1, 3), (9, 3), (0, 3)])
def test_commands(number, place):
    meta = {"next_commands_3.25": [number], "previous_commands_3.25": []}
    assert commands(meta, CONFIG).tolist() == [3, place, place]


def test_ungrouped_semantics():
    known = {14: 1, 15: 1, 16: 1, 18: 1, 1: 2, 7: 3, 12: 4, 24: 5, 29: 6, 30: 7, 31: 8, 13: 9, 19: 9, 2: 0, 11: 0}
    assert {carla: int(SEMANTIC_OF_CARLA[carla]) for carla in known} == known


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(DataError, match="recorded maps end"):
        RecordConfig(area=Area(max_x=90.0))
    with pytest.raises(DataError, match="cameras must be numbers from 1 to 3"):
        SampleConfig(cameras=(4,))
    with pytest.raises(DataError, match="waypoints must be 1 or more"):
        RecordConfig(waypoints=0)
