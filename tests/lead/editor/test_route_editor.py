import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lead.editor
from lead.cli import main
from lead.editor import EditorServer, Session
from lead.routes import Route, ScenarioConfig, read_routes, write_routes
from lead.routes.towns import open_town
from lead.scenarios.parameters import Place, parse_parameters
from lead.scenarios.registry import scenario_types

#: A route in a town of which there is no map.
FAR_OFF = """<routes><route id="1" town="Town99"><waypoints><position x="9000.0" y="0.0" z="0.0" />
<position x="9100.0" y="0.0" z="0.0" /></waypoints></route></routes>"""
Ask = Callable[..., tuple[int, dict[str, Any]]]
#: Two places of Town02 on one lane, and another one behind the next junction.
ROUTE = [[45.6, 105.3, 0.0], [41.5, 200.0, 0.0]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "routes" / "mine.xml"


@pytest.fixture
def server(file: Path) -> Iterator[EditorServer]:
    server = EditorServer(Session(file, "Town02"), 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def ask(server: EditorServer) -> Ask:
    """`ask(path, body=None, **headers)`: status and JSON of an answer."""

    def asking(path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
        if body is None:
            connection.request("GET", path, headers=headers)
        else:
            text = body if isinstance(body, str) else json.dumps(body)
            connection.request("POST", path, text, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    return asking


def document(ask: Ask, **changes: Any) -> dict[str, Any]:
    """A route between two places, as the page has it."""
    points = [ask("/api/snap", {"town": "Town02", "x": x, "y": y})[1] for x, y, _ in ROUTE]
    keypoints = [[point[axis] for axis in "xyz"] for point in points]
    blank = {"id": "0", "town": "Town02", "keypoints": keypoints, "weathers": [], "scenarios": [], "attributes": {}}
    return {**blank, **changes}


def scenario_at(point: dict[str, float], kind: str = "ControlLoss", **parameters: Any) -> dict[str, Any]:
    trigger = [point[name] for name in ("x", "y", "z", "yaw")]
    return {"name": f"{kind}_1", "type": kind, "trigger": trigger, "parameters": parameters}


def test_the_page_and_its_parts_are_served(server: EditorServer):
    scripts = [f"/{path.name}" for path in (Path(lead.editor.__file__).parent / "static").glob("*.js")]
    assert len(scripts) > 3
    for path, kind in (("/", "text/html"), ("/style.css", "text/css"), *((one, "text/javascript") for one in scripts)):
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
        connection.request("GET", path)
        response = connection.getresponse()
        assert (response.status, response.headers.get_content_type()) == (200, kind)
        assert b"http" not in response.read().replace(b"http-equiv", b""), "nothing comes from elsewhere"


def test_it_starts_with_types_towns_and_no_route(ask: Ask, file: Path):
    status, start = ask("/api/start")
    assert status == 200
    assert (start["file"], start["town"], start["routes"]) == (str(file), "Town02", [])
    types = {one["name"]: one for one in start["types"]}
    assert set(types) == set(scenario_types())
    assert set(start["keys"].values()) <= set(types)
    assert types["EnterActorFlow"]["places"] == ["start_actor_flow", "end_actor_flow"]
    assert types["Accident"]["parameters"]["distance"] == {"value": "120"}


def test_a_town_is_drawn_where_its_lanes_are(ask: Ask):
    drawing = ask("/api/town/Town02")[1]
    points = np.concatenate([np.reshape(lane["p"], (-1, 2)) for lane in drawing["lanes"]]) / 10.0
    samples = open_town("Town02").arrays.point[:, :2]
    np.testing.assert_allclose(points.min(axis=0), samples.min(axis=0), atol=0.1)
    np.testing.assert_allclose(points.max(axis=0), samples.max(axis=0), atol=0.1)
    assert len(points) < 0.3 * len(samples)
    assert len(drawing["signs"]["light"]) > 0


def test_a_click_falls_on_the_middle_of_a_lane(ask: Ask):
    graph = open_town("Town02")
    status, place = ask("/api/snap", {"town": "Town02", "x": 44.6, "y": 200.0})
    anchor = graph.locate(np.array([place["x"], place["y"], place["z"]]))
    assert status == 200 and anchor is not None
    assert np.hypot(anchor.location[0] - place["x"], anchor.location[1] - place["y"]) < 0.1
    assert ask("/api/snap", {"town": "Town02", "x": 5000.0, "y": 0.0}) == (
        400,
        {"error": "there is no lane at (5000, 0)"},
    )


def test_a_route_is_planned_checked_saved_and_loaded(ask: Ask, file: Path):
    bare = document(ask)
    planned = ask("/api/plan", {"route": bare})[1]
    assert planned["length"] > 90.0 and len(planned["points"]) > 150
    middle = ask("/api/snap", {"town": "Town02", "x": planned["points"][60], "y": planned["points"][61]})[1]
    weathers = ask("/api/weather", {})[1]["weathers"]
    whole = document(ask, scenarios=[scenario_at(middle)], weathers=weathers)
    assert ask("/api/plan", {"route": whole})[1]["problems"] == {}
    assert ask("/api/save", {"routes": [whole]}) == (200, {"file": str(file), "count": 1})
    (route,) = read_routes(file)
    assert route.scenarios[0].type == "ControlLoss" and len(route.weathers) == 2
    again = ask("/api/start")[1]["routes"]
    assert again[0]["keypoints"] == whole["keypoints"]
    text = ask("/api/xml", {"routes": again})[1]["xml"]
    assert ask("/api/parse", {"name": "other.xml", "xml": text})[1]["routes"] == again


def test_what_a_scenario_lacks_is_told_at_the_route(ask: Ask):
    off = {"x": 0.0, "y": 0.0, "z": 0.0, "yaw": 0.0}
    problems = ask("/api/plan", {"route": document(ask, scenarios=[scenario_at(off)])})[1]["problems"]
    assert problems == {"ControlLoss_1": "the route does not pass its trigger point in this direction"}
    problems = ask("/api/plan", {"route": document(ask, scenarios=[scenario_at(off, "EnterActorFlow")])})[1]["problems"]
    assert "needs <start_actor_flow>" in problems["EnterActorFlow_1"]


def test_nothing_bad_is_saved(ask: Ask, file: Path):
    short = document(ask)
    short["keypoints"] = short["keypoints"][:1]
    for routes, sentence in (
        ([], "there is no route to save"),
        ([short], "route 0: a trace needs keypoints of shape (2 or more, 3), not (1, 3)"),
        ([document(ask), document(ask)], "two routes have the id 0"),
        ([{"id": "0"}], "this is no route: KeyError 'town'"),
    ):
        assert ask("/api/save", {"routes": routes}) == (400, {"error": sentence})
    assert not file.exists()


def test_another_ones_change_of_the_file_is_not_lost(ask: Ask, file: Path):
    ask("/api/start")
    assert ask("/api/save", {"routes": [document(ask)]})[0] == 200
    write_routes(file, [Route("7", "Town02", np.array(ROUTE))])
    status, answer = ask("/api/save", {"routes": [document(ask)]})
    assert status == 400 and "changed by somebody else" in answer["error"]
    assert read_routes(file)[0].id == "7"


def test_a_file_that_is_no_route_file_is_refused(ask: Ask):
    status, answer = ask("/api/parse", {"name": "bad.xml", "xml": "<routes><route id='1'/></routes>"})
    assert (status, answer["error"]) == (400, "bad.xml, line 1, route 1: <route> has no attribute 'town'")


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    (
        ("/api/start", None, {"Host": "evil.example"}, 403),
        ("/api/save", {"routes": []}, {"Origin": "http://evil.example"}, 403),
        ("/../../etc/passwd", None, {}, 404),
        ("/api/nothing", {}, {}, 404),
        ("/api/snap", "no json", {}, 400),
        ("/api/snap", "[1]", {}, 400),
        ("/api/snap", {"town": "Town02"}, {}, 400),
        ("/api/town/Town99", None, {}, 400),
        ("/api/save", {"routes": []}, {"Content-Type": "text/plain"}, 400),
    ),
)
def test_strangers_and_nonsense_are_refused(ask: Ask, path: str, body: Any, headers: dict[str, str], status: int):
    answer = ask(path, body, **headers)
    assert answer[0] == status and answer[1]["error"]


def test_a_port_that_is_taken_is_told_in_a_sentence(file: Path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["routes", "edit", str(file), "--port", str(port), "--no-browser"]) == 2
    assert f"port {port} cannot be used" in capsys.readouterr().err


def test_a_broken_file_is_refused_before_anything_is_served(tmp_path: Path, capsys):
    path = tmp_path / "broken.xml"
    path.write_text("<routes>")
    assert main(["routes", "edit", str(path), "--no-browser"]) == 2
    assert "broken.xml" in capsys.readouterr().err


def test_the_command_serves_on_loopback_and_ends_on_ctrl_c(tmp_path: Path, free_port: int):
    command = [sys.executable, "-m", "lead", "routes", "edit", str(tmp_path / "mine.xml"), "--town", "Town02"]
    process = subprocess.Popen([*command, "--port", str(free_port), "--no-browser"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert f"http://127.0.0.1:{free_port}/" in process.stdout.readline()
    deadline = time.monotonic() + 20.0
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", free_port, timeout=20)
            connection.request("GET", "/")
            assert connection.getresponse().status == 200
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0


def test_every_type_with_places_asks_for_them(ask: Ask):
    for one in ask("/api/start")[1]["types"]:
        kind = scenario_types()[one["name"]].parameters
        clicked = {name: {"x": "1", "y": "2", "z": "3"} for name in one["places"]}
        config = ScenarioConfig("one", one["name"], (0.0, 0.0, 0.0, 0.0), {**one["parameters"], **clicked})
        parsed = parse_parameters(kind, config)
        assert all(getattr(parsed, name) == Place(1.0, 2.0, 3.0) for name in one["places"])


def test_routes_of_a_file_are_saved_as_they_came_and_changed_ones_are_checked(ask: Ask, file: Path):
    loaded = ask("/api/parse", {"name": "other.xml", "xml": FAR_OFF})[1]["routes"]
    assert ask("/api/save", {"routes": loaded})[0] == 200, "no town is opened for what was not changed"
    loaded[0]["town"] = "Town02"
    status, answer = ask("/api/save", {"routes": loaded})
    assert status == 400 and "off the road" in answer["error"]
    assert read_routes(file)[0].town == "Town99"
