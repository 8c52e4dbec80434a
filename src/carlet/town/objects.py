"""The kinds of level objects: what they are called, which tag they carry, and which map layer shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from types import MappingProxyType

import numpy as np

from carlet.town.model import Tag


class ObjectKind(IntEnum):
    """What a level object is; kept in `Scenery.kind`."""

    BUILDING = 0
    BOARD = 1
    TREE = 2
    BUSH = 3
    HEDGE = 4
    WALL = 5
    FENCE = 6
    GUARD_RAIL = 7
    RAILING = 8
    STREET_LAMP = 9
    PARKED_CAR = 10
    LIGHT_POLE = 11
    LIGHT_HEAD = 12
    SIGN_POST = 13
    SIGN = 14
    BENCH = 15
    BIN = 16
    HYDRANT = 17
    MAIL_BOX = 18
    BUS_STOP = 19
    COLUMN = 20
    POWER_BOX = 21
    CONE = 22
    PLANTER = 23
    BARRIER = 24
    POWER_POLE = 25


class MapLayer(IntFlag):
    """CARLA's layers of a level, as `load_map_layer` takes them."""

    NONE = 0
    BUILDINGS = 1
    DECALS = 2
    FOLIAGE = 4
    GROUND = 8
    PARKED_VEHICLES = 16
    PARTICLES = 32
    PROPS = 64
    STREET_LIGHTS = 128
    WALLS = 256
    ALL = 0xFFFF


@dataclass(frozen=True)
class ObjectFacts:
    """`name`: how objects are called, `{}` being their running number. `layer`: NONE for what is always shown."""

    name: str
    tag: Tag
    layer: MapLayer


OBJECTS: Mapping[ObjectKind, ObjectFacts] = MappingProxyType(
    {
        ObjectKind.BUILDING: ObjectFacts("Building_{}_SM_0", Tag.BUILDING, MapLayer.BUILDINGS),
        ObjectKind.BOARD: ObjectFacts("Building_Board_{}", Tag.BUILDING, MapLayer.BUILDINGS),
        ObjectKind.TREE: ObjectFacts("Tree_{}", Tag.VEGETATION, MapLayer.FOLIAGE),
        ObjectKind.BUSH: ObjectFacts("Bush_{}", Tag.VEGETATION, MapLayer.FOLIAGE),
        ObjectKind.HEDGE: ObjectFacts("Hedge_{}", Tag.VEGETATION, MapLayer.FOLIAGE),
        ObjectKind.WALL: ObjectFacts("Wall_{}", Tag.WALL, MapLayer.WALLS),
        ObjectKind.FENCE: ObjectFacts("Fence_{}", Tag.FENCE, MapLayer.WALLS),
        ObjectKind.GUARD_RAIL: ObjectFacts("GuardRail_{}", Tag.GUARD_RAIL, MapLayer.WALLS),
        ObjectKind.RAILING: ObjectFacts("BridgeRailing_{}", Tag.FENCE, MapLayer.WALLS),
        ObjectKind.STREET_LAMP: ObjectFacts("StreetLight_{}", Tag.POLE, MapLayer.STREET_LIGHTS),
        ObjectKind.PARKED_CAR: ObjectFacts("Vh_Car_Parked_{}", Tag.CAR, MapLayer.PARKED_VEHICLES),
        ObjectKind.LIGHT_POLE: ObjectFacts("TrafficLight_Pole_{}", Tag.POLE, MapLayer.NONE),
        ObjectKind.LIGHT_HEAD: ObjectFacts("TrafficLight_{}", Tag.TRAFFIC_LIGHT, MapLayer.NONE),
        ObjectKind.SIGN_POST: ObjectFacts("TrafficSign_Pole_{}", Tag.POLE, MapLayer.NONE),
        ObjectKind.SIGN: ObjectFacts("TrafficSign_{}", Tag.TRAFFIC_SIGN, MapLayer.NONE),
        ObjectKind.BENCH: ObjectFacts("Bench_{}", Tag.STATIC, MapLayer.PROPS),
        ObjectKind.BIN: ObjectFacts("TrashCan_{}", Tag.DYNAMIC, MapLayer.PROPS),
        ObjectKind.HYDRANT: ObjectFacts("Hydrant_{}", Tag.STATIC, MapLayer.PROPS),
        ObjectKind.MAIL_BOX: ObjectFacts("MailBox_{}", Tag.STATIC, MapLayer.PROPS),
        ObjectKind.BUS_STOP: ObjectFacts("BusStop_{}", Tag.STATIC, MapLayer.PROPS),
        ObjectKind.COLUMN: ObjectFacts("AdvertisingColumn_{}", Tag.STATIC, MapLayer.PROPS),
        ObjectKind.POWER_BOX: ObjectFacts("PowerBox_{}", Tag.STATIC, MapLayer.PROPS),
        ObjectKind.CONE: ObjectFacts("TrafficCone_{}", Tag.DYNAMIC, MapLayer.PROPS),
        ObjectKind.PLANTER: ObjectFacts("Planter_{}", Tag.STATIC, MapLayer.PROPS),
        ObjectKind.BARRIER: ObjectFacts("StreetBarrier_{}", Tag.DYNAMIC, MapLayer.PROPS),
        ObjectKind.POWER_POLE: ObjectFacts("PowerPole_{}", Tag.POLE, MapLayer.PROPS),
    }
)

#: Tag and layer by the code of a kind.
KIND_TAG = np.array([OBJECTS[kind].tag for kind in ObjectKind], np.uint8)
KIND_LAYER = np.array([OBJECTS[kind].layer for kind in ObjectKind], np.int64)
