"""OpenDRIVE text to flat tables: one numpy array a column, rows in the order of the file. Values stay as written.

Everything here is in OpenDRIVE's own frame (y left, z up, metres, radians); lengths along a road are `s`.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np

from carlet.town.model import Floats, Ints, LaneKind, TownError
from carlet.town.polynomials import Polynomials, Steps

LANE_KINDS = {
    "none": LaneKind.NONE,
    "driving": LaneKind.DRIVING,
    "entry": LaneKind.DRIVING,
    "exit": LaneKind.DRIVING,
    "onRamp": LaneKind.DRIVING,
    "offRamp": LaneKind.DRIVING,
    "shoulder": LaneKind.SHOULDER,
    "stop": LaneKind.SHOULDER,
    "sidewalk": LaneKind.SIDEWALK,
    "walking": LaneKind.SIDEWALK,
    "parking": LaneKind.PARKING,
    "biking": LaneKind.BIKING,
    "bidirectional": LaneKind.BIDIRECTIONAL,
    "median": LaneKind.MEDIAN,
    "border": LaneKind.BORDER,
    "curb": LaneKind.BORDER,
    "restricted": LaneKind.RESTRICTED,
}
GEOMETRIES = {"line": 0, "arc": 1, "spiral": 2, "poly3": 3, "paramPoly3": 4}
TO_KMH = {"mph": 1.609344, "km/h": 1.0, "kmh": 1.0, "m/s": 3.6}


@dataclass(frozen=True)
class Signal:
    """A signal, or a reference to one (`reference` set) that makes it hold on another road."""

    id: str
    road: int  # row of the road
    s: float
    t: float
    z_offset: float
    heading_offset: float
    orientation: str  # "+", "-" or "none"
    type: str
    subtype: str
    name: str
    value: float
    dynamic: bool
    reference: bool
    validity: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class RoadObject:
    """An object beside or on a road; `corners` (k, 3) in the object's own frame, empty without an outline."""

    id: str
    road: int
    s: float
    t: float
    z_offset: float
    heading: float
    orientation: str
    type: str
    name: str
    length: float
    width: float
    height: float
    corners: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class Junction:
    """A junction: `(incoming road id, connecting road id, contact, ((from lane, to lane), ...))`, controller ids.

    The contact is the end of the connecting road where it is entered: 0 its start, 1 its end.
    """

    id: int
    connections: tuple[tuple[int, int, int, tuple[tuple[int, int], ...]], ...]
    controllers: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """The roads of one OpenDRIVE text.

    Road columns (r): `road_id`, `length`, `junction` (-1 outside), `link` (r, 2, 3) the predecessor's and successor's
    (0 none, 1 road, 2 junction; id; contact 0 start, 1 end).
    Section columns (q): `section_road` row, `section_start`, `section_end`, `section_number` within its road.
    Lane columns (l), without the centre lane: `lane_section` row, `lane_id`, `lane_kind`, `lane_link` (l, 2)
    predecessor and successor lane ids (0 none).
    Mark columns, per lane border: `mark_lane` row, or -1 - section row for the centre line.
    """

    latitude: float
    longitude: float
    road_id: Ints
    length: Floats
    junction: Ints
    link: Ints
    geometry: "Steps"
    elevation: "Polynomials"
    bank: "Polynomials"
    offset: "Polynomials"
    road_limit: "Steps"
    section_road: Ints
    section_start: Floats
    section_end: Floats
    section_number: Ints
    lane_section: Ints
    lane_id: Ints
    lane_kind: Ints
    lane_link: Ints
    width: "Polynomials"
    rise: "Steps"
    lane_limit: "Steps"
    mark_lane: Ints
    mark_s: Floats
    mark_width: Floats
    mark_type: list[str]
    mark_colour: list[str]
    signals: list[Signal]
    objects: list[RoadObject]
    controllers: dict[str, tuple[str, ...]]
    junctions: list[Junction]


