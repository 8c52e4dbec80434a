"""Giving cars to the Traffic Manager."""

import carla

#: Metres that the Traffic Manager keeps to the car ahead when nobody tells it otherwise.
USUAL_DISTANCE_M = 2.0


def drive_as_usual(manager: carla.TrafficManager, car: carla.Vehicle) -> None:
    """Take back whatever the Traffic Manager was told about an earlier car of this id.

    It remembers by id for as long as it lives, and a world that is loaded anew may begin with the same ids.
    """
    manager.vehicle_percentage_speed_difference(car, 0.0)
    manager.distance_to_leading_vehicle(car, USUAL_DISTANCE_M)
    manager.vehicle_lane_offset(car, 0.0)
    manager.auto_lane_change(car, True)
    manager.update_vehicle_lights(car, False)
    for ignore in (
        manager.ignore_lights_percentage,
        manager.ignore_signs_percentage,
        manager.ignore_vehicles_percentage,
        manager.ignore_walkers_percentage,
    ):
        ignore(car, 0.0)
