"""The weather along a route."""

from collections.abc import Mapping, Sequence

import carla

from lead.routes import WeatherKeyframe, weather_at
from lead.routes.xml import weather_to_carla

#: Percent of the route after which the weather is looked up anew.
STEP_PERCENT = 0.5


class RouteWeather:
    """Sets the interpolated weather at the start and then whenever enough of the route was driven to change it."""

    def __init__(self, world: carla.World, weathers: Sequence[WeatherKeyframe]) -> None:
        self._world = world
        self._weathers = weathers
        self._percent: float | None = None
        self._applied: Mapping[str, float] | None = None

    def apply(self, percent: float) -> None:
        """Set the weather at `percent` of the route, unless it is that already."""
        if self._percent is not None and abs(percent - self._percent) < STEP_PERCENT:
            return
        self._percent = percent
        parameters = weather_at(self._weathers, percent)
        if parameters != self._applied:
            self._world.set_weather(weather_to_carla(parameters))
            self._applied = parameters