@dataclass
class _Rows:
    """Rows as they are met; the road and lane at hand are the last ones."""

    geo: tuple[float, float] = (0.0, 0.0)
    roads: list[tuple] = field(default_factory=list)
    geometry: list[tuple] = field(default_factory=list)
    elevation: list[tuple] = field(default_factory=list)
    bank: list[tuple] = field(default_factory=list)
    offset: list[tuple] = field(default_factory=list)
    road_limit: list[tuple] = field(default_factory=list)
    sections: list[tuple] = field(default_factory=list)
    lanes: list[tuple] = field(default_factory=list)
    width: list[tuple] = field(default_factory=list)
    rise: list[tuple] = field(default_factory=list)
    lane_limit: list[tuple] = field(default_factory=list)
    marks: list[tuple] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    objects: list[RoadObject] = field(default_factory=list)
    controllers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    junctions: list[Junction] = field(default_factory=list)


def parse_opendrive(name: str, text: bytes) -> Network:
    """Tables of an OpenDRIVE text; TownError when it is not XML, not OpenDRIVE, or has no drivable geometry."""
    rows = _Rows()
    try:
        for element in _closed_elements(text):
            _READERS[element.tag](element, rows)
            if element.tag == "road":
                element.clear()
    except ET.ParseError as error:
        raise TownError(f"The OpenDRIVE text of {name} is not well-formed XML: {error}.") from error
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise TownError(f"The OpenDRIVE text of {name} has a missing or wrong value: {error}.") from error
    if not rows.roads:
        raise TownError(f"The OpenDRIVE text of {name} has no roads.")
    if not rows.geometry or not rows.lanes:
        raise TownError(f"The OpenDRIVE text of {name} has roads without geometry or lanes.")
    return _network(rows)


def _closed_elements(text: bytes) -> Iterator[ET.Element]:
    for _, element in ET.iterparse(BytesIO(text)):
        if element.tag in _READERS:
            yield element


def _network(rows: _Rows) -> Network:
    count = len(rows.roads)
    roads = np.array([row[:9] for row in rows.roads], dtype=np.float64)
    sections = _table(rows.sections, 3)
    lanes = _table(rows.lanes, 5).astype(np.int64)
    marks = rows.marks
    return Network(
        latitude=rows.geo[0],
        longitude=rows.geo[1],
        road_id=roads[:, 0].astype(np.int64),
        length=roads[:, 1],
        junction=roads[:, 2].astype(np.int64),
        link=roads[:, 3:9].astype(np.int64).reshape(count, 2, 3),
        geometry=Steps.of(_table(rows.geometry, 16), count),
        elevation=Polynomials.of(_table(rows.elevation, 6), count),
        bank=Polynomials.of(_table(rows.bank, 6), count),
        offset=Polynomials.of(_table(rows.offset, 6), count),
        road_limit=Steps.of(_table(rows.road_limit, 3), count),
        section_road=sections[:, 0].astype(np.int64),
        section_start=sections[:, 1],
        section_end=_section_ends(sections, roads[:, 1]),
        section_number=sections[:, 2].astype(np.int64),
        lane_section=lanes[:, 0],
        lane_id=lanes[:, 1],
        lane_kind=lanes[:, 2],
        lane_link=lanes[:, 3:5],
        width=Polynomials.of(_table(rows.width, 6), len(lanes)),
        rise=Steps.of(_table(rows.rise, 3), len(lanes)),
        lane_limit=Steps.of(_table(rows.lane_limit, 3), len(lanes)),
        mark_lane=np.array([row[0] for row in marks], dtype=np.int64),
        mark_s=np.array([row[1] for row in marks], dtype=np.float64),
        mark_width=np.array([row[2] for row in marks], dtype=np.float64),
        mark_type=[row[3] for row in marks],
        mark_colour=[row[4] for row in marks],
        signals=rows.signals,
        objects=rows.objects,
        controllers=rows.controllers,
        junctions=rows.junctions,
    )


def _table(rows: Iterable[tuple], width: int) -> Floats:
    return np.array(list(rows), dtype=np.float64).reshape(-1, width)


