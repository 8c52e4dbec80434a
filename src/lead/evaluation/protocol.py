"""The evaluation protocols that scores are comparable under, by name and version."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from lead.evaluation import route_sets
from lead.evaluation.criteria import (
    ActorBlocked,
    Collision,
    Criterion,
    InRoute,
    MinimumSpeedRoute,
    OutsideRouteLanes,
    RouteTimeout,
    RunningRedLight,
    RunningStop,
)
from lead.evaluation.observation import RouteLine
from lead.evaluation.route_sets import RouteSet
from lead.evaluation.scoring import Rule
from lead.suggestions import suggest


class ProtocolError(ValueError):
    """An unknown protocol, or results of several; the message is one sentence."""


SCORES = ("driving_score", "route_completion", "infraction_penalty")
RATES = (
    "collisions_pedestrian_per_km",
    "collisions_vehicle_per_km",
    "collisions_layout_per_km",
    "red_light_per_km",
    "stop_infraction_per_km",
    "route_dev_per_km",
    "route_timeout_per_km",
    "vehicle_blocked_per_km",
    "yield_emergency_vehicle_infractions_per_km",
    "scenario_timeouts_per_km",
    "outside_lanes_share",
)
BENCH2DRIVE = ("success_rate", "efficiency", "comfort")
ABILITIES = ("overtaking", "merging", "emergency_brake", "give_way")
FAIL2DRIVE = tuple(
    f"{part}{name}{end}"
    for part, end in (("id_", ""), ("gen_", ""), ("", "_drop"))
    for name in ("driving_score", "success_rate", "harmonic_mean", "completed_success_rate")
)


@dataclass(frozen=True)
class Protocol:
    """The rules of an evaluation; two scores under one name and version mean the same.

    The weather is everywhere that of the route file, changing along the route.
    """

    name: str
    """Name and version, as users give it."""
    rule: Rule
    """How infractions become the penalty: a table of factors or coefficients, and how they are put together."""
    routes: RouteSet | None = None
    """The routes that the protocol is about; None for any."""
    metrics: tuple[str, ...] = SCORES + RATES
    """What is measured, by the names of the metrics, the most important first."""
    blocked_after_s: float = 180.0
    """Seconds of standing still after which the agent is blocked."""
    min_speed_checkpoints: int = 4
    """Stretches of equal length in which the speed is compared with the traffic's."""
    min_speed_counts: bool = True
    """Whether slow stretches lower the score; where not, fast stretches are recorded too, as a measurement."""
    max_ticks: int | None = None
    """Ticks after which a route is stopped, if there is such a limit."""
    plan_spacing_m: float = 200.0
    """Largest distance between the points of the plan that the agent gets."""
    named_records: bool = False
    """Whether records carry `scenario_name`, `weather_id`, `save_name` and `town_name`."""
    pair_modulus: int | None = None
    """Routes whose ids are equal modulo this number share their geometry; None where every route stands alone."""
    paired_seeds: bool = False
    """Whether routes that share their geometry get the same traffic, by a seed that comes from their ids."""

    def criteria(self, line: RouteLine) -> tuple[Criterion, ...]:
        """Fresh judges of a drive along `line`, besides route completion, in the order in which they see a tick."""
        return (
            Collision(),
            OutsideRouteLanes(),
            RunningRedLight(),
            RunningStop(),
            MinimumSpeedRoute(self.min_speed_checkpoints, records_all=not self.min_speed_counts),
            InRoute(line),
            ActorBlocked(self.blocked_after_s),
            RouteTimeout(),
        )

    def geometry_of(self, route_id: str) -> str:
        """What the route has in common with the routes of the same geometry; its own id where there are none."""
        if self.pair_modulus is None or not route_id.isdecimal():
            return route_id
        return str(int(route_id) % self.pair_modulus)

    def traffic_seed(self, route_id: str, seed: int) -> int:
        """Seed of the traffic on a route, in an evaluation with `seed`."""
        if not self.paired_seeds or not route_id.isdecimal():
            return seed
        return int(self.geometry_of(route_id)) + 10_000 * seed


_BENCH2DRIVE_0_0_3 = Protocol(
    "bench2drive@0.0.3",
    Rule.PRODUCT,
    route_sets.BENCH2DRIVE_0_0_3,
    metrics=("driving_score", *BENCH2DRIVE, *ABILITIES, "traffic_signs", "mean_ability", *SCORES[1:], *RATES),
    blocked_after_s=60.0,
    min_speed_checkpoints=20,
    min_speed_counts=False,
    max_ticks=4000,
    plan_spacing_m=50.0,
    named_records=True,
)
#: The metrics of version 0.0.4 that are computed in another way.
_OF_0_0_4 = {"traffic_signs": "traffic_signs_either", "mean_ability": "mean_ability_either"}

PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(
    {
        protocol.name: protocol
        for protocol in (
            Protocol("leaderboard@2.0", Rule.PRODUCT),
            Protocol("leaderboard@2.1", Rule.HARMONIC),
            Protocol("longest6@2", Rule.PRODUCT, route_sets.LONGEST6_2),
            Protocol(
                "town13",
                Rule.PRODUCT,
                route_sets.TOWN13,
                metrics=("driving_score", "route_completion", "normalised_driving_score", "infraction_penalty", *RATES),
                pair_modulus=10,
            ),
            Protocol(
                "fail2drive",
                Rule.PRODUCT,
                route_sets.FAIL2DRIVE,
                metrics=(*FAIL2DRIVE, *SCORES, *RATES),
                pair_modulus=1000,
                paired_seeds=True,
            ),
            _BENCH2DRIVE_0_0_3,
            replace(
                _BENCH2DRIVE_0_0_3,
                name="bench2drive@0.0.4",
                routes=route_sets.BENCH2DRIVE_0_0_4,
                metrics=tuple(_OF_0_0_4.get(name, name) for name in _BENCH2DRIVE_0_0_3.metrics),
            ),
        )
    }
)


def find_protocol(name: str) -> Protocol:
    """The protocol of a name; ProtocolError, with the nearest name, when there is none."""
    if name in PROTOCOLS:
        return PROTOCOLS[name]
    family = [known for known in PROTOCOLS if known.split("@")[0] == name.split("@")[0]]
    raise ProtocolError(f"there is no protocol {name!r}{suggest(name, family[:1] or PROTOCOLS, 0.4)}")


def one_protocol(names: Mapping[str, str]) -> Protocol:
    """The protocol of results that are to be put together, `names` by where they come from.

    ProtocolError when there are several, since their scores mean different things.
    """
    first = next(iter(names))
    for place, name in names.items():
        if name != names[first]:
            raise ProtocolError(
                f"{first} was driven under {names[first]} and {place} under {name}: "
                "results of different protocols cannot be put together"
            )
    return find_protocol(names[first])
