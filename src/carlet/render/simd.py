"""Sixteen numbers in step, for numba kernels: values of the processor's vector registers as plain variables.

`Floats`, `Ints` and `Mask` are types of numba that live inside of compiled functions only. Floats know `+ - * /` among
themselves and with a float32. LLVM maps sixteen lanes to what the machine has: one AVX-512 register, two of AVX2, four
of SSE or NEON.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, overload, register_model

LANES = 16

_intrinsic: Any = intrinsic

_WORD = ir.IntType(32)
_FLOATS = ir.VectorType(ir.FloatType(), LANES)
_INTS = ir.VectorType(_WORD, LANES)
_MASK = ir.VectorType(ir.IntType(1), LANES)


class Floats(types.Type):
    """Sixteen float32."""

    def __init__(self) -> None:
        super().__init__(name=f"Floats{LANES}")


class Ints(types.Type):
    """Sixteen int32."""

    def __init__(self) -> None:
        super().__init__(name=f"Ints{LANES}")


class Mask(types.Type):
    """Sixteen truths."""

    def __init__(self) -> None:
        super().__init__(name=f"Mask{LANES}")


@register_model(Floats)
class _FloatsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Floats) -> None:
        super().__init__(manager, kind, _FLOATS)


@register_model(Ints)
class _IntsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Ints) -> None:
        super().__init__(manager, kind, _INTS)


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Mask) -> None:
        super().__init__(manager, kind, _MASK)


_KINDS = {types.float32: (Floats(), _FLOATS), types.int32: (Ints(), _INTS)}
_MASKED = Mask()


@_intrinsic
def spread(context, value):
    """The same float32 or int32 in all lanes."""
    kind, vector = _KINDS[value]
    return kind(value), lambda ctx, builder, signature, args: _splat(builder, args[0], vector)


@_intrinsic
def take(context, array, index):
    """The sixteen numbers from `index` on of a contiguous array (n,) of float32 or int32."""
    kind, vector = _KINDS[array.dtype]

    def generate(ctx, builder, signature, args):
        return builder.load(_pointer(ctx, builder, signature, args, vector), align=4)

    return kind(array, index), generate


@_intrinsic
def put(context, array, index, lanes):
    """Write all lanes to a contiguous array (n,) from `index` on."""
    _, vector = _KINDS[array.dtype]

    def generate(ctx, builder, signature, args):
        builder.store(args[2], _pointer(ctx, builder, signature, args, vector), align=4)
        return ctx.get_dummy_value()

    return types.void(array, index, lanes), generate


@_intrinsic
def choose(context, mask, first, second):
    """Lane by lane `first` where `mask` is true, else `second`."""
    return first(mask, first, second), lambda ctx, builder, signature, args: builder.select(*args)


@_intrinsic
def both(context, first, second):
    """Where both masks are true."""
    return _MASKED(first, second), lambda ctx, builder, signature, args: builder.and_(*args)


@_intrinsic
def bits(context, mask):
    """A mask as a number, lane i as bit i."""

    def generate(ctx, builder, signature, args):
        return builder.zext(builder.bitcast(args[0], ir.IntType(LANES)), _WORD)

    return types.uint32(mask), generate


@_intrinsic
def count(context, mask):
    """In how many lanes a mask is true."""

    def generate(ctx, builder, signature, args):
        return builder.zext(builder.ctpop(builder.bitcast(args[0], ir.IntType(LANES))), _WORD)

    return types.uint32(mask), generate


def _comparison(predicate: str, text: str) -> Any:
    def compare(context, first, second):
        def generate(ctx, builder, signature, args):
            return builder.fcmp_ordered(predicate, *_alike(builder, signature, args))

        return _MASKED(first, second), generate

    compare.__doc__ = text
    return _intrinsic(compare)


def _selection(predicate: str, text: str) -> Any:
    def select(context, first, second):
        def generate(ctx, builder, signature, args):
            one, other = _alike(builder, signature, args)
            return builder.select(builder.fcmp_ordered(predicate, one, other), one, other)

        return _KINDS[types.float32][0](first, second), generate

    select.__doc__ = text
    return _intrinsic(select)


below = _comparison("<", "Where `first` is less than `second`.")
at_most = _comparison("<=", "Where `first` is not greater than `second`.")
least = _selection("<", "The lesser of both, lane by lane.")
most = _selection(">", "The greater of both, lane by lane.")


def _arithmetic(symbol: Callable[[Any, Any], Any], instruction: str) -> None:
    def generate(ctx, builder, signature, args):
        return getattr(builder, instruction)(*_alike(builder, signature, args), flags=("fast",))

    def typed(context, first, second):
        return _KINDS[types.float32][0](first, second), generate

    compute = _intrinsic(typed)

    @overload(symbol)
    def operate(first, second):
        if isinstance(first, Floats) or isinstance(second, Floats):
            return lambda first, second: compute(first, second)
        return None


_arithmetic(operator.add, "fadd")
_arithmetic(operator.sub, "fsub")
_arithmetic(operator.mul, "fmul")
_arithmetic(operator.truediv, "fdiv")


def _splat(builder, value, vector):
    undefined = ir.Constant(vector, ir.Undefined)
    single = builder.insert_element(undefined, value, ir.Constant(_WORD, 0))
    return builder.shuffle_vector(single, undefined, ir.Constant(_INTS, [0] * LANES))


def _alike(builder, signature, args):
    """Both arguments as vectors of floats."""
    pairs = zip(args, signature.args, strict=True)
    return [_splat(builder, value, _FLOATS) if kind == types.float32 else value for value, kind in pairs]


def _pointer(ctx, builder, signature, args, vector):
    array = ctx.make_array(signature.args[0])(ctx, builder, args[0])
    index = ctx.cast(builder, args[1], signature.args[1], types.intp)
    return builder.bitcast(builder.gep(array.data, [index]), vector.as_pointer())
