import threading
import time

import pytest

from lead.evaluation.watchdog import TookTooLong, time_limit


def spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_what_takes_too_long_is_interrupted_where_it_is():
    begin = time.monotonic()
    with pytest.raises(TookTooLong, match="counting took longer"), time_limit(0.2, "counting"):
        spin(10.0)
    assert time.monotonic() - begin < 5.0


def test_what_is_quick_is_left_alone_afterwards_too():
    with time_limit(0.2, "counting"):
        spin(0.01)
    spin(0.4)


def test_an_error_inside_ends_the_limit():
    with pytest.raises(KeyError), time_limit(0.2, "counting"):
        raise KeyError("x")
    spin(0.4)


def test_other_threads_have_no_limit():
    done = []

    def work() -> None:
        with time_limit(0.05, "counting"):
            spin(0.2)
        done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done
