"""What stands on pavements, on the origin; +x leads to the street."""

from functools import cache

from carlet.models.mesh import Mesh, join
from carlet.models.shapes import box, cylinder, extrude, lathe
from carlet.models.street.pieces import blob, open_box, piece


@cache
def bench() -> Mesh:
    """A bench that looks to the street: 1.8 m wide."""
    seat = box((-0.05, -0.9, 0.42), (0.40, 0.9, 0.47))
    back = extrude([(-0.12, 0.55), (-0.08, 0.55), (-0.20, 0.95), (-0.24, 0.95)], -0.9, 0.9, axis=1)
    legs = [box((-0.12, y - 0.04, 0.0), (0.38, y + 0.04, 0.42)) for y in (-0.7, 0.7)]
    arms = [box((-0.22, y - 0.03, 0.42), (-0.08, y + 0.03, 0.95)) for y in (-0.7, 0.7)]
    return join([piece("wood", seat, back), piece("metal_dark", *legs, *arms)])


@cache
def litter_bin() -> Mesh:
    """A litter bin, 0.9 m high."""
    body = lathe([(0.19, 0.0), (0.24, 0.8)], 8)
    lid = lathe([(0.26, 0.8), (0.22, 0.9), (0.08, 0.96)], 8)
    return join([piece("metal_green", body), piece("metal_dark", lid)])


@cache
def hydrant() -> Mesh:
    """A fire hydrant, 0.75 m high."""
    body = lathe([(0.16, 0.0), (0.16, 0.06), (0.11, 0.08), (0.11, 0.52), (0.15, 0.56), (0.10, 0.70), (0.0, 0.76)], 8)
    nozzles = [
        cylinder(0.06, -0.2, 0.2, 6, axis=1) + [0.0, 0.0, 0.42],
        cylinder(0.07, 0.0, 0.2, 6, axis=0) + [0, 0, 0.4],
    ]
    return piece("plastic_red", body, *nozzles)


@cache
def mail_box() -> Mesh:
    """A letter box on legs, 1.25 m high, in tint 0."""
    body = open_box((-0.25, -0.28, 0.25), (0.25, 0.28, 1.0), "+z")
    top = extrude([(-0.25, 1.0), (0.25, 1.0), (0.18, 1.16), (0.0, 1.23), (-0.18, 1.16)], -0.28, 0.28, axis=1)
    legs = [box((x - 0.04, y - 0.04, 0.0), (x + 0.04, y + 0.04, 0.25)) for x in (-0.2, 0.2) for y in (-0.22, 0.22)]
    slot = box((0.252, -0.18, 0.92), (0.252, 0.18, 0.98), ["+x"])
    return join([piece("metal_tint", body, top), piece("metal_dark", *legs, slot)])


@cache
def bus_stop() -> Mesh:
    """A shelter 4 m wide with a bench, open to the street, and the post of the stop."""
    roof = box((-0.75, -2.1, 2.35), (0.75, 2.1, 2.47))
    posts = [box((x - 0.04, y - 0.04, 0.0), (x + 0.04, y + 0.04, 2.35)) for x in (-0.65, 0.6) for y in (-2.0, 2.0)]
    panes = [box((-0.67, -1.96, 0.3), (-0.64, 1.96, 2.2)), box((-0.61, -2.02, 0.3), (0.35, -1.99, 2.2))]
    seat = box((-0.5, -1.3, 0.44), (-0.12, 1.3, 0.5))
    legs = [box((-0.4, y - 0.04, 0.0), (-0.2, y + 0.04, 0.44)) for y in (-1.0, 1.0)]
    return join([piece("metal_dark", roof, *posts, *legs), piece("pane", *panes), piece("wood", seat)])


@cache
def column() -> Mesh:
    """A round advertising column, 3.4 m high, in tint 0."""
    body = lathe([(0.68, 0.3), (0.68, 2.8)], 12)
    base = lathe([(0.74, 0.0), (0.74, 0.3)], 12)
    hat = lathe([(0.82, 2.8), (0.82, 2.95), (0.35, 3.25), (0.0, 3.4)], 12)
    return join([piece("metal_tint", body), piece("metal_green", base, hat)])


@cache
def power_box() -> Mesh:
    """A cabinet of the power company, 1.2 m high."""
    return join(
        [
            piece("concrete", box((-0.24, -0.55, 0.0), (0.24, 0.55, 0.12))),
            piece("sign_back", box((-0.2, -0.5, 0.12), (0.2, 0.5, 1.2))),
            piece("metal_dark", box((0.203, -0.015, 0.2), (0.203, 0.015, 1.12), ["+x"])),
        ]
    )


@cache
def cone() -> Mesh:
    """A traffic cone, 0.72 m high."""
    foot = box((-0.19, -0.19, 0.0), (0.19, 0.19, 0.04))
    lower = lathe([(0.14, 0.04), (0.105, 0.28)], 8)
    band = lathe([(0.105, 0.28), (0.075, 0.46)], 8)
    upper = lathe([(0.075, 0.46), (0.03, 0.72)], 8)
    return join([piece("plastic_orange", foot, lower, upper), piece("plastic_white", band)])


@cache
def planter() -> Mesh:
    """A tub with a bush."""
    tub = lathe([(0.38, 0.0), (0.52, 0.55)], 8)
    return join([piece("concrete_light", tub), piece("leaves_low", blob((0.0, 0.0, 0.8), (0.5, 0.5, 0.5), 91, 6, 4))])


@cache
def barrier() -> Mesh:
    """A striped plank on feet, 1.6 m wide."""
    plank = [box((-0.02, -0.8, z), (0.02, 0.8, z + 0.2)) for z in (0.45, 0.8)]
    legs = [box((-0.04, y - 0.03, 0.0), (0.04, y + 0.03, 1.05)) for y in (-0.65, 0.65)]
    feet = [box((-0.3, y - 0.05, 0.0), (0.3, y + 0.05, 0.06)) for y in (-0.65, 0.65)]
    return join([piece("barrier", *plank), piece("metal", *legs), piece("metal_dark", *feet)])


@cache
def power_pole() -> Mesh:
    """A wooden pole with a cross arm, 9 m high."""
    shaft = cylinder(0.16, -0.4, 9.0, 6, tip=0.11)
    arm = box((-0.06, -1.2, 8.3), (0.06, 1.2, 8.45))
    knobs = [cylinder(0.05, 8.45, 8.65, 4) + [0.0, y, 0.0] for y in (-1.1, 0.0, 1.1)]
    return join([piece("wood", shaft, arm), piece("plastic_white", *knobs)])
