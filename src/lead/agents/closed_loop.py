"""Models in the loop: an observation in, an action out, and what the controllers remember in between."""

from dataclasses import dataclass, field

from lead.agents.plan_following import Action, WaypointState, follow_route, follow_waypoints
from lead.control import LateralState
from lead.models.tfv6.inference import OpenLoopInference, Prediction
from lead.models.tfv6.tensors import Inputs


@dataclass(frozen=True)
class LoopState:
    """What both ways of following a plan remember."""

    route: LateralState = field(default_factory=LateralState)
    waypoints: WaypointState = field(default_factory=WaypointState)


@dataclass(frozen=True)
class Followed:
    """Which of the model's plans each control follows, where it has both: its waypoints, or route and target speed."""

    steer_waypoints: bool = False
    throttle_waypoints: bool = False
    brake_waypoints: bool = False


class ClosedLoopInference:
    """An ensemble and its controllers: along route and target speed where models plan both, else along waypoints."""

    def __init__(self, inference: OpenLoopInference, followed: Followed = Followed()):
        self.inference = inference
        self.state = LoopState()
        self._followed = followed

    def step(self, inputs: Inputs) -> tuple[Action, Prediction]:
        """The action for one observation (batch of 1), and the plan behind it; ValueError like `predict`."""
        prediction = self.predict(inputs)
        assert inputs.speed is not None
        return self.follow(prediction, float(inputs.speed[0])), prediction

    def predict(self, inputs: Inputs) -> Prediction:
        """The plan for one observation (batch of 1).

        Raises ValueError for other batches, models without a planner, and inputs without speed.
        """
        if inputs.speed is None or inputs.speed.shape[0] != 1 or self.inference.model_config.planner is None:
            raise ValueError("driving needs a planner, and one observation with speed")
        return self.inference.predict(inputs)

    def follow(self, prediction: Prediction, speed: float) -> Action:
        """The action that a plan asks for at a speed (m/s)."""
        planner = self.inference.model_config.planner
        assert planner is not None
        action, self.state = act(self.state, prediction, speed, planner.waypoint_spacing_s, self._followed)
        return action


def act(
    state: LoopState, prediction: Prediction, speed: float, spacing_s: float, followed: Followed = Followed()
) -> tuple[Action, LoopState]:
    """The action that a prediction for one observation asks for at a speed (m/s), and the next state."""
    has_route = prediction.route is not None and prediction.target_speed is not None
    wants_waypoints = not has_route or followed != Followed()
    if prediction.waypoints is None and wants_waypoints:
        raise ValueError("the prediction has neither route and target speed nor waypoints")
    by_route, lateral = None, state.route
    if prediction.route is not None and prediction.target_speed is not None:
        route, target = prediction.route[0].numpy(), float(prediction.target_speed[0])
        by_route, lateral = follow_route(state.route, route, target, speed)
    if prediction.waypoints is None or not wants_waypoints:
        assert by_route is not None
        return by_route, LoopState(lateral, state.waypoints)
    by_waypoints, following = follow_waypoints(state.waypoints, prediction.waypoints[0].numpy(), speed, spacing_s)
    action = by_waypoints if by_route is None else _mix(by_route, by_waypoints, followed)
    return action, LoopState(lateral, following)


def _mix(by_route: Action, by_waypoints: Action, followed: Followed) -> Action:
    steer = by_waypoints.steer if followed.steer_waypoints else by_route.steer
    brake = by_waypoints.brake if followed.brake_waypoints else by_route.brake
    throttle = by_waypoints.throttle if followed.throttle_waypoints else by_route.throttle
    return Action(steer, 0.0 if brake > 0.0 else throttle, brake)
