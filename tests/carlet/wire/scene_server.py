"""A server process for tests with the official client: a few actors, every call kept and handed out on demand.

Prints its RPC port. Beside CARLA's methods it answers `recorded` (calls so far, then forgets them) and
`emit` (publishes the given bytes on a stream).
"""

from typing import Any

import numpy as np

from carlet.wire import controls, records, values
from carlet.wire.hub import Hub
from carlet.wire.rpc import Request, batch_result

WORLD = 1000
FRAME_S = 0.05
VEHICLE, WALKER, LIGHT, SIGN, SENSOR = 2, 3, 4, 5, 6
TYPES = {
    1: "spectator",
    VEHICLE: "vehicle.lincoln.mkz_2020",
    WALKER: "walker.pedestrian.0001",
    LIGHT: "traffic.traffic_light",
    SIGN: "traffic.stop",
}
SENSORS = [
    "sensor.camera.rgb",
    "sensor.camera.dvs",
    "sensor.camera.optical_flow",
    "sensor.lidar.ray_cast",
    "sensor.lidar.ray_cast_semantic",
    "sensor.other.radar",
    "sensor.other.imu",
    "sensor.other.gnss",
    "sensor.other.collision",
    "sensor.other.obstacle",
]
TYPES |= {SENSOR + i: type_id for i, type_id in enumerate(SENSORS)}
WHEEL = controls.Wheel(position_cm=(1.0, 2.0, 3.0))
PHYSICS = controls.PhysicsControl(
    torque_curve=((0.0, 500.0), (5000.0, 400.0)),
    max_rpm=5800.0,
    moi=1.0,
    damping_full_throttle=0.15,
    damping_zero_throttle_clutch_engaged=2.0,
    damping_zero_throttle_clutch_disengaged=0.35,
    use_gear_autobox=True,
    gear_switch_time=0.5,
    clutch_strength=10.0,
    final_ratio=4.0,
    forward_gears=(controls.Gear(4.0, 0.5, 0.75), controls.Gear(2.0, 0.25, 0.625)),
    mass=1845.0,
    drag_coefficient=0.25,
    center_of_mass=(0.5, 0.0, -0.25),
    steering_curve=((0.0, 1.0), (120.0, 0.5)),
    wheels=(WHEEL, WHEEL, WHEEL, WHEEL),
    use_sweep_wheel_collision=False,
)
WHEEL_STATE = controls.WheelTelemetry(*(float(i) for i in range(11)))
TELEMETRY = controls.Telemetry(10.0, 0.25, 0.5, 0.0, 3000.0, 3, 0.25, (WHEEL_STATE,) * 4)
LAMP = values.LampRecord(5, (1.0, 2.0, 3.0), 2.0, 2, (10, 20, 30), True)


