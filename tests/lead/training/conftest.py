"""Small recordings, their records, and command lines of a model that trains in a moment."""

import sys
from pathlib import Path

import pytest
import torch

sys.path.append(str(Path(__file__).resolve().parents[1] / "data"))
from small_recording import HEIGHT, WIDTH, write_drive

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def drives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recorded drives, of which `held_out=0.3` keeps the one of an accident apart."""
    root = tmp_path_factory.mktemp("drives")
    write_drive(root / "Accident" / "Town01_Rep0_1_route0")
    write_drive(root / "NoScenario" / "Town01_Rep0_2_route0")
    return root


@pytest.fixture
def small(drives: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Settings of a small model on `drives`; `logdir` is still to be named."""
    cache = tmp_path_factory.getbasetemp() / "records_of_drives"
    settings = {
        "recipe": "tfv6_nano", "model.image_encoder": "starnet_s050", "model.cameras.width": WIDTH // 3,
        "model.cameras.height": HEIGHT, "model.bev.channels": 8, "model.planner.layers": 1,
        "model.planner.token_dim": 16, "model.planner.feed_forward": 16, "model.perspective.channels": "8,8,8",
        "model.radar.layers": 1, "model.radar.token_dim": 16, "model.radar.hidden_dim": 16,
        "data": drives, "cache": cache, "workers": 0,
        "batch_size": 4, "held_out": 0, "training.log_every": 1, "training.device": "cpu",
        "model.bev.min_x_m": -16, "model.bev.max_x_m": 16, "model.bev.min_y_m": -16, "model.bev.max_y_m": 16,
        "records.area.min_x": -16, "records.area.max_x": 16, "records.area.min_y": -16, "records.area.max_y": 16,
    }  # fmt: skip
    return [f"{key}={value}" for key, value in settings.items()]
