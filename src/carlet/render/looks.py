"""Which model an actor wears and its colours, by its blueprint and attributes."""

from collections.abc import Callable, Hashable

import numpy as np
from numpy.typing import NDArray

from carlet.actors.appearance import tints, vehicle_facts
from carlet.actors.registry import ActorInfo
from carlet.actors.table import Kind
from carlet.models.actor_model import Model
from carlet.models.props import prop_model
from carlet.models.vehicles import far_model, vehicle_model
from carlet.models.walkers import far_walker_model, walker_model

#: What tells the looks of actors apart, and how to build the model.
Look = tuple[Hashable, Callable[[], Model]]


def look_of(info: ActorInfo, coarse: bool) -> Look:
    """The look of a vehicle, walker or prop; `coarse` for one that is far away."""
    blueprint = info.blueprint
    if blueprint.kind is Kind.VEHICLE:
        return (blueprint.id, coarse), lambda: (far_model if coarse else vehicle_model)(vehicle_facts(blueprint))
    if blueprint.kind is Kind.WALKER:
        wheels = info.value("use_wheelchair", "false").lower() == "true"
        facts = (blueprint.id, blueprint.box_extent, info.value("age"), info.value("gender"), wheels)
        return (*facts, coarse), lambda: (far_walker_model if coarse else walker_model)(*facts)
    return blueprint.id, lambda: prop_model(blueprint.id, blueprint.box_extent, blueprint.semantic_tag)


def colours_of(info: ActorInfo, own: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear colours (3, 3) of an actor whose model has the colours `own`."""
    if info.blueprint.kind is not Kind.VEHICLE:
        return own
    return tints(info.blueprint, {name: value for name, (_, value) in info.attributes.items()}).astype(np.float32)
