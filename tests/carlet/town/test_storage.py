"""What is stored comes back, however the type of a field is spelt."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.testing import assert_array_equal
from typing_extensions import TypeAliasType

from carlet.town.storage import load, save

_Scalar = TypeVar("_Scalar", bound=np.generic)
_Named = TypeAliasType("_Named", np.ndarray[Any, np.dtype[_Scalar]], type_params=(_Scalar,))


@dataclass(frozen=True)
class _Shelf:
    plain: np.ndarray
    named: _Named[np.float32]
    names: tuple[str, ...]
    count: int


def test_fields_of_every_spelling_come_back(tmp_path: Path) -> None:
    shelf = _Shelf(np.arange(3), np.ones((2, 2), np.float32), ("a", "b"), 4)
    save(tmp_path / "shelf", shelf)
    back = load(tmp_path / "shelf", _Shelf, {})
    assert_array_equal(back.plain, shelf.plain)
    assert_array_equal(back.named, shelf.named)
    assert back.named.dtype == np.float32
    assert (back.names, back.count) == (shelf.names, shelf.count)
