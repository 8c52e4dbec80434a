"""`lead checkpoint card`: what a training left becomes a page for people."""

from lead.cli import main


def test_a_card_tells_what_a_training_was(small, tmp_path, capsys):
    folder = tmp_path / "run"
    words = [*small, f"logdir={folder}", "held_out=0.3", "epochs=1", "use_planning_decoder=true", "lr=0.002"]
    assert main(["train", *words]) == 0
    told = ["checkpoint", "card", str(folder), "--training", str(folder), "--name", "mine", "--limits", "Days only."]
    assert main(told) == 0
    card = (folder / "README.md").read_text()
    for part in (
        "# mine", "3 pictures of 64 x 32 pixels", "radar", "8 waypoints", "1 drives of 0.00",
        "drives by town: Town01 1", "1 other drives were held out",
        "training.optimiser.learning_rate=0.002", "model.bev.channels=8",
        "| waypoints_ade |", "Days only.",
    ):  # fmt: skip
        assert part in card
    assert main(["checkpoint", "card", str(folder), "--training", str(tmp_path)]) == 2
    assert "data.json" in capsys.readouterr().err
