"""Who a walker is: build, clothes, hair and colours, settled by the name of its blueprint."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[float, float, float]
Choice = TypeVar("Choice")

POLICE = frozenset({"walker.pedestrian.0030", "walker.pedestrian.0032"})
#: Share of the grown-ups whose hair is grey.
GREY_SHARE = 0.2
GROWN_M = 1.5
GREY = "hair_grey"


class Top(Enum):
    """What the upper body wears."""

    TEE = "short sleeves"
    SHIRT = "long sleeves"
    JACKET = "open jacket"
    SUIT = "suit with a tie"
    HOODIE = "thick, with a hood on the back"
    COAT = "down to the thighs"
    DRESS = "one piece with the skirt"


class Bottom(Enum):
    """What the legs wear."""

    TROUSERS = "trousers"
    SHORTS = "shorts"
    SKIRT = "skirt"


class Hair(Enum):
    """How the hair is cut."""

    BALD = "bald"
    SHORT = "short"
    FULL = "thick"
    BOB = "to the chin"
    LONG = "to the shoulders"
    TAIL = "pony tail"
    BUN = "bun"


class Carried(Enum):
    """What is on the head, on the back or at the hand."""

    NOTHING = "nothing"
    CAP = "cap with a peak"
    HAT = "hat with a brim"
    BEANIE = "beanie"
    POLICE_CAP = "peaked cap"
    BACKPACK = "backpack"
    SHOULDER_BAG = "bag at the hip"
    HANDBAG = "bag in the left hand"
    BRIEFCASE = "case in the right hand"


HATS = (Carried.CAP, Carried.HAT, Carried.BEANIE, Carried.POLICE_CAP)


@dataclass(frozen=True)
class Build:
    """Half widths and depths as shares of the height: of shoulders, waist and hips; `depth` of the chest, `belly` of
    the waist; `limb` scales the thickness of arms and legs.
    """

    shoulders: float
    waist: float
    hips: float
    depth: float
    belly: float
    limb: float


@dataclass(frozen=True)
class Person:
    """A walker's looks. `head` share of the height; `tints` (3, 3) linear colours of top, legs and skin."""

    height: float
    head: float
    female: bool
    build: Build
    top: Top
    bottom: Bottom
    hair: Hair
    hair_colour: str
    worn: Carried
    carried: Carried
    shoes: str
    tints: NDArray[np.float64]

    @property
    def child(self) -> bool:
        """Too small for grown-ups' proportions."""
        return self.height < GROWN_M


MEN = (
    Build(0.118, 0.080, 0.084, 0.062, 0.055, 0.95),
    Build(0.124, 0.088, 0.090, 0.067, 0.061, 1.00),
    Build(0.130, 0.094, 0.092, 0.072, 0.066, 1.08),
    Build(0.128, 0.108, 0.102, 0.078, 0.086, 1.14),
)
WOMEN = (
    Build(0.102, 0.067, 0.086, 0.058, 0.048, 0.86),
    Build(0.106, 0.072, 0.092, 0.061, 0.052, 0.92),
    Build(0.110, 0.080, 0.098, 0.066, 0.060, 1.00),
    Build(0.114, 0.096, 0.108, 0.074, 0.076, 1.10),
)
CHILDREN = (
    Build(0.112, 0.084, 0.086, 0.066, 0.062, 0.98),
    Build(0.116, 0.090, 0.092, 0.070, 0.068, 1.08),
)
TOPS: tuple[Rgb, ...] = (
    (0.62, 0.61, 0.58),
    (0.30, 0.31, 0.33),
    (0.035, 0.036, 0.04),
    (0.04, 0.065, 0.15),
    (0.10, 0.19, 0.34),
    (0.23, 0.04, 0.05),
    (0.12, 0.14, 0.06),
    (0.45, 0.26, 0.05),
    (0.05, 0.22, 0.22),
    (0.50, 0.25, 0.28),
    (0.52, 0.44, 0.32),
    (0.42, 0.05, 0.04),
    (0.30, 0.45, 0.60),
    (0.05, 0.16, 0.08),
    (0.21, 0.13, 0.08),
)
OUTER: tuple[Rgb, ...] = (
    (0.04, 0.042, 0.05),
    (0.035, 0.05, 0.10),
    (0.16, 0.16, 0.17),
    (0.30, 0.20, 0.11),
    (0.10, 0.11, 0.06),
    (0.16, 0.05, 0.05),
    (0.38, 0.33, 0.25),
)
LEGS: tuple[Rgb, ...] = (
    (0.045, 0.075, 0.15),
    (0.10, 0.16, 0.27),
    (0.03, 0.03, 0.033),
    (0.28, 0.22, 0.14),
    (0.13, 0.13, 0.14),
    (0.03, 0.04, 0.08),
    (0.12, 0.08, 0.05),
    (0.42, 0.37, 0.28),
)
SKINS: tuple[Rgb, ...] = (
    (0.60, 0.38, 0.28),
    (0.52, 0.31, 0.21),
    (0.62, 0.42, 0.33),
    (0.40, 0.22, 0.13),
    (0.24, 0.12, 0.07),
    (0.12, 0.06, 0.04),
)
#: Skins darker than this (red) go with black hair.
DARK_SKIN = 0.3
HAIR_COLOURS = ("hair_black", "hair_brown", "hair_brown", "hair_blond", "hair_red", "hair_brown")
SHOES = ("shoe_black", "shoe_brown", "shoe_white", "shoe_black")
MEN_WEAR = (Top.TEE, Top.SHIRT, Top.JACKET, Top.SUIT, Top.HOODIE, Top.COAT, Top.SHIRT, Top.JACKET)
WOMEN_WEAR = (Top.TEE, Top.SHIRT, Top.JACKET, Top.DRESS, Top.COAT, Top.SHIRT, Top.HOODIE, Top.DRESS)
CHILDREN_WEAR = (Top.TEE, Top.SHIRT, Top.HOODIE, Top.JACKET)
MEN_HAIR = (Hair.SHORT, Hair.SHORT, Hair.FULL, Hair.SHORT, Hair.BALD, Hair.FULL)
WOMEN_HAIR = (Hair.LONG, Hair.BOB, Hair.TAIL, Hair.BUN, Hair.LONG, Hair.FULL)
WORN = (*(Carried.NOTHING,) * 6, Carried.CAP, Carried.BEANIE, Carried.HAT)
MEN_CARRY = (*(Carried.NOTHING,) * 4, Carried.BACKPACK, Carried.SHOULDER_BAG)
WOMEN_CARRY = (*(Carried.NOTHING,) * 3, Carried.BACKPACK, Carried.SHOULDER_BAG, Carried.HANDBAG)
CHILDREN_CARRY = (Carried.NOTHING, Carried.BACKPACK, Carried.NOTHING)
NAVY: Rgb = (0.022, 0.03, 0.06)


