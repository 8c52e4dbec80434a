"""Changes of pictures: seeded, within bounds, and none of them moves a pixel."""

from dataclasses import replace

import numpy as np
import pytest

from lead.data.augmentation import CHANGES, augment, blur, brightness, contrast, dropout, elastic, noise
from lead.data.config import AugmentationConfig
from lead.data.errors import DataError

ALWAYS = AugmentationConfig(probability=1.0)
GREY = np.full((96, 160, 3), 120, np.uint8)


def step_picture():
    picture = np.full((96, 160, 3), 60, np.uint8)
    picture[:, 80:] = 190
    return picture


def rng(seed=0):
    return np.random.default_rng(seed)


def test_a_seed_gives_the_same_picture_and_another_seed_another_one():
    picture = step_picture()
    before = picture.copy()
    first = augment(picture, ALWAYS, rng(1))
    assert np.array_equal(first, augment(picture, ALWAYS, rng(1)))
    assert not np.array_equal(first, augment(picture, ALWAYS, rng(2)))
    assert np.array_equal(picture, before) and first.dtype == np.uint8


def test_each_change_comes_with_its_probability():
    assert np.array_equal(augment(GREY, replace(ALWAYS, probability=0.0), rng()), GREY)
    config = AugmentationConfig(probability=0.2)
    changed = np.mean([not np.array_equal(augment(GREY, config, rng(seed)), GREY) for seed in range(400)])
    # Blur leaves an even picture alone; one of the other four must come.
    assert abs(changed - (1.0 - 0.8**4)) < 0.08


@pytest.mark.parametrize("change", CHANGES)
def test_edges_stay_where_they_are(change):
    for seed in range(6):
        row = change(step_picture(), ALWAYS, rng(seed)).astype(float).mean(axis=(0, 2))
        assert np.argmax(np.abs(np.diff(row))) == 79


def test_noise_has_the_drawn_strength_and_no_bias():
    spreads = []
    for seed in range(40):
        difference = noise(GREY, ALWAYS, rng(seed)).astype(float) - 120.0
        assert abs(difference.mean()) < 1.0
        spreads.append(difference.std())
    assert min(spreads) < 3.0 and 9.0 < max(spreads) < 13.5


def test_noise_is_grey_or_coloured():
    alike = [np.ptp(noise(GREY, ALWAYS, rng(seed)), axis=2).max() == 0 for seed in range(40)]
    assert 8 < sum(alike) < 32


def test_dropout_blackens_one_to_ten_percent():
    shares = [np.mean(dropout(GREY, ALWAYS, rng(seed)) == 0) for seed in range(40)]
    assert min(shares) > 0.005 and max(shares) < 0.105 and max(shares) > 0.06


def test_brightness_and_contrast_keep_to_their_factor():
    picture = np.broadcast_to(np.arange(20, 180, dtype=np.uint8)[None, :, None], (4, 160, 3))
    for seed in range(20):
        ratio = brightness(np.ascontiguousarray(picture), ALWAYS, rng(seed)).astype(float) / picture
        assert ratio.min() > 1 / 1.2 - 0.03 and ratio.max() < 1.2 + 0.03
        spread = contrast(np.ascontiguousarray(picture), ALWAYS, rng(seed)).astype(float)
        assert np.abs(spread[0, 108] - 128).max() <= 1
        assert (spread[0, 150] - 128).min() / 42 > 1 / 1.2 - 0.02 and (spread[0, 150] - 128).max() / 42 < 1.2 + 0.02


def test_blur_smooths():
    picture = rng().integers(0, 255, (96, 160, 3), np.uint8)
    assert min(blur(picture, ALWAYS, rng(seed)).std() for seed in range(10)) < 0.6 * picture.std()


def test_pixels_move_only_on_request():
    picture = np.broadcast_to(np.arange(160, dtype=np.uint8)[None, :, None], (96, 160, 3)).copy()
    moved = elastic(picture, ALWAYS, rng()).astype(int) - picture
    assert 0 < np.abs(moved[:, 4:-4]).max() <= 2
    assert elastic not in CHANGES


def test_settings_that_cannot_be_are_refused():
    for wrong in ({"probability": 1.5}, {"factor": 0.5}, {"dropout": (0.5, 0.1)}, {"noise": -1.0}):
        with pytest.raises(DataError):
            AugmentationConfig(**wrong)
