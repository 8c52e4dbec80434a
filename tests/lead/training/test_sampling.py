"""What an epoch is made of."""

import numpy as np

from lead.training.sampling import EpochSampler, Part, plan_epoch


def test_every_sample_comes_once_an_epoch_and_in_another_order_in_the_next():
    first, second = (plan_epoch([Part(100)], seed=1, epoch=epoch) for epoch in (0, 1))
    assert sorted(first) == sorted(second) == list(range(100))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, plan_epoch([Part(100)], seed=1, epoch=0))


def test_of_a_part_that_is_halved_all_is_seen_in_time():
    parts = [Part(50, 0.5), Part(10, 2.5)]
    plans = [plan_epoch(parts, seed=0, epoch=epoch) for epoch in range(12)]
    for plan in plans:
        assert (plan < 50).sum() == 25
        assert len(set(plan[plan < 50])) == 25
        assert np.unique(plan[plan >= 50], return_counts=True)[1].min() == 2
        assert (plan >= 50).sum() == 25
    assert set(np.concatenate(plans)) == set(range(60))


def test_processes_share_an_epoch():
    samplers = [EpochSampler([Part(30), Part(13)], seed=3, rank=rank, world_size=4) for rank in range(4)]
    shares = [list(sampler) for sampler in samplers]
    assert [len(share) for share in shares] == [len(sampler) for sampler in samplers] == [10] * 4
    everything = [index for share in shares for index in share]
    assert len(set(everything)) == 40
    assert all(type(index) is int for index in everything)
    samplers[0].epoch = 1
    assert list(samplers[0]) != shares[0]


def test_nothing_is_nothing():
    assert plan_epoch([], seed=0, epoch=0).size == 0
    assert list(EpochSampler([Part(0)], seed=0)) == []
