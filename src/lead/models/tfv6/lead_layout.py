"""LEAD's own `config.json`, to and from ours.

LEAD writes plain attributes and derived values into one file; only the former say what the model is. What the file
leaves open, or says otherwise than the weights, is read from the weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from lead.models.config_tree import ConfigError
from lead.models.tfv6.configuration import (
    CameraConfig,
    FusionConfig,
    LabelSpace,
    LegacyConfig,
    ObservationConfig,
    PerspectiveConfig,
    PlannerConfig,
    PlannerKind,
    RadarConfig,
    TFv6Config,
)
from lead.models.tfv6.recipes import navsim_ltf

_THREE_CAMERA_ROOTS = ("carla_leaderboard2", "carla_leaderboad2_v3", "carla_leaderboad2_v8")
_SIX_CAMERA_ROOT = "carla_leaderboad2_v10"
_ROOTS = {"carla_3": "data/carla_leaderboard2", "carla_6": f"data/{_SIX_CAMERA_ROOT}", "navsim_4": ""}
_CAMERAS_BY_TOKENS = {552: ("carla_3", (1, 2, 3)), 696: ("carla_6", (1, 2, 3, 5)), 984: ("carla_6", (1, 2, 3, 4, 5, 6))}
_FAMILIES = {"layer1.": "resnet34", "s1.": "regnety_032"}


@dataclass(frozen=True)
class _Values:
    """LEAD's file with defaults, checked by type."""

    tree: Mapping[str, Any]

    def flag(self, key: str, default: bool) -> bool:
        return self._get(key, default, bool)

    def text(self, key: str, default: str) -> str:
        return self._get(key, default, str)

    def number(self, key: str, default: int) -> int:
        return self._get(key, default, int)

    def _get(self, key: str, default: Any, kind: type) -> Any:
        value = self.tree.get(key, default)
        if not isinstance(value, kind):
            raise ConfigError(f"{key} must be {kind.__name__}, not {value!r}")
        return value


def read_lead_config(tree: Mapping[str, Any], tensors: Mapping[str, Tensor] | None = None) -> TFv6Config:
    """The model of a LEAD checkpoint, from its `config.json` and, where given, its weights by name.

    Raises ConfigError for what we cannot build (Waymo).
    """
    values = _Values(tree)
    if values.flag("use_waymo_e2e_data", False):
        raise ConfigError("use_waymo_e2e_data is set: LEAD's Waymo models cannot be built, not even by LEAD")
    config = _from_values(values)
    return config if tensors is None else _from_tensors(config, tensors)


def write_lead_config(config: TFv6Config) -> dict[str, Any]:
    """The plain attributes that LEAD needs to build `config`.

    Raises ConfigError for a model that LEAD cannot build.
    """
    planner, radar, heads = config.planner, config.radar, config.perspective_heads
    numbers = range(1, {"carla_3": 3, "carla_6": 6, "navsim_4": 4}[config.cameras.rig] + 1)
    tree: dict[str, Any] = {
        "image_architecture": config.image_encoder,
        "lidar_architecture": config.bev_encoder,
        "LTF": config.latent,
        "carla_root": _ROOTS[config.cameras.rig],
        "use_carla_data": LabelSpace.CARLA in config.label_spaces,
        "use_navsim_data": LabelSpace.NAVSIM in config.label_spaces,
        "used_cameras": [number in config.cameras.used for number in numbers],
        "use_radars": radar is not None,
        "radar_detection": radar is not None,
        "use_radar_detection": planner is not None and planner.radar,
        "use_semantic": heads.semantic,
        "use_depth": heads.depth,
        "use_bev_semantic": config.bev_semantic,
        "detect_boxes": config.boxes,
        "use_planning_decoder": planner is not None,
        "use_tfv5_planning_decoder": planner is not None and planner.kind is PlannerKind.RECURRENT,
        "n_layer": config.fusion.layers,
        "n_head": config.fusion.heads,
        "block_exp": config.fusion.expansion,
    }
    tree |= {} if planner is None else _planner_keys(planner)
    tree |= {} if radar is None else _radar_keys(radar)
    if read_lead_config(tree) != _as_read(config):
        raise ConfigError("LEAD cannot build this model: its layout has no place for some of the configuration")
    return tree


