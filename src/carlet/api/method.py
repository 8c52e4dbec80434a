"""How a remote call becomes a function call: decoders for its arguments, a wrapper for its result."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from carlet.episode import EpisodeError
from carlet.simulator import Simulator
from carlet.town import TownError
from carlet.wire.rpc import Request

log = logging.getLogger(__name__)

Decoder = Callable[[Any], Any]
#: Errors of a request that the client is told in their own words.
REFUSALS = (EpisodeError, TownError, ValueError, OSError)


@dataclass(frozen=True)
class Method:
    """A remote method: `function(simulator, *decoded arguments)`."""

    function: Callable[..., Any]
    decoders: tuple[Decoder, ...]
    returns: bool

    def answer(self, simulator: Simulator, request: Request) -> None:
        """Run and answer. Bad arguments raise WireError, which rejects the request."""
        if len(request.args) != len(self.decoders):
            request.reject(f"{request.method} takes {len(self.decoders)} arguments, got {len(request.args)}")
            return
        arguments = [decode(value) for decode, value in zip(self.decoders, request.args, strict=True)]
        try:
            result = self.function(simulator, *arguments)
        except REFUSALS as error:
            log.info("%s: %s", request.method, error)
            (request.fail if self.returns else request.fail_void)(str(error))
            return
        if self.returns:
            request.reply(result)
        else:
            request.reply_void()


def value(function: Callable[..., Any], *decoders: Decoder) -> Method:
    """A method that answers with what `function` returns."""
    return Method(function, decoders, returns=True)


def void(function: Callable[..., Any], *decoders: Decoder) -> Method:
    """A method that answers only that it is done."""
    return Method(function, decoders, returns=False)


def unsupported(why: str) -> Method:
    """A method that this server refuses, whatever its arguments are."""
    return _Unsupported(why)


@dataclass(frozen=True, init=False)
class _Unsupported(Method):
    why: str

    def __init__(self, why: str):
        object.__setattr__(self, "why", why)

    def answer(self, simulator: Simulator, request: Request) -> None:
        request.fail(f"carlet does not offer {request.method}: {self.why}")
