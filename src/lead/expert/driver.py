"""One tick of the expert: a scene and what it remembers in, a plan and what to remember out."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from lead.clock import seconds_between
from lead.control import PATH_SPACING
from lead.expert.advice import Advice, join
from lead.expert.changes import change_lanes, speed_in_time, with_pressed
from lead.expert.config import ExpertConfig
from lead.expert.corridor import Corridor, spans_on
from lead.expert.decision import Decision, Memory, Note
from lead.expert.path import PASSED_M, Shift
from lead.expert.rules import RULES
from lead.expert.rules.meeting import YIELDING
from lead.expert.rules.signals import STANDING, STOP_S, stands_at_stop
from lead.expert.scene import Bools, Floats, Scene
from lead.expert.situation import Situation, Way, make_way
from lead.expert.speed import free_speed
from lead.expert.strategies import STRATEGIES, merging
from lead.expert.strategies.gridlocks import gridlocks
from lead.expert.strategies.queues import stuck_queues
from lead.expert.visibility import Evidence, visible_actors, visible_lights

_STEERING_M = 12.0  # of path that steering looks at
_BEND_AHEAD_M = 0.4  # by which steering is late
_CREEPING = 0.15
_SLOW = 1.5  # a walker's speed
_AWAY_SPEED = 6.0
_EDGE_KEPT_S = 4.0
_EASING = 2.5  # m/s², with which one slows down where it is not urgent: others follow
_TICK_S = 0.05


@dataclass(frozen=True)
class Plan:
    """What to do: the `decision` with the target speed, and `path` (k, 2) from beside the ego on, 0.1 m apart.

    `bend`: the curvature of the path about the ego, 1/m, positive right; for steering.
    `wishes`: all that the rules and strategies asked for; the slowest is the decision. `situation`: what was seen.
    """

    decision: Decision
    path: Floats
    bend: float
    wishes: tuple[Decision, ...]
    situation: Situation


def drive(scene: Scene, memory: Memory, config: ExpertConfig, evidence: Evidence | None = None) -> tuple[Plan, Memory]:
    """The plan for a scene, and what to remember of it. `evidence`: what real sensors say, if there are any."""
    situation = look(scene, memory, config, evidence)
    advice, notes = consult(situation)
    # What a strategy makes it drive falls evenly, too, when that is over.
    eased_from = max(situation.memory.free_speed, min(advice.at_least, scene.ego.speed))
    memory = replace(situation.memory, notes=notes, shifts=_kept(situation, advice), free_speed=eased_from)
    situation = replace(situation, memory=memory, free_speed=max(situation.free_speed, advice.at_least))
    changes, waiting = change_lanes(situation)
    situation = replace(situation, memory=replace(situation.memory, changes=changes))
    advice = with_pressed(replace(advice, wishes=advice.wishes + waiting), changes, scene.ego.s)
    own_bends = any(one.driven != one.planned for one in changes)
    way = make_way(situation, situation.memory.way_offset(scene.route.s), advice.is_brisk, own_bends)
    decision, wishes = decide(situation, way, advice)
    memory = _with_yielding(situation, wishes)
    bend = way.corridor.bend_at(scene.ego.s + _BEND_AHEAD_M)
    return Plan(decision, steering_path(way, scene.ego.s), bend, wishes, situation), memory


def look(scene: Scene, memory: Memory, config: ExpertConfig, evidence: Evidence | None = None) -> Situation:
    """The situation of a scene: what is visible, or was until just now."""
    counts, memory = _who_counts(scene, memory, config, evidence)
    states, memory = _known_lights(scene, memory, config)
    actors = scene.actors.pick(counts)
    lane = Corridor.along(scene.route)
    speed = min(free_speed(scene, actors, config, leaves_flow(scene)), speed_in_time(memory.changes, scene.ego.s))
    speed = max(speed, memory.free_speed - _EASING * _elapsed(memory, scene))
    memory = replace(memory, free_speed=speed)
    situation = Situation(scene, config, memory, actors, lane, spans_on(lane, actors), states, speed)
    return replace(situation, memory=_pass_time(situation))


def leaves_flow(scene: Scene) -> bool:
    """Whether a scenario makes the ego merge with fast traffic."""
    return any(fact.type in merging.STRATEGIES and fact.is_triggered for fact in scene.facts)


def consult(situation: Situation) -> tuple[Advice, Mapping[str, Note]]:
    """What the strategies of the scenarios on stage, of stuck queues and of gridlocks advise, and their notes."""
    notes, advices = dict(situation.memory.notes), []
    for fact in (*situation.scene.facts, *stuck_queues(situation), *gridlocks(situation)):
        if fact.type in STRATEGIES:
            advice, notes[fact.name] = STRATEGIES[fact.type](situation, fact, notes.get(fact.name, Note()))
            advices.append(advice)
    return join(advices), MappingProxyType(notes)


def decide(situation: Situation, way: Way, advice: Advice) -> tuple[Decision, tuple[Decision, ...]]:
    """The slowest of all that is wished for, and all of it."""
    row = way.corridor.row(situation.scene.ego.s)
    turn = float(way.limits[row : row + 2].min())
    free = Decision(situation.free_speed, "free") if turn >= situation.free_speed else Decision(turn, "turn")
    asked = tuple(wish for rule in RULES for wish in rule(situation, way, advice))
    wishes = (free, *advice.wishes, *asked)
    slowest = min(wishes, key=lambda wish: wish.speed)
    # Creeping the last centimetres towards something that stands would only rock the car.
    return (replace(slowest, speed=0.0) if 0.0 < slowest.speed < _CREEPING else slowest), wishes


def steering_path(way: Way, s: float) -> Floats:
    """Points (k, 2) of the way from beside the ego on, `PATH_SPACING` apart."""
    return way.corridor.at(s + PATH_SPACING * np.arange(int(_STEERING_M / PATH_SPACING), dtype=np.float64))


def _kept(situation: Situation, advice: Advice) -> tuple[Shift, ...]:
    """The shifts of this tick's advice, and those of strategies that are over until the ego has passed them."""
    renewed = {shift.key for shift in advice.shifts}
    left = situation.scene.ego.s - PASSED_M
    old = (one for one in situation.memory.shifts if one.key not in renewed and one.finish > left)
    return (*advice.shifts, *old)


