from pathlib import Path

import carla
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead.routes import Route, RouteError, ScenarioConfig, WeatherKeyframe, read_routes, weather_at, write_routes
from lead.routes.xml import DEFAULT_WEATHER, WEATHER_PARAMETERS

UNHURRIED = settings(deadline=None, max_examples=60)

POINTS = '<waypoints><position x="1" y="2" z="3"/><position x="4" y="5" z="6"/></waypoints>'

WHOLE = """<routes>
  <route id="7" town="Town03" road_id="334">
    <weathers>
      <weather route_percentage="100" cloudiness="40" wetness="1.5"/>
      <weather route_percentage="0" cloudiness="20" wetness="0.5"/>
    </weathers>
    <waypoints><position x="1" y="2" z="3.5"/><position x="4.0625" y="-5" z="6"/></waypoints>
    <scenarios>
      <scenario name="A_1" type="Accident">
        <trigger_point x="1" y="2" z="3" yaw="90"/>
        <distance value="50"/>
        <frequency from="10" to="20.5"/>
        <start_actor_flow x="1" y="2" z="3"/>
        <trigger_point x="5" y="6" z="7" yaw="-90"/>
      </scenario>
    </scenarios>
  </route>
</routes>"""


def write(folder: Path, text: str, name: str = "some.xml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def route_file(folder: Path, name: str, *route_ids: str) -> Path:
    routes = "".join(f'<route id="{route_id}" town="Town01">{POINTS}</route>' for route_id in route_ids)
    return write(folder, f"<routes>{routes}</routes>", name)


def same(first: Route, second: Route) -> bool:
    fields = [(r.id, r.town, r.keypoints.tolist(), r.weathers, r.scenarios, r.attributes) for r in (first, second)]
    return fields[0] == fields[1]


def test_every_part_of_a_route_is_read(tmp_path: Path):
    path = write(tmp_path, WHOLE)
    (route,) = read_routes(path)
    assert (route.id, route.town, route.source, route.attributes) == ("7", "Town03", path, {"road_id": "334"})
    assert route.keypoints.tolist() == [[1.0, 2.0, 3.5], [4.0625, -5.0, 6.0]]
    assert [frame.route_percentage for frame in route.weathers] == [0.0, 100.0]
    assert route.weathers[0].parameters == {"cloudiness": 20.0, "wetness": 0.5}
    (scenario,) = route.scenarios
    assert (scenario.name, scenario.type) == ("A_1", "Accident")
    assert (scenario.trigger, scenario.more_triggers) == ((1.0, 2.0, 3.0, 90.0), ((5.0, 6.0, 7.0, -90.0),))
    assert scenario.parameters == {
        "distance": {"value": "50"},
        "frequency": {"from": "10", "to": "20.5"},
        "start_actor_flow": {"x": "1", "y": "2", "z": "3"},
    }


def test_the_published_misspelling_of_weather_is_weather(tmp_path: Path):
    weather = '<weathers><weathis_juncer route_percentage="0" cloudiness="5"/></weathers>'
    path = write(tmp_path, f'<routes><route id="1" town="Town12">{weather}{POINTS}</route></routes>')
    assert read_routes(path)[0].weathers == (WeatherKeyframe(0.0, {"cloudiness": 5.0}),)


def test_a_directory_is_read_in_natural_order(tmp_path: Path):
    for number in (10, 9, 1):
        route_file(tmp_path, f"route_{number}.xml", str(number))
    assert [route.id for route in read_routes(tmp_path)] == ["1", "9", "10"]


def malformed(route: str = "", attributes: str = 'id="5" town="Town01"') -> str:
    return f"<routes>\n<route {attributes}>\n{route}</route></routes>"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: not well-formed XML (no element found)"),
        ("<routes>\n<route", "line 2: not well-formed XML (unclosed token)"),
        ("<routes><a></routes>", "line 1: not well-formed XML (mismatched tag)"),
        ("<!DOCTYPE routes><routes/>", "a route file must not declare a document type"),
        ("<map/>", "line 1: the root element is <map>, not <routes>"),
        ("<routes/>", "line 1: the file holds no route"),
        ("<routes>\n<rute/></routes>", "line 2: <rute> is not known here, expected <route>"),
        (malformed(POINTS, 'town="Town01"'), "line 2: <route> has no attribute 'id'"),
        (malformed(POINTS, 'id="5"'), "line 2, route 5: <route> has no attribute 'town'"),
        (malformed(""), "line 2, route 5: a route needs at least two keypoints, this one has 0"),
        (
            malformed('<waypoints><position x="1" y="2" z="3"/></waypoints>'),
            "line 2, route 5: a route needs at least two keypoints, this one has 1",
        ),
        (malformed(POINTS + "\n" + POINTS), "line 4, route 5: <waypoints> appears twice in one route"),
        (
            malformed("<waypoints>\n<position x='1' y='a' z='3'/></waypoints>"),
            "line 4, route 5: y='a' of <position> is not a finite number",
        ),
        (
            malformed("<waypoints><position x='1' y='nan' z='3'/></waypoints>"),
            "line 3, route 5: y='nan' of <position> is not a finite number",
        ),
        (
            malformed("<waypoints><position x='1' z='3'/></waypoints>"),
            "line 3, route 5: <position> has no attribute 'y'",
        ),
        (
            malformed(POINTS + "<weathers><weather route_percentage='0' cloudines='3'/></weathers>"),
            "line 3, route 5: CARLA's weather has no parameter 'cloudines'; did you mean cloudiness?",
        ),
        (
            malformed(POINTS + "<weathers><weather cloudiness='3'/></weathers>"),
            "line 3, route 5: <weather> has no attribute 'route_percentage'",
        ),
        (
            malformed(POINTS + "<weathers><weather route_percentage='101'/></weathers>"),
            "line 3, route 5: route_percentage=101 is not between 0 and 100",
        ),
        (
            malformed(POINTS + "<weathers><wether route_percentage='0'/></weathers>"),
            "line 3, route 5: <wether> is not known here, expected <weather>",
        ),
        (
            malformed(POINTS + "\n<scenarios><scenario name='A' type='B'/></scenarios>"),
            "line 4, route 5: scenario 'A' has no <trigger_point>",
        ),
        (
            malformed(POINTS + "<scenarios><scenario name='A'/></scenarios>"),
            "line 3, route 5: <scenario> has no attribute 'type'",
        ),
        (
            malformed(
                POINTS + "<scenarios><scenario name='A' type='B'><trigger_point x='1' y='2' z='3' yaw='4'/>"
                "<distance value='1'/>\n<distance value='2'/></scenario></scenarios>"
            ),
            "line 4, route 5: scenario 'A' gives <distance> twice",
        ),
    ],
)
def test_a_malformed_file_gets_one_sentence(tmp_path: Path, text: str, sentence: str):
    path = write(tmp_path, text)
    with pytest.raises(RouteError) as caught:
        read_routes(path)
    separator = ", " if sentence.startswith("line") else ": "
    assert str(caught.value) == f"{path}{separator}{sentence}"


