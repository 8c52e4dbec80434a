"""The page's server: loopback only, no other page may talk to it."""

import gzip
import json
import logging
from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

from lead.editor.documents import Json
from lead.editor.session import Session
from lead.routes import RouteError

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
_STATIC = files("lead.editor") / "static"
_SCRIPTS = ("editor.js", "common.js", "state.js", "map.js", "paint.js")
_PAGES = {"/": "index.html", "/style.css": "style.css", **{f"/{name}": name for name in _SCRIPTS}}
_KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css"}
_LARGEST = 64 * 2**20
_TOWN = "/api/town/"


class EditorError(Exception):
    """The page cannot be served; the message is one sentence."""


class EditorServer(ThreadingHTTPServer):
    """Serves one session at `url`; requests act one after the other."""

    daemon_threads = True

    def __init__(self, session: Session, port: int) -> None:
        self.session = session
        self.lock = Lock()
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            reason = error.strerror or error
            raise EditorError(f"port {port} cannot be used ({reason}): give another one with --port") from None

    @cached_property
    def url(self) -> str:
        """Address of the page."""
        return f"http://{HOST}:{self.server_port}/"

    @cached_property
    def hosts(self) -> tuple[str, ...]:
        """What a browser may call this server."""
        return f"{HOST}:{self.server_port}", f"localhost:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: EditorServer  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Pages and towns."""
        path = urlsplit(self.path).path
        if path in _PAGES and self._is_ours():
            name = _PAGES[path]
            self._send(HTTPStatus.OK, (_STATIC / name).read_bytes(), _KINDS[name.rsplit(".", 1)[1]])
        elif path == "/api/start":
            self._answer(self.server.session.start)
        elif path.startswith(_TOWN):
            self._answer(lambda: self.server.session.drawing(unquote(path[len(_TOWN) :])))
        else:
            self._refuse(HTTPStatus.NOT_FOUND, f"there is nothing at {path}")

    def do_POST(self) -> None:
        """What the page asks for with values of its own."""
        body = self._body()
        session = self.server.session
        actions: dict[str, Callable[[Json], Json]] = {
            "/api/snap": session.snap,
            "/api/plan": session.plan,
            "/api/weather": session.weather,
            "/api/parse": session.parse,
            "/api/xml": session.xml,
            "/api/save": session.save,
        }
        action = actions.get(urlsplit(self.path).path)
        if action is None:
            self._refuse(HTTPStatus.NOT_FOUND, f"there is nothing at {self.path}")
        elif body is None:
            self._refuse(HTTPStatus.BAD_REQUEST, "the request's body is no JSON object")
        else:
            self._answer(lambda: action(body))

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not news."""
        logger.debug(format, *args)

    def _answer(self, make: Callable[[], Json]) -> None:
        if not self._is_ours():
            return
        try:
            with self.server.lock:
                answer = make()
        except (RouteError, OSError) as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except (KeyError, TypeError, ValueError) as error:
            self._refuse(HTTPStatus.BAD_REQUEST, f"the request cannot be understood: {type(error).__name__} {error}")
        else:
            self._send(HTTPStatus.OK, json.dumps(answer).encode(), "application/json")

    def _is_ours(self) -> bool:
        """Refuse what other pages send, and names of other machines that lead here."""
        origin = urlsplit(self.headers.get("Origin", "")).netloc
        if self.headers.get("Host") in self.server.hosts and origin in ("", *self.server.hosts):
            return True
        self._refuse(HTTPStatus.FORBIDDEN, "the route editor answers its own page only")
        return False

    def _body(self) -> Json | None:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= _LARGEST or "application/json" not in self.headers.get("Content-Type", ""):
            self.close_connection = True
            return None
        try:
            data = json.loads(self.rfile.read(length))
        except ValueError:
            return None
        return data if isinstance(data, dict) else None

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self._send(status, json.dumps({"error": sentence}).encode(), "application/json")

    def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        packed = len(body) > 10_000 and "gzip" in self.headers.get("Accept-Encoding", "")
        body = gzip.compress(body, 3) if packed else body
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)
