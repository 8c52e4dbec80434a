import numpy as np

from carlet.actors.lights import LightCycle, LightState

RED, YELLOW, GREEN = LightState.RED, LightState.YELLOW, LightState.GREEN


def junction() -> LightCycle:
    """Two controllers at junction 7 (lights 0, 1 and 2) and a lone light with its own group."""
    return LightCycle(np.array([7, 7, 7, 99]), np.array([0, 0, 1, 0]))


def states_at(cycle: LightCycle, seconds: float, dt: float = 0.05) -> list[int]:
    for _ in range(round(seconds / dt)):
        cycle.step(dt)
    return cycle.state.tolist()


def test_one_controller_is_green_at_a_time_for_ten_three_two_seconds():
    cycle = junction()
    assert cycle.state.tolist() == [GREEN, GREEN, RED, GREEN]
    assert states_at(cycle, 9.9) == [GREEN, GREEN, RED, GREEN]
    assert states_at(cycle, 0.3) == [YELLOW, YELLOW, RED, YELLOW]
    assert states_at(cycle, 3.0) == [RED, RED, RED, RED]
    assert states_at(cycle, 2.1)[:3] == [RED, RED, GREEN]


def test_a_lone_light_is_red_for_ten_seconds():
    cycle = junction()
    assert states_at(cycle, 13.2)[3] == RED
    assert states_at(cycle, 9.5)[3] == RED
    assert states_at(cycle, 1.0)[3] == GREEN


def test_freezing_stops_one_junction_only():
    cycle = junction()
    cycle.freeze(True, light=2)
    assert states_at(cycle, 11.0) == [GREEN, GREEN, RED, YELLOW]
    cycle.freeze(False)
    assert states_at(cycle, 10.2)[:3] == [YELLOW, YELLOW, RED]


def test_times_belong_to_the_controller_and_reset_starts_over():
    cycle = junction()
    cycle.set_time(0, GREEN, 1.0)
    assert cycle.times[cycle.controller[1], 0] == 1.0
    assert states_at(cycle, 1.1)[:2] == [YELLOW, YELLOW]
    cycle.reset(light=2)
    assert cycle.state[:3].tolist() == [GREEN, GREEN, RED]
    assert cycle.elapsed[2] == 0.0


def test_groups_are_junctions():
    cycle = junction()
    assert cycle.group_members(2).tolist() == [0, 1, 2]
    assert cycle.group_members(3).tolist() == [3]


def test_a_town_without_lights_steps():
    cycle = LightCycle(np.zeros(0, np.int64), np.zeros(0, np.int64))
    cycle.step(0.05)
    assert len(cycle.state) == 0
