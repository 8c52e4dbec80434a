"""The pixels of one tile of a view while they are drawn.

A pixel is one int64, its key: the bits of 1/z (float32, positive, so that they sort as numbers do) above 32 bits that
count down with the triangle's row. The greater key wins: what is nearer, and of equals the smaller row. So the order of
drawing never matters. Of 4 x 4 pixels, a cell, the least key is kept as well: what is farther than a whole cell is
hidden there.
"""

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from carlet.render.scene import FAR

_intrinsic: Any = intrinsic
_STRICT: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False}
_INLINE: dict[str, Any] = {**_STRICT, "forceinline": True}
#: Pixels that rows are longer than a tile is wide, for blocks of pixels that begin at its right edge.
BLOCK = 8
MARGIN = BLOCK
_CELL_BITS = 2
_CELL = 1 << _CELL_BITS
_WORD, _LONG = ir.IntType(32), ir.IntType(64)
_ROWS = 0xFFFFFFFF
_NEVER_HIDDEN = int(np.float32(1.0 / FAR).view(np.int32)) << 32
_BEYOND_EDGE = 0x7FFFFFFFFFFFFFFF


class Canvas(NamedTuple):
    """The pixels [left, right) x [top, bottom) of a view, in flat arrays of at least the lengths that `canvas_size`
    gives: `keys` int64 in rows of `stride`, `far` int64 in rows of `across` cells, `stale` uint8, whether pixels of the
    cell have changed since `far` was worked out.
    """

    left: Any
    right: Any
    top: Any
    bottom: Any
    stride: Any
    across: Any
    keys: Any
    far: Any
    stale: Any


