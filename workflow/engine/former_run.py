"""What was answered in the run before a run with `--again`? It is the default of a question whose answer stays.

Where the policy lets unchanged work rest on its approval of before, that answer is taken without asking, in a task's
first attempt: what the answers lead to is shown at its gate, whose reject has the questions asked.
"""

from __future__ import annotations

from dataclasses import replace

from gates.repeat import may_repeat
from phases.step import Question
from state.find_runs import run_directory
from state.fold import fold
from state.model import PlannedTask
from state.read_journal import read
from state.segments import JOURNAL
from workflow.engine.open_run import OpenRun


def with_former_answer(run: OpenRun, question: Question) -> Question:
    """The question, with the answer of the run before as its default where it is one that stays the same.

    Raises JournalDamaged when that run's journal cannot be read.
    """
    known = former_answer(run, question)
    return question if known is None else replace(question, default=known)


def taken_again(run: OpenRun, task: PlannedTask, question: Question) -> str | None:
    """The answer of the run before where nobody is asked because of it, else None. Raises as `with_former_answer`."""
    start = run.state.start
    if not start.again or not question.stays or run.state.task(task.key).attempt > 1:
        return None
    if not may_repeat(run.counting.policy(task), sandbox=start.sandbox):
        return None
    return former_answer(run, question)


def former_answer(run: OpenRun, question: Question) -> str | None:
    """What was answered in the run before to a question whose answer stays. Raises as `with_former_answer`."""
    former = run.state.start.again
    if not former or not question.stays:
        return None
    path = run_directory(run.workspace, former) / JOURNAL
    return fold(read(path)).answers.get(question.name) if path.is_file() else None