def _who_counts(scene: Scene, memory: Memory, config: ExpertConfig, evidence: Evidence | None) -> tuple[Bools, Memory]:
    """Which actors (n,) count: those in sight, and those that went out of it a moment ago."""
    if not config.visibility:
        step = scene.actors.centre[:, :2] - scene.ego.position[:2]
        return np.hypot(step[:, 0], step[:, 1]) < config.sight_m, memory
    # A siren is heard before the vehicle is seen.
    visible = visible_actors(scene, evidence) | scene.actors.is_emergency
    seen = {actor: time for actor, time in memory.seen.items() if scene.time_s - time <= config.memory_s}
    seen |= dict.fromkeys(scene.actors.id[visible].tolist(), scene.time_s)
    counts = np.isin(scene.actors.id, np.fromiter(seen, dtype=np.int64, count=len(seen)))
    return counts, replace(memory, seen=MappingProxyType(seen))


def _known_lights(scene: Scene, memory: Memory, config: ExpertConfig) -> tuple[tuple[int, ...], Memory]:
    """The states of the lights of the route as they were last seen, -1 for those that never were."""
    signals = scene.signals
    seen = visible_lights(scene) if config.visibility else np.ones(len(signals.light_id), dtype=bool)
    ids, states = signals.light_id.tolist(), signals.light_state.tolist()
    shown = dict(memory.shown) | {one: state for one, state, is_seen in zip(ids, states, seen, strict=True) if is_seen}
    return tuple(shown.get(one, -1) for one in ids), replace(memory, shown=MappingProxyType(shown))


def _with_yielding(situation: Situation, wishes: Iterable[Decision]) -> Memory:
    """The memory of having given way; what was waited counts until the ego has got away."""
    memory, ego, time_s = situation.memory, situation.scene.ego, situation.scene.time_s
    edges = [ego.s + wish.distance for wish in wishes if wish.reason.startswith(YIELDING)]
    waited = memory.yielding_s
    if ego.speed > _AWAY_SPEED:
        waited = 0.0
    elif edges:
        waited += _TICK_S
    edge, seen = (memory.edge, memory.edge_s) if time_s - memory.edge_s < _EDGE_KEPT_S else (math.inf, -math.inf)
    if edges and min(edges) <= edge:
        edge, seen = min(edges), time_s
    return replace(memory, yields=bool(edges), yielding_s=waited, edge=edge, edge_s=seen)


def _elapsed(memory: Memory, scene: Scene) -> float:
    """Seconds since the last tick."""
    return max(seconds_between(memory.time_s, scene.time_s), 0.0) if memory.time_s >= 0.0 else 0.0


def _pass_time(situation: Situation) -> Memory:
    """The memory with clocks brought up to this tick, and a stop sign done once the ego has stood at it."""
    memory, scene = situation.memory, situation.scene
    elapsed = _elapsed(memory, scene)
    standing = memory.standing_s + elapsed if scene.ego.speed < STANDING else 0.0
    slow = memory.slow_s + elapsed if scene.ego.speed < _SLOW else 0.0
    stop = stands_at_stop(situation)
    waited = memory.at_stop_s + elapsed if stop is not None else 0.0
    done = memory.stops_done
    if stop is not None and waited >= STOP_S:
        done, waited = done | {stop}, 0.0
    clocks = replace(memory, time_s=scene.time_s, standing_s=standing, slow_s=slow)
    return replace(clocks, at_stop_s=waited, stops_done=done)