def canvas_size(width: int, height: int) -> tuple[int, int]:
    """How many pixels and cells must be there for tiles of up to this size."""
    across, down = -(-width // _CELL), -(-height // _CELL)
    return (across * _CELL + MARGIN) * down * _CELL, across * down


@njit(**_STRICT)
def stretch(left, right, top, bottom, keys, far, stale):
    """An empty canvas."""
    across, down = (right - left + _CELL - 1) >> _CELL_BITS, (bottom - top + _CELL - 1) >> _CELL_BITS
    stride = across * _CELL + MARGIN
    for y in range(down * _CELL):
        inside = right - left if y < bottom - top else 0
        line = keys[y * stride : (y + 1) * stride]
        for x in range(stride):
            line[x] = np.int64(_NEVER_HIDDEN) if x < inside else np.int64(_BEYOND_EDGE)
    for cell in range(across * down):
        far[cell], stale[cell] = np.int64(_NEVER_HIDDEN), 0
    return Canvas(left, right, top, bottom, stride, across, keys, far, stale)


@njit(**_INLINE)
def key_of(near, row):
    """The key of a pixel of triangle `row` at 1/z `near`."""
    return (np.int64(np.float32(near).view(np.int32)) << 32) | np.int64(_ROWS - row)


@_intrinsic
def raise_keys(
    typingctx: Any, keys: Any, start: Any, wide: Any, near: Any, slope: Any, along: Any, low: Any, high: Any, row: Any
) -> Any:
    """Of the eight pixels from `start` on, let the first `wide` be as near as a triangle is, where it is nearer:
    1/z `near + slope * (along + i)`, but from `low` to `high`; `row` is `key_of(0, row)`.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def spread(value: Any) -> Any:
            vector = ir.VectorType(value.type, BLOCK)
            single = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(_WORD, 0))
            return builder.shuffle_vector(single, single, ir.Constant(ir.VectorType(_WORD, BLOCK), [0] * BLOCK))

        array = context.make_array(signature.args[0])(context, builder, args[0])
        pointer = builder.bitcast(builder.gep(array.data, [args[1]]), ir.VectorType(_LONG, BLOCK).as_pointer())
        wide, near, slope, along, low, high, row = (spread(value) for value in args[2:])
        steps = ir.Constant(near.type, [float(i) for i in range(BLOCK)])
        value = builder.fadd(near, builder.fmul(slope, builder.fadd(along, steps)))
        value = builder.select(builder.fcmp_ordered(">", value, low), value, low)
        value = builder.select(builder.fcmp_ordered("<", value, high), value, high)
        bits = builder.zext(builder.bitcast(value, ir.VectorType(_WORD, BLOCK)), row.type)
        new = builder.or_(builder.shl(bits, ir.Constant(row.type, [32] * BLOCK)), row)
        old = builder.load(pointer, align=8)
        inside = builder.icmp_signed("<", ir.Constant(wide.type, list(range(BLOCK))), wide)
        better = builder.and_(builder.icmp_signed(">", new, old), inside)
        builder.store(builder.select(better, new, old), pointer, align=8)
        return context.get_dummy_value()

    f = types.float32
    return types.void(keys, types.int64, types.int64, f, f, f, f, f, types.int64), generate


@njit(**_INLINE)
def near_of(key):
    """1/z of a key; one over the far plane where nothing was drawn."""
    return np.int32(key >> 32).view(np.float32)


@njit(**_INLINE)
def row_of(key):
    """The triangle of a key, or NOTHING."""
    return np.int32(_ROWS - (key & _ROWS))


@njit(**_INLINE)
def hides(canvas, left, right, top, bottom, near):
    """Whether all pixels of a rectangle of the view are nearer than 1/z `near`; brings cells up to date."""
    key = key_of(near, 0)
    for cell_y in range((top - canvas.top) >> _CELL_BITS, ((bottom - 1 - canvas.top) >> _CELL_BITS) + 1):
        for cell_x in range((left - canvas.left) >> _CELL_BITS, ((right - 1 - canvas.left) >> _CELL_BITS) + 1):
            cell = cell_y * canvas.across + cell_x
            if canvas.far[cell] > key:
                continue
            if canvas.stale[cell] == 0:
                return False
            canvas.stale[cell] = 0
            canvas.far[cell] = _least_key(canvas.keys, (cell_y * canvas.stride + cell_x) * _CELL, canvas.stride)
            if canvas.far[cell] <= key:
                return False
    return True


@njit(**_INLINE)
def surely_hides(canvas, left, right, top, bottom, near):
    """As `hides`, by what is known already; for small things, many of which are visible."""
    key = key_of(near, 0)
    for cell_y in range((top - canvas.top) >> _CELL_BITS, ((bottom - 1 - canvas.top) >> _CELL_BITS) + 1):
        for cell_x in range((left - canvas.left) >> _CELL_BITS, ((right - 1 - canvas.left) >> _CELL_BITS) + 1):
            if canvas.far[cell_y * canvas.across + cell_x] <= key:
                return False
    return True


@njit(**_INLINE)
def touch(canvas, left, right, top, bottom):
    """Note that pixels of a rectangle of the view have changed."""
    for cell_y in range((top - canvas.top) >> _CELL_BITS, ((bottom - 1 - canvas.top) >> _CELL_BITS) + 1):
        for cell_x in range((left - canvas.left) >> _CELL_BITS, ((right - 1 - canvas.left) >> _CELL_BITS) + 1):
            canvas.stale[cell_y * canvas.across + cell_x] = 1


@njit(**_STRICT)
def hand_over(canvas, near, seen):
    """Write the tile into pictures (h, w): 1/z, 0 where there is nothing, and rows."""
    for y in range(canvas.top, canvas.bottom):
        start = (y - canvas.top) * canvas.stride
        keys = canvas.keys[start : start + canvas.right - canvas.left]
        near_line, seen_line = near[y, canvas.left : canvas.right], seen[y, canvas.left : canvas.right]
        for x in range(len(keys)):
            row = row_of(keys[x])
            seen_line[x] = row
            near_line[x] = near_of(keys[x]) if row >= 0 else np.float32(0.0)


@njit(**_INLINE)
def _least_key(keys, start, stride):
    least = np.int64(_BEYOND_EDGE)
    for y in range(_CELL):
        line = keys[start + y * stride : start + y * stride + _CELL]
        for x in range(_CELL):
            least = min(least, line[x])
    return least
