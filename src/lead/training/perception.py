"""How well the perception heads see: overlap of classes, depth, and average precision of boxes."""

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lead.data.classes import BoxClass, Column
from lead.models.tfv6.boxes import CLASS, SCORE, X, Y, decode_boxes, keep_scores
from lead.models.tfv6.configuration import TFv6Config
from lead.models.tfv6.tensors import BoxMaps

MATCH_M = 2.0
"""A box is found when the centre of a predicted one of its class is nearer than this, as nuScenes has it."""
LEAST_SCORE = 0.05


@dataclass
class ClassOverlap:
    """Intersection over union of each class, over all pixels that are added."""

    classes: int
    counts: Tensor = field(init=False)

    def __post_init__(self):
        self.counts = torch.zeros(self.classes, self.classes, dtype=torch.int64)

    def add(self, logits: Tensor, labels: Tensor) -> None:
        """Pixels of a batch: logits (batch, classes, h, w), labels (batch, h, w); negative labels do not count."""
        given, wanted = logits.argmax(dim=1).flatten(), labels.long().flatten()
        pairs = wanted[wanted >= 0] * self.classes + given[wanted >= 0]
        self.counts += torch.bincount(pairs, minlength=self.classes**2).reshape(self.classes, -1).cpu()

    @property
    def mean(self) -> float:
        """Mean over the classes that labels have."""
        counts = self.counts.double()
        shared = counts.diagonal()
        union = counts.sum(dim=0) + counts.sum(dim=1) - shared
        there = counts.sum(dim=1) > 0
        return float((shared[there] / union[there]).mean()) if there.any() else float("nan")


@dataclass
class BoxPrecision:
    """Average precision of each class of boxes, over all samples that are added."""

    config: TFv6Config
    scores: dict[int, list[tuple[float, bool]]] = field(default_factory=dict)
    labels: dict[int, int] = field(default_factory=dict)

    def add(self, maps: BoxMaps, boxes: Tensor, counts: Tensor) -> None:
        """A batch: predictions, and recorded boxes (batch, rows, 9) as `data.classes.Column`, `counts` (batch,)."""
        decoded = keep_scores(decode_boxes(maps, self.config).float(), LEAST_SCORE)
        bev = self.config.bev
        for found, known, count in zip(decoded, boxes.cpu().numpy(), counts.tolist(), strict=True):
            kept = known[:count]
            places = kept[:, [Column.X, Column.Y]] / bev.pixels_per_metre + (bev.min_x_m, bev.min_y_m)
            self._add_sample(found.cpu().numpy(), places, kept[:, Column.CLASS].astype(int))

    def _add_sample(self, found: NDArray[np.float32], places: NDArray[np.floating], kinds: NDArray[np.int_]) -> None:
        for kind in {*kinds.tolist(), *found[:, CLASS].astype(int).tolist()}:
            own = found[found[:, CLASS] == kind]
            own = own[np.argsort(-own[:, SCORE], kind="stable")]
            hits = match_centres(own[:, [X, Y]], places[kinds == kind])
            self.scores.setdefault(kind, []).extend(zip(own[:, SCORE].tolist(), hits.tolist(), strict=True))
            self.labels[kind] = self.labels.get(kind, 0) + int((kinds == kind).sum())

    def by_class(self) -> dict[str, float]:
        """Average precision of every class that labels have, by its name."""
        return {
            BoxClass(kind).name.lower(): average_precision(self.scores.get(kind, []), count)
            for kind, count in sorted(self.labels.items())
            if count
        }


def match_centres(found: NDArray[np.floating], known: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which of the found places (n, 2), best first, lie near a known one (m, 2) that no better one has taken."""
    hits, taken = np.zeros(len(found), bool), np.zeros(len(known), bool)
    for number, place in enumerate(found if len(known) else ()):
        distances = np.where(taken, np.inf, np.hypot(*(known - place).T))
        nearest = int(distances.argmin())
        if distances[nearest] < MATCH_M:
            hits[number] = taken[nearest] = True
    return hits


def average_precision(scored: list[tuple[float, bool]], labels: int) -> float:
    """Area under the curve of precision, made to fall, over recall."""
    ordered = sorted(scored, key=lambda one: -one[0])
    hits = np.cumsum([hit for _, hit in ordered], dtype=np.float64)
    if len(hits) == 0:
        return 0.0
    precision = np.maximum.accumulate((hits / np.arange(1, len(hits) + 1))[::-1])[::-1]
    return float((np.diff(hits / labels, prepend=0.0) * precision).sum())
