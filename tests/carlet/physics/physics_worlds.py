"""Small worlds for physics tests: planes with or without walls, and actors to put on them."""

from typing import Any

import numpy as np

from carlet.actors.table import ActorTable, Kind
from carlet.physics import Contacts, Obstacles, Surroundings, step

DT = 0.05
KMH = 3.6
MKZ = {
    "kind": Kind.VEHICLE,
    "simulates": True,
    "collides": True,
    "mass": 1696.0,
    "box_centre": (-0.0063, 0.0, 0.7488),
    "box_extent": (2.4462, 0.9184, 0.7451),
}
WALKER = {
    "kind": Kind.WALKER,
    "simulates": True,
    "collides": True,
    "mass": 75.0,
    "box_extent": (0.1877, 0.1877, 0.93),
}
PROP = {
    "kind": Kind.PROP,
    "collides": True,
    "mass": 20.0,
    "box_centre": (0.0, 0.0, 0.5),
    "box_extent": (0.5, 0.5, 0.5),
}
NO_BOXES = (np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0))
#: centre, half sizes and yaw of one wall across the x axis at x = 30
WALL = (np.array([[30.0, 0.0, 1.5]]), np.array([[0.2, 20.0, 1.5]]), np.zeros(1))


def plane(rise: float = 0.0, bank: float = 0.0, boxes: tuple = NO_BOXES, size: float = 10_000.0) -> Surroundings:
    """Ground that climbs `rise` a metre along x and `bank` a metre along y."""
    normal = np.array([-rise, -bank, 1.0]) / np.sqrt(1.0 + rise**2 + bank**2)

    def heights(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return rise * points[:, 0] + bank * points[:, 1], np.tile(normal, (len(points), 1))

    return Surroundings(heights, Obstacles.build(*boxes), (-size, -size, size, size))


def put(table: ActorTable, base: dict[str, Any], **values: Any) -> int:
    """Add an actor; returns its row."""
    return table.add(int(table.id[-1]) + 1 if len(table) else 1, **{**base, **values})


def run(table: ActorTable, world: Surroundings, seconds: float, dt: float = DT) -> list[Contacts]:
    """Step for a while; the contacts of every tick."""
    return [step(table, world, dt) for _ in range(round(seconds / dt))]


def parked(table: ActorTable, base: dict[str, Any] = MKZ, speed: float = 0.0, **values: Any) -> int:
    """A vehicle that stands or rolls on flat ground already."""
    yaw = values.get("rotation", (0.0, 0.0, 0.0))[1]
    velocity = (speed * np.cos(yaw), speed * np.sin(yaw), 0.0)
    return put(table, base, grounded=True, velocity=velocity, **values)
