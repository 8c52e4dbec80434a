"""The models that this project knows by name, as functions that return their configuration."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from lead.models.config_tree import ConfigError
from lead.models.tfv6.configuration import (
    BevConfig,
    CameraConfig,
    FusionConfig,
    LabelSpace,
    PerspectiveConfig,
    PlannerConfig,
    PlannerKind,
    RadarConfig,
    TFv6Config,
)
from lead.suggestions import suggest


def resnet34() -> TFv6Config:
    """Three cameras, LiDAR and radar; ResNet-34 twice."""
    return TFv6Config()


def regnety_032() -> TFv6Config:
    """The same with RegNetY-3.2GF twice: LEAD's best."""
    return TFv6Config(image_encoder="regnety_032", bev_encoder="regnety_032")


def four_cameras() -> TFv6Config:
    """Three cameras ahead and one to the rear."""
    return TFv6Config(cameras=CameraConfig(rig="carla_6", used=(1, 2, 3, 5)))


def no_radar() -> TFv6Config:
    """Cameras and LiDAR."""
    return TFv6Config(radar=None, planner=PlannerConfig(radar=False))


def vision_only() -> TFv6Config:
    """Six cameras all around, nothing else."""
    cameras = CameraConfig(rig="carla_6", used=(1, 2, 3, 4, 5, 6))
    return replace(no_radar(), cameras=cameras, latent=True)


def tfv5_baseline() -> TFv6Config:
    """The predecessor's planner on the same backbone."""
    planner = PlannerConfig(kind=PlannerKind.RECURRENT, radar=False)
    return TFv6Config(planner=planner)


def navsim_ltf() -> TFv6Config:
    """Latent TransFuser v6 for NAVSIM: four cameras, speed, acceleration and command."""
    return TFv6Config(
        label_spaces=(LabelSpace.NAVSIM,),
        latent=True,
        max_speed=15.0,
        cameras=CameraConfig(rig="navsim_4", used=(1, 2, 3, 4), width=480, height=270),
        bev=BevConfig(min_x_m=-32.0, max_x_m=32.0, min_y_m=-32.0, max_y_m=32.0),
        radar=None,
        planner=PlannerConfig(
            commands=4,
            max_acceleration=4.0,
            target_points=False,
            radar=False,
            waypoint_spacing_s=0.5,
            headings=True,
            route_points=0,
            speed_classes=(),
        ),
    )


def mixed_navsim() -> TFv6Config:
    """Latent TransFuser v6 with the perception heads of both CARLA and NAVSIM, without depth."""
    spaces = (LabelSpace.CARLA, LabelSpace.NAVSIM)
    return replace(navsim_ltf(), label_spaces=spaces, perspective=PerspectiveConfig(depth=False))


def tfv6_nano() -> TFv6Config:
    """All heads of `resnet34` in a twentieth of its size, for pictures of half the size: for laptops and tests."""
    return TFv6Config(
        image_encoder="starnet_s1",
        bev_encoder="starnet_s050",
        cameras=CameraConfig(width=192, height=192),
        fusion=FusionConfig(layers=1),
        perspective=PerspectiveConfig(channels=(64, 32, 16)),
        radar=RadarConfig(token_dim=64, hidden_dim=128, layers=2, heads=4),
        planner=PlannerConfig(token_dim=64, layers=4, heads=4, feed_forward=256),
    )


def tfv6_micro() -> TFv6Config:
    """Cameras and LiDAR without radar, a semantic map as the only other head, a nearer map, and no speed as an input:
    small enough to be trained on processors."""
    return TFv6Config(
        image_encoder="starnet_s050",
        bev_encoder="starnet_s050",
        cameras=CameraConfig(width=192, height=192),
        bev=BevConfig(min_x_m=-16.0, max_x_m=48.0, min_y_m=-24.0, max_y_m=24.0, channels=32),
        fusion=FusionConfig(layers=1),
        perspective=PerspectiveConfig(semantic=False, depth=False),
        boxes=False,
        radar=None,
        planner=PlannerConfig(token_dim=64, layers=2, heads=4, feed_forward=128, radar=False, speed=False),
    )


def for_pretraining(config: TFv6Config) -> TFv6Config:
    """`config` in the first stage of training: perception alone, without the planner."""
    return replace(config, planner=None)


RECIPES: Mapping[str, Callable[[], TFv6Config]] = MappingProxyType(
    {
        "tfv6_resnet34": resnet34,
        "tfv6_regnety_032": regnety_032,
        "tfv6_four_cameras": four_cameras,
        "tfv6_no_radar": no_radar,
        "tfv6_vision_only": vision_only,
        "tfv6_navsim_ltf": navsim_ltf,
        "tfv6_mixed_navsim": mixed_navsim,
        "tfv6_nano": tfv6_nano,
        "tfv6_micro": tfv6_micro,
        "tfv5_resnet34": tfv5_baseline,
    }
)


def find_recipe(name: str) -> TFv6Config:
    """The configuration of a known model. Raises ConfigError."""
    if name not in RECIPES:
        raise ConfigError(f"there is no model {name}{suggest(name, RECIPES)}")
    return RECIPES[name]()
