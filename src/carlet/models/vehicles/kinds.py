"""Kinds of bodies that the styles of single cars vary."""

from dataclasses import replace

from carlet.models.vehicles.style import UPPER, Style

GLASS = "car_glass"
TWO_WINDOWS = ((0.46, GLASS), (0.82, GLASS), (1.0, UPPER))
THREE_WINDOWS = ((0.38, GLASS), (0.70, GLASS), (0.98, GLASS), (1.0, UPPER))

SEDAN = Style()
HATCHBACK = replace(
    SEDAN,
    waist=(0.38, 0.48, 0.52),
    belt=((0.0, 0.47), (0.25, 0.62), (0.6, 0.64), (0.92, 0.70), (1.0, 0.67)),
    screens=(0.25, 0.42, 0.84, 0.965),
    bulge=(0.16, 0.05),
    fall=(0.03, 0.05),
    lean=(0.07, 0.03),
    corner=(0.22, 0.16),
    panes=TWO_WINDOWS,
)
SUV = replace(
    HATCHBACK,
    sill=0.27,
    waist=(0.42, 0.50, 0.50),
    belt=((0.0, 0.55), (0.26, 0.635), (0.6, 0.65), (0.92, 0.68), (1.0, 0.65)),
    screens=(0.27, 0.39, 0.86, 0.96),
    panes=THREE_WINDOWS,
    narrow=(0.82, 0.70),
    mouth=(1.0, 0.0),
)
COUPE = replace(
    SEDAN,
    waist=(0.40, 0.50, 0.52),
    belt=((0.0, 0.50), (0.28, 0.66), (0.55, 0.67), (0.85, 0.72), (1.0, 0.69)),
    screens=(0.30, 0.45, 0.66, 0.91),
    panes=((0.50, GLASS), (0.74, GLASS), (1.0, UPPER)),
    doors=2,
    pillar="car_paint",
)
CLASSIC = replace(
    SEDAN,
    corner=(0.06, 0.06),
    lean=(0.03, 0.03),
    bumper="car_paint",
    belt=((0.0, 0.58), (0.30, 0.66), (0.6, 0.66), (0.9, 0.66), (1.0, 0.62)),
    waist=(0.42, 0.50, 0.44),
    mouth=(1.0, 0.0),
    grille="car_chrome",
    intake=(0.0, 0.0),
    pillar="car_chrome",
    extras=("chrome_bumpers",),
)
VAN = replace(
    SEDAN,
    sill=0.25,
    waist=(0.27, 0.31, 0.34),
    belt=((0.0, 0.37), (0.13, 0.49), (0.17, 0.52), (1.0, 0.52)),
    screens=(0.155, 0.255, 0.975, 0.988),
    bulge=(0.20, 0.01),
    fall=(0.06, 0.01),
    corner=(0.16, 0.05),
    lean=(0.10, 0.02),
    rail=0.10,
    narrow=(0.90, 0.80),
    tumble=(0.03, 0.05),
    panes=((0.29, GLASS), (1.0, UPPER)),
    doors=2,
)
CHARGER = replace(
    SEDAN,
    belt=((0.0, 0.555), (0.27, 0.66), (0.5, 0.66), (0.8, 0.70), (1.0, 0.70)),
    waist=(0.46, 0.50, 0.53),
    screens=(0.31, 0.45, 0.70, 0.87),
    corner=(0.14, 0.10),
    mouth=(1.0, 0.0),
    intake=(1.0, 0.5),
    tail="lamp_tail",
)
BUS_VAN = replace(
    VAN,
    waist=(0.37, 0.41, 0.40),
    belt=((0.0, 0.545), (0.06, 0.56), (0.5, 0.56), (1.0, 0.56)),
    screens=(0.035, 0.115, 0.965, 0.988),
    bulge=(0.10, 0.03),
    fall=(0.05, 0.04),
    corner=(0.14, 0.12),
    lean=(0.05, 0.02),
    rail=0.16,
    narrow=(0.88, 0.70),
    panes=((0.31, GLASS), (0.61, GLASS), (0.93, GLASS), (1.0, UPPER)),
    lamps="round",
    door_layout="over",
    upper="livery_white",
    roof="livery_white",
    bonnet="livery_white",
    pillar="livery_white",
    bumper="car_paint",
    mouth=(0.0, 0.0),
    intake=(0.0, 0.0),
    extras=("chrome_bumpers", "badge"),
)
BUS = replace(
    VAN,
    mirror=0.37,
    mirrors=False,
    on_roof=0.16,
    sill=0.42,
    waist=(0.26, 0.28, 0.30),
    belt=((0.0, 0.43), (0.1, 0.45), (1.0, 0.47)),
    screens=(0.022, 0.075, 0.972, 0.990),
    bulge=(0.20, 0.06),
    fall=(0.10, 0.06),
    corner=(0.30, 0.18),
    lean=(0.06, 0.03),
    rail=0.42,
    narrow=(0.96, 0.80),
    tumble=(0.03, 0.06),
    panes=tuple((share, GLASS) for share in (0.09, 0.27, 0.45, 0.63, 0.81, 0.985)) + ((1.0, UPPER),),
    doors=0,
    lamps="low",
    mouth=(0.0, 0.0),
    intake=(0.65, 0.42),
    extras=("roof_unit", "bus_door", "long_mirrors", "stripe_bus"),
)
POLICE = ("beacons", "stripe_blue")
