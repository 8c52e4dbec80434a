"""Importing this first lets timm, and with it torchvision, be imported beside a torch without CUDA.

The torchvision wheel is built for CUDA; its import asks for two operators that are missing without it. They are
declared here and never called.
"""

import torch

_LIBRARY = torch.library.Library("torchvision", "FRAGMENT") if torch.version.cuda is None else None

if _LIBRARY is not None:
    for _name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, _name):
            _LIBRARY.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
