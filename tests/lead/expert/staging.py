"""Hand-made scenes: a straight road along x, the ego at its origin."""

from dataclasses import replace

import numpy as np

from lead.expert.config import ExpertConfig
from lead.expert.decision import Memory
from lead.expert.driver import drive
from lead.expert.facts import ScenarioFact
from lead.expert.scene import LANE_POINTS, Actors, Ego, LightState, Neighbour, Route, Scene, Signals, Weather
from lead.kinds import Kind

SIZES = {
    Kind.VEHICLE: (2.3, 1.0, 0.8),
    Kind.BICYCLE: (0.9, 0.3, 0.8),
    Kind.WALKER: (0.3, 0.3, 0.9),
    Kind.OBSTACLE: (0.4, 0.4, 0.5),
}
AT = 100.0  # where the ego is along the route


def actor(x, y, speed=0.0, kind=Kind.VEHICLE, yaw=0.0, **more):
    """One actor; further columns of `Actors` by name."""
    return {"x": x, "y": y, "speed": speed, "kind": kind, "yaw": yaw, **more}


def actors_of(rows):
    count = len(rows)
    kinds = [row["kind"] for row in rows]
    extent = np.array([row.get("extent", SIZES[row["kind"]]) for row in rows], dtype=float).reshape(-1, 3)
    yaw = np.array([row["yaw"] for row in rows], dtype=float)
    speed = np.array([row["speed"] for row in rows], dtype=float)
    places = np.array([(row["x"], row["y"]) for row in rows], dtype=float).reshape(-1, 2)
    return Actors(
        id=np.array([row.get("id", 100 + n) for n, row in enumerate(rows)], dtype=np.int64),
        kind=np.array(kinds, dtype=np.int64),
        centre=np.column_stack([places, extent[:, 2]]) if count else np.zeros((0, 3)),
        extent=extent,
        yaw=yaw,
        velocity=np.stack([speed * np.cos(yaw), speed * np.sin(yaw)], axis=1),
        yaw_rate=np.array([row.get("yaw_rate", 0.0) for row in rows], dtype=float),
        acceleration=np.array([row.get("acceleration", 0.0) for row in rows], dtype=float),
        standing_s=np.array([row.get("standing_s", 10.0 if row["speed"] == 0.0 else 0.0) for row in rows], dtype=float),
        has_moved=np.array([row.get("has_moved", row["speed"] > 0.0) for row in rows], dtype=bool),
        is_emergency=np.array([row.get("is_emergency", False) for row in rows], dtype=bool),
        on_lane=np.array(["lane" in row for row in rows], dtype=bool),
        lane=np.array([row.get("lane", np.zeros((LANE_POINTS, 2))) for row in rows]).reshape(-1, LANE_POINTS, 2),
    )


def road(left=Neighbour.SAME, right=Neighbour.NONE, junction=None, width=3.5):
    """160 m of it; `junction`: from and to (m from the ego)."""
    s = AT + np.arange(-40.0, 120.0, 0.5)
    count = len(s)
    inside = np.zeros(count, dtype=bool)
    if junction is not None:
        inside = (s - AT >= junction[0]) & (s - AT <= junction[1])
    return Route(
        s=s,
        points=np.column_stack([s - AT, np.zeros(count), np.zeros(count)]),
        yaw=np.zeros(count),
        turn_speed=np.full(count, 30.0),
        width=np.full(count, width),
        in_junction=inside,
        left=np.full(count, int(left)),
        right=np.full(count, int(right)),
        left_offset=np.full(count, width),
        right_offset=np.full(count, width),
        lane=np.zeros(len(s), dtype=np.int64),
        length=1000.0,
    )


def signals(lights=(), stops=()):
    """Lights as (metres ahead of the ego's origin, state), stop signs as metres ahead."""
    return Signals(
        light_id=np.arange(1, len(lights) + 1),
        light_s=np.array([AT + at for at, _ in lights], dtype=float),
        light_position=np.array([(at + 20.0, 3.0, 5.0) for at, _ in lights], dtype=float).reshape(-1, 3),
        light_state=np.array([int(state) for _, state in lights], dtype=np.int64),
        stop_id=np.arange(50, 50 + len(stops)),
        stop_s=np.array([AT + at for at in stops], dtype=float),
    )


def scene(*rows, speed=8.0, lights=(), stops=(), route=None, facts=(), time_s=0.0, weather=None, y=0.0, yaw=0.0):
    """The ego at the origin, y metres beside it, with actors around it; lanes are changed over 24 m of the route."""
    route = road() if route is None else route
    borders = route.s[1:][np.diff(route.lane) != 0]
    return Scene(
        time_s=time_s,
        ego=Ego(np.array([0.0, y, 0.0]), yaw, speed, AT),
        actors=actors_of(rows),
        route=route,
        crossings=np.column_stack([borders - 12.0, borders + 12.0]),
        signals=signals(lights, stops),
        targets=np.array([(-20.0, 0.0), (30.0, 0.0), (80.0, 0.0)]),
        weather=weather or Weather(),
        facts=tuple(facts),
    )


def plan_for(made, memory=None, **settings):
    """What the expert plans in a scene."""
    return drive(made, memory or Memory(), replace(ExpertConfig(), **settings))[0]


def mirrored(made):
    """The same scene with left and right exchanged."""
    flip = np.array([1.0, -1.0, 1.0])
    ego, actors, route = made.ego, made.actors, made.route
    return replace(
        made,
        ego=replace(ego, position=ego.position * flip, yaw=-ego.yaw),
        actors=replace(
            actors,
            centre=actors.centre * flip,
            yaw=-actors.yaw,
            velocity=actors.velocity * flip[:2],
            yaw_rate=-actors.yaw_rate,
            lane=actors.lane * flip[:2],
        ),
        route=replace(
            route,
            points=route.points * flip,
            yaw=-route.yaw,
            left=route.right,
            right=route.left,
            left_offset=route.right_offset,
            right_offset=route.left_offset,
            lane=-route.lane,
        ),
        signals=replace(made.signals, light_position=made.signals.light_position * flip),
        targets=made.targets * flip[:2],
    )


def fact(kind, *actors, triggered=True, **values):
    return ScenarioFact(f"{kind}_1", kind, triggered, actors, values)


__all__ = ["AT", "Kind", "LightState", "Neighbour", "actor", "fact", "mirrored", "plan_for", "road", "scene"]
