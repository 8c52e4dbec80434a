"""What keeps a server busy for long, said once on its log."""

import logging
from typing import Any

from numba.core import event

_log = logging.getLogger(__name__)


class CompilingNotice(event.Listener):
    """Warns when numba compiles a kernel that is not in its cache: once for those that see, once for all others."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def on_start(self, event: Any) -> None:
        """A kernel is about to be compiled."""
        module = event.data["dispatcher"].py_func.__module__
        if module.startswith("numba."):
            return  # a piece of a kernel
        sees = module.startswith(("carlet.render", "carlet.sensors"))
        subject = "pictures and rays, for a minute or two" if sees else "physics, for some seconds"
        if subject not in self._said:
            self._said.add(subject)
            _log.warning("Compiling the kernels of %s, once; `carlet warmup` does it beforehand.", subject)

    def on_end(self, event: Any) -> None:
        """A kernel is compiled."""


def announce_compiling() -> None:
    """Say on the log, from now on, when kernels are compiled."""
    event.register("numba:compile", CompilingNotice())
