"""What Bench2Drive adds: left turns into a flow, turns with and without lights, and stretches that are hard in
themselves.
"""

from lead.scenarios.approaches import approaches_of
from lead.scenarios.conditions import drove, left_junction, seconds
from lead.scenarios.junctions import FlowParameters, turn_left
from lead.scenarios.lanes import Turn
from lead.scenarios.lights import DELAY_S, directed, light_of, lights_needed
from lead.scenarios.parameters import NoParameters
from lead.scenarios.registry import declare
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, first_of, forever, in_turn

_STRETCH_M, _BEYOND_M = 200.0, 10.0


def signalized_left_turn_enter_flow(scene: Scene, params: FlowParameters) -> Script:
    """The ego turns left at traffic lights into the flow of those who come towards it and turn right."""
    yield turn_left(scene, params, Turn.RIGHT, has_lights=True)


def non_signalized_left_turn_enter_flow(scene: Scene, params: FlowParameters) -> Script:
    """The ego turns left into the flow of those who come towards it and turn right."""
    yield turn_left(scene, params, Turn.RIGHT, has_lights=False)


def sequential_lane_change(scene: Scene, _: NoParameters) -> Script:
    """The route changes lanes several times in a row."""
    yield _stretch(scene)


def t_junction(scene: Scene, _: NoParameters) -> Script:
    """The route turns at a junction of three roads."""
    yield _stretch(scene)


def turn_at_green(scene: Scene, _: NoParameters) -> Script:
    """The route turns at a light that is green when the ego comes, and red a little later."""
    yield first_of(_through(scene), in_turn(_ego_light(scene, True, False), forever))


def turn_at_red(scene: Scene, _: NoParameters) -> Script:
    """The route turns at a light that is red when the ego comes, and green a little later."""
    yield first_of(_through(scene), _ego_light(scene, False, True, lasting=True))


def turn_without_lights(scene: Scene, _: NoParameters) -> Script:
    """The route turns at a junction without lights."""
    yield _through(scene)


def turn_at_stop_sign(scene: Scene, _: NoParameters) -> Script:
    """The route turns at a stop sign."""
    yield _through(scene)


# -- building blocks


def _stretch(scene: Scene) -> Script:
    yield scene.triggered
    with scene.without_blocked_test():
        yield first_of(drove(scene, _STRETCH_M), scene.timeout())


def _through(scene: Scene) -> Script:
    """Until the ego is through the next junction, and a little farther."""
    yield scene.triggered
    yield left_junction(scene)
    yield drove(scene, _BEYOND_M)


def _ego_light(scene: Scene, *phases: bool, lasting: bool = False) -> Script:
    """The ego's light is green or red for a while each, the other lights are red; the last phase has no end when
    `lasting`.
    """
    approaches = approaches_of(scene.reference)
    yield scene.triggered
    lights = lights_needed(scene, approaches.junction)
    with directed(lights) as show:
        for is_green in phases:
            show(*[light_of(lights, approaches.ego)] * is_green)
            yield seconds(scene, DELAY_S)
        if lasting:
            yield forever


_VANILLA = {
    "VanillaSignalizedTurnEncounterGreenLight": turn_at_green,
    "VanillaSignalizedTurnEncounterRedLight": turn_at_red,
    "VanillaNonSignalizedTurn": turn_without_lights,
    "VanillaNonSignalizedTurnEncounterStopsign": turn_at_stop_sign,
}
SCENARIOS = (
    declare("SignalizedJunctionLeftTurnEnterFlow", FlowParameters, signalized_left_turn_enter_flow),
    declare("NonSignalizedJunctionLeftTurnEnterFlow", FlowParameters, non_signalized_left_turn_enter_flow),
    declare("SequentialLaneChange", NoParameters, sequential_lane_change),
    declare("T_Junction", NoParameters, t_junction),
    *(declare(name + length, NoParameters, script) for name, script in _VANILLA.items() for length in ("", "Long")),
)
