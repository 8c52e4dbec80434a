"""Where the parts of a light are in the one row of numbers that kernels read; whole structures would cost them time."""

import numpy as np
from numpy.typing import NDArray

from carlet.render.weather import Light

#: Colours and directions: red or x, then green or y, then blue or z.
SUN, KEY, KEY_LIGHT, SKY_LIGHT, GROUND_LIGHT, HAZE, HALO, DISC, CLOUD_BRIGHT, CLOUD_DARK = range(0, 30, 3)
FOG, FOG_START, FOG_FALLOFF, AIR, CLOUD_COVER, NIGHT, WET, PUDDLES, RAIN, WIND, DUST, SCATTER = range(30, 42)
DRIFT, TIME = 42, 44


def light_row(light: Light) -> NDArray[np.float32]:
    """All of a light (45,) but its dome."""
    return np.concatenate([np.ravel(value) for name, value in light._asdict().items() if name != "dome"])
