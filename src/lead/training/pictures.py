"""Pictures of what a model predicts beside what it should have: cameras, semantics, the world from above."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lead.data.classes import BevClass
from lead.models.tfv6.boxes import YAW, H, W, X, Y, decode_boxes, keep_scores
from lead.models.tfv6.configuration import BevConfig
from lead.models.tfv6.modelling import TFv6
from lead.models.tfv6.tensors import Inputs, Outputs
from lead.training.batches import Batch
from lead.training.metrics import to_device

Picture = NDArray[np.uint8]

_LEAST_SCORE = 0.3
_ROUTE, _WAYPOINTS, _BOX, _TRUTH = (255, 160, 0), (0, 80, 255), (0, 255, 255), (255, 255, 255)
_BEV_COLOURS = {
    BevClass.UNLABELED: (20, 20, 20), BevClass.ROAD: (90, 90, 90), BevClass.LANE_MARKER: (200, 200, 200),
    BevClass.STOP_SIGN_AREA: (160, 60, 200), BevClass.VEHICLE: (200, 120, 40), BevClass.WALKER: (60, 60, 230),
    BevClass.OBSTACLE: (40, 160, 230), BevClass.PARKING: (130, 90, 60), BevClass.SPECIAL: (220, 60, 160),
    BevClass.BIKER: (90, 40, 230), BevClass.LIGHT_GREEN: (60, 200, 60), BevClass.LIGHT_RED: (40, 40, 220),
    BevClass.LIGHT_RED_SPECIAL: (20, 20, 160),
}  # fmt: skip
_SEMANTIC_COLOURS = ((20, 20, 20), (200, 120, 40), (90, 90, 90), (160, 200, 60), (60, 60, 230),
                     (200, 200, 200), (40, 160, 230), (220, 60, 160), (60, 40, 200), (90, 40, 230))  # fmt: skip


@torch.no_grad()
def draw_predictions(model: TFv6, batch: Batch, count: int, device: str) -> list[Picture]:
    """Pictures (h, w, 3), blue green red, of the first samples of a batch; the model is left in evaluation mode."""
    model.eval()
    some = {key: value[:count] for key, value in to_device(batch, device).items()}
    outputs = model(Inputs.from_batch(some))
    boxes = [] if outputs.boxes is None else keep_scores(decode_boxes(outputs.boxes, model.config), _LEAST_SCORE)
    arrays = {key: value.cpu() for key, value in some.items()}
    return [
        _draw(model, arrays, outputs, number, boxes[number].float().cpu().numpy() if boxes else None)
        for number in range(len(arrays["rgb"]))
    ]


def _draw(model: TFv6, batch: dict[str, Tensor], outputs: Outputs, number: int, boxes: NDArray | None) -> Picture:
    strip = np.ascontiguousarray(batch["rgb"][number].permute(1, 2, 0).to(torch.uint8).numpy()[..., ::-1])
    rows = [strip]
    if outputs.semantic is not None:
        rows.append(_colour(outputs.semantic[number].argmax(dim=0).cpu().numpy(), _SEMANTIC_COLOURS))
    above = [_from_above(model, batch, outputs, number, boxes)]
    if "bev_semantic" in batch:
        above.append(_truth(model.config.bev, batch, number))
    side_by_side = np.hstack([np.rot90(one) for one in above])
    width = max(strip.shape[1], side_by_side.shape[1])
    return np.vstack([_widen(one, width) for one in [*rows, side_by_side]])


def _from_above(model: TFv6, batch: dict[str, Tensor], outputs: Outputs, number: int, boxes: NDArray | None) -> Picture:
    bev = model.config.bev
    image = np.zeros((bev.height, bev.width, 3), np.uint8)
    if outputs.bev_semantic is not None:
        image = _colour(outputs.bev_semantic[number].argmax(dim=0).cpu().numpy(), tuple(_BEV_COLOURS.values()))
    if "rasterized_lidar" in batch:
        image[batch["rasterized_lidar"][number, 0].numpy() > 0.0] = (120, 170, 120)
    for box in () if boxes is None else boxes:
        cv2.polylines(image, [_pixels(_corners(box), bev)], True, _BOX, 1)
    if outputs.plan is not None:
        if outputs.plan.route is not None:
            _dots(image, outputs.plan.route[number], bev, _ROUTE)
        _dots(image, outputs.plan.waypoints[number], bev, _WAYPOINTS)
        _note(image, batch, outputs, number)
    return image


def _truth(bev: BevConfig, batch: dict[str, Tensor], number: int) -> Picture:
    image = _colour(batch["bev_semantic"][number].numpy(), tuple(_BEV_COLOURS.values()))
    for name, colour in (("route", _ROUTE), ("future_waypoints", _WAYPOINTS)):
        if name in batch:
            _dots(image, batch[name][number], bev, colour)
    return image


def _note(image: Picture, batch: dict[str, Tensor], outputs: Outputs, number: int) -> None:
    """Speed, target speed and the expert's, in the corner that turning the picture brings to the top left."""
    plan = outputs.plan
    if plan is None or plan.target_speed is None or "target_speed" not in batch:
        return
    given, wanted = float(plan.target_speed[number]), float(batch["target_speed"][number])
    text = f"{float(batch['speed'][number]):.1f} m/s, target {given:.1f}, expert {wanted:.1f}"
    turned = np.ascontiguousarray(np.rot90(image))
    cv2.putText(turned, text, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, _TRUTH, 1, cv2.LINE_AA)
    image[:] = np.rot90(turned, -1)


def _dots(image: Picture, points: Tensor, bev: BevConfig, colour: tuple[int, int, int]) -> None:
    for x, y in _pixels(points.float().cpu().numpy(), bev):
        cv2.circle(image, (int(x), int(y)), 2, colour, -1)


def _pixels(points: NDArray[np.floating], bev: BevConfig) -> NDArray[np.int32]:
    return np.rint((points - (bev.min_x_m, bev.min_y_m)) * bev.pixels_per_metre).astype(np.int32)


def _corners(box: NDArray[np.floating]) -> NDArray[np.floating]:
    c, s = np.cos(box[YAW]), np.sin(box[YAW])
    local = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) * np.abs(box[[W, H]])
    return local @ np.array([[c, s], [-s, c]]) + box[[X, Y]]


def _colour(classes: NDArray[np.integer], colours: Sequence[tuple[int, int, int]]) -> Picture:
    return np.array(colours, np.uint8)[np.clip(classes, 0, len(colours) - 1)]


def _widen(image: Picture, width: int) -> Picture:
    return np.pad(image, ((0, 0), (0, width - image.shape[1]), (0, 0)))
