"""Traffic lights in the hands of a scenario: it says which are green, and in the end they go on as before."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import carla

from lead.scenarios.conditions import seconds
from lead.scenarios.lanes import LaneError
from lead.scenarios.scene import Scene
from lead.scenarios.script import Script, forever

DELAY_S = 5.0
#: A phase that does not end by itself.
_LASTING_S = 10_000.0

Lights = Sequence[carla.TrafficLight]


def lights_at(scene: Scene, junction: carla.Junction) -> list[carla.TrafficLight]:
    """The lights of a junction in the order of their ids, none where it has none. In large towns the client knows
    those near the ego only.
    """
    return sorted(scene.world.get_traffic_lights_in_junction(junction.id), key=lambda light: light.id)


def lights_needed(scene: Scene, junction: carla.Junction) -> list[carla.TrafficLight]:
    """As `lights_at`. LaneError when there are none."""
    lights = lights_at(scene, junction)
    if not lights:
        raise LaneError("the junction ahead has no traffic lights")
    return lights


def light_of(lights: Lights, lane: carla.Waypoint) -> carla.TrafficLight:
    """The light whose stop line is nearest to where a lane enters the junction. LaneError when none has a line."""
    place = lane.transform.location
    lines = [
        (place.distance(line.transform.location), light.id, light)
        for light in lights
        for line in light.get_stop_waypoints()
    ]
    if not lines:
        raise LaneError("the traffic lights of the junction ahead have no stop lines")
    return min(lines, key=lambda one: one[:2])[2]


@contextmanager
def directed(lights: Lights) -> Iterator[Callable[..., None]]:
    """Gives `show(green, ...)`: these are green from now on, the others red. In the end all go on from where they were
    when the context began, at their old times.
    """
    before = [(light, light.get_state()) for light in lights]
    times = [(light.get_green_time(), light.get_yellow_time(), light.get_red_time()) for light in lights]

    def show(*green: carla.TrafficLight) -> None:
        bright = {light.id for light in green}
        for light in lights:
            light.set_state(carla.TrafficLightState.Green if light.id in bright else carla.TrafficLightState.Red)

    try:
        for light in lights:
            _set_times(light, _LASTING_S, _LASTING_S, _LASTING_S)
        yield show
    finally:
        for (light, state), old in zip(before, times, strict=True):
            light.set_state(state)
            _set_times(light, *old)


def delayed_green(scene: Scene, lights: Lights, ego: carla.Waypoint, *crossing: carla.Waypoint) -> Script:
    """The ego's lane has red for a while and then green, those of who crosses have green all along, the rest red;
    without end.
    """
    if not lights:
        yield forever
    others = [light_of(lights, lane) for lane in crossing]
    with directed(lights) as show:
        show(*others)
        yield seconds(scene, DELAY_S)
        show(light_of(lights, ego), *others)
        yield forever


def green_for(scene: Scene, junction: carla.Junction, lane: carla.Waypoint) -> Script:
    """A lane has green at a junction and all others red, if there are lights; without end."""
    lights = lights_at(scene, junction)
    with directed(lights) as show:
        show(*[light_of(lights, lane)] if lights else [])
        yield forever


def _set_times(light: carla.TrafficLight, green: float, yellow: float, red: float) -> None:
    light.set_green_time(green)
    light.set_yellow_time(yellow)
    light.set_red_time(red)
