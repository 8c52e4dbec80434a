"""`metas` and `bboxes`: xz-compressed pickles of plain values and NumPy arrays, read without running foreign code."""

import io
import lzma
import pickle
import pickletools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from lead.recording.layout.errors import LayoutError

_PROTOCOL = 5
_FRAME = b"\x95"
#: NumPy 2 calls its modules by names that older ones do not have; LEAD's files have the older ones.
_RENAMED = (("numpy._core.numeric", "numpy.core.numeric"), ("numpy._core.multiarray", "numpy.core.multiarray"))

_from_buffer = np.zeros(1).__reduce_ex__(5)[0]
_reconstruct = np.zeros(1).__reduce_ex__(2)[0]
_scalar = np.float64(0.0).__reduce__()[0]
_ALLOWED: Mapping[tuple[str, str], Any] = MappingProxyType(
    {
        **{(f"numpy.{core}.numeric", "_frombuffer"): _from_buffer for core in ("core", "_core")},
        **{(f"numpy.{core}.multiarray", "_reconstruct"): _reconstruct for core in ("core", "_core")},
        **{(f"numpy.{core}.multiarray", "scalar"): _scalar for core in ("core", "_core")},
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        ("builtins", "bytearray"): bytearray,
        ("collections", "OrderedDict"): dict,
    }
)


class _Reader(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Callable[..., Any]:
        found = _ALLOWED.get((module_name, global_name))
        if found is None:
            raise LayoutError(f"it wants to load {module_name}.{global_name}, which no file of LEAD's needs")
        return found


def encode(value: Any, smallest: bool = True) -> bytes:
    """The file of plain values and NumPy arrays, such that any NumPy can read it.

    `smallest` takes unneeded marks out first, as LEAD does: a few percent smaller, many times slower.
    """
    data = pickle.dumps(value, protocol=_PROTOCOL)
    return lzma.compress(_with_old_names(pickletools.optimize(data) if smallest else data))


def decode(data: bytes) -> Any:
    """The value of a file. LayoutError when it is damaged, or wants more than plain values and NumPy arrays."""
    try:
        return _Reader(io.BytesIO(lzma.decompress(data))).load()
    except LayoutError:
        raise
    except (lzma.LZMAError, pickle.UnpicklingError, EOFError, ValueError, TypeError, IndexError, KeyError,
            AttributeError, UnicodeDecodeError) as error:  # fmt: skip
        raise LayoutError(f"this is no whole xz-compressed pickle: {error}") from None


def _with_old_names(data: bytes) -> bytes:
    """A pickle with NumPy's older module names. It is a header and frames, each led by its length."""
    out, position = [data[:2]], 2
    while data[position : position + 1] == _FRAME:
        end = position + 9 + int.from_bytes(data[position + 1 : position + 9], "little")
        frame = data[position + 9 : end]
        for new, old in _RENAMED:
            frame = frame.replace(_short_text(new), _short_text(old))
        out += [_FRAME, len(frame).to_bytes(8, "little"), frame]
        position = end
    if position != len(data):
        # Values of 64 KB and more stand outside the frames; no module name does.
        out.append(data[position:])
    return b"".join(out)


def _short_text(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()
