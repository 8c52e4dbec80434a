# %% [markdown]
# # Inspect a recording
#
# What a recorded route holds: its record, the drive over time, and the files of one frame. The folder is
# `$LEAD_RECORDING`, by default
# `data/mine`, which `lead --record data/mine` makes; LEAD's own recordings are read as well.

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from lead.recording.layout.route import find_routes

folder = Path(os.environ.get("LEAD_RECORDING", "data/mine"))
routes = find_routes(folder)
assert routes, f"{folder} has no recorded route"
route = routes[0]
frames = route.frames()
print(f"{len(routes)} routes; {route.path.name}: {len(frames)} frames, complete: {route.is_complete}")

# %% [markdown]
# `results.json` is the leaderboard's record of the drive.

# %%
record = route.results()
print(record["status"], record["scores"])
print({name: len(found) for name, found in record["infractions"].items() if found})

# %% [markdown]
# `metas` holds everything that is no picture and no cloud, four times a second.

# %%
metas = [route.read("metas", frame) for frame in frames]
seconds = 0.25 * np.arange(len(metas))
figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(9, 5))
above.plot(seconds, [meta["speed"] for meta in metas], label="speed")
above.plot(seconds, [meta["target_speed"] for meta in metas], label="target speed")
above.set_ylabel("m/s")
above.legend()
for name in ("throttle", "brake", "steer"):
    below.plot(seconds, [float(meta[name]) for meta in metas], label=name)
below.set_xlabel("s")
below.legend()

# %% [markdown]
# One frame: all cameras side by side, what is where in the picture, and the map around the car (forward to the
# right).

# %%
frame = frames[len(frames) // 2]
kinds = [kind for kind in ("rgb", "semantics", "depth") if (route.path / kind).is_dir()]
figure, axes = plt.subplots(len(kinds), 1, figsize=(11, 3.6 * len(kinds)), squeeze=False)
for axis, kind in zip(axes[:, 0], kinds, strict=True):
    axis.imshow(route.read(kind, frame), cmap=None if kind == "rgb" else "viridis", interpolation="nearest")
    axis.set_title(f"{kind} {frame}")
    axis.axis("off")

# %%
figure, axis = plt.subplots(figsize=(5, 5))
axis.imshow(route.read("hdmap", frame), cmap="viridis", interpolation="nearest")
axis.set_title("road, lines and broken lines")

# %%
plt.show()
