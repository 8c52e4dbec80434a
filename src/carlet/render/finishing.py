"""What weather and lens do to a picture after it is coloured: glow of lamps, rain, drops and dust."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carlet.render.bloom import add_bloom
from carlet.render.exposure import tone
from carlet.render.noise import noise
from carlet.render.picture import Lens
from carlet.render.precipitation import draw_dust, draw_lens_drops, draw_rain
from carlet.render.scene import View
from carlet.render.shade_rows import BLOCK
from carlet.render.weather import Light


def finish(
    near: NDArray[np.float32],
    views: Sequence[View],
    lenses: Sequence[Lens],
    light: Light,
    bloom: NDArray[np.float32],
    out: NDArray[np.uint8],
) -> None:
    """Finish coloured pictures `out` (v, h, w, 4) in place. `near` (v, h, w): see `raster.Buffers`; `bloom`: what
    `shade` returned. Rain and dust are in the air; glow and drops on the lens only come with its effects.
    """
    for row, (view, lens) in enumerate(zip(views, lenses, strict=True)):
        if lens.effects and row < len(bloom) and bloom[row].any():
            add_bloom(bloom[row], BLOCK, _bloom_strength(light), out[row])
        if light.rain > 0.0:
            eye, turn = view.eye, np.ascontiguousarray(view.turn, np.float32)
            color = _bytes(0.55 * light.sky_light + 0.45 * light.haze, lens)
            focal = np.float32(view.focal)
            draw_rain(near[row], eye, turn, focal, light.rain, light.wind, light.time, color, out[row])
        if light.rain > 0.0 and lens.effects:
            draw_lens_drops(light.rain, light.time, out[row])
        if light.dust > 0.0:
            draw_dust(noise().stain, light.dust, light.time, _bytes(light.haze, lens), out[row])


def _bloom_strength(light: Light) -> np.float32:
    """Stronger in fog, and the more the air scatters."""
    thick = min(float(light.fog) * 40.0, 1.0) + 0.5 * float(light.scatter) ** 0.5
    return np.float32(1.0 + 1.5 * thick)


def _bytes(color: NDArray[Any], lens: Lens) -> NDArray[np.float32]:
    """A linear colour (r, g, b) as it is in a picture (b, g, r), 0 to 255."""
    return (255.0 * tone(color[::-1].astype(np.float64), lens)).astype(np.float32)
