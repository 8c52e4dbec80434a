"""The catalogue as a page of Markdown."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from lead.scenarios.catalogue.entry import Chapter, Entry
from lead.scenarios.catalogue.glossary import GLOSSARY
from lead.scenarios.parameters import Interval
from lead.scenarios.registry import ScenarioType

_INTRODUCTION = """\
# Scenarios

Every type of scenario that `lead` plays. A scenario is set up when the ego is within 500 m of its trigger point, begins
when the ego comes to it, and happens once. Seconds are simulated ones. The pictures are of real drives of the route
follower in `carlet`, seen from above: the ego is yellow and drives upwards, what belongs to the scenario is red, other
vehicles are blue, other objects grey; stop lines have the colour of their light.

`lead scenarios catalogue --routes ROUTES --output docs/scenarios` writes this page and its pictures. ROUTES holds a
folder of route files for each benchmark, which belong to others. `lead scenarios list` names all types.
"""


def page(
    chapters: Sequence[Chapter],
    types: Mapping[str, ScenarioType],
    uses: Mapping[str, Collection[str]],
    pictures: Collection[str],
) -> str:
    """The whole page. `uses`: by type, the benchmarks that have it; `pictures`: types that have one."""
    lines = [_INTRODUCTION, *_overview(chapters, types, uses), ""]
    for chapter in chapters:
        lines += [f"## {chapter.title}", ""]
        for entry in chapter.entries:
            lines += [*_section(entry, types, uses, entry.types[0] in pictures), ""]
    return "\n".join([*lines, *_glossary()]) + "\n"


def _overview(
    chapters: Sequence[Chapter], types: Mapping[str, ScenarioType], uses: Mapping[str, Collection[str]]
) -> Iterator[str]:
    yield "| type | what happens | used by |"
    yield "|---|---|---|"
    for chapter in chapters:
        for entry in chapter.entries:
            for kind in entry.types:
                yield f"| [{kind}](#{_anchor(entry)}) | {types[kind].summary} | {_used_by(uses.get(kind, ()))} |"


def _section(
    entry: Entry, types: Mapping[str, ScenarioType], uses: Mapping[str, Collection[str]], has_picture: bool
) -> Iterator[str]:
    yield f'<a id="{_anchor(entry)}"></a>'
    yield ""
    yield f"### {', '.join(entry.types)}"
    yield ""
    if has_picture:
        yield f'<img src="{entry.types[0]}.jpg" alt="{entry.types[0]} seen from above" width="320" align="right">'
        yield ""
    yield entry.happens
    yield ""
    yield f"- **The ego must:** {entry.ego}"
    yield f"- **Ends when:** {entry.ends}"
    for names, text in _parameters(entry, types):
        yield f"- **Parameters{names}:** {text}"
    used = {kind: _used_by(uses.get(kind, ())) for kind in entry.types}
    told = [f"{kind}: {text}" if len(used) > 1 else text for kind, text in used.items() if text != "-"]
    yield f"- **Used by:** {'; '.join(told) or 'none of the benchmarks'}"
    if entry.remark:
        yield f"- **Remark:** {entry.remark}"
    yield ""
    yield '<br clear="both">'


def _parameters(entry: Entry, types: Mapping[str, ScenarioType]) -> Iterator[tuple[str, str]]:
    """The parameters as text, once for all types of the entry that have the same; with their names if there are "
    "others."""
    texts: dict[str, list[str]] = {}
    for kind in entry.types:
        texts.setdefault(_defaults(types[kind].parameters), []).append(kind)
    for text, names in texts.items():
        yield (f" of {', '.join(names)}" if len(texts) > 1 else ""), text


def _defaults(parameters: type) -> str:
    fields = dataclasses.fields(parameters)
    return ", ".join(f"`{one.name}` {_default(one.default)}" for one in fields) or "none"


def _default(value: Any) -> str:
    if value is dataclasses.MISSING:
        return "(required)"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Interval):
        return f"{value.low:g} to {value.high:g}"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return " ".join(f"`{one}`" for one in value)
    return f"`{value}`" if value else "(as it is)" if value is None else "(any)"


def _used_by(benchmarks: Collection[str]) -> str:
    return ", ".join(sorted(benchmarks)) or "-"


def _anchor(entry: Entry) -> str:
    return entry.types[0].lower()


def _glossary() -> Iterator[str]:
    yield "## Parameters"
    yield ""
    yield "| name | meaning |"
    yield "|---|---|"
    for name, meaning in GLOSSARY.items():
        yield f"| `{name}` | {meaning} |"
