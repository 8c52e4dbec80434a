"""The scenarios of Leaderboard 1.0 at junctions: lights that give somebody else green, and junctions without lights.

Their names are the numbers that its scenario files give them.
"""

from collections.abc import Sequence
from enum import Enum

import carla

from lead.scenarios.approaches import Approaches, approaches_of
from lead.scenarios.conditions import drove, left_junction, near_junction, seconds
from lead.scenarios.lanes import Approach, LaneError, Turn, approach_of, flat_distance
from lead.scenarios.lights import Lights, directed, light_of, lights_needed
from lead.scenarios.parameters import NoParameters
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script

_BEYOND_M = 20.0
_YELLOW_M, _YELLOW_S = 10.0, 2.0
_OTHER_S, _OTHER_S_M = 1.5, 0.04


class Order(Enum):
    """Whose light may turn green with the ego's, the first that is there."""

    LEFT_TURN = (Approach.LEFT, Approach.OPPOSITE, Approach.RIGHT)
    RIGHT_TURN = (Approach.LEFT, Approach.OPPOSITE)
    STRAIGHT_ON = (Approach.RIGHT, Approach.LEFT, Approach.OPPOSITE)
    ONCOMING = (Approach.OPPOSITE,)


def crossing_traffic(scene: Scene, _: NoParameters) -> Script:
    """The ego's light turns red in front of it, and later green together with that of traffic that crosses its way."""
    turn = _turn_of_route(scene)
    orders = {Turn.LEFT: Order.LEFT_TURN, Turn.RIGHT: Order.RIGHT_TURN, Turn.STRAIGHT: Order.STRAIGHT_ON}
    yield _manipulated(scene, orders[turn])


def left_turn_with_crossing_traffic(scene: Scene, _: NoParameters) -> Script:
    """As Scenario7, where the route turns left."""
    yield _manipulated(scene, Order.LEFT_TURN)


def right_turn_with_crossing_traffic(scene: Scene, _: NoParameters) -> Script:
    """As Scenario7, where the route turns right."""
    yield _manipulated(scene, Order.RIGHT_TURN)


def straight_on_with_crossing_traffic(scene: Scene, _: NoParameters) -> Script:
    """As Scenario7, where the route goes straight on."""
    yield _manipulated(scene, Order.STRAIGHT_ON)


def left_turn_with_oncoming_traffic(scene: Scene, _: NoParameters) -> Script:
    """The ego's light turns red in front of it, and green together with that of traffic that comes towards it."""
    yield _manipulated(scene, Order.ONCOMING)


def right_turn_into_traffic(scene: Scene, _: NoParameters) -> Script:
    """The ego's light turns red in front of it, and green together with that of traffic into which it turns right."""
    yield _manipulated(scene, Order.RIGHT_TURN)


def no_lights(scene: Scene, _: NoParameters) -> Script:
    """The ego crosses a junction without lights."""
    yield scene.triggered
    yield left_junction(scene)
    yield drove(scene, _BEYOND_M)


# -- building blocks


def _manipulated(scene: Scene, order: Order) -> Script:
    """The lights of the next junction are in our hands until the ego is through."""
    approaches = approaches_of(scene.reference)
    yield scene.triggered
    lights = lights_needed(scene, approaches.junction)
    own = light_of(lights, approaches.ego)
    other = _light_from(lights, own, approaches, order.value)
    with directed(lights) as show:
        show(own)
        yield near_junction(scene, _YELLOW_M)
        own.set_state(carla.TrafficLightState.Yellow)
        yield seconds(scene, _YELLOW_S)
        show(other)
        yield seconds(scene, _OTHER_S + _OTHER_S_M * flat_distance(own.get_location(), other.get_location()))
        show(own, other)
        yield left_junction(scene, approaches.junction.id)
    yield drove(scene, _BEYOND_M)


def _light_from(
    lights: Lights, own: carla.TrafficLight, approaches: Approaches, order: Sequence[Approach]
) -> carla.TrafficLight:
    """The light of the first side in an order from which somebody can come."""
    for side in order:
        for lane in approaches.entries:
            if approach_of(lane, approaches.ego) is side and light_of(lights, lane).id != own.id:
                return light_of(lights, lane)
    raise LaneError(f"nobody can come to the junction ahead from {' or '.join(side.value for side in order)}")


def _turn_of_route(scene: Scene) -> Turn:
    """What the route does at the next junction."""
    leave, enter = scene.route_after_junction(), approaches_of(scene.reference).ego
    heading = approach_of(leave, enter)
    return {Approach.LEFT: Turn.RIGHT, Approach.RIGHT: Turn.LEFT}.get(heading, Turn.STRAIGHT)


SCENARIOS = (
    declare("Scenario7", NoParameters, crossing_traffic),
    declare("Scenario7left", NoParameters, left_turn_with_crossing_traffic),
    declare("Scenario7right", NoParameters, right_turn_with_crossing_traffic),
    declare("Scenario7opposite", NoParameters, straight_on_with_crossing_traffic),
    declare("Scenario8", NoParameters, left_turn_with_oncoming_traffic),
    declare("Scenario8left", NoParameters, left_turn_with_oncoming_traffic),
    declare("Scenario9", NoParameters, right_turn_into_traffic),
    declare("Scenario9right", NoParameters, right_turn_into_traffic),
    declare("Scenario10", NoParameters, no_lights),
)
