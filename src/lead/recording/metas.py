"""The meta of a frame: everything of LEAD's that is no picture, put together from its parts."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import carla
import numpy as np

from lead.agents import AutonomousAgent
from lead.agents.labels import DecisionLabels
from lead.geometry import rotation_matrices
from lead.recording.config import RecorderConfig
from lead.recording.motion import Moment
from lead.sensors.perturbation import Perturbation
from lead.sensors.rig import Rig

_WEATHER = (
    "cloudiness", "dust_storm", "fog_density", "fog_distance", "fog_falloff", "mie_scattering_scale",
    "precipitation", "precipitation_deposits", "rayleigh_scattering_scale", "scattering_intensity",
    "sun_altitude_angle", "sun_azimuth_angle", "wetness", "wind_intensity",
)  # fmt: skip


_TELLING = (
    "cloudiness", "dust_storm", "fog_density", "precipitation", "precipitation_deposits", "sun_altitude_angle",
    "wetness", "wind_intensity",
)  # fmt: skip
_UNLIKE = 120.0


def state_fields(now: Moment) -> dict[str, Any]:
    """Where the ego is and how it moves, truly and as its sensors have it."""
    matrix = np.eye(4, dtype=np.float32)
    matrix[:3, :3], matrix[:3, 3] = rotation_matrices(now.pose[3:]), now.pose[:3]
    return {
        "speed": now.speed,
        **{f"accel_{axis}": float(value) for axis, value in zip("xyz", now.force, strict=True)},
        **{f"angular_velocity_{axis}": float(value) for axis, value in zip("xyz", now.turn, strict=True)},
        "pos_global": now.pose[:3].tolist(),
        "filtered_pos_global": now.estimate.tolist(),
        "noisy_pos_global": now.fix.tolist(),
        "theta": now.compass,
        "privileged_yaw": float(now.pose[4]),
        "ego_matrix": matrix,
    }


def labels_of(agent: AutonomousAgent) -> DecisionLabels:
    """What the agent says of its decision, or what its `decision` and its `way` tell: speed, actor, distance, route."""
    labels = getattr(agent, "labels", None)
    if isinstance(labels, DecisionLabels):
        return labels
    decision = getattr(agent, "decision", None)
    if decision is None:
        return DecisionLabels()
    reason, actor = str(decision.reason), int(getattr(decision, "actor", 0)) or None
    return DecisionLabels(
        target_speed=float(decision.speed),
        speed_reduced_by_obj_type=reason if actor else None,
        speed_reduced_by_obj_id=actor,
        speed_reduced_by_obj_distance=float(decision.distance) if actor else None,
        light_hazard="light" in reason,
        stop_sign_hazard=reason == "stop sign",
        walker_hazard="walker" in reason,
        walker_affecting_id=actor if "walker" in reason else None,
        vehicle_hazard="vehicle" in reason,
        vehicle_affecting_id=actor if "vehicle" in reason else None,
        route=getattr(agent, "way", None),
    )


def control_fields(control: carla.VehicleControl) -> dict[str, Any]:
    """What was done in the tick."""
    return {"steer": control.steer, "throttle": control.throttle, "brake": control.brake > 0.0}


def weather_fields(weather: carla.WeatherParameters) -> dict[str, Any]:
    """The weather, and how far one sees in it: 0 far, 1 well enough, 2 badly, 3 hardly."""
    parameters = {name: float(getattr(weather, name)) for name in _WEATHER}
    return {
        "weather_setting": nearest_preset(parameters),
        "weather_parameters": parameters,
        "visual_visibility": visibility_class(parameters),
    }


def nearest_preset(weather: Mapping[str, float]) -> str:
    """The name of CARLA's preset that is most like a weather, or `Custom` when none is."""
    off = {name: sum(abs(preset[key] - weather[key]) for key in _TELLING) for name, preset in _presets().items()}
    name = min(off, key=off.__getitem__)
    return name if off[name] < _UNLIKE else "Custom"


@cache
def _presets() -> Mapping[str, Mapping[str, float]]:
    names = [name for name in dir(carla.WeatherParameters) if name[0].isupper() and name != "Default"]
    found = {name: getattr(carla.WeatherParameters, name) for name in names}
    return {name: {key: getattr(one, key) for key in _TELLING} for name, one in found.items()}


def visibility_class(weather: Mapping[str, float]) -> int:
    """0 clear, 1 ok, 2 limited, 3 very limited, by darkness, fog and rain."""
    if weather["sun_altitude_angle"] < 0.0:
        return 3
    if weather["fog_density"] > 40.0 or weather["precipitation"] > 80.0:
        return 2
    return 1 if weather["fog_density"] > 15.0 or weather["precipitation"] > 40.0 or weather["wetness"] > 60.0 else 0


def rig_fields(rig: Rig, config: RecorderConfig, perturbation: Perturbation) -> dict[str, Any]:
    """What does not change over a drive: how its files are to be read."""
    lidars = {
        f"lidar_{what}_{number}": list(values)
        for number, lidar in enumerate(rig.lidars, 1)
        for what, values in (("pos", lidar.position), ("rot", lidar.rotation_deg))
    }
    cameras = {
        number: {
            "pos": list(camera.position),
            "rot": list(camera.rotation_deg),
            "width": camera.width,
            "height": camera.height,
            "cropped_height": camera.cropped_height,
            "fov": camera.fov_deg,
        }
        for number, camera in enumerate(rig.cameras, 1)
    }
    radars = {
        str(number): {
            "pos": list(radar.position),
            "rot": list(radar.rotation_deg),
            "horz_fov": radar.horizontal_fov_deg,
            "vert_fov": radar.vertical_fov_deg,
        }
        for number, radar in enumerate(rig.radars, 1)
    }
    return {
        "perturbation_translation": perturbation.shift_m,
        "perturbation_rotation": perturbation.turn_deg,
        "jpeg_storage_quality": config.jpeg_quality,
        "dataset_information": {
            "save_depth_lower_resolution": True,
            "save_depth_resolution_ratio": 4,
            "save_depth_bits": config.depth_bits,
            "save_only_non_ground_lidar": config.ground_removed,
            "target_dataset": rig.target_dataset,
            "data_save_freq": config.ticks_between,
            "save_grouped_semantic": True,
            "rig": rig.name,
            "ego_filter": config.ego_filter,
        },
        "sensor_information": {
            **lidars,
            "lidar_accumulation": True,
            "num_cameras": len(rig.cameras),
            "camera_calibration": cameras,
            "num_radar_sensors": len(rig.radars),
            "radar_calibration": radars,
        },
    }
