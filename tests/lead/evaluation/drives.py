"""Records of drives as tests need them, and files of them."""

import json
from pathlib import Path

from hypothesis import strategies as st

from lead.evaluation.infractions import Event, Infraction
from lead.evaluation.metrics import DrivenRoute
from lead.evaluation.protocol import find_protocol
from lead.evaluation.records import Drive, Names, RouteKey, RouteRecord, RouteStatus, make_record

SLOW, OUTSIDE = Infraction.MIN_SPEED, Infraction.OUTSIDE_LANES


def event(kind: Infraction, percent: float | None = None) -> Event:
    texts = {
        SLOW: f"Average speed is {percent}% of the surrounding traffic's one",
        OUTSIDE: f"Agent went outside its route lanes for about {percent} meters ({percent}% of the completed route)",
    }
    return Event(kind, 0.05, texts.get(kind, f"{kind.value} at (x=1.0, y=2.0, z=3.0)"), percent)


def drive(
    route_id: str = "1",
    completion: float = 100.0,
    events: tuple[Event, ...] = (),
    scenario: str | None = None,
    failure: RouteStatus | None = None,
    repetition: int = 0,
    length: float = 1000.0,
    protocol: str = "",
) -> RouteRecord:
    """A record; of Bench2Drive when it has a `scenario`."""
    names = None if scenario is None else Names(f"{scenario}_1", None, f"saved_{route_id}_{repetition}", "Town12")
    rules = protocol or ("leaderboard@2.0" if scenario is None else "bench2drive@0.0.3")
    key = RouteKey(0, route_id, repetition, names)
    return make_record(key, Drive(completion, tuple(events), length, 60.0, 30.0, failure), find_protocol(rules))


def bare(*records: RouteRecord) -> tuple[DrivenRoute, ...]:
    return tuple(map(DrivenRoute, records))


def write_results(path: Path, records, protocol: str | None = None) -> Path:
    """A result file as the leaderboard writes it, of `lead` when the protocol is named."""
    data = {"_checkpoint": {"records": [record.to_json() for record in records], "progress": [len(records)] * 2}}
    if protocol is not None:
        data["lead"] = {"identity": {"protocol": protocol}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))
    return path


EVENTS = st.lists(
    st.one_of(
        st.sampled_from([kind for kind in Infraction if kind not in (SLOW, OUTSIDE)]).map(event),
        st.builds(event, st.just(SLOW), st.floats(0.0, 300.0).map(lambda percent: round(percent, 2))),
    ),
    max_size=5,
).map(tuple)
