"""Process replay: recorded scenes in, identical decisions out. A log of scenes lies beside the answers to them."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lead.expert.config import ExpertConfig
from lead.expert.decision import Memory
from lead.expert.driver import Plan, drive
from lead.expert.scene import Scene, SceneError
from lead.expert.scene_log import load_scenes, save_scenes

EVERY_TICKS = 4
"""Of these ticks of a drive one is kept."""

KEPT_SCENES = 30
"""So many scenes make a log: six seconds."""

SUFFIX = ".scenes"
"""Of the files of scenes."""

_AIM = 30  # the path point, 3 m ahead, that stands for the path
_DIGITS = 6


@dataclass(frozen=True)
class Answer:
    """What the expert decides at one scene: speed (m/s), reason, actor, its distance (m) and a point (x, y) of its way.

    Numbers are rounded to millionths, so that they are alike on all processors; a distance without an actor is None.
    """

    time_s: float
    speed: float
    reason: str
    actor: int
    distance: float | None
    aim: tuple[float, float]


@dataclass(frozen=True)
class Difference:
    """A scene of a log that is answered differently from before."""

    log: Path
    before: Answer | None
    now: Answer | None

    def __str__(self) -> str:
        time_s = (self.before or self.now or Answer(0.0, 0.0, "", 0, None, (0.0, 0.0))).time_s
        return f"{self.log.stem} at {time_s:.2f} s: {_said(self.before)}, now {_said(self.now)}"


def answers_to(scenes: Iterable[Scene], config: ExpertConfig | None = None) -> list[Answer]:
    """What the expert decides, scene by scene; it begins with an empty memory."""
    memory, answers = Memory(), []
    for scene in scenes:
        plan, memory = drive(scene, memory, config or ExpertConfig())
        answers.append(_answer(scene, plan))
    return answers


def save_log(scenes: Sequence[Scene], file: Path) -> None:
    """Write scenes and the answers to them as they are read back (json, beside it)."""
    save_scenes(scenes, file)
    write_answers(file, answers_to(load_scenes(file)))


def write_answers(log: Path, answers: Sequence[Answer]) -> None:
    """Write the answers that a log shall have, one a line."""
    lines = ",\n".join(json.dumps(asdict(answer)) for answer in answers)
    file = _answer_file(log)
    partial = file.with_name(file.name + ".part")
    partial.write_text(f"[\n{lines}\n]\n")
    partial.replace(file)


def read_answers(log: Path) -> list[Answer]:
    """The answers that a log shall have. SceneError, naming the file, if there are none."""
    file = _answer_file(log)
    try:
        return [Answer(**{**row, "aim": tuple(row["aim"])}) for row in json.loads(file.read_text())]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise SceneError(f"{file} holds no answers of the expert: {error}") from None


def compare(log: Path, answers: Sequence[Answer]) -> Iterator[Difference]:
    """The scenes of a log whose answers are not those that it shall have."""
    wanted = read_answers(log)
    for index in range(max(len(wanted), len(answers))):
        before = wanted[index] if index < len(wanted) else None
        now = answers[index] if index < len(answers) else None
        if before != now:
            yield Difference(log, before, now)


def most_telling(scenes: Sequence[Scene], answers: Sequence[Answer], count: int = KEPT_SCENES) -> Sequence[Scene]:
    """The first `count` successive scenes with a scenario going on, if there is one, and the most different reasons."""
    kinds = [(answer.reason, answer.actor) for answer in answers]
    starts = range(max(len(kinds) - count, 0) + 1)
    acts = [any(fact.is_triggered for fact in scene.facts) for scene in scenes]
    best = max(starts, key=lambda start: (any(acts[start : start + count]), len(set(kinds[start : start + count]))))
    return scenes[best : best + count]


def _answer(scene: Scene, plan: Plan) -> Answer:
    decision, (x, y) = plan.decision, plan.path[_AIM].tolist()
    distance = None if math.isinf(decision.distance) else _rounded(decision.distance)
    aim = (_rounded(x), _rounded(y))
    return Answer(scene.time_s, _rounded(decision.speed), decision.reason, decision.actor, distance, aim)


def _rounded(value: float) -> float:
    return round(float(value), _DIGITS) + 0.0


def _said(answer: Answer | None) -> str:
    if answer is None:
        return "nothing"
    return f"{answer.speed:.3f} m/s for {answer.reason!r} (actor {answer.actor}) towards {answer.aim}"


def _answer_file(log: Path) -> Path:
    return log.with_suffix(".json")
