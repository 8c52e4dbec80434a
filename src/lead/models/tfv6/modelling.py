"""TransFuser v6 as one module; its parameters have LEAD's names, in LEAD's order."""

from collections.abc import Iterable
from enum import Enum

from jaxtyping import Float
from torch import Tensor, nn

from lead.models.tfv6.backbone import Backbone
from lead.models.tfv6.bev import BevSemanticDecoder
from lead.models.tfv6.boxes import CenterNetDecoder
from lead.models.tfv6.configuration import BEV_CLASSES, BOX_CLASSES, LabelSpace, TFv6Config
from lead.models.tfv6.perspective import PerspectiveDecoder
from lead.models.tfv6.planning import PlanningDecoder
from lead.models.tfv6.radar import RadarDetector
from lead.models.tfv6.tensors import Inputs, Outputs, RadarDetections


class Head(str, Enum):
    """What can be asked of the model; radar is computed whenever the planner needs it."""

    PLAN = "plan"
    RADAR = "radar"
    SEMANTIC = "semantic"
    DEPTH = "depth"
    BEV_SEMANTIC = "bev_semantic"
    BOXES = "boxes"


ALL_HEADS = frozenset(Head)
PLANNING_ONLY = frozenset({Head.PLAN})


class TFv6(nn.Module):
    """TransFuser v6, in any of the variants that `TFv6Config` describes."""

    def __init__(self, config: TFv6Config, pretrained: bool = False):
        """`pretrained`: the picture's encoder starts from timm's ImageNet weights, downloaded when not in its cache."""
        super().__init__()
        self.config = config
        self.backbone = Backbone(config, pretrained)
        self._add_perspective_heads()
        self._add_bev_heads()
        if config.radar is not None:
            self.radar_detector = RadarDetector(config, config.radar, self.backbone.bev_width)
        if config.planner is not None:
            self.planning_decoder = PlanningDecoder(config, config.planner, self.backbone.bev_width)

    def _add_perspective_heads(self) -> None:
        heads, width = self.config.perspective_heads, self.backbone.picture_width
        if heads.semantic:
            self.semantic_decoder = PerspectiveDecoder(width, heads.semantic_classes, heads.channels)
        if heads.depth:
            self.depth_decoder = PerspectiveDecoder(width, 1, heads.channels)

    def _add_bev_heads(self) -> None:
        bev = self.config.bev
        if self.config.bev_semantic:
            for space in self._spaces():
                decoder = BevSemanticDecoder(bev.channels, BEV_CLASSES[space], (bev.height, bev.width))
                self.add_module("bev_semantic_decoder" + _SUFFIXES[space], decoder)
        if self.config.boxes:
            for space in self._spaces():
                decoder = CenterNetDecoder(self.config, BOX_CLASSES[space])
                self.add_module("center_net_decoder" + _SUFFIXES[space], decoder)

    def _spaces(self) -> list[LabelSpace]:
        return [space for space in LabelSpace if space in self.config.label_spaces]

    def forward(self, inputs: Inputs, heads: Iterable[Head] = ALL_HEADS) -> Outputs:
        """The outputs that are asked for and that the model has; dense heads cost a third of a pass and more.

        Raises ValueError when an input that the model needs is None.
        """
        if inputs.bev_features is not None:
            return Outputs(plan=self.planning_decoder(inputs.bev_features, inputs))
        wanted = frozenset(heads)
        bev_features, picture_features = self.backbone(inputs.rgb, inputs.rasterized_lidar)
        detections = self._detect(bev_features, inputs, wanted)
        plan = None
        if Head.PLAN in wanted and self.config.planner is not None:
            plan = self.planning_decoder(bev_features, inputs, detections)
        size = (inputs.rgb.shape[-2], inputs.rgb.shape[-1])
        return Outputs(
            plan=plan,
            radar=detections,
            **self._perspective(picture_features, size, wanted),
            **self._bird_eye(bev_features, wanted),
        )

    def _detect(self, bev_features: Tensor, inputs: Inputs, wanted: frozenset[Head]) -> RadarDetections | None:
        planner = self.config.planner
        for_plan = Head.PLAN in wanted and planner is not None and planner.radar
        if self.config.radar is None or not (for_plan or Head.RADAR in wanted):
            return None
        if inputs.radar is None or inputs.speed is None:
            raise ValueError("this model needs radar and speed")
        return self.radar_detector(bev_features, inputs.radar, inputs.speed)

    def _perspective(
        self, features: Float[Tensor, "batch width rows columns"], size: tuple[int, int], wanted: frozenset[Head]
    ) -> dict[str, Tensor]:
        heads = self.config.perspective_heads
        outputs = {}
        if heads.semantic and Head.SEMANTIC in wanted:
            outputs["semantic"] = self.semantic_decoder(features, size)
        if heads.depth and Head.DEPTH in wanted:
            outputs["depth"] = self.depth_decoder(features, size)[:, 0]
        return outputs

    def _bird_eye(self, bev_features: Float[Tensor, "batch width rows columns"], wanted: frozenset[Head]) -> dict:
        asked = [
            (name, decoder)
            for head, name, decoder in (
                (Head.BEV_SEMANTIC, "bev_semantic", "bev_semantic_decoder"),
                (Head.BOXES, "boxes", "center_net_decoder"),
            )
            if head in wanted and getattr(self.config, name)
        ]
        if not asked:
            return {}
        grid = self.backbone.top_down(bev_features)
        return {
            name + _SUFFIXES[space]: self.get_submodule(decoder + _SUFFIXES[space])(grid)
            for name, decoder in asked
            for space in self._spaces()
        }


_SUFFIXES = {LabelSpace.CARLA: "", LabelSpace.NAVSIM: "_navsim"}
