# %% [markdown]
# # Boxes in pictures
#
# The boxes of a frame are in the ego's frame (x forward, y right, z up, metres). Each camera's place is in the
# frame's meta, so that they can
# be projected into the recorded pictures. The folder is `$LEAD_RECORDING`, by default `data/mine`.

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from lead.recording.layout.route import find_routes
from lead.sensors import Camera
from lead.sensors.projection import project

route = find_routes(Path(os.environ.get("LEAD_RECORDING", "data/mine")))[0]
frames = route.frames("bboxes")
frame = max(frames[:: max(len(frames) // 12, 1)], key=lambda name: len(route.read("bboxes", name)))
meta, boxes, strip = (route.read(kind, frame) for kind in ("metas", "bboxes", "rgb"))

# %% [markdown]
# The cameras, in the order in which they are side by side in the picture.

# %%
calibration = meta["sensor_information"]["camera_calibration"]
cameras = [
    Camera(tuple(one["pos"]), tuple(one["rot"]), one["width"], one["height"], one["fov"], one["cropped_height"])
    for one in calibration.values()
]
lefts = np.cumsum([0, *(camera.width for camera in cameras[:-1])])
print([(camera.position, camera.rotation_deg, camera.fov_deg) for camera in cameras])

# %% [markdown]
# A box has eight corners: `extent` is half of length, width and height, `position` the middle of its ground, `yaw`
# its heading.

# %%
CORNERS = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (0, 2)], dtype=float)
EDGES = [(a, b) for a in range(8) for b in range(a) if np.abs(CORNERS[a] - CORNERS[b]).astype(bool).sum() == 1]
COLOURS = {"car": "tab:cyan", "walker": "tab:red", "static": "tab:orange"}


def corners(box):
    """Corners (8, 3) of a box in the ego's frame, m."""
    cosine, sine = np.cos(box["yaw"]), np.sin(box["yaw"])
    local = CORNERS * np.asarray(box["extent"], dtype=float)
    turned = local @ np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    return turned + np.asarray(box["position"], dtype=float)


# %%
solid = [box for box in boxes if box["class"] in COLOURS and box["distance"] < 60.0]
figure, axis = plt.subplots(figsize=(13, 4.5))
axis.imshow(strip)
drawn = 0
for box in solid:
    for camera, left in zip(cameras, lefts, strict=True):
        seen = project(camera, corners(box))
        if (seen.depth < 0.5).any() or not seen.visible.any():
            continue
        drawn += 1
        for a, b in EDGES:
            columns, rows = seen.pixel[[a, b]].T
            inside = (columns >= 0) & (columns < camera.width) & (rows >= 0) & (rows < camera.cropped_height)
            if inside.any():
                columns = np.clip(columns, 0, camera.width - 1)
                axis.plot(left + columns, rows, color=COLOURS[box["class"]], linewidth=1)
axis.set_xlim(0, strip.shape[1])
axis.set_ylim(strip.shape[0], 0)
axis.set_title(f"{drawn} boxes in {route.path.name} {frame}")
axis.axis("off")

# %%
plt.show()
