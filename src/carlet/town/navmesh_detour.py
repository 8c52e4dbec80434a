"""Navigation meshes as Detour's files have them: packed records of polygons, their links left to the reader.

References are of 32 bits, as CARLA's client was built with. Detour's y points up, so CARLA's
(x, y, z) is (x, z, y) here.
"""

import struct

import numpy as np

from carlet.town.model import Floats, Ints

MOST_POLYGONS = (1 << 15) - 2
MOST_VERTICES = (1 << 16) - 2

_SET_MAGIC = int.from_bytes(b"MSET", "big")
_SET_VERSION = 1
_TILE_MAGIC = int.from_bytes(b"DNAV", "big")
_TILE_VERSION = 7
_SET_HEAD = struct.Struct("<iii3fffii")
_TILE_ENTRY = struct.Struct("<Ii")
_TILE_HEAD = struct.Struct("<5iI9i10f")
_LINK_BYTES = 12
_NO_LINK = 0xFFFFFFFF
_HEIGHT, _RADIUS, _CLIMB = 1.8, 0.3, 0.5  # of a person, metres
_QUANTA = 65000.0  # steps of the box tree over a tile

_POLYGON = np.dtype(
    [("link", "<u4"), ("vertex", "<u2", 6), ("edge", "<u2", 6), ("flags", "<u2"), ("corners", "u1"), ("area", "u1")]
)
_DETAIL = np.dtype([("vertex", "<u4"), ("triangle", "<u4"), ("vertices", "u1"), ("triangles", "u1"), ("pad", "<u2")])
_NODE = np.dtype([("low", "<u2", 3), ("high", "<u2", 3), ("item", "<i4")])


def empty_mesh() -> bytes:
    """The file of a mesh without any tile."""
    return _SET_HEAD.pack(_SET_MAGIC, _SET_VERSION, 0, 0.0, 0.0, 0.0, 1.0, 1.0, 1, 1)


def pack_mesh(vertex: Floats, corner: Ints, neighbour: Ints, area: Ints) -> bytes:
    """The file of a mesh of one tile.

    `vertex` (v, 3) in CARLA's frame; `corner` and `neighbour` (p, 6) as in `Polygons`, `area` (p,) 0 to 15.
    ValueError beyond `MOST_POLYGONS` polygons or `MOST_VERTICES` vertices.
    """
    if len(area) > MOST_POLYGONS or len(vertex) > MOST_VERTICES:
        raise ValueError(f"{len(area)} polygons with {len(vertex)} vertices do not fit in one tile")
    points = vertex[:, [0, 2, 1]].astype("<f4")
    low, high = points.min(axis=0), points.max(axis=0)
    polygon_bits = max(len(area) - 1, 1).bit_length()
    width, _, depth = (high - low).tolist()
    head = _SET_HEAD.pack(_SET_MAGIC, _SET_VERSION, 1, *low.tolist(), width, depth, 1, 1 << polygon_bits)
    tile = _tile(points, corner, neighbour, area)
    return head + _TILE_ENTRY.pack(1 << polygon_bits, len(tile)) + tile


def _tile(points: np.ndarray, corner: Ints, neighbour: Ints, area: Ints) -> bytes:
    count = (corner >= 0).sum(axis=1)
    low, high = points.min(axis=0), points.max(axis=0)
    quanta = _QUANTA / max(float((high - low).max()), 1.0)
    details, triangles = _details(count)
    nodes = _box_tree(points, corner, low, quanta)
    links = np.zeros(int(count.sum()) * _LINK_BYTES, np.uint8)
    head = _TILE_HEAD.pack(
        *(_TILE_MAGIC, _TILE_VERSION, 0, 0, 0, 0),
        *(len(area), len(points), int(count.sum()), len(details), 0, len(triangles), len(nodes), 0, len(area)),
        *(_HEIGHT, _RADIUS, _CLIMB),
        *low.tolist(),
        *high.tolist(),
        quanta,
    )
    arrays = (points, _polygons(corner, neighbour, area, count), links, details, triangles, nodes)
    return head + b"".join(array.tobytes() for array in arrays)


def _polygons(corner: Ints, neighbour: Ints, area: Ints, count: Ints) -> np.ndarray:
    polygons = np.zeros(len(count), _POLYGON)
    polygons["link"] = _NO_LINK
    polygons["vertex"] = np.maximum(corner, 0)
    polygons["edge"] = neighbour + 1
    polygons["flags"] = 1 << area
    polygons["corners"] = count
    polygons["area"] = area
    return polygons


def _details(count: Ints) -> tuple[np.ndarray, np.ndarray]:
    """Each polygon as a fan of triangles; no heights beside those of its corners."""
    details = np.zeros(len(count), _DETAIL)
    details["triangles"] = count - 2
    details["triangle"] = np.cumsum(count - 2) - (count - 2)
    owner = np.repeat(np.arange(len(count)), count - 2)
    number = np.arange(len(owner)) - details["triangle"][owner]
    first, last = number == 0, number == count[owner] - 3
    flags = first.astype(np.uint8) | 1 << 2 | last.astype(np.uint8) << 4
    return details, np.stack([np.zeros_like(number), number + 1, number + 2, flags], axis=1).astype(np.uint8)


def _box_tree(points: np.ndarray, corner: Ints, low: np.ndarray, quanta: float) -> np.ndarray:
    """Boxes of all polygons under boxes of halves of them, depth first; a negative item says how many to skip."""
    spots = points[np.where(corner >= 0, corner, corner[:, :1])]
    begin = np.clip((spots.min(axis=1) - low) * quanta, 0, 65535).astype(np.int64)
    end = np.clip(np.ceil((spots.max(axis=1) - low) * quanta), 0, 65535).astype(np.int64)
    nodes = np.zeros(2 * len(corner) - 1, _NODE)
    pending = [(0, np.arange(len(corner)))]
    while pending:
        at, items = pending.pop()
        lowest, highest = begin[items].min(axis=0), end[items].max(axis=0)
        nodes["low"][at], nodes["high"][at] = lowest, highest
        if len(items) == 1:
            nodes["item"][at] = items[0]
            continue
        nodes["item"][at] = 1 - 2 * len(items)
        axis = int(np.argmax(highest - lowest))
        items = items[np.argsort(begin[items, axis] + end[items, axis], kind="stable")]
        half = len(items) // 2
        pending += [(at + 1, items[:half]), (at + 2 * half, items[half:])]
    return nodes
