"""What a student's drive leaves to look at: LEAD's demo, debug, grid and input pictures and videos, and its inputs."""

from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import cv2
import torch

from lead.agents.sensor.config import VIEWS, ClosedLoopConfig
from lead.agents.sensor.dashboard import paint_dashboard
from lead.agents.sensor.painting import Picture
from lead.agents.sensor.scenes import OUTSIDE, caption, paint_demo, paint_grid
from lead.agents.sensor.student import Moment, Student
from lead.evaluation.observation import Observation
from lead.evaluation.observers import RouteContext
from lead.evaluation.outputs import route_folder
from lead.evaluation.records import RouteRecord
from lead.evaluation.stage import TICK_S
from lead.files import replacing, write_bytes
from lead.recording.rig_sensors import RigSensors
from lead.sensors.pictures import colour_strip
from lead.view import VideoWriter

_ALERT_SECONDS = 4.0
_TICKS_PER_SECOND = 20
_QUALITY = {"demo": 23, "grid": 23, "input": 23, "debug": 26}
_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 1]


class StudentViews:
    """Paints and writes what `ClosedLoopConfig` asks for. Use as a context, so that interrupted videos end in order."""

    def __init__(self, stem: str):
        """`stem`: the route file's name, which a lone route's files have too."""
        self._stem = stem
        self._files: _Files | None = None
        self._cameras: RigSensors | None = None

    def __enter__(self) -> "StudentViews":
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()

    def on_route_start(self, context: RouteContext) -> None:
        """Bring the cameras and open the files."""
        config = _student(context).config
        alone = context.total == 1
        folder = context.output if alone else route_folder(context.output, context.key.route_id)
        self._files = _Files(folder, self._stem if alone and self._stem else context.route.id, config)
        if config.shows("demo") or config.shows("grid"):
            self._cameras = RigSensors(
                context.client, context.world, context.ego, config.produce_frame_frequency, TICK_S
            )
            self._cameras.attach([], OUTSIDE.camera_sensors(("rgb",)))
            self._cameras.warm_up(context.tick)

    def on_tick(self, context: RouteContext, seen: Observation) -> None:
        """Paint the tick, if it is due."""
        student, files = _student(context), self._files
        moment = student.moment
        if files is None or moment is None:
            return
        outside = None
        is_due = moment.step % student.config.produce_frame_frequency == 0
        if self._cameras is not None:
            readings, is_due = self._cameras.read(seen.frame)
            outside = colour_strip(OUTSIDE, readings) if is_due else None
        if is_due:
            alerts = [event.message for event in context.events if seen.time_s - event.time_s < _ALERT_SECONDS]
            files.write(moment, paint(student, moment, outside, alerts))

    def on_route_end(self, record: RouteRecord) -> None:
        """Finish the files."""
        if self._cameras is not None:
            self._cameras.detach()
        self._finish()

    def _finish(self) -> None:
        if self._files is not None:
            self._files.close()
        self._files = self._cameras = None


def paint(student: Student, moment: Moment, outside: Picture | None, alerts: list[str]) -> dict[str, Picture]:
    """The pictures that the student's settings ask for, by kind; `outside`: that of the cameras that follow the car."""
    config, pictures = student.config, {}
    if config.shows("input"):
        pictures["input"] = moment.glimpse.strip
    if config.shows("debug"):
        pictures["debug"] = paint_dashboard(student, moment, alerts)
    if outside is not None and config.shows("demo"):
        pictures["demo"] = paint_demo(moment, outside, caption(moment), alerts)
    if outside is not None and config.shows("grid"):
        pictures["grid"] = paint_grid(student, moment, outside, caption(moment), alerts)
    return pictures


class _Files:
    """The files of one route: `ID_demo.mp4`, `demo_images/00000.png`, `input_log/00000.pth` and so on."""

    def __init__(self, folder: Path, name: str, config: ClosedLoopConfig):
        self._folder, self._name, self._config = folder, name, config
        self._videos: dict[str, VideoWriter] = {}

    def write(self, moment: Moment, pictures: Mapping[str, Picture]) -> None:
        for view, picture in pictures.items():
            if getattr(self._config, f"produce_{view}_image"):
                self._write_image(view, moment.step, picture)
            if getattr(self._config, f"produce_{view}_video"):
                self._video(view, picture).write(picture)
        if self._config.produce_input_log:
            self._write_log(moment)

    def close(self) -> None:
        for video in self._videos.values():
            video.close()
        self._videos.clear()

    def _write_image(self, view: str, step: int, picture: Picture) -> None:
        assert view in VIEWS
        path = self._folder / f"{view}_images" / f"{step:05d}.png"
        write_bytes(path, cv2.imencode(path.suffix, picture, _PNG)[1].tobytes())

    def _write_log(self, moment: Moment) -> None:
        path = self._folder / "input_log" / f"{moment.step:05d}.pth"
        path.parent.mkdir(parents=True, exist_ok=True)
        given = {field.name: getattr(moment.inputs, field.name) for field in fields(moment.inputs)}
        with replacing(path) as unfinished:
            torch.save({name: value for name, value in given.items() if value is not None}, unfinished)

    def _video(self, view: str, picture: Picture) -> VideoWriter:
        if view not in self._videos:
            height, width = picture.shape[:2]
            rate = Fraction(_TICKS_PER_SECOND, self._config.produce_frame_frequency)
            path = self._folder / f"{self._name}_{view}.mp4"
            self._videos[view] = VideoWriter(path, width, height, rate, _QUALITY[view])
        return self._videos[view]


def _student(context: RouteContext) -> Student:
    student = getattr(context.agent, "student", None)
    assert isinstance(student, Student)
    return student
