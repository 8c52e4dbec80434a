"""The server: the table of remote methods and the loop that serves and ticks."""

import logging
from collections.abc import Mapping

from carlet.api import actors, batch, recorder, traffic, world
from carlet.api.method import Method
from carlet.simulator import Simulator, StartOptions
from carlet.wire.checks import WireError
from carlet.wire.hub import Hub
from carlet.wire.rpc import Request
from carlet.wire.values import arguments

log = logging.getLogger(__name__)

METHODS: Mapping[str, Method] = {**world.METHODS, **actors.METHODS, **traffic.METHODS, **recorder.METHODS}
IDLE_S = 0.5


class Server:
    """A simulator behind its sockets, all in one thread. Raises PortTaken when it cannot listen."""

    def __init__(self, host: str, rpc_port: int, stream_port: int, options: StartOptions):
        self._hub = Hub(host, rpc_port, stream_port, self._on_request, self._on_subscribe)
        self.rpc_port, self.stream_port = self._hub.rpc_port, self._hub.stream_port
        self._stopped = False
        try:
            self.simulator = Simulator(self._hub, options)
        except BaseException:
            self._hub.close()
            raise

    def run(self) -> None:
        """Serve until `stop` is called."""
        try:
            while not self._stopped:
                self._turn()
        finally:
            self.close()

    def close(self) -> None:
        """End a recording and close every socket; `run` does it by itself."""
        self.simulator.recorder.stop()
        self._hub.close()

    def stop(self) -> None:
        """Make `run` return; for signal handlers and other threads."""
        self._stopped = True
        self._hub.wake()

    def _turn(self) -> None:
        simulator = self.simulator
        if simulator.synchronous:
            self._hub.serve(IDLE_S)
            return
        self._hub.serve(simulator.seconds_to_next_tick())
        if not simulator.synchronous and simulator.seconds_to_next_tick() == 0.0:
            simulator.tick()

    def _on_request(self, request: Request) -> None:
        try:
            self._answer(request)
        except WireError:
            raise
        except Exception:
            # One faulty call must not end the world of all other clients: its caller and the log are told.
            log.exception("%s failed", request.method)
            if not request.answered:
                request.reject(f"carlet failed in {request.method}: see the server's log")

    def _answer(self, request: Request) -> None:
        if request.method == "tick_cue":
            arguments(request.args)
            self.simulator.tick(request.reply)
        elif request.method == "apply_batch":
            batch.apply_batch(self.simulator, request)
        elif (method := METHODS.get(request.method)) is None:
            request.reject(f"carlet has no method {request.method!r}")
        else:
            method.answer(self.simulator, request)

    def _on_subscribe(self, stream: int) -> bytes | None:
        return self.simulator.on_subscribe(stream)
