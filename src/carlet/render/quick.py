"""Fast stand-ins for library functions in kernels that run for every pixel; they vectorise, the library's do not."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

_JIT: dict[str, Any] = {
    "cache": True,
    "fastmath": True,
    "error_model": "numpy",
    "nogil": True,
    "_nrt": False,
    "forceinline": True,
}
_intrinsic: Any = intrinsic


@_intrinsic
def bits_of(typingctx: Any, value: Any) -> Any:
    """The 32 bits of a float32 as an int32."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(32))

    return (types.int32(types.float32), generate) if value == types.float32 else None


@_intrinsic
def float_of(typingctx: Any, value: Any) -> Any:
    """The float32 whose bits are those of an int32."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return (types.float32(types.int32), generate) if value == types.int32 else None


@njit(**_JIT)
def exp_below(x: np.float32) -> np.float32:
    """exp(x) for x <= 0, to 1e-4, and no less than exp(-60)."""
    y = max(x, np.float32(-60.0)) * np.float32(1.4426950408889634)
    whole = np.int32(y) - np.int32(1)
    part = y - np.float32(whole)
    share = part - np.float32(1.0)
    power = np.float32(2.0) + share * (
        np.float32(1.38306079) + share * (np.float32(0.4619937) + share * np.float32(0.07901735))
    )
    return float_of(np.int32((whole + np.int32(127)) << np.int32(23))) * power


@njit(**_JIT)
def level_of(x: np.float32) -> np.int32:
    """The largest whole number not over log2(x), held between 0 and 8."""
    return min(max((bits_of(x) >> np.int32(23)) - np.int32(127), np.int32(0)), np.int32(8))


@njit(**_JIT)
def one_over_power(level: np.int32) -> np.float32:
    """1 / 2 ** level."""
    return float_of(np.int32((np.int32(127) - level) << np.int32(23)))
