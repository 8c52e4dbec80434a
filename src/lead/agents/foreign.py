"""Agent files written for the official leaderboard, loaded unchanged.

Such files import `leaderboard`, `srunner` and CARLA's `agents`. While one of them is loaded or drives, modules of ours
stand in `sys.modules` under the names that agents use. Where the real packages are installed too, everything that we
do not provide comes from them.
"""

import importlib.util
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from lead.agents import interface, sensors
from lead.agents.context import DriveContext, planar_speed
from lead.routes import RoadOption


class AgentLoadError(Exception):
    """An agent could not be found or loaded; the message says why."""


def load_foreign(path: Path, context: DriveContext) -> type[interface.AutonomousAgent]:
    """The agent class that the file names in `get_entry_point()`. Run it inside `stand_ins`.

    Raises AgentLoadError when the file cannot be imported or names no agent.
    """
    name = f"lead_foreign_agent_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise AgentLoadError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with stand_ins(context, path.parent):
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise AgentLoadError(f"agent file {path} cannot be loaded: {type(error).__name__}: {error}") from error
    if not hasattr(module, "get_entry_point"):
        raise AgentLoadError(f"agent file {path} has no get_entry_point()")
    entry: Any = getattr(module, module.get_entry_point(), None)
    if not callable(getattr(entry, "run_step", None)):
        raise AgentLoadError(f"agent file {path}: {module.get_entry_point()!r} is no agent class with run_step")
    return entry


@contextmanager
def stand_ins(context: DriveContext, folder: Path) -> Iterator[None]:
    """Let imports of the official packages find ours, and imports of the agent's neighbours its `folder`."""
    ours = _with_packages(_modules(context))
    before = {name: sys.modules[name] for name in ours if name in sys.modules}
    sys.modules.update(ours)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name, module in ours.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
        sys.modules.update(before)


def _modules(context: DriveContext) -> dict[str, ModuleType]:
    """Name -> module, for the modules whose contents we provide."""
    provider, game_time = _data_provider(context), _game_time(context)
    road_option = {"RoadOption": RoadOption}
    contents: Mapping[str, Mapping[str, Any]] = {
        "leaderboard.autoagents.autonomous_agent": {
            "AutonomousAgent": interface.AutonomousAgent,
            "Track": interface.Track,
        },
        "leaderboard.envs.sensor_interface": {"SensorInterface": sensors.SensorInterface},
        "leaderboard.utils.route_manipulation": {"downsample_route": interface.downsample_route},
        "srunner.scenariomanager.carla_data_provider": {"CarlaDataProvider": provider},
        "srunner.scenariomanager.timer": {"GameTime": game_time},
        "agents.navigation.local_planner": road_option,
    }
    return {name: _module(name, members) for name, members in contents.items()}


def _with_packages(modules: dict[str, ModuleType]) -> dict[str, ModuleType]:
    """The modules and an empty package for each parent that is not installed."""
    packages: dict[str, ModuleType] = {}
    for name in modules:
        parts = name.split(".")
        parents = [".".join(parts[:depth]) for depth in range(1, len(parts))]
        for parent in parents:
            if parent in packages or _is_installed(parent):
                continue
            packages[parent] = _module(parent, {"__path__": []})
    for name, module in (packages | modules).items():
        parent, _, leaf = name.rpartition(".")
        if parent in packages:
            setattr(packages[parent], leaf, module)
    return packages | modules


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _module(name: str, members: Mapping[str, Any]) -> ModuleType:
    module = ModuleType(name, "Stands in for the official module of this name.")
    module.__dict__.update(members)
    return module


def _data_provider(context: DriveContext) -> type:
    class CarlaDataProvider:
        """What agents ask the scenario runner's data provider for."""

        get_client = staticmethod(lambda: context.client)
        get_world = staticmethod(lambda: context.world)
        get_map = staticmethod(lambda world=None: context.map)
        get_hero_actor = staticmethod(lambda: context.hero)
        get_all_actors = staticmethod(lambda: context.world.get_actors() if context.world else ())
        get_traffic_manager_port = staticmethod(lambda: context.traffic_manager_port)
        is_sync_mode = staticmethod(lambda: True)
        get_velocity = staticmethod(planar_speed)
        get_transform = staticmethod(lambda actor: actor.get_transform())
        get_location = staticmethod(lambda actor: actor.get_location())

    return CarlaDataProvider


def _game_time(context: DriveContext) -> type:
    class GameTime:
        """The clock of the drive."""

        get_frame = staticmethod(lambda: context.frame)
        get_time = staticmethod(lambda: context.timestamp)
        get_carla_time = staticmethod(lambda: context.timestamp)
        get_wallclocktime = staticmethod(lambda: time.time() - context.wallclock_start)

    return GameTime
