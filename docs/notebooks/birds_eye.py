# %% [markdown]
# # LiDAR and radar from above
#
# Both clouds are in the ego's frame of their frame: x forward, y right. LEAD lowers LiDAR points by 1.25 m and radar
# points by 0.3 m. The folder
# is `$LEAD_RECORDING`, by default `data/mine`.

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from lead.recording.layout.route import find_routes

LIDAR_LOWERED_M = 1.25
route = find_routes(Path(os.environ.get("LEAD_RECORDING", "data/mine")))[0]
frames = route.frames("bboxes")
frame = max(frames[:: max(len(frames) // 12, 1)], key=lambda name: len(route.read("bboxes", name)))
sweep, radar, boxes = (route.read(kind, frame) for kind in ("lidar", "radar", "bboxes"))
print(f"{len(sweep.points)} points of the last {int(sweep.age.max()) + 1} ticks; radars: {list(radar)}")

# %% [markdown]
# Points by height over the road, boxes as outlines with their heading.

# %%
figure, axis = plt.subplots(figsize=(9, 9))
height = sweep.points[:, 2] + LIDAR_LOWERED_M
dots = axis.scatter(sweep.points[:, 1], sweep.points[:, 0], c=height, s=0.6, vmin=0.0, vmax=4.0, cmap="viridis")
figure.colorbar(dots, ax=axis, label="height, m", shrink=0.7)
outline = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1), (1, 1), (2.2, 0)], dtype=float)
for box in boxes:
    cosine, sine = np.cos(box["yaw"]), np.sin(box["yaw"])
    local = outline * np.asarray(box["extent"][:2], dtype=float)
    x, y = (local @ np.array([[cosine, sine], [-sine, cosine]]) + np.asarray(box["position"][:2], dtype=float)).T
    axis.plot(y, x, color="tab:red" if box["class"] == "walker" else "tab:blue", linewidth=1)

# %% [markdown]
# Radar sees how fast things come nearer (blue) or go away (red).

# %%
rows = np.concatenate([np.asarray(one, dtype=float) for one in radar.values() if len(one)])
speeds = axis.scatter(rows[:, 1], rows[:, 0], c=rows[:, 3], s=14, marker="x", cmap="coolwarm", vmin=-10, vmax=10)
figure.colorbar(speeds, ax=axis, label="radial speed, m/s", shrink=0.7)
axis.set_xlim(-40, 40)
axis.set_ylim(-30, 60)
axis.set_aspect("equal")
axis.set_xlabel("right, m")
axis.set_ylabel("forward, m")
axis.set_title(f"{route.path.name} {frame}")

# %%
plt.show()
