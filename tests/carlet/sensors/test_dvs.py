"""The event camera against its model, pixel by pixel in plain Python."""

import math
from itertools import pairwise

import numpy as np
import pytest
from canned_stage import Scene

from carlet.render.picture import Picture
from carlet.wire.records import DVS_EVENT

SHAPE = 12, 16
TICK_NS = 50_000_000


class Screen:
    """A stage that shows the same picture to whoever looks."""

    def __init__(self) -> None:
        self.grey = np.zeros(SHAPE, np.uint8)

    def show(self, sight):
        del sight

    def draw(self, requests):
        empty = np.zeros(SHAPE)
        bgra = np.repeat(self.grey[..., None], 4, axis=-1)
        return [Picture(empty, empty, empty, empty, bgra) for _ in requests]


def watch(images, **attributes: str) -> list[np.ndarray]:
    """The events of each tick in which an image (h, w) was shown."""
    scene = Scene(Screen())
    camera = scene.add("dvs", image_size_x=str(SHAPE[1]), image_size_y=str(SHAPE[0]), **attributes)
    found = []
    for grey in images:
        scene.stage.grey = np.broadcast_to(np.asarray(grey, np.uint8), SHAPE)
        messages = scene.tick(camera)
        assert len(messages) <= 1
        found.append(messages[0][1].pixels.view(DVS_EVENT) if messages else np.empty(0, DVS_EVENT))
    return found


def level(grey: float, log: bool) -> float:
    grey *= 0.2989 + 0.587 + 0.114
    return math.log(0.001 + grey / 255.0) if log else grey


def modelled(images, rise, fall, log, refractory_ns=0):
    """Events of the model as (time, x, y, polarity), a set a tick, times counted from the first image."""
    images = [np.broadcast_to(np.asarray(grey, float), SHAPE) for grey in images]
    crossed = np.vectorize(lambda grey: level(grey, log))(images[0])
    last: dict[tuple[int, int], float] = {}
    ticks = [set()]
    for number, (before, after) in enumerate(pairwise(images)):
        events = set()
        for y, x in np.ndindex(SHAPE):
            old, new = level(before[y, x], log), level(after[y, x], log)
            if abs(new - old) <= 1e-6:
                continue
            step = rise if new > old else -fall
            at = crossed[y, x] + step
            while old < at <= new or new <= at < old:
                time = (number + (at - old) / (new - old)) * TICK_NS
                if (x, y) not in last or time - last[x, y] >= refractory_ns:
                    events.add((round(time, -4), x, y, int(new > old)))
                    last[x, y] = time
                crossed[y, x] = at
                at += step
        ticks.append(events)
    return ticks


def told(found):
    return [{(round(int(e["time_ns"]) - TICK_NS, -4), e["x"], e["y"], e["polarity"]) for e in tick} for tick in found]


def images(seed: int, count: int = 5):
    return list(np.random.default_rng(seed).integers(0, 256, (count, *SHAPE)))


@pytest.mark.parametrize(
    ("attributes", "model"),
    [
        ({}, (0.3, 0.3, True)),
        ({"positive_threshold": "0.21", "negative_threshold": "0.53"}, (0.21, 0.53, True)),
        ({"use_log": "false", "positive_threshold": "20.3", "negative_threshold": "17.7"}, (20.3, 17.7, False)),
        ({"refractory_period_ns": "12345678"}, (0.3, 0.3, True, 12345678)),
    ],
)
def test_events_are_those_of_the_model(attributes, model):
    shown = images(3)
    found = watch(shown, **attributes)
    expected = modelled(shown, *model)
    assert len(found[0]) == len(expected[0]) == 0
    for mine, theirs in zip(told(found)[1:], expected[1:], strict=True):
        assert len(theirs) > 100
        # times are rounded to 10 microseconds, levels to 32 bits: a few lie on the edge of that
        assert len(mine ^ theirs) < 0.02 * len(theirs)


def test_events_are_sorted_by_time_and_lie_within_the_tick():
    for number, tick in enumerate(watch(images(4))):
        times = tick["time_ns"]
        assert (np.diff(times) >= 0).all()
        if number:
            assert set(np.unique(tick["polarity"])) == {0, 1}
            assert times[0] >= number * TICK_NS
            assert times[-1] <= (number + 1) * TICK_NS + 1


def test_no_change_is_silence():
    assert [len(tick) for tick in watch([100, 100, 100])] == [0, 0, 0]


def test_the_last_crossing_is_kept_over_ticks_without_one():
    counts = [len(tick) for tick in watch([100, 115, 130, 150, 100], use_log="0", positive_threshold="40")]
    pixels = SHAPE[0] * SHAPE[1]
    assert counts[:4] == [0, 0, 0, pixels], "40 above the first image, not above the image before"


def test_higher_thresholds_mean_fewer_events():
    thresholds = [{"positive_threshold": t, "negative_threshold": t} for t in ("0.6", "0.15")]
    few, many = (sum(map(len, watch(images(5), **given))) for given in thresholds)
    assert 0 < few < many / 2


def test_noisy_thresholds_repeat_with_the_world():
    noise = {"sigma_positive_threshold": "0.1", "sigma_negative_threshold": "0.1"}
    plain = watch(images(6))
    noisy, again = (watch(images(6), **noise) for _ in range(2))
    assert [tick.tobytes() for tick in noisy] == [tick.tobytes() for tick in again]
    few, many = sorted((sum(map(len, plain)), sum(map(len, noisy))))
    assert few < many < 1.3 * few
