"""What did a person at a terminal say of work by hand before it is handed in? That it is done, and of its commands.

Rules:
- That the work is done is recorded before its commands run: who resumes is not asked again, unless somebody else said
  so. It is taken back by `resume --ask-again`, as any answer.
- Behind the last command one that was skipped, left or edited can be asked about again; to go on is said once, and of
  what was listed: where that is another now, it is listed again.
"""

from __future__ import annotations

from dataclasses import replace

from phases.manual.hand_work import command_endings
from phases.manual.second_thoughts import GO_ON, can_be_taken_back, choice_of, stands_question, stood, take_back
from state.model import PlannedTask
from state.task_state import TaskState
from workflow.engine.open_run import OpenRun
from workflow.engine.step_context import EngineContext
from workflow.views.place import place_of

SAID_DONE = "yes"


def done_question(task: PlannedTask) -> str:
    """Under which name it is recorded that the task is done."""
    return f"{task.asked_as}-is-done"


def is_said_done(run: OpenRun, task: PlannedTask, state: TaskState) -> bool:
    """Whether whoever sits here said already that this attempt's work is done."""
    name, me = done_question(task), run.doors.me.git
    here = state.given_by.get(name) == f"{me} (prompt)" or run.settings.answers.get(name) == SAID_DONE
    return here and run.doors.person.at_terminal


def record_done(run: OpenRun, task: PlannedTask) -> None:
    """Record, once in an attempt, that a person at the terminal says that the work is done; never in runs of 0.1."""
    name = done_question(task)
    if not run.state.is_of_0_1 and name not in run.state.task(task.key).answers:
        run.record("answered", question=name, answer=SAID_DONE, via="prompt")


def tell_said_done(run: OpenRun, task: PlannedTask) -> None:
    """Tell whoever resumes that it is done, and how that is taken back."""
    again = f"phasegate resume {run.run_id} --ask-again {done_question(task)}"
    run.doors.person.progress(f"{task.in_words} is done, as you said; to take that back: {again}")


def takes_back(run: OpenRun, task: PlannedTask, ctx: EngineContext) -> bool:
    """Whether whoever sits here takes back what they said of a command: it was asked about again then."""
    if run.state.is_of_0_1 or not run.doors.person.at_terminal:
        return False
    left = can_be_taken_back(command_endings(task, ctx))
    question = stands_question(task, left)
    if not left or run.state.task(task.key).answers.get(question.name) == stood(left):
        return False
    here = replace(question, place=place_of(run.plan, run.state, task).line())
    said, via = run.doors.person.ask(here, question.default) or (GO_ON, "")
    chosen = next((each for each in left if choice_of(each) == said), None)
    if chosen is not None:
        take_back(task, ctx, chosen)
    elif via:  # where one takes something back, that itself is no answer: it is what they say then
        run.record("answered", question=question.name, answer=stood(left), via=via)
    return chosen is not None
