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


class ClosedLoopInference:
    """An ensemble and its controllers: along route and target speed where models plan both, else along waypoints."""

    def __init__(self, inference: OpenLoopInference):
        self.inference = inference
        self.state = LoopState()

    def step(self, inputs: Inputs) -> tuple[Action, Prediction]:
        """The action for one observation (batch of 1), and the plan behind it.

        Raises ValueError for other batches, models without a planner, and inputs without speed.
        """
        planner = self.inference.model_config.planner
        if inputs.speed is None or inputs.speed.shape[0] != 1 or planner is None:
            raise ValueError("driving needs a planner, and one observation with speed")
        prediction = self.inference.predict(inputs)
        action, self.state = act(self.state, prediction, float(inputs.speed[0]), planner.waypoint_spacing_s)
        return action, prediction


def act(state: LoopState, prediction: Prediction, speed: float, spacing_s: float) -> tuple[Action, LoopState]:
    """The action that a prediction for one observation asks for at a speed (m/s), and the next state."""
    if prediction.route is not None and prediction.target_speed is not None:
        route, target = prediction.route[0].numpy(), float(prediction.target_speed[0])
        action, lateral = follow_route(state.route, route, target, speed)
        return action, LoopState(lateral, state.waypoints)
    if prediction.waypoints is None:
        raise ValueError("the prediction has neither route and target speed nor waypoints")
    action, following = follow_waypoints(state.waypoints, prediction.waypoints[0].numpy(), speed, spacing_s)
    return action, LoopState(state.route, following)