def _section_ends(sections: Floats, lengths: Floats) -> Floats:
    road = sections[:, 0].astype(np.int64)
    ends = lengths[road].copy()
    same = road[1:] == road[:-1]
    ends[:-1][same] = sections[1:, 1][same]
    return ends


def _number(element: ET.Element, key: str, default: float = 0.0) -> float:
    value = element.get(key)
    return float(value) if value else default


def _cubic(element: ET.Element, start: str = "s") -> tuple[float, float, float, float, float]:
    get = element.get
    return (
        float(get(start, "0")),
        float(get("a", "0")),
        float(get("b", "0")),
        float(get("c", "0")),
        float(get("d", "0")),
    )


def _kmh(element: ET.Element) -> float:
    text = element.get("max", "")
    if text in ("", "no limit", "undefined"):
        return 0.0
    return float(text) * TO_KMH.get(element.get("unit", "m/s"), 1.0)


def _read_geo_reference(element: ET.Element, rows: _Rows) -> None:
    found = {key: float(value) for key, value in re.findall(r"\+(lat_0|lon_0)=(-?[\d.eE+-]+)", element.text or "")}
    rows.geo = (found.get("lat_0", 0.0), found.get("lon_0", 0.0))


def _read_road(element: ET.Element, rows: _Rows) -> None:
    road = len(rows.roads)
    identity = (int(element.attrib["id"]), float(element.attrib["length"]), int(element.get("junction") or "-1"))
    ends = tuple(v for side in ("predecessor", "successor") for v in _road_link(element.find(f"link/{side}")))
    rows.roads.append(identity + ends)
    rows.geometry.extend(_geometry(road, item) for item in element.iterfind("planView/geometry"))
    rows.elevation.extend((road, *_cubic(item)) for item in element.iterfind("elevationProfile/elevation"))
    rows.bank.extend((road, *_cubic(item)) for item in element.iterfind("lateralProfile/superelevation"))
    rows.offset.extend((road, *_cubic(item)) for item in element.iterfind("lanes/laneOffset"))
    for item in element.iterfind("type"):
        speed = item.find("speed")
        rows.road_limit.append((road, _number(item, "s"), 0.0 if speed is None else _kmh(speed)))
    for number, item in enumerate(element.iterfind("lanes/laneSection")):
        rows.sections.append((road, _number(item, "s"), number))
        _read_section(item, len(rows.sections) - 1, rows)
    rows.signals.extend(_signal(road, item) for item in element.iterfind("signals/*"))
    rows.objects.extend(_object(road, item) for item in element.iterfind("objects/object"))


def _road_link(element: ET.Element | None) -> tuple[int, int, int]:
    if element is None:
        return 0, -1, 0
    kind = {"road": 1, "junction": 2}.get(element.get("elementType", ""), 0)
    return kind, int(element.attrib["elementId"]), int(element.get("contactPoint") == "end")


def _geometry(road: int, element: ET.Element) -> tuple[float, ...]:
    head = tuple(float(element.attrib[key]) for key in ("s", "x", "y", "hdg", "length"))
    shape = next((child for child in element if child.tag in GEOMETRIES), None)
    if shape is None:
        raise ValueError(f"geometry at s={head[0]} of road row {road} has no known shape")
    return (road, *head, GEOMETRIES[shape.tag], *_shape_parameters(shape))


def _shape_parameters(shape: ET.Element) -> tuple[float, ...]:
    if shape.tag == "arc":
        return (_number(shape, "curvature"),) + (0.0,) * 8
    if shape.tag == "spiral":
        return (_number(shape, "curvStart"), _number(shape, "curvEnd")) + (0.0,) * 7
    if shape.tag == "poly3":
        return tuple(_number(shape, key) for key in "abcd") + (0.0,) * 5
    if shape.tag == "paramPoly3":
        normalised = float(shape.get("pRange", "arcLength") == "normalized")
        return tuple(_number(shape, key + axis) for axis in "UV" for key in "abcd") + (normalised,)
    return (0.0,) * 9