def _as_read(config: TFv6Config) -> TFv6Config:
    """The model with what LEAD's file does not say of it as it is read."""
    return replace(config, heatmap_prior=TFv6Config.heatmap_prior, observation=ObservationConfig.published())


def _planner_keys(planner: PlannerConfig) -> dict[str, Any]:
    return {
        "transfuser_token_dim": planner.token_dim,
        "transfuser_num_bev_cross_attention_layers": planner.layers,
        "transfuser_num_bev_cross_attention_heads": planner.heads,
        "num_route_points_prediction": planner.route_points or PlannerConfig.route_points,
        "gru_hidden_size": planner.recurrent_dim,
    }


def _radar_keys(radar: RadarConfig) -> dict[str, Any]:
    return {
        "num_radar_queries": radar.queries,
        "radar_token_dim": radar.token_dim,
        "radar_tf_dim_ff": radar.hidden_dim,
        "radar_hidden_dim_tokenizer": radar.hidden_dim,
        "radar_hidden_dim_decoder": radar.hidden_dim,
        "radar_num_layers": radar.layers,
        "radar_num_heads": radar.heads,
    }


def _from_values(values: _Values) -> TFv6Config:
    carla, navsim = values.flag("use_carla_data", True), values.flag("use_navsim_data", False)
    base = navsim_ltf() if navsim else TFv6Config()
    spaces = [space for space, used in ((LabelSpace.CARLA, carla), (LabelSpace.NAVSIM, navsim)) if used]
    radar = _radar(values) if not navsim else None
    heads = PerspectiveConfig(semantic=values.flag("use_semantic", True), depth=values.flag("use_depth", not navsim))
    return replace(
        base,
        image_encoder=values.text("image_architecture", "resnet34"),
        bev_encoder=values.text("lidar_architecture", "resnet34"),
        label_spaces=tuple(spaces),
        latent=values.flag("LTF", False),
        cameras=base.cameras if navsim else _cameras(values),
        fusion=FusionConfig(values.number("n_layer", 2), values.number("n_head", 4), values.number("block_exp", 4)),
        perspective=heads if carla else PerspectiveConfig(),
        bev_semantic=values.flag("use_bev_semantic", True),
        boxes=values.flag("detect_boxes", True),
        radar=radar,
        planner=_planner(values, base.planner, radar),
        legacy=LegacyConfig.published(),
        observation=ObservationConfig.published(),
    )


def _cameras(values: _Values) -> CameraConfig:
    root = values.text("carla_root", _ROOTS["carla_3"])
    if _SIX_CAMERA_ROOT in root:
        rig, count = "carla_6", 6
    elif any(name in root for name in _THREE_CAMERA_ROOTS):
        rig, count = "carla_3", 3
    else:
        raise ConfigError(f"carla_root {root!r} tells no camera rig; LEAD knows {_ROOTS['carla_3']} and its successors")
    used = values.tree.get("used_cameras", [True] * count)
    if not isinstance(used, list) or len(used) != count:
        raise ConfigError(f"used_cameras must be a list of {count} flags for {root}, not {used!r}")
    return CameraConfig(rig=rig, used=tuple(number for number, flag in enumerate(used, start=1) if flag))


def _radar(values: _Values) -> RadarConfig | None:
    if not (values.flag("use_radars", True) and values.flag("radar_detection", True)):
        return None
    keys = ("radar_tf_dim_ff", "radar_hidden_dim_tokenizer", "radar_hidden_dim_decoder")
    widths = {values.number(key, RadarConfig.hidden_dim) for key in keys}
    if len(widths) > 1:
        raise ConfigError(f"{', '.join(keys)} must be equal, not {sorted(widths)}")
    return RadarConfig(
        queries=values.number("num_radar_queries", RadarConfig.queries),
        token_dim=values.number("radar_token_dim", RadarConfig.token_dim),
        hidden_dim=widths.pop(),
        layers=values.number("radar_num_layers", RadarConfig.layers),
        heads=values.number("radar_num_heads", RadarConfig.heads),
    )


