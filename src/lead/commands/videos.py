"""Videos of the routes that a command drives."""

from urllib.parse import quote

from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.records import RouteRecord
from lead.routes import LaneGraph
from lead.view import DriveVideo

_ALERT_SECONDS = 4.0


class Videos:
    """Records each route to `videos/<route>.mp4` in the output folder; an interrupted one as far as it went."""

    def __init__(self) -> None:
        self._video: DriveVideo | None = None

    def __enter__(self) -> "Videos":
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()

    def on_route_start(self, context: RouteContext) -> None:
        """Open the file."""
        path = context.output / "videos" / f"{quote(context.key.route_id, safe='')}.mp4"
        graph = LaneGraph.from_map(context.town)
        self._video = DriveVideo(path, context.world, context.ego, graph, context.trace.location)

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        """Add the tick."""
        if self._video is None:
            return
        decision = getattr(context.agent, "decision", None)
        self._video.tick(
            context.world.get_snapshot(),
            _caption(context, seen, getattr(decision, "reason", "")),
            [event.message for event in context.events if seen.time_s - event.time_s < _ALERT_SECONDS],
            getattr(decision, "actor", 0),
        )

    def on_route_end(self, record: RouteRecord) -> None:
        """Finish the file."""
        self._finish()

    def _finish(self) -> None:
        if self._video is not None:
            self._video.close()
        self._video = None


def _caption(context: RouteContext, seen: Observation, reason: str) -> list[str]:
    route = f"{context.key.route_id}  {context.route.town}  {seen.time_s:.1f} s  {100.0 * seen.progress.share:.1f} %"
    speed = f"{3.6 * seen.ego.speed:.0f} of {seen.ego.speed_limit_kmh:.0f} km/h  {reason}"
    return [route, speed]
