"""What makes one car look unlike another, as a handful of numbers."""

from dataclasses import dataclass

Pair = tuple[float, float]
#: A pane of the colour of pillars.
UPPER = "upper"


@dataclass(frozen=True)
class Style:
    """The shape of a car. Shares along x run from 0 at the front of the body to 1 at its rear; shares of height from 0
    on the ground to 1 on the roof. The rest in metres.
    """

    #: Outside of the body: mirrors at the sides, bars in front, a spare wheel behind, beacons or signs on the roof.
    mirror: float = 0.09
    ahead: float = 0.0
    behind: float = 0.0
    on_roof: float = 0.0

    sill: float = 0.20
    #: Lower edge of lamps, crease of the flanks: share of height at nose, side (at least above the wheels) and tail.
    waist: tuple[float, float, float] = (0.40, 0.50, 0.50)
    #: The edge of bonnet, windows and boot: (share of length, share of height), from nose to tail.
    belt: tuple[Pair, ...] = ((0.0, 0.50), (0.24, 0.64), (0.55, 0.66), (0.85, 0.70), (1.0, 0.67))
    #: Shares of length: foot and head of the windscreen, head and foot of the rear screen.
    screens: tuple[float, float, float, float] = (0.27, 0.42, 0.70, 0.87)
    #: How far the middle of windscreen and rear screen bulges.
    bulge: Pair = (0.14, 0.10)
    #: How much lower the roof is over the windscreen and over the rear screen than at its highest.
    fall: Pair = (0.03, 0.05)
    #: Depth of the roof above the windows; widths of window heads and roof edges as shares of the body's.
    rail: float = 0.10
    narrow: Pair = (0.80, 0.68)
    #: The belt is that much further in than the flank at each side; so is the sill.
    tumble: Pair = (0.05, 0.05)
    #: Rounding of nose and tail seen from above: how far corners stand back.
    corner: Pair = (0.20, 0.14)
    #: How far bonnet edge and boot edge stand back from the bumpers.
    lean: Pair = (0.07, 0.05)
    crown: float = 0.045
    #: Windows along the side: material, and where each ends as a share from foot to foot of the screens.
    panes: tuple[tuple[float, str], ...] = ((0.48, "car_glass"), (0.86, "car_glass"), (1.0, UPPER))
    rear_screen: str = "car_glass"
    doors: int = 4
    #: Doors lie "between" the wheels, before and behind, "around", the front ones, or "over" those, above the crease.
    door_layout: str = "between"

    paint: str = "car_paint"
    #: Pillars and panels between belt and roof; the roof; doors; bonnet; bumpers.
    upper: str = "car_paint"
    roof: str = "car_paint"
    door_paint: str = "car_paint"
    bonnet: str = "car_paint"
    #: A stripe along the middle of the bonnet: half width and material.
    stripe: tuple[float, str] = (0.0, "livery_white")
    bumper: str = "car_paint"
    pillar: str = "car_trim"
    grille: str = "car_grille"
    #: Grille and air intake: half width as a share of the nose's, and how far down the bumper it reaches as a share.
    mouth: Pair = (0.5, 0.0)
    intake: Pair = (0.7, 0.55)
    #: "wide" lamps fill the corner, "round" ones are discs on it, a "strip" runs across, "low" ones are in the bumper.
    lamps: str = "wide"
    #: Material between the tail lamps.
    tail: str = "car_paint"
    #: A cab has neither boot nor lamps at its rear.
    cab: bool = False
    #: Mirrors on short arms at the foot of the windscreen, out to the vehicle's box.
    mirrors: bool = True
    extras: tuple[str, ...] = ()
