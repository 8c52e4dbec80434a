"""What a driving student is shown is what training makes of a recording of the same drive."""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from students import FULL, save_student

from lead.agents import SensorInterface
from lead.agents.sensor.config import ClosedLoopConfig
from lead.agents.sensor.observation import prepare_picture
from lead.agents.sensor.student import Moment, Student
from lead.data.config import RecordConfig, SampleConfig
from lead.data.layout import find_drives
from lead.data.sample import make_sample
from lead.data.store import RecordStore, build
from lead.evaluation.config import EvaluationConfig
from lead.evaluation.runner import evaluate
from lead.models.tfv6.recipes import tfv6_nano
from lead.recording.config import RecorderConfig
from lead.recording.recorder import Recorder
from lead.routes import Route, WeatherKeyframe, write_routes
from lead.sensors import RIGS
from lead.sensors.pictures import to_channels


class Passenger:
    """A student that looks on while somebody else drives."""

    def __init__(self, checkpoint: Path):
        self.checkpoint = checkpoint
        self.moments: list[Moment] = []
        self.interface = SensorInterface()

    def on_route_start(self, context):
        plan = context.agent._global_plan, context.agent._global_plan_world_coord
        self.student = Student(self.checkpoint, ClosedLoopConfig(inference_ticks=1000), *plan)
        self.interface.attach(context.world, context.ego, self.student.rig.agent_sensors())
        self.interface.warm_up(context.world, context.tick)

    def on_tick(self, context, seen):
        self.student.step({name: data for name, (_, data) in self.interface.get_data(seen.frame).items()})
        moment = self.student.moment
        self.moments.append(replace(moment, observation=self.student.senses.observe(moment.glimpse)))

    def on_route_end(self, record):
        self.interface.detach()


class Pair(NamedTuple):
    sample: dict[str, Any]
    moment: Moment


@pytest.fixture(scope="module")
def pairs(recorded) -> list[Pair]:
    """Samples of a recording, with what the student saw in the same ticks."""
    return recorded[0]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, agents_server) -> tuple[list[Pair], list[np.ndarray]]:
    """The same, and pictures of half the size."""
    folder = tmp_path_factory.mktemp("parity")
    keypoints = np.array([[170.0, 59.6, 0.0], [185.0, 59.6, 0.0]])
    write_routes(
        folder / "routes.xml",
        (Route("7", "Town01", keypoints, (WeatherKeyframe(0.0, {"sun_altitude_angle": 60.0}),), ()),),
    )
    config = EvaluationConfig(
        "route_follower", folder / "routes.xml", folder / "out", port=agents_server.port, attempts=1
    )
    passenger = Passenger(save_student(folder / "student", FULL))
    recorder_config = RecorderConfig(folder / "data", RIGS["lead_3cameras"], perturbed=False)
    with Recorder(recorder_config) as recorder:
        evaluate(config, [recorder, passenger])
    records = RecordConfig(semantic=False, depth=False, bev_semantic=False, boxes=False)
    drives = find_drives(folder / "data", records)
    assert build(drives, folder / "cache", records).failed == ()
    store = RecordStore(folder / "cache", records).drive(drives[0].name)
    taken = SampleConfig(perturbation=0.0, augmentation=None, planning=False)
    rng = np.random.default_rng(0)
    samples = [make_sample(store, row, records, taken, rng) for row in range(len(store.facts["frames"]))]
    pairs = [Pair(sample, _same_tick(sample, passenger.moments)) for sample in samples]
    return pairs, _shrunk_pictures(folder, drives[0].name, records)


def _shrunk_pictures(folder: Path, drive: str, records: RecordConfig) -> list[np.ndarray]:
    """The pictures of samples for a model that takes them in half the size."""
    halved = replace(records, shrink=2)
    assert build(find_drives(folder / "data", halved), folder / "cache", halved).failed == ()
    store = RecordStore(folder / "cache", halved).drive(drive)
    taken = SampleConfig(perturbation=0.0, augmentation=None, planning=False)
    rng = np.random.default_rng(0)
    return [make_sample(store, row, halved, taken, rng)["rgb"] for row in range(len(store.facts["frames"]))]


def _same_tick(sample: dict[str, Any], moments: list[Moment]) -> Moment:
    """The moment whose picture is nearest to the sample's."""
    thumbs = [one.observation.rgb[:, ::16, ::16].astype(np.int32) for one in moments]
    wanted = sample["rgb"][:, ::16, ::16].astype(np.int32)
    return moments[int(np.argmin([np.abs(thumb - wanted).sum() for thumb in thumbs]))]


def test_pictures_are_the_same_to_the_bit(pairs):
    assert len(pairs) > 4
    for sample, moment in pairs:
        assert np.array_equal(sample["rgb"], moment.observation.rgb)


def test_pictures_made_smaller_are_the_same_to_the_bit(recorded):
    nano = tfv6_nano()
    for picture, (_, moment) in zip(recorded[1], recorded[0], strict=True):
        assert picture.shape == (3, nano.cameras.height, nano.cameras.picture_width)
        assert np.array_equal(picture, to_channels(prepare_picture(moment.glimpse.strip, nano)))


def test_a_frame_is_five_ticks(pairs):
    steps = [moment.step for _, moment in pairs]
    assert (np.diff(steps) == 5).all()


def test_speed_and_commands_are_the_same(pairs):
    for sample, moment in pairs:
        assert sample["speed"] == pytest.approx(moment.place.speed, abs=1e-3)
        assert sample["command"].argmax() == moment.place.command
        assert sample["next_command"].argmax() == moment.place.next_command


def test_target_points_are_where_gnss_has_them(pairs):
    for sample, moment in pairs:
        for name, point in zip(("_previous", "", "_next"), moment.place.targets, strict=True):
            assert np.linalg.norm(sample[f"target_point{name}"] - point) < 1.5


def test_lidar_shows_the_same_things_in_the_same_places(pairs):
    """Which rays come back is chance, and each sensor has its own; shifted rasters fit worse."""
    sample, moment = pairs[-1]
    assert moment.place.speed > 2.0
    recorded, seen = sample["rasterized_lidar"][0], moment.observation.lidar[0]
    assert recorded.shape == seen.shape and recorded.dtype == seen.dtype
    assert seen.sum() == pytest.approx(recorded.sum(), rel=0.05)
    fit = {
        (dy, dx): np.corrcoef(recorded.ravel(), np.roll(seen, (dy, dx), (0, 1)).ravel())[0, 1]
        for dy in (-1, 0, 1)
        for dx in (-1, 0, 1)
    }
    assert max(fit, key=fit.get) == (0, 0)
    assert fit[0, 0] > 0.8


def test_radar_rows_have_the_same_form(pairs):
    for sample, moment in pairs:
        recorded, seen = sample["radar"], moment.observation.radar
        assert recorded.shape == seen.shape == (300, 5) and recorded.dtype == seen.dtype
        assert np.array_equal(recorded[:, 4], seen[:, 4])
        counts = [(rows[:, :4] != 0.0).any(axis=1).reshape(4, 75).sum(axis=1) for rows in (recorded, seen)]
        assert np.abs(counts[0] - counts[1]).max() <= 25
        assert np.array_equal(seen[:, :4], seen[:, :4].astype(np.float16).astype(np.float32))
