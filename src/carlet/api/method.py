"""How a remote call becomes a function call: decoders for its arguments, a wrapper for its result."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from carlet.episode import EpisodeError
from carlet.simulator import Simulator
from carlet.town import TownError
from carlet.wire.rpc import Request

log = logging.getLogger(__name__)

Decoder = Callable[[Any], Any]
#: Errors of a request that the client is told in their own words.
REFUSALS = (EpisodeError, TownError, ValueError, OSError)


class Offer(Enum):
    """What a client gets from a method."""

    WORKS = "works"
    NO_EFFECT = "accepted without effect"
    REFUSED = "refused"


@dataclass(frozen=True)
class Method:
    """A remote method: `function(simulator, *decoded arguments)`."""

    function: Callable[..., Any]
    decoders: tuple[Decoder, ...]
    returns: bool
    offer: Offer = Offer.WORKS

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


def ignored(*decoders: Decoder) -> Method:
    """A method that is taken and does nothing."""
    return Method(lambda sim, *arguments: None, decoders, returns=False, offer=Offer.NO_EFFECT)


def never(*decoders: Decoder) -> Method:
    """A question of which the answer is always no."""
    return Method(lambda sim, *arguments: False, decoders, returns=True, offer=Offer.NO_EFFECT)


def unsupported(why: str, returns: bool = False) -> Method:
    """A method that this server refuses, whatever its arguments are; `returns`: it would answer with a value."""
    return _Unsupported(why, returns)


@dataclass(frozen=True, init=False)
class _Unsupported(Method):
    why: str

    def __init__(self, why: str, returns: bool):
        object.__setattr__(self, "why", why)
        object.__setattr__(self, "returns", returns)
        object.__setattr__(self, "offer", Offer.REFUSED)

    def answer(self, simulator: Simulator, request: Request) -> None:
        fail = request.fail if self.returns else request.fail_void
        fail(f"carlet does not offer {request.method}: {self.why}")
