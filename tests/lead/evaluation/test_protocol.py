import pytest

from lead.evaluation.protocol import PROTOCOLS, ProtocolError, find_protocol
from lead.evaluation.scoring import Rule


def test_bench2drive_differs_from_the_leaderboard():
    bench, board = find_protocol("bench2drive@0.0.3"), find_protocol("leaderboard@2.0")
    assert (board.blocked_after_s, board.min_speed_checkpoints, board.max_ticks) == (180.0, 4, None)
    assert (bench.blocked_after_s, bench.min_speed_checkpoints, bench.max_ticks) == (60.0, 20, 4000)
    assert board.min_speed_counts
    assert not bench.min_speed_counts
    assert (board.plan_spacing_m, bench.plan_spacing_m) == (200.0, 50.0)
    assert bench.named_records
    assert not board.named_records


def test_only_version_2_1_is_harmonic():
    assert [name for name, protocol in PROTOCOLS.items() if protocol.rule is Rule.HARMONIC] == ["leaderboard@2.1"]


@pytest.mark.parametrize("name", ["longest6@2", "town13", "fail2drive"])
def test_suites_on_the_leaderboards_rules(name):
    suite, board = find_protocol(name), find_protocol("leaderboard@2.0")
    assert (suite.rule, suite.blocked_after_s, suite.min_speed_checkpoints, suite.min_speed_counts) == (
        board.rule,
        board.blocked_after_s,
        board.min_speed_checkpoints,
        board.min_speed_counts,
    )


def test_an_unknown_name_gets_a_suggestion():
    with pytest.raises(ProtocolError, match=r"no protocol 'bench2drive' \(did you mean 'bench2drive@0.0.3'\?\)"):
        find_protocol("bench2drive")
