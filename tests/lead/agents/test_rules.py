import pytest

from lead.agents.rules import COLLECTING, InvalidSensors, sensor_attributes, validate_sensors

POSE = {"x": 0.7, "y": 0.0, "z": 1.6, "roll": 0.0, "pitch": 0.0, "yaw": 0.0}
CAMERA = {"type": "sensor.camera.rgb", "width": 384, "height": 256, "fov": 60, **POSE}
LIDAR = {"type": "sensor.lidar.ray_cast", **POSE}
RADAR = {"type": "sensor.other.radar", "horizontal_fov": 90, "vertical_fov": 0.1, **POSE}
MAP = {"type": "sensor.opendrive_map", "id": "map", "reading_frequency": 1e-6}
SPEED = {"type": "sensor.speedometer", "id": "speed", "reading_frequency": 20}


def several(sensor, count):
    return [{**sensor, "id": f"{sensor['type']}_{i}"} for i in range(count)]


def test_a_full_rig_passes_on_both_tracks():
    rig = several(CAMERA, 8) + several(LIDAR, 2) + several(RADAR, 4) + [SPEED]
    rig += [{"type": "sensor.other.gnss", "id": "gps", "x": 0.0, "y": 0.0, "z": 0.0}]
    rig += [{"type": "sensor.other.imu", "id": "imu", **POSE}]
    validate_sensors(rig, "SENSORS")
    validate_sensors([*rig, MAP], "MAP")


@pytest.mark.parametrize(
    ("sensors", "track", "sentence"),
    [
        (several(CAMERA, 9), "SENSORS", "only 8 of sensor.camera.rgb"),
        (several(CAMERA, 5), "SENSORS_QUALIFIER", "only 4 of sensor.camera.rgb"),
        (several(LIDAR, 2), "MAP_QUALIFIER", "only 1 of sensor.lidar.ray_cast"),
        ([MAP], "SENSORS", "for the MAP track, not for SENSORS"),
        ([{**CAMERA, "id": "a", "z": 3.2}], "SENSORS", r"3\.28 m from the car, allowed are 3 m"),
        ([{**CAMERA, "id": "a"}, {**LIDAR, "id": "a"}], "SENSORS", "'a' is used twice"),
        ([CAMERA], "SENSORS", "number 1 has no 'id'"),
        ([{**CAMERA, "id": "a", "type": "sensor.camera.depth"}], "MAP", "may not use 'sensor.camera.depth'"),
        ([{"type": "sensor.lidar.ray_cast", "id": "a", "x": 0, "y": 0, "z": 0}], "MAP", "needs 'roll'"),
        ([{"type": "sensor.camera.rgb", "id": "a", "width": 9, "height": 9, **POSE}], "MAP", "needs 'fov'"),
    ],
)
def test_what_breaks_the_rules_is_named(sensors, track, sentence):
    with pytest.raises(InvalidSensors, match=sentence):
        validate_sensors(sensors, track)


def test_experts_that_record_may_use_ground_truth():
    validate_sensors([{**CAMERA, "id": "a", "type": "sensor.camera.depth", "z": 50.0}], "MAP", COLLECTING)


def test_the_lidar_is_fixed_and_the_camera_s_size_is_chosen():
    lidar = sensor_attributes({**LIDAR, "range": 200, "channels": 128})
    assert lidar["range"] == "85" and lidar["channels"] == "64" and lidar["dropoff_general_rate"] == "0.45"
    camera = sensor_attributes(CAMERA)
    assert (camera["image_size_x"], camera["image_size_y"], camera["fov"]) == ("384", "256", "60")
    assert sensor_attributes(RADAR)["vertical_fov"] == "0.1"