def test_missing_files_and_empty_directories_are_named(tmp_path: Path):
    with pytest.raises(RouteError, match=r"nothing\.xml: cannot be read \(No such file or directory\)"):
        read_routes(tmp_path / "nothing.xml")
    with pytest.raises(RouteError, match=r"holds no route file"):
        read_routes(tmp_path)


def test_one_id_twice_in_a_file_is_refused(tmp_path: Path):
    path = route_file(tmp_path, "a.xml", "3", "4", "3")
    with pytest.raises(RouteError) as caught:
        read_routes(path)
    assert str(caught.value) == f"{path}, route 3: the file holds two routes with this id"


def test_one_id_in_two_files_names_both(tmp_path: Path):
    first, second = route_file(tmp_path, "a.xml", "3"), route_file(tmp_path, "b.xml", "3")
    with pytest.raises(RouteError) as caught:
        read_routes(tmp_path)
    assert str(caught.value) == f"route 3: the id is used in both {first} and {second}"


def test_what_is_written_reads_back_equal(tmp_path: Path):
    routes = read_routes(write(tmp_path, WHOLE))
    write_routes(tmp_path / "copy.xml", routes)
    copies = read_routes(tmp_path / "copy.xml")
    assert len(copies) == 1
    assert same(routes[0], copies[0])


