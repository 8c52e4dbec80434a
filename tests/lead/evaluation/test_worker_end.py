"""A worker that ends by itself just when it is told to."""

import multiprocessing
import os
import signal
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

from lead.agents import AgentLoadError
from lead.evaluation.worker import Channel, work


def end_and_be_told_to(parent: int, connection: Any, output: int) -> None:
    run = cast(Any, SimpleNamespace(config=SimpleNamespace(agent="nobody")))
    code = work(parent, run, lambda: nullcontext([]), Channel(connection, output))
    os.kill(os.getpid(), signal.SIGINT)
    raise SystemExit(code)


def test_a_signal_that_comes_after_its_end_is_in_nobodys_way():
    ours, theirs = multiprocessing.Pipe()
    output, their_output = os.pipe()
    worker = multiprocessing.get_context("fork").Process(
        target=end_and_be_told_to, args=(os.getpid(), theirs, their_output)
    )
    worker.start()
    worker.join(60.0)
    os.close(their_output)
    assert isinstance(ours.recv(), AgentLoadError)
    assert worker.exitcode == 1
    with os.fdopen(output) as printed:
        assert printed.read() == ""
