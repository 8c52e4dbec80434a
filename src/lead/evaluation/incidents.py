"""`infractions.json` of a route in LEAD's schema: what happened when, for players of the route's video."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lead.evaluation.attempt import Attempt
from lead.evaluation.infractions import Event, Infraction
from lead.view.drive_video import VideoConfig

#: Criterion and type of event of each kind of infraction, as LEAD and scenario_runner call them.
_NAMES: Mapping[Infraction, tuple[str, str]] = MappingProxyType(
    {
        Infraction.COLLISION_LAYOUT: ("CollisionTest", "COLLISION_STATIC"),
        Infraction.COLLISION_PEDESTRIAN: ("CollisionTest", "COLLISION_PEDESTRIAN"),
        Infraction.COLLISION_VEHICLE: ("CollisionTest", "COLLISION_VEHICLE"),
        Infraction.RED_LIGHT: ("RunningRedLightTest", "TRAFFIC_LIGHT_INFRACTION"),
        Infraction.STOP_SIGN: ("RunningStopTest", "STOP_INFRACTION"),
        Infraction.OUTSIDE_LANES: ("OutsideRouteLanesTest", "OUTSIDE_ROUTE_LANES_INFRACTION"),
        Infraction.MIN_SPEED: ("MinSpeedTest", "MIN_SPEED_INFRACTION"),
        Infraction.YIELD_TO_EMERGENCY_VEHICLE: ("YieldToEmergencyVehicleTest", "YIELD_TO_EMERGENCY_VEHICLE"),
        Infraction.SCENARIO_TIMEOUT: ("ScenarioTimeoutTest", "SCENARIO_TIMEOUT"),
        Infraction.ROUTE_DEVIATION: ("InRouteTest", "ROUTE_DEVIATION"),
        Infraction.BLOCKED: ("AgentBlockedTest", "VEHICLE_BLOCKED"),
        Infraction.ROUTE_TIMEOUT: ("RouteTimeoutTest", "ROUTE_TIMEOUT"),
    }
)


def incidents(attempt: Attempt) -> dict[str, Any]:
    """The file's content: the infractions in the order in which they were seen, and the video's frames per second."""
    video = VideoConfig()
    return {
        "infractions": [_incident(event, attempt) for event in attempt.infractions if event.place is not None],
        "video_fps": video.ticks_per_second / video.every_ticks,
    }


def _incident(event: Event, attempt: Attempt) -> dict[str, Any]:
    assert event.place is not None
    criterion, kind = _NAMES[event.kind]
    return {
        "step": event.place.step,
        "infraction": criterion,
        "frame": attempt.timing.first_frame + event.place.step,
        "message": event.message,
        "event_type": f"TrafficEventType.{kind}",
        "meters_travelled": event.place.metres_travelled,
    }