def riding(person: Person) -> Person:
    """The same person in clothes that one can sit in, with nothing carried."""
    top = {Top.DRESS: Top.SHIRT, Top.COAT: Top.JACKET}.get(person.top, person.top)
    bottom = Bottom.TROUSERS if person.bottom is Bottom.SKIRT else person.bottom
    return replace(person, top=top, bottom=bottom, carried=Carried.NOTHING)


def person(type_id: str, height: float, age: str, gender: str) -> Person:
    """The looks of a walker of a type, always the same; `height` in m, `age` and `gender` as the blueprint has them."""
    female, child = gender == "female", height < GROWN_M
    builds, wear, hair, carry = _kit(female, child)
    top = _pick(wear, type_id, "top")
    grey = age == "adult" and _share(type_id, "grey") < GREY_SHARE
    dark = _pick(SKINS, type_id, "skin")[0] < DARK_SKIN
    carried = Carried.BRIEFCASE if top is Top.SUIT else _pick(carry, type_id, "carried")
    someone = Person(
        height=height,
        head=0.195 if height < 1.2 else 0.172 if child else 0.138,
        female=female,
        build=_pick(builds, type_id, "build"),
        top=top,
        bottom=_bottom(type_id, top, female, child),
        hair=_pick(hair, type_id, "hair"),
        hair_colour=GREY if grey else "hair_black" if dark else _pick(HAIR_COLOURS, type_id, "hair colour"),
        worn=Carried.NOTHING if top is Top.SUIT else _pick(WORN, type_id, "worn"),
        carried=carried,
        shoes="shoe_black" if top is Top.SUIT else _pick(SHOES, type_id, "shoes"),
        tints=_tints(type_id, top),
    )
    return _officer(someone) if type_id in POLICE else someone


def _kit(female: bool, child: bool) -> tuple[Sequence[Build], Sequence[Top], Sequence[Hair], Sequence[Carried]]:
    hair = WOMEN_HAIR if female else MEN_HAIR
    if child:
        return CHILDREN, CHILDREN_WEAR, hair[:4], CHILDREN_CARRY
    return (WOMEN, WOMEN_WEAR, hair, WOMEN_CARRY) if female else (MEN, MEN_WEAR, hair, MEN_CARRY)


def _bottom(type_id: str, top: Top, female: bool, child: bool) -> Bottom:
    if top is Top.DRESS:
        return Bottom.SKIRT
    chance = _share(type_id, "bottom")
    if female and top in (Top.TEE, Top.SHIRT, Top.JACKET) and chance < 0.3:
        return Bottom.SKIRT
    light = top in (Top.TEE, Top.HOODIE)
    return Bottom.SHORTS if light and chance > (0.5 if child else 0.7) else Bottom.TROUSERS


def _tints(type_id: str, top: Top) -> NDArray[np.float64]:
    skin = _pick(SKINS, type_id, "skin")
    if top is Top.SUIT:
        cloth = _pick(OUTER[:3], type_id, "suit")
        return np.array([cloth, cloth, skin])
    first = _pick(OUTER if top in (Top.JACKET, Top.COAT) else TOPS, type_id, "top colour")
    second = first if top is Top.DRESS else _pick(LEGS, type_id, "leg colour")
    return np.array([first, second, skin])


def _officer(someone: Person) -> Person:
    return replace(
        someone,
        build=(WOMEN if someone.female else MEN)[1],
        top=Top.SHIRT,
        bottom=Bottom.TROUSERS,
        hair=Hair.BUN if someone.female else Hair.SHORT,
        hair_colour="hair_brown",
        worn=Carried.POLICE_CAP,
        carried=Carried.NOTHING,
        shoes="shoe_black",
        tints=np.array([NAVY, NAVY, SKINS[0]]),
    )


def _number(type_id: str, what: str) -> int:
    return zlib.crc32(f"{type_id} {what}".encode())


def _share(type_id: str, what: str) -> float:
    return _number(type_id, what) / 2**32


def _pick(options: Sequence[Choice], type_id: str, what: str) -> Choice:
    return options[_number(type_id, what) % len(options)]