names = st.text("abcdefghijklmnopqrstuvwxyz_ <>&\"'äß", min_size=1, max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
triggers = st.tuples(numbers, numbers, numbers, numbers)


@st.composite
def drawn_routes(draw: st.DrawFn) -> Route:
    frames = draw(
        st.lists(st.tuples(st.floats(0.0, 100.0), st.dictionaries(st.sampled_from(WEATHER_PARAMETERS), numbers)))
    )
    scenarios = draw(
        st.lists(
            st.builds(
                ScenarioConfig,
                names,
                names,
                triggers,
                st.dictionaries(st.sampled_from(["distance", "objects"]), st.dictionaries(st.just("value"), names)),
                st.lists(triggers, max_size=2).map(tuple),
            ),
            max_size=3,
        )
    )
    points = draw(st.lists(st.tuples(numbers, numbers, numbers), min_size=2, max_size=4))
    weathers = tuple(WeatherKeyframe(*frame) for frame in sorted(frames, key=lambda frame: frame[0]))
    return Route(draw(names), draw(names), np.array(points), weathers, tuple(scenarios))


@UNHURRIED
@given(drawn_routes())
def test_any_route_survives_writing(tmp_path_factory: pytest.TempPathFactory, route: Route):
    path = tmp_path_factory.getbasetemp() / "drawn.xml"
    write_routes(path, [route])
    assert same(read_routes(path)[0], route)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path):
    path = route_file(tmp_path, "a.xml", "3")
    before = path.read_text()
    route = Route("1", "Town01", np.zeros((2, 3)), attributes={"road_id": 4})  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError):
        write_routes(path, [route])
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


keyframes = st.lists(
    st.builds(
        WeatherKeyframe,
        st.floats(0.0, 100.0),
        st.fixed_dictionaries({name: st.floats(-180.0, 180.0) for name in ("cloudiness", "sun_altitude_angle")}),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda frame: frame.route_percentage,
)


@UNHURRIED
@given(keyframes, st.floats(-10.0, 110.0))
def test_weather_lies_between_its_neighbours(frames: list[WeatherKeyframe], percent: float):
    before = [frame for frame in frames if frame.route_percentage <= percent]
    after = [frame for frame in frames if frame.route_percentage >= percent]
    ends = [max(before, key=lambda f: f.route_percentage)] if before else []
    ends += [min(after, key=lambda f: f.route_percentage)] if after else []
    for name, value in weather_at(frames, percent).items():
        bounds = [frame.parameters[name] for frame in ends]
        assert min(bounds) - 1e-9 <= value <= max(bounds) + 1e-9


@UNHURRIED
@given(keyframes)
def test_weather_meets_every_keyframe(frames: list[WeatherKeyframe]):
    for frame in frames:
        assert weather_at(frames, frame.route_percentage) == pytest.approx(dict(frame.parameters))


def test_weather_changes_linearly():
    frames = [WeatherKeyframe(20.0, {"wetness": 10.0}), WeatherKeyframe(60.0, {"wetness": 30.0})]
    assert [weather_at(frames, percent)["wetness"] for percent in (0, 30, 40, 100)] == [10.0, 15.0, 20.0, 30.0]


def test_a_parameter_missing_in_one_keyframe_has_carlas_default_there():
    default = carla.WeatherParameters().fog_density
    frames = [WeatherKeyframe(0.0, {"fog_density": default + 10.0}), WeatherKeyframe(100.0, {"wetness": 1.0})]
    assert weather_at(frames, 50.0)["fog_density"] == pytest.approx(default + 5.0)


def test_a_route_without_weather_has_the_leaderboards():
    assert weather_at((), 30.0) == DEFAULT_WEATHER


def test_weather_parameters_are_all_of_carlas():
    assert set(WEATHER_PARAMETERS) == {
        name for name in dir(carla.WeatherParameters) if name[0].islower() and name[0] != "_"
    }


def test_weather_as_carla_takes_it():
    weather = WeatherKeyframe(0.0, {"cloudiness": 12.5, "sun_azimuth_angle": -30.0}).to_carla()
    default = carla.WeatherParameters()
    assert (weather.cloudiness, weather.sun_azimuth_angle) == (12.5, -30.0)
    assert weather.fog_distance == default.fog_distance


@pytest.mark.parametrize(
    ("name", "count", "keypoints", "scenarios"),
    [("bench2drive", 88, 3664, 88), ("longest6", 12, 530, 159), ("town13", 5, 142, 457), ("fail2drive", 74, 148, 66)],
)
def test_the_benchmarks_are_read_whole(
    routes_folder: Path, tmp_path: Path, name: str, count: int, keypoints: int, scenarios: int
):
    routes = read_routes(routes_folder / name)
    assert len(routes) == count
    assert sum(len(route.keypoints) for route in routes) == keypoints
    assert sum(len(route.scenarios) for route in routes) == scenarios
    assert all(route.weathers for route in routes)
    write_routes(tmp_path / "merged.xml", routes)
    assert all(same(*pair) for pair in zip(routes, read_routes(tmp_path / "merged.xml"), strict=True))
