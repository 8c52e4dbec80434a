import gc

import numpy as np

from carlet.wire.pool import Pool


def address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


def test_memory_is_used_again_when_nobody_holds_it():
    pool = Pool((4, 5), np.float32)
    first = pool.take()
    assert (first.shape, first.dtype, first.flags.writeable) == ((4, 5), np.float32, True)
    place = address(first)
    first.flags.writeable = False
    del first
    again = pool.take()
    assert address(again) == place
    assert again.flags.writeable


def test_memory_stays_while_a_view_of_any_kind_holds_it():
    pool = Pool((1000,), np.uint32)
    for hold in (
        lambda array: array,
        lambda array: array[10:20],
        lambda array: array.view(np.uint8).reshape(4, -1)[1:],
        lambda array: memoryview(array),
        lambda array: np.frombuffer(memoryview(array), np.uint8).data[8:],
    ):
        array = pool.take()
        array[:] = 7
        kept, place = hold(array), address(array)
        del array
        gc.collect()
        other = pool.take()
        assert address(other) != place
        other[:] = 9
        assert (np.asarray(kept).view(np.uint8).view(np.uint32) == 7).all()
        del kept, other


def test_few_buffers_are_kept_idle():
    pool = Pool((1 << 20,), np.uint8)
    many = [pool.take() for _ in range(10)]
    assert len({address(array) for array in many}) == 10
    del many
    places = [address(pool.take()) for _ in range(10)]
    assert len(set(places)) <= Pool.IDLE