def encode(actor: int) -> list[Any]:
    """The actor of an id."""
    attributes = {"role_name": (values.AttributeType.STRING, "hero")}
    return values.encode_actor(
        actor,
        0,
        values.encode_description(7, TYPES[actor], attributes),
        values.encode_bounding_box((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (0.0, np.pi / 2, 0.0)),
        [14],
        hub.token(actor) if actor >= SENSOR else b"",
    )


def snapshot(frame: int) -> bytes:
    """All actors in their places: actor i stands at (i, 2i, 3i)."""
    ids = np.array(list(TYPES))
    steps = ids[:, None] * np.array([1.0, 2.0, 3.0])
    actors = records.actor_records(ids, 1, steps, np.radians(steps), steps / 2, np.radians(steps / 4), steps / 8)
    rows = {actor: [row] for row, actor in enumerate(TYPES)}
    records.fill_vehicles(
        actors,
        rows[VEHICLE],
        throttle=0.5,
        steer=-0.25,
        brake=0.125,
        hand_brake=True,
        reverse=False,
        manual_gear=True,
        gear=3,
        speed_limit_kmh=90.0,
        light_state=1,
        at_light=True,
        light_id=LIGHT,
        failure=1,
    )
    records.fill_walkers(actors, rows[WALKER], direction=[[0.0, 1.0, 0.0]], speed=1.5, jump=True)
    records.fill_lights(
        actors,
        rows[LIGHT],
        sign_id=[b"947"],
        green_time=10.0,
        yellow_time=3.0,
        red_time=2.0,
        elapsed=1.25,
        pole=3,
        frozen=True,
        state=1,
    )
    records.fill_signs(actors, rows[SIGN], sign_id=[b"206"])
    return records.snapshot(
        frame=frame, time=frame * FRAME_S, episode_id=7, platform_time=4.5, delta=FRAME_S, records=actors
    )


class Scene:
    """The answers."""

    def __init__(self):
        self.frame = 10
        self.calls: list[list[Any]] = []

    def subscribe(self, stream_id: int) -> bytes | None:
        if stream_id == WORLD:
            return snapshot(self.frame)
        if stream_id not in TYPES:
            raise KeyError(stream_id)
        return None

    def answer(self, request: Request) -> None:
        if request.method == "recorded":
            self.calls, calls = [], self.calls
            request.reply(calls)
            return
        if request.method == "emit":
            stream_id, message = request.args
            hub.publish(stream_id, message, droppable=False)
            request.reply(hub.listeners(stream_id))
            return
        self.calls.append([request.method, request.args, request.is_async])
        handler = getattr(self, f"on_{request.method}", None)
        if handler is None:
            request.reply_void()
        else:
            handler(request)

    def on_version(self, request: Request) -> None:
        request.reply("0.9.16")

    def on_get_episode_info(self, request: Request) -> None:
        request.reply([7, values.encode_token(hub.token(WORLD))])

    def on_get_sensor_token(self, request: Request) -> None:
        request.reply(values.encode_token(hub.token(request.args[0])))

    def on_get_episode_settings(self, request: Request) -> None:
        request.reply(values.encode_episode_settings(values.EpisodeSettings(synchronous=True, fixed_delta_s=FRAME_S)))

    def on_set_episode_settings(self, request: Request) -> None:
        request.reply(self.frame)

    def on_query_lights_state(self, request: Request) -> None:
        request.reply([values.encode_lamp_record(LAMP)])

    def on_get_required_files(self, request: Request) -> None:
        request.reply([])

    def on_tick_cue(self, request: Request) -> None:
        self.frame += 1
        hub.publish(WORLD, snapshot(self.frame), droppable=False)
        request.reply(self.frame)

    def on_get_actors_by_id(self, request: Request) -> None:
        request.reply([encode(actor) for actor in request.args[0]])

    def on_get_actor_definitions(self, request: Request) -> None:
        attribute = values.encode_attribute("role_name", 4, "autopilot", ["autopilot", "hero"], True, False)
        request.reply([values.encode_blueprint(7, TYPES[VEHICLE], "vehicle,lincoln", [attribute])])

    def on_spawn_actor(self, request: Request) -> None:
        request.reply(encode(VEHICLE))

    def on_spawn_actor_with_parent(self, request: Request) -> None:
        request.fail("Spawn failed because of collision at spawn position")

    def on_apply_batch(self, request: Request) -> None:
        request.reply_bare(batch_result([9, "no such actor"]))

    def on_get_physics_control(self, request: Request) -> None:
        request.reply(controls.encode_physics_control(PHYSICS))

    def on_get_telemetry_data(self, request: Request) -> None:
        request.reply(controls.encode_telemetry(TELEMETRY))

    def on_get_weather_parameters(self, request: Request) -> None:
        request.reply(values.encode_weather(values.Weather()))

    def on_get_ackermann_controller_settings(self, request: Request) -> None:
        request.reply(controls.encode_ackermann_settings(controls.AckermannSettings()))

    def on_get_vehicle_light_state(self, request: Request) -> None:
        request.reply(controls.encode_light_bits(9))

    def on_get_vehicle_light_states(self, request: Request) -> None:
        request.reply([[VEHICLE, 9]])

    def on_get_actor_bounding_box(self, request: Request) -> None:
        request.reply(values.encode_bounding_box((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (0.0, np.pi / 2, 0.0)))

    def on_get_all_level_BBs(self, request: Request) -> None:  # noqa: N802 (the method's name)
        ones = np.ones((2, 3))
        request.reply(values.encode_bounding_boxes(ones, 2 * ones, np.radians(30.0) * ones))

    def on_get_environment_objects(self, request: Request) -> None:
        box = values.encode_bounding_box((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
        pose = np.array([1.0, 2.0, 3.0, 0.0, np.pi, 0.0])
        request.reply([values.encode_environment_object(pose, box, 2**63, "Building_12_SM_0", 3)])

    def on_cast_ray(self, request: Request) -> None:
        request.reply([values.encode_labelled_point((1.0, 2.0, 3.0), 1)])

    def on_project_point(self, request: Request) -> None:
        request.reply([True, values.encode_labelled_point((1.0, 2.0, 3.0), 24)])

    def on_get_map_info(self, request: Request) -> None:
        request.reply(["Carla/Maps/Town01", values.encode_transforms(np.radians(np.eye(6)))])

    def on_get_bones_transform(self, request: Request) -> None:
        pose = np.array([1.0, 2.0, 3.0, 0.0, np.pi / 2, 0.0])
        request.reply(controls.encode_bone_transforms([("spine", pose, 2 * pose, 3 * pose)]))

    def on_destroy_actor(self, request: Request) -> None:
        request.reply(True)

    def on_set_actor_collisions(self, request: Request) -> None:
        request.fail_void("Actor could not be found in the registry")

    def on_get_available_maps(self, request: Request) -> None:
        request.reject("there is no such method")


if __name__ == "__main__":
    scene = Scene()
    hub = Hub("localhost", 0, 0, scene.answer, scene.subscribe)
    print(hub.rpc_port, flush=True)
    while True:
        hub.serve(10.0)
