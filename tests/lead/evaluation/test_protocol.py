from dataclasses import replace

import pytest

from lead.evaluation.protocol import PROTOCOLS, ProtocolError, find_protocol, one_protocol
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
    with pytest.raises(ProtocolError, match=r"no protocol 'bench2drive'; did you mean bench2drive@0.0.3\?"):
        find_protocol("bench2drive")


def test_versions_of_bench2drive_differ_in_routes_and_traffic_signs():
    old, new = find_protocol("bench2drive@0.0.3"), find_protocol("bench2drive@0.0.4")
    assert old.routes != new.routes
    assert replace(new, name=old.name, routes=old.routes, metrics=old.metrics) == old
    assert set(old.metrics) - set(new.metrics) == {"traffic_signs", "mean_ability"}


def test_a_pair_of_fail2drive_has_one_geometry_and_one_traffic():
    rules = find_protocol("fail2drive")
    assert rules.geometry_of("1042") == rules.geometry_of("42") == "42"
    assert rules.traffic_seed("1042", 2) == rules.traffic_seed("42", 2) == 20042
    assert find_protocol("town13").geometry_of("13") == "3"
    assert find_protocol("town13").traffic_seed("13", 2) == 2
    assert find_protocol("longest6@2").geometry_of("13") == "13"


def test_results_of_different_protocols_are_refused():
    assert one_protocol({"a.json": "town13", "b.json": "town13"}) is find_protocol("town13")
    with pytest.raises(ProtocolError, match=r"a\.json was driven under town13 and b\.json under longest6@2: results"):
        one_protocol({"a.json": "town13", "b.json": "longest6@2"})
