"""For which environment is a checklist gone through? Its profiles: their names of things, and what they leave out.

Rules:
- One question, once in a run, chooses the profile; what it gives fills placeholders as answers do, and an answer of the
  same name counts before it.
- What a profile leaves out is not applicable by profile: nobody is asked about it, nothing looks at it, no box of it is
  ticked, and its approver sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from gates.words import BY_PROFILE
from phases.asked import Asked
from phases.checks.placeholders import Path
from phases.step import Question
from state.cheap_classes import dataclass
from state.errors import Problem
from state.late_pattern import late
from state.model import Plan, PlannedTask
from state.nearest import hint
from state.task_boxes import TaskBox, boxes_of

_OPTION = late(r"(?<!\S)--?[A-Za-z][\w-]*")  # its name alone, without a value behind `=`
_NUMBERS = late(r"[\d.]")  # in a name
_LEAST = 3  # signs of a value that is some name
PROFILE = "profile"  # the name of the question


def no_task(plan: Plan, name: str) -> str:
    """That nothing in the plan is called so, with what may be meant."""
    words = (word for task in plan.tasks for word in (task.title, task.id))
    known = [word for word in words if _NUMBERS.sub("", word) != _NUMBERS.sub("", name)]  # "Phase 9" is no slip of 4
    return f"no task of {plan.runbook} is called {name!r}{hint(name, known)}"


@dataclass(frozen=True, slots=True)
class Profile:
    """One environment.

    Attributes:
        values: what placeholders become.
        tasks: ids, keys or titles, or patterns for them, of the tasks that it leaves out.
        lines: the lines, from 1, of the boxes that it leaves out.
        place: `file:line:column`; `places` the same of each part of it, by path.
    """

    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    tasks: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    place: str = ""
    places: Mapping[Path, str] = field(default_factory=dict)

    @property
    def why(self) -> str:
        """The reason why something does not apply."""
        return f"{BY_PROFILE} {self.name}"

    def leaves_out_task(self, task: PlannedTask) -> bool:
        """Whether the whole task does not apply."""
        return task.is_named_by(self.tasks)

    def leaves_out(self, task: PlannedTask, box: TaskBox) -> bool:
        """Whether this box of the task does not apply."""
        return box.item.box.line in self.lines or self.leaves_out_task(task)

    def problems(self, plan: Plan) -> Iterator[Problem]:
        """What it leaves out that this plan does not have."""
        for number, name in enumerate(self.tasks):
            alone = Profile(self.name, tasks=(name,))
            if not any(alone.leaves_out_task(task) for task in plan.tasks):
                yield self._problem(("leaves-out", number), no_task(plan, name))
        lines = {box.item.box.line for task in plan.tasks for box in boxes_of(task)}
        for number, line in enumerate(self.lines):
            if line not in lines:
                yield self._problem(("lines", number), f"line {line} of {plan.runbook} has no box of a task")

    def _problem(self, path: Path, message: str) -> Problem:
        return Problem(self.places.get(path, self.place), f"profile {self.name}: {message}")


def of_other_profiles(text: str, profiles: Sequence[Profile], mine: Profile | None) -> list[str]:
    """The words of a command that are another profile's, and not this one's: its name, and what its values say.

    A word stands by itself, or behind a sign (`env=dev`, `Sessions-dev`); a directory (`/dev/null`) and the name of an
    option (`--save-dev`) are none.
    """
    if mine is None:
        return []
    own = {mine.name, *mine.values.values()}
    others = (each for each in profiles if each.name != mine.name)
    words = dict.fromkeys(word for each in others for word in (each.name, *filter(_is_name, each.values.values())))
    said = _OPTION.sub(" ", text)
    return [word for word in words if word not in own and _stands_in(re.escape(word), said)]


def _is_name(value: str) -> bool:
    """Whether a profile's value can be told from words that are anybody's: `1`, `no`."""
    return len(value) >= _LEAST and re.search("[A-Za-z]", value) is not None and value not in ("true", "false")


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w/]){word}(?!\w)|(?<=/){word}(?![\w/])", text) is not None


def profile_question(profiles: Sequence[Profile]) -> Question:
    """For which of them the checklist is gone through; a rehearsal takes the first."""
    names = tuple(each.name for each in profiles)
    return Question(PROFILE, "Which profile is this for?", default=names[0], choices=names, suggest=False)


def asked_profile(profiles: Sequence[Profile]) -> Asked:
    """The question as it can be told before the run."""
    return profile_question(profiles).asked(when="once in a run, at its first task")


def chosen(profiles: Sequence[Profile], answers: Mapping[str, str]) -> Profile | None:
    """The profile that these answers choose; None where none is chosen."""
    return next((each for each in profiles if each.name == answers.get(PROFILE)), None)


def with_values(profile: Profile | None, answers: Mapping[str, str]) -> dict[str, str]:
    """What placeholders become: the profile's values, and the answers, which count before them."""
    return {**(profile.values if profile else {}), **answers}


def left_out(profile: Profile | None, task: PlannedTask) -> dict[int, str]:
    """The numbers of the task's boxes that the profile leaves out, each with the reason."""
    boxes = boxes_of(task) if profile is not None else ()
    return {box.number: profile.why for box in boxes if profile is not None and profile.leaves_out(task, box)}
