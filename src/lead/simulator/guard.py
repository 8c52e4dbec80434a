"""Runs one command and ends it together with the process that started the guard.

    python -I -S guard.py PARENT_PID GRACE_SECONDS COMMAND...

The command gets its own process group. When the parent goes, however it goes, or when the guard is told to end, the
group gets SIGTERM and after the grace period SIGKILL. The guard ends with the command's exit code. Standard library
only: it is started by path, outside the package, so that it starts in milliseconds and needs no environment.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_POLL_SECONDS = 0.2
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    """Run the command of `arguments` (parent pid, grace seconds, command ...) and return its exit code."""
    parent, grace, command = int(arguments[0]), float(arguments[1]), arguments[2:]
    watched = (signal.SIGCHLD, *_STOPPING)
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_prepare())
    while child.poll() is None and os.getppid() == parent:
        caught = signal.sigtimedwait(watched, _POLL_SECONDS)
        if caught is not None and caught.si_signo in _STOPPING:
            break
    return _end(child, grace)


def _prepare():
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        os.setpgid(0, 0)
        # Should somebody kill the guard alone, the command goes too.
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())

    return prepare


def _end(child: subprocess.Popen, grace: float) -> int:
    """End what is left of the child's process group and return the child's exit code."""
    _signal_group(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    _signal_group(child.pid, signal.SIGKILL)
    code = child.wait()
    return code if code >= 0 else 128 - code


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
