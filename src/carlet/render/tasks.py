"""Tasks of unequal size, shared out among threads: whoever is done takes the next one."""

from typing import Any

from numba import types
from numba.extending import intrinsic

_intrinsic: Any = intrinsic


@_intrinsic
def next_task(typingctx: Any, counter: Any) -> Any:
    """The number in `counter` (1,) int64, which goes up by one in the same instant, also when many threads ask."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        return builder.atomic_rmw("add", array.data, context.get_constant(types.int64, 1), "monotonic")

    return types.int64(counter), generate
