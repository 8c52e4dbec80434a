"""Which route comes next."""

from collections import Counter
from collections.abc import Iterable

from lead.evaluation.attempt import Attempt
from lead.evaluation.route_drive import Task


class Schedule:
    """What is still to be driven. A route that the simulator spoiled comes back, until it was tried `attempts` times.

    With `longest_first`, long routes come first, so that workers end at about the same time; otherwise they come as
    they are given. A worker stays in its town while one of the next `reach` routes is in it, of all where the longest
    come first, because changing towns costs more than a short route.
    """

    def __init__(self, tasks: Iterable[Task], attempts: int, longest_first: bool = False, reach: int = 1):
        self._waiting = list(tasks)
        if longest_first:
            self._waiting.sort(key=lambda task: -task.length_m)
        self._attempts, self._reach = attempts, len(self._waiting) if longest_first else reach
        self._tries: Counter[int] = Counter()
        self._out: set[int] = set()

    @property
    def is_done(self) -> bool:
        """Whether nothing waits and nobody drives."""
        return not self._waiting and not self._out

    @property
    def metres_left(self) -> float:
        """Metres of the routes that wait."""
        return sum(task.length_m for task in self._waiting)

    def take(self, town: str = "") -> Task | None:
        """The next task for somebody who is in `town`, None when there is none now."""
        if not self._waiting:
            return None
        near = (task for task in self._waiting[: self._reach] if task.route.town == town)
        task = next(near, self._waiting[0])
        self._waiting.remove(task)
        self._out.add(task.key.index)
        self._tries[task.key.index] += 1
        return task

    def settle(self, task: Task, attempt: Attempt) -> bool:
        """Take note of how an attempt at a task ended; whether the task is done with."""
        self._out.discard(task.key.index)
        spoiled = attempt.outcome.is_infrastructure
        if spoiled and self._tries[task.key.index] < self._attempts:
            self._waiting.insert(0, task)
            return False
        return True

    def give_back(self, task: Task) -> None:
        """Take a task back that was not begun."""
        self._out.discard(task.key.index)
        self._tries[task.key.index] -= 1
        self._waiting.insert(0, task)
