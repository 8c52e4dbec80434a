"""The stage of a world: its level and the actors on it as triangles, of which views are drawn and into which rays are
cast.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from carlet.actors.lights import LightState
from carlet.actors.registry import ActorInfo
from carlet.actors.table import ActorTable
from carlet.models.materials import Lamp
from carlet.render.arena import Arena
from carlet.render.company import (
    Company,
    carried_back,
    fill_things,
    gather,
    motion_before,
    motion_of,
    visible_rows,
)
from carlet.render.drawing import Drawing
from carlet.render.lamps import moving_spots, still_spots
from carlet.render.looks import colours_of
from carlet.render.movers import place
from carlet.render.picture import Picture, Request
from carlet.render.rays import Movers, cast, grow_forest, level_of, no_forest, place_movers
from carlet.render.rig import part_matrices
from carlet.render.scene import Moved, Things, Triangles
from carlet.render.static import static_scene
from carlet.render.templates import Templates
from carlet.town import Town
from carlet.wire.drawings import DebugShape
from carlet.wire.values import LampRecord, Weather

LAMP_OF_STATE = {LightState.RED: Lamp.RED, LightState.YELLOW: Lamp.AMBER, LightState.GREEN: Lamp.GREEN}
_LAMPS = np.array([LAMP_OF_STATE.get(state, Lamp.NONE) for state in LightState], np.uint32)


class Sight(NamedTuple):
    """A world just after a tick, as far as it can be seen. `light_state` (l,) of traffic lights, whose actor ids begin
    at `first_light`, those of signs at `first_sign`; `hidden` (n,): rows of the town's scenery that are not shown;
    `shapes` that clients draw.
    """

    time: float
    dt: float
    table: ActorTable
    actors: Mapping[int, ActorInfo]
    weather: Weather
    light_state: NDArray[np.uint8]
    first_light: int
    first_sign: int
    lamps: Sequence[LampRecord]
    hidden: NDArray[np.bool_]
    shapes: Sequence[DebugShape] = ()


class Stage:
    """Draws views of a town and casts rays into it, as `show` last saw it. Building one may take long: see
    `static_scene`.
    """

    def __init__(self, town: Town):
        self._scene = static_scene(town)
        self._arena = Arena(self._scene)
        self._templates, self._forest = Templates(), no_forest()
        self._company: Company | None = None
        self._look: tuple[bytes, bytes] | None = None
        self._drawing = Drawing(town, self._scene)
        self._movers: Movers | None = None
        self._moved: Moved | None = None
        self._hidden: bytes = b""
        self._sight: Sight | None = None

    @property
    def triangles(self) -> Triangles:
        """The rows that pictures and rays give: the level's, then the movers'."""
        return self._arena.triangles

    @property
    def paint(self) -> Triangles:
        """The rows of `Picture.marked`."""
        return self._scene.paint

    @property
    def things(self) -> Things:
        """What the triangles belong to."""
        return self._arena.things

    @property
    def moved(self) -> Moved:
        """Where the movers' parts were one tick before the one shown."""
        sight, company = self._shown(), self._company
        assert company is not None
        if self._moved is None:
            before = motion_before(self._motion, sight.table, self._rows, sight.dt)
            back = carried_back(self._pose, part_matrices(company.rig, before, sight.time - sight.dt))
            first = self._arena.static + company.first[:-1]
            self._moved = Moved(first, back.astype(np.float32).reshape(-1, 12))
        return self._moved

    def show(self, sight: Sight) -> None:
        """Bring the stage up to a tick."""
        self._sight, self._movers, self._moved = sight, None, None
        self._hide(sight.hidden)
        rows = self._assemble(sight)
        self._move(sight, rows)
        self._light(sight)

    def draw(self, requests: Sequence[Request]) -> list[Picture]:
        """A picture for every request, good until the next call."""
        sight = self._shown()
        moving, still = moving_spots(sight.table, sight.time), still_spots(sight.lamps)
        return self._drawing.draw(requests, self._arena, sight.weather, sight.time, moving, still, sight.shapes)

    def cast(self, origins: ArrayLike, directions: ArrayLike, reach: ArrayLike) -> tuple[NDArray, NDArray]:
        """Distances (k,) and rows (k,) that rays hit; see `rays.cast`."""
        self._shown()
        movers = self._placed_movers()
        return cast(level_of(self._scene, self.triangles, self.paint), movers, origins, directions, reach)

    # -- inside

    def _shown(self) -> Sight:
        if self._sight is None:
            raise RuntimeError("a stage must be shown a world before it is asked for a view of it")
        return self._sight

    def _assemble(self, sight: Sight) -> NDArray[np.intp]:
        """Take the actors that can be seen on stage; their rows of the table."""
        rows, coarse = visible_rows(sight.table)
        look = sight.table.id[rows].tobytes(), coarse.tobytes()
        if look == self._look:
            return rows
        self._look = look
        infos = [sight.actors[actor_id] for actor_id in sight.table.id[rows].tolist()]
        company = self._company = gather(infos, coarse, self._templates)
        self._forest = grow_forest(self._forest, self._templates.arrays.corner, self._templates.arrays.start)
        arena, arrays = self._arena, self._templates.arrays
        arena.fit(len(company.triangle), len(company.part), len(rows))
        movers = slice(arena.static, None)
        arena.triangles.material[movers] = arrays.material[company.triangle]
        arena.triangles.tag[movers] = arrays.tag[company.triangle]
        arena.triangles.thing[movers] = arena.things_static + company.owner
        parts = slice(arena.clusters_static, None)
        arena.clusters.first[parts] = arena.static + company.first[:-1]
        arena.clusters.last[parts] = arena.static + company.first[1:]
        own = zip(infos, company.costumes, strict=True)
        tints = [colours_of(info, costume.tints) for info, costume in own]
        arena.things.tint[arena.things_static :] = np.array(tints, np.float32).reshape(-1, 3, 3)
        return rows

    def _move(self, sight: Sight, rows: NDArray[np.intp]) -> None:
        company, arena = self._company, self._arena
        assert company is not None
        self._rows, self._motion = rows, motion_of(company, sight.table, rows, sight.actors)
        self._pose = part_matrices(company.rig, self._motion, sight.time)
        arrays = self._templates.arrays
        place(arena.triangles, arena.clusters, arena.clusters_static, arrays, company.part, self._pose)
        fill_things(arena.things, arena.things_static, company, sight.table, rows, sight.time)

    def _placed_movers(self) -> Movers:
        company = self._company
        assert company is not None
        if self._movers is None:
            first = self._arena.static + company.first[:-1]
            self._movers = place_movers(self._forest, company.part, first, self._pose)
        return self._movers

    def _light(self, sight: Sight) -> None:
        """Let traffic lights and street lamps shine, and give registered things their actors' ids."""
        level, things = self._scene.things, self._arena.things
        lights, signs, lamps = (np.flatnonzero(column >= 0) for column in (level.light, level.sign, level.lamp))
        things.lamps[lights] = _LAMPS[sight.light_state[level.light[lights]]]
        lit = np.array([lamp.active for lamp in sight.lamps], bool)
        things.lamps[lamps] = (
            np.where(lit[level.lamp[lamps]], np.uint32(Lamp.STREET), np.uint32(0)) if len(lamps) else 0
        )
        for rows, ids in (
            (lights, sight.first_light + level.light[lights]),
            (signs, sight.first_sign + level.sign[signs]),
        ):
            things.actor[rows] = ids
            things.number[rows] = ids

    def _hide(self, hidden: NDArray[np.bool_]) -> None:
        """Take triangles of hidden scenery off the stage, by taking their normals."""
        state = hidden.tobytes()
        if state == self._hidden or (not self._hidden and not hidden.any()):
            return
        self._hidden = state
        scenery = self._scene.things.scenery
        gone = (scenery >= 0) & hidden[scenery]
        keep = ~gone[self._scene.thing]
        self._arena.triangles.normal[: self._arena.static] = self._scene.normal * keep[:, None]
