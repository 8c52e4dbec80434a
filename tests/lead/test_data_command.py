"""`lead data`."""

import pytest

from lead.cli import main
from lead.recording.layout import RouteFolder, pickles
from lead.recording.stats import count_route


@pytest.mark.parametrize("word", ["verify", "stats"])
def test_folders_without_routes_are_bad_input(tmp_path, capsys, word):
    assert main(["data", word, str(tmp_path)]) == 2
    assert "there are no recorded routes in" in capsys.readouterr().err
    assert main(["data", word, str(tmp_path / "nowhere")]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_an_interrupted_route_is_counted_but_not_accepted(tmp_path, capsys):
    folder = tmp_path / "data" / "Accident" / "Town01_Rep0_1_route0_01_01_00_00_00.incomplete" / "metas"
    folder.mkdir(parents=True)
    (folder / "0000.pkl").write_bytes(pickles.encode({}))
    assert main(["data", "stats", str(tmp_path)]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "Accident" in line)
    assert row.split()[1:6] == ["1", "0", "0", "1", "0"]
    assert main(["data", "verify", str(tmp_path)]) == 1
    assert "did not come to an end" in capsys.readouterr().out


@pytest.mark.parametrize(("meta", "seconds"), [({}, 0.5), ({"dataset_information": {"data_save_freq": 2}}, 0.2)])
def test_hours_go_by_the_rate_of_the_frames(tmp_path, meta, seconds):
    (tmp_path / "metas").mkdir()
    for name in ("0000", "0001"):
        (tmp_path / "metas" / f"{name}.pkl").write_bytes(pickles.encode(meta))
    assert count_route(RouteFolder(tmp_path)).hours == pytest.approx(seconds / 3600.0)
