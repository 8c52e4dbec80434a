import contextlib
import socket
import threading

import pytest

from lead.simulator import ServerUnreachable, connect, probe_version


@contextlib.contextmanager
def answering(data):
    """A TCP server that answers whatever it is told with `data` and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(1024)
                if data is None:
                    connection.settimeout(5.0)
                    with contextlib.suppress(TimeoutError):
                        connection.recv(1024)
                else:
                    connection.sendall(data)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_an_empty_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ServerUnreachable, match=f"nothing listens on 127.0.0.1:{port}"):
        connect("127.0.0.1", port)


def test_another_program_is_not_taken_for_carla():
    answers = [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\x94\x01\x00\xc0\x91\x92\x00\x91\xa2no"]
    for data in answers:
        with answering(data) as port, pytest.raises(ServerUnreachable, match="not a CARLA server"):
            probe_version("127.0.0.1", port, 1.0)


def test_silence_ends_in_time():
    with answering(None) as port, pytest.raises(ServerUnreachable, match="no answer"):
        probe_version("127.0.0.1", port, 0.3)


def test_an_unknown_host_is_named():
    with pytest.raises(ServerUnreachable, match=r"no host called 'nowhere\.invalid'"):
        probe_version("nowhere.invalid", 2000, 1.0)


def test_the_version_is_told():
    with answering(b"\x94\x01\x00\xc0\x91\x92\x01\xa60.9.16") as port:
        assert probe_version("127.0.0.1", port, 1.0) == "0.9.16"
