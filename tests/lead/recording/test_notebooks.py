"""The notebooks run as they are, on a recording of our own and on LEAD's."""

import runpy
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

NOTEBOOKS = sorted((Path(__file__).parents[3] / "docs" / "notebooks").glob("*.py"))


@pytest.fixture(autouse=True)
def unseen() -> Iterator[None]:
    """Figures are drawn without a screen, and are gone afterwards."""
    matplotlib.use("Agg")
    yield
    pyplot.close("all")


def ink(number: int) -> float:
    """The share of a figure's pixels that are not white."""
    canvas = pyplot.figure(number).canvas
    canvas.draw()
    return float((np.asarray(canvas.buffer_rgba())[..., :3] < 250).any(axis=-1).mean())


def run(notebook: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setenv("LEAD_RECORDING", str(folder))
    return runpy.run_path(str(notebook))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_on_a_recording_of_our_own(recorded, monkeypatch, notebook: Path):
    run(notebook, recorded.path, monkeypatch)
    assert pyplot.get_fignums() and all(ink(number) > 0.01 for number in pyplot.get_fignums())


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_on_lead_s_recording(sample, monkeypatch, notebook: Path):
    values = run(notebook, sample.path, monkeypatch)
    assert all(ink(number) > 0.01 for number in pyplot.get_fignums())
    if notebook.stem == "boxes_in_pictures":
        assert values["drawn"] >= 3