def _read_section(element: ET.Element, section: int, rows: _Rows) -> None:
    for side in element:
        if side.tag in ("left", "center", "right"):
            for lane in side.iterfind("lane"):
                _read_lane(lane, section, rows)


def _read_lane(element: ET.Element, section: int, rows: _Rows) -> None:
    number = int(element.attrib["id"])
    row = -1 - section if number == 0 else len(rows.lanes)
    for child in element.iterfind("roadMark"):
        mark = (child.get("type", "none"), child.get("color", "standard"))
        if mark[0] != "none" or (rows.marks and rows.marks[-1][0] == row):
            rows.marks.append((row, _number(child, "sOffset"), _number(child, "width", 0.125), *mark))
    if number == 0:
        return
    links = [element.find(f"link/{side}") for side in ("predecessor", "successor")]
    ids = [0 if link is None else int(link.attrib["id"]) for link in links]
    kind = LANE_KINDS.get(element.get("type", "none"), LaneKind.OTHER)
    rows.lanes.append((section, number, int(kind), *ids))
    rows.width.extend((row, *_cubic(child, "sOffset")) for child in element.iterfind("width"))
    for child in element.iterfind("height"):
        level = 0.5 * (_number(child, "inner") + _number(child, "outer"))
        rows.rise.append((row, _number(child, "sOffset"), level))
    for child in element.iterfind("speed"):
        rows.lane_limit.append((row, _number(child, "sOffset"), _kmh(child)))


def _signal(road: int, element: ET.Element) -> Signal:
    spans = tuple((int(v.attrib["fromLane"]), int(v.attrib["toLane"])) for v in element.iterfind("validity"))
    return Signal(
        id=element.attrib["id"],
        road=road,
        s=_number(element, "s"),
        t=_number(element, "t"),
        z_offset=_number(element, "zOffset"),
        heading_offset=_number(element, "hOffset"),
        orientation=element.get("orientation", "none"),
        type=element.get("type", ""),
        subtype=element.get("subtype", ""),
        name=element.get("name", ""),
        value=_number(element, "value", -1.0),
        dynamic=element.get("dynamic") == "yes",
        reference=element.tag == "signalReference",
        validity=spans,
    )


def _object(road: int, element: ET.Element) -> RoadObject:
    corners = element.iterfind(".//outline/cornerLocal")
    return RoadObject(
        id=element.get("id", ""),
        road=road,
        s=_number(element, "s"),
        t=_number(element, "t"),
        z_offset=_number(element, "zOffset"),
        heading=_number(element, "hdg"),
        orientation=element.get("orientation", "none"),
        type=element.get("type", ""),
        name=element.get("name", ""),
        length=_number(element, "length"),
        width=_number(element, "width"),
        height=_number(element, "height"),
        corners=tuple((_number(c, "u"), _number(c, "v"), _number(c, "z")) for c in corners),
    )


def _read_controller(element: ET.Element, rows: _Rows) -> None:
    signals = [child.attrib["signalId"] for child in element.iterfind("control")]
    if signals:
        rows.controllers[element.attrib["id"]] = tuple(dict.fromkeys(signals))


def _read_junction(element: ET.Element, rows: _Rows) -> None:
    connections = tuple(
        (
            int(item.attrib["incomingRoad"]),
            int(item.attrib["connectingRoad"]),
            int(item.get("contactPoint") == "end"),
            tuple((int(link.attrib["from"]), int(link.attrib["to"])) for link in item.iterfind("laneLink")),
        )
        for item in element.iterfind("connection")
        if "connectingRoad" in item.attrib and "incomingRoad" in item.attrib
    )
    controllers = tuple(item.attrib["id"] for item in element.iterfind("controller"))
    rows.junctions.append(Junction(int(element.attrib["id"]), connections, controllers))


_READERS = {
    "geoReference": _read_geo_reference,
    "road": _read_road,
    "controller": _read_controller,
    "junction": _read_junction,
}
