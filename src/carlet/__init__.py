"""carlet: a CARLA 0.9.16 compatible simulation server that needs no GPU."""

import os

# Threads of kernels sleep when they wait. Spinning, as is usual, they take the cores from whoever reads the pictures:
# with other work on the machine a tick took ten times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
