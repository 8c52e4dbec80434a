"""LEAD's wish for another weather than the route's, for routes that have none of their own."""

import random

import carla

from lead.agents.sensor.config import ClosedLoopConfig
from lead.models.config_tree import ConfigError
from lead.suggestions import suggest


def set_wanted_weather(world: carla.World, config: ClosedLoopConfig) -> None:
    """Set the weather that the settings ask for, once; a route with weathers of its own goes on with those.

    ConfigError for a preset that CARLA does not have.
    """
    presets = {name: preset for name, preset in vars(carla.WeatherParameters).items() if name[:1].isupper()}
    if config.custom_weather is not None and config.custom_weather not in presets:
        raise ConfigError(f"CARLA has no weather {config.custom_weather}{suggest(config.custom_weather, presets)}")
    name = random.choice(sorted(presets)) if config.random_weather else config.custom_weather
    if name is not None:
        world.set_weather(presets[name])
