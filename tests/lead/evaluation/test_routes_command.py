import functools
import http.server
import socket
import tarfile
import threading

import pytest

from lead.cli import main
from lead.evaluation.route_sets import FAIL2DRIVE, LONGEST6_2

ROUTE = """<route id="{id}" town="{town}">
<waypoints><position x="0" y="0" z="0"/><position x="300" y="400" z="0"/></waypoints>
<scenarios><scenario name="Accident_1" type="Accident"><trigger_point x="0" y="0" z="0" yaw="0"/></scenario></scenarios>
</route>"""


def write(path, *routes):
    path.parent.mkdir(parents=True, exist_ok=True)
    inside = "".join(ROUTE.format(id=route_id, town=town) for route_id, town in routes)
    path.write_text(f"<routes>{inside}</routes>")
    return path


def longest6():
    return [(number, f"Town0{1 + number // 6}") for number in range(36)]


@pytest.fixture
def web(tmp_path):
    """Serves a folder: the folder and its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    folder = tmp_path / "web"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_info(tmp_path, capsys):
    assert main(["routes", "info", str(write(tmp_path / "r.xml", (1, "Town01"), (2, "Town02"), (3, "Town02")))]) == 0
    words = capsys.readouterr().out.replace("│", " ").split()
    assert words[words.index("Town02") :][:4] == ["Town02", "2", "2", "1.0"]
    assert words[words.index("all") :][:4] == ["all", "3", "3", "1.5"]
    assert words[words.index("Accident") :][:2] == ["Accident", "3"]


def test_info_of_what_is_no_route_file(tmp_path, capsys):
    (tmp_path / "r.xml").write_text("<route")
    assert main(["routes", "info", str(tmp_path / "r.xml")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("lead: ") and said.count("\n") == 1


def test_fetch_a_file(tmp_path, web, capsys):
    folder, address = web
    write(folder / "longest6.xml", *longest6())
    to = tmp_path / "new" / "longest6"
    command = ["routes", "fetch", "longest6", "--to", str(to), "--source", f"{address}/longest6.xml"]
    assert main(command) == 0
    assert f"{to}: all 36 routes of longest6@2" in capsys.readouterr().out
    (folder / "longest6.xml").unlink()
    assert main(command) == 0  # nothing is fetched again
    assert [file.name for file in to.parent.iterdir()] == ["longest6"]


def test_fetch_an_archive(tmp_path, web, capsys):
    folder, address = web
    parts = tmp_path / "repository"
    for number in range(100):
        write(parts / "fail2drive_split" / f"Base_Wall_{number:04d}.xml", (number, "Town13"))
        write(parts / "fail2drive_split" / f"Generalization_Wall_{1000 + number}.xml", (1000 + number, "Town13"))
    write(parts / "other" / "more.xml", (7, "Town01"))
    with tarfile.open(folder / "archive.tar.gz", "w:gz") as archive:
        archive.add(parts, arcname="fail2drive-93ad0fe")
    to = tmp_path / "fail2drive"
    assert main(["routes", "fetch", "fail2drive", "--to", str(to), "--source", f"{address}/archive.tar.gz"]) == 0
    assert len(list(to.iterdir())) == 200
    # The same from a file that was downloaded elsewhere.
    again = ["routes", "fetch", "fail2drive", "--to", str(tmp_path / "again")]
    assert main([*again, "--source", str(folder / "archive.tar.gz")]) == 0


@pytest.mark.parametrize(
    "source",
    [
        "{address}/nowhere.xml",
        "http://127.0.0.1:1/x.xml",
        "https://routes.invalid/x.xml",
        "nonsense://x.xml",
        "{folder}/nowhere.xml",
    ],
)
def test_what_cannot_be_fetched(tmp_path, web, capsys, source):
    folder, address = web
    to = tmp_path / "to"
    source = source.format(address=address, folder=folder)
    assert main(["routes", "fetch", "town13", "--to", str(to), "--source", source]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"lead: {source} could not be fetched") and said.count("\n") == 1
    assert not to.exists()


@pytest.mark.parametrize("benchmark", ["longest6", "fail2drive"])
def test_a_connection_that_breaks_off(tmp_path, web, capsys, benchmark):
    address = web[1].replace("http://", "").rsplit(":", 1)[0]
    with socket.create_server((address, 0)) as listening:

        def break_off():
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 5000\r\n\r\n<routes>")

        threading.Thread(target=break_off, daemon=True).start()
        source = f"http://{address}:{listening.getsockname()[1]}/x"
        to = tmp_path / "to"
        assert main(["routes", "fetch", benchmark, "--to", str(to), "--source", source]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"lead: {source} ") and said.count("\n") == 1
    assert not to.exists()


def test_a_folder_that_cannot_be_made(tmp_path, web, capsys):
    (tmp_path / "file").touch()
    to = tmp_path / "file" / "below"
    assert main(["routes", "fetch", "longest6", "--to", str(to), "--source", f"{web[1]}/x.xml"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"lead: {to} cannot be made") and said.count("\n") == 1


def test_what_is_fetched_and_holds_no_routes(tmp_path, web, capsys):
    folder, address = web
    (folder / "page.xml").write_text("<html/>")
    to = tmp_path / "to"
    assert main(["routes", "fetch", "town13", "--to", str(to), "--source", f"{address}/page.xml"]) == 1
    assert "holds no routes" in capsys.readouterr().err
    assert not to.exists()


def test_routes_that_are_there_are_checked(tmp_path, capsys):
    write(tmp_path / "longest6.xml", *longest6()[:34], (77, "Town01"))
    assert main(["routes", "fetch", "longest6", "--to", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "35 of 36 routes are there; missing are 34, 35; not of this benchmark are 77" in said


def test_wrong_towns_are_noticed(tmp_path, capsys):
    write(tmp_path / "town13.xml", *((number, "Town12") for number in range(20)))
    assert main(["routes", "fetch", "town13", "--to", str(tmp_path)]) == 2
    assert "Town13 has 0 routes instead of 20" in capsys.readouterr().err


def test_an_unknown_benchmark(capsys):
    assert main(["routes", "fetch", "nuscenes"]) == 2
    assert "known are longest6@2, town13, fail2drive, bench2drive@0.0.3" in capsys.readouterr().err


def test_what_the_sets_hold():
    assert len(FAIL2DRIVE.ids) == FAIL2DRIVE.count == 200
    assert {"0", "99", "1000", "1099"} <= FAIL2DRIVE.ids and "100" not in FAIL2DRIVE.ids
    assert len(LONGEST6_2.ids) == LONGEST6_2.count == sum(LONGEST6_2.per_town.values())
