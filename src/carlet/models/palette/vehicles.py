"""Bodies, glass, rubber and lamps of vehicles, and what their riders wear."""

from carlet.models.materials import Lamp, Material

_BODIES = (
    Material("car_paint", (1.0, 1.0, 1.0), tint=0, gloss=0.6),
    Material("car_second", (1.0, 1.0, 1.0), tint=1, gloss=0.3),
    Material("car_steel", (0.40, 0.41, 0.42), gloss=0.45),
    Material("car_glass", (0.012, 0.015, 0.018), gloss=0.9),
    Material("car_interior", (0.012, 0.012, 0.013)),
    Material("car_underbody", (0.015, 0.015, 0.016)),
    Material("car_trim", (0.022, 0.022, 0.024), gloss=0.15),
    Material("car_grille", (0.010, 0.010, 0.011), gloss=0.35),
    Material("car_chrome", (0.33, 0.34, 0.36), gloss=0.85),
    Material("car_plate", (0.72, 0.72, 0.66)),
    Material("car_leather", (0.045, 0.028, 0.02), gloss=0.15),
    Material("tyre", (0.018, 0.018, 0.019)),
    Material("rim", (0.42, 0.43, 0.45), gloss=0.5),
    Material("rim_dark", (0.02, 0.02, 0.022), gloss=0.2),
)
_LIVERIES = (
    Material("livery_white", (0.78, 0.78, 0.77), gloss=0.4),
    Material("livery_red", (0.55, 0.015, 0.012), gloss=0.4),
    Material("livery_blue", (0.02, 0.08, 0.40), gloss=0.4),
    Material("livery_orange", (0.80, 0.22, 0.02), gloss=0.4),
    Material("livery_yellow", (0.75, 0.55, 0.02), gloss=0.4),
    Material("cargo_box", (0.62, 0.62, 0.60), gloss=0.15),
    Material("shutter", (0.42, 0.43, 0.44), gloss=0.35),
)
_LAMPS = (
    Material("lamp_low", (0.34, 0.36, 0.39), gloss=0.7, emission=(4.0, 3.9, 3.5), lamps=Lamp.LOW_BEAM | Lamp.POSITION),
    Material("lamp_high", (0.70, 0.72, 0.74), gloss=0.8, emission=(6.0, 5.9, 5.4), lamps=Lamp.HIGH_BEAM),
    Material("lamp_fog", (0.60, 0.62, 0.64), gloss=0.7, emission=(2.5, 2.3, 1.8), lamps=Lamp.FOG),
    Material("lamp_tail", (0.30, 0.012, 0.010), gloss=0.6, emission=(0.7, 0.02, 0.015), lamps=Lamp.POSITION),
    Material("lamp_brake", (0.34, 0.016, 0.012), gloss=0.6, emission=(3.5, 0.10, 0.07), lamps=Lamp.BRAKE),
    Material("lamp_fog_rear", (0.28, 0.012, 0.010), gloss=0.6, emission=(2.2, 0.05, 0.04), lamps=Lamp.FOG),
    Material("lamp_reverse", (0.62, 0.62, 0.62), gloss=0.6, emission=(2.5, 2.5, 2.4), lamps=Lamp.REVERSE),
    Material("lamp_left", (0.55, 0.20, 0.02), gloss=0.6, emission=(3.0, 1.1, 0.06), lamps=Lamp.LEFT_BLINKER),
    Material("lamp_right", (0.55, 0.20, 0.02), gloss=0.6, emission=(3.0, 1.1, 0.06), lamps=Lamp.RIGHT_BLINKER),
    Material("beacon_left", (0.45, 0.02, 0.02), gloss=0.6, emission=(5.0, 0.12, 0.10), lamps=Lamp.BEACON_LEFT),
    Material("beacon_right", (0.02, 0.06, 0.48), gloss=0.6, emission=(0.15, 0.5, 5.5), lamps=Lamp.BEACON_RIGHT),
    Material("taxi_sign", (0.75, 0.70, 0.45), emission=(1.6, 1.4, 0.7), lamps=Lamp.POSITION),
)
_RIDERS = (
    Material("rider_helmet", (0.60, 0.60, 0.58), gloss=0.5),
    Material("rider_trousers", (0.035, 0.05, 0.09)),
    Material("rider_shoes", (0.03, 0.025, 0.022)),
    Material("rider_hair", (0.03, 0.018, 0.012)),
)

VEHICLES: tuple[Material, ...] = (*_BODIES, *_LIVERIES, *_LAMPS, *_RIDERS)
