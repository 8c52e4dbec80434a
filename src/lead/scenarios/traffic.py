"""What scenarios may ask of the background traffic."""

from collections.abc import Sequence
from typing import Protocol

import carla


class TrafficRequests(Protocol):
    """Requests to the background activity; each lasts until it is taken back. Distances in metres, speeds in km/h."""

    def leave_space(self, distance: float) -> None:
        """Push the cars ahead in the ego's lane on until `distance` in front of the ego is free."""
        ...

    def remove_lane(self, lane: carla.Waypoint) -> None:
        """Take a lane of the road out of the traffic, its cars and its source."""
        ...

    def restore_lane(self, offset: int) -> None:
        """Give a lane back: 0 the ego's, 1 the one to its right, -1 to its left."""
        ...

    def set_opposite(
        self,
        active: bool | None = None,
        spawn_distance: float | None = None,
        source_distance: float | None = None,
    ) -> None:
        """Stop or start the oncoming traffic, or change the distance between its cars and how far ahead they appear,
        which is twice that distance if not said.
        """
        ...

    def set_max_speed(self, speed_kmh: float | None) -> None:
        """Let no car drive faster; None takes the cap away."""
        ...

    def handle_junction(
        self,
        *,
        clear: bool = False,
        clear_ego_entry: bool = False,
        remove_entries: Sequence[carla.Waypoint] = (),
        remove_exits: Sequence[carla.Waypoint] = (),
        stop_entries: bool = False,
        extend_exit: float = 0.0,
    ) -> None:
        """Prepare the next junction of the route for a scenario."""
        ...

    def set_route_sources(self, active: bool) -> None:
        """Stop or start the cars that come from behind the ego."""
        ...

    def change_road(
        self,
        *,
        front_vehicles: int | None = None,
        back_vehicles: int | None = None,
        gap: float | None = None,
        extra_space: float | None = None,
    ) -> None:
        """Change how many cars are ahead and behind, the gap between them, and the extra room in front of the ego."""
        ...

    def change_junctions(
        self,
        *,
        source_distance: float | None = None,
        most: int | None = None,
        gap: float | None = None,
        share: float | None = None,
    ) -> None:
        """Change how far before junctions cars appear, how many of a road at a time, the gap between them, and the
        share of the roads that have traffic.
        """
        ...

    def pause_spawning(self, paused: bool) -> None:
        """Let no new car come anywhere, or let them come again."""
        ...

    def clear_crossing(self, crossing: carla.Waypoint) -> None:
        """Keep the oncoming lane beside a place free, for those who cross."""
        ...

    def stop_front(self, stop: bool) -> None:
        """Let all cars ahead of the ego brake to a stand, or go on."""
        ...

    def stop_back(self, stop: bool) -> None:
        """Let all cars behind the ego stand, or go on."""
        ...