def _planner(values: _Values, base: PlannerConfig | None, radar: RadarConfig | None) -> PlannerConfig | None:
    former = values.flag("use_tfpp_planning_decoder", False)
    if base is None or not values.flag("use_planning_decoder", former):
        return None
    recurrent = values.flag("use_tfv5_planning_decoder", False)
    route = values.number("num_route_points_prediction", PlannerConfig.route_points) if base.route_points else 0
    return replace(
        base,
        kind=PlannerKind.RECURRENT if recurrent else PlannerKind.LINEAR,
        token_dim=values.number("transfuser_token_dim", PlannerConfig.token_dim),
        layers=values.number("transfuser_num_bev_cross_attention_layers", PlannerConfig.layers),
        heads=values.number("transfuser_num_bev_cross_attention_heads", PlannerConfig.heads),
        recurrent_dim=values.number("gru_hidden_size", PlannerConfig.recurrent_dim),
        radar=radar is not None and values.flag("use_radar_detection", True) and not recurrent,
        route_points=route,
    )


def _from_tensors(config: TFv6Config, tensors: Mapping[str, Tensor]) -> TFv6Config:
    modules = {name.split(".")[0] for name in tensors}
    has_carla = bool({"bev_semantic_decoder", "center_net_decoder", "semantic_decoder", "depth_decoder"} & modules)
    has_navsim = bool({"bev_semantic_decoder_navsim", "center_net_decoder_navsim"} & modules)
    spaces = [space for space, there in ((LabelSpace.CARLA, has_carla), (LabelSpace.NAVSIM, has_navsim)) if there]
    perspective = replace(config.perspective, semantic="semantic_decoder" in modules, depth="depth_decoder" in modules)
    radar = (config.radar or RadarConfig()) if "radar_detector" in modules else None
    return replace(
        config,
        image_encoder=_encoder(config.image_encoder, tensors, "backbone.image_encoder."),
        bev_encoder=_encoder(config.bev_encoder, tensors, "backbone.lidar_encoder."),
        label_spaces=tuple(spaces) or config.label_spaces,
        latent=_stem_channels(tensors, config) == 2,
        cameras=_cameras_of(config, tensors),
        perspective=perspective if has_carla else PerspectiveConfig(),
        bev_semantic=any(name.startswith("bev_semantic_decoder") for name in modules),
        boxes=any(name.startswith("center_net_decoder") for name in modules),
        radar=radar,
        planner=_planner_of(config, tensors) if "planning_decoder" in modules else None,
    )


def _encoder(named: str, tensors: Mapping[str, Tensor], prefix: str) -> str:
    """The encoder as named, unless the weights belong to the other published family."""
    for mark, name in _FAMILIES.items():
        if any(key.startswith(prefix + mark) for key in tensors):
            family = name.split("_")[0].rstrip("0123456789")
            return named if named.startswith(family) else name
    return named


def _stem_channels(tensors: Mapping[str, Tensor], config: TFv6Config) -> int:
    for key in ("conv1.weight", "stem.conv.weight"):
        stem = tensors.get(f"backbone.lidar_encoder.{key}")
        if stem is not None:
            return stem.shape[1]
    return 2 if config.latent else 1


def _cameras_of(config: TFv6Config, tensors: Mapping[str, Tensor]) -> CameraConfig:
    embedding = tensors.get("backbone.transformers.0.pos_emb")
    if embedding is None or embedding.shape[1] == config.fusion_tokens:
        return config.cameras
    tokens = embedding.shape[1]
    if config.cameras.rig == "navsim_4" or tokens not in _CAMERAS_BY_TOKENS:
        raise ConfigError(f"the weights have {tokens} fusion tokens, the configuration {config.fusion_tokens}")
    rig, used = _CAMERAS_BY_TOKENS[tokens]
    return CameraConfig(rig=rig, used=used)


def _planner_of(config: TFv6Config, tensors: Mapping[str, Tensor]) -> PlannerConfig:
    prefix = "planning_decoder."
    base = config.planner or (navsim_ltf() if config.cameras.rig == "navsim_4" else TFv6Config()).planner
    assert base is not None
    recurrent = f"{prefix}route_gru.weight_ih_l0" in tensors
    return replace(
        base,
        kind=PlannerKind.RECURRENT if recurrent else PlannerKind.LINEAR,
        token_dim=tensors[f"{prefix}query"].shape[2],
        commands=tensors[f"{prefix}planning_context_encoder.command_encoder.0.weight"].shape[1],
        radar=f"{prefix}planning_context_encoder.radar_encoder.weight" in tensors,
    )
