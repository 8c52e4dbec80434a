"""The manual says of every method what the server does with it."""

import re
from pathlib import Path

import pytest

from carlet.api.method import Offer
from carlet.server import METHODS

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "carlet.md"


@pytest.mark.parametrize("offer", Offer)
def test_the_manual_lists_every_method_where_it_belongs(offer: Offer):
    found = re.search(rf"<!-- {offer.value} -->(.*?)<!-- end -->", MANUAL.read_text(), re.DOTALL)
    assert found is not None
    listed = re.findall(r"`(\w+)`", found.group(1))
    assert listed == sorted(name for name, method in METHODS.items() if method.offer is offer)


def test_the_tests_that_the_manual_names_exist():
    folder = Path(__file__).resolve().parent
    named = set(re.findall(r"`((?:\w+/)?test_\w+\.py)`", MANUAL.read_text()))
    assert len(named) > 10
    assert [name for name in named if not (folder / name).is_file()] == []
