"""How is a task's work declared, and what does the function that does it get and give?

    @step("3.2", "Execute CloudFormation deployment",
          reads=["artifacts/stage-06/dynamodb-infrastructure.yaml"],
          writes=["artifacts/stage-06/deployment-results.md"], after_crash=AfterCrash.ASK_THE_WORLD)
    def execute_change_set(ctx: StepContext) -> Work:
        '''Execute the approved change set and wait until the stack settles.'''

Rules:
- A step imports all of this from here: what work comes to (`work.py`), and its context (`step_context.py`).
- A step binds to a task by id *and* title: another title under a known id is manual work, never guessed at.
- A step without `after_crash` does not load.
- A step touches the outside through its context only: files by `read`/`write`, AWS by `aws`, people by `ask`,
  time by `now`/`wait`. An effect that cannot be taken back goes through `effect`.
- A step may be run again from its first line at any time; everything it did before is found, not repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import PurePosixPath

from phases.asked import Asked
from phases.step_context import CommandResult as CommandResult
from phases.step_context import PastEffect as PastEffect
from phases.step_context import R as R
from phases.step_context import Share as Share
from phases.step_context import StepContext as StepContext
from phases.step_context import StepGit as StepGit
from phases.work import APPROVING as APPROVING
from phases.work import DONE_OUTSIDE as DONE_OUTSIDE
from phases.work import Check as Check
from phases.work import Question as Question
from phases.work import ReviewSection as ReviewSection
from phases.work import Work as Work
from phases.work import any_failed as any_failed
from phases.work import approving as approving
from phases.work import compare as compare
from phases.work import done_outside as done_outside
from state.cheap_classes import dataclass
from state.model import PlannedTask

Inputs = Callable[[StepContext, Work], Mapping[str, object]]


class AfterCrash(StrEnum):
    """What to do about a step that was under way when the process died."""

    REDO = "redo"  # its work has no effect outside its own files: run it again
    ASK_THE_WORLD = "ask-the-world"  # look outside (by name or token) before acting again
    ASK_A_PERSON = "ask-a-person"  # only a person can know


@dataclass(frozen=True, slots=True)
class Step:
    """A declared step: see `step`."""

    task_id: str
    task_title: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    after_crash: AfterCrash
    run: Callable[[StepContext], Work]
    witness: Callable[[StepContext], Mapping[str, str]] | None = None
    inputs: Inputs | None = None
    mends: tuple[str, ...] = ()
    moved: tuple[str, str] = ("", "")  # the directory that its paths are declared below, and the one in its place

    @property
    def name(self) -> str:
        return self.run.__name__

    def place(self, path: str) -> str:
        """Where a file of that declared path lies, as this step is placed."""
        return _moved(path, *self.moved)

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (self.run.__doc__ or "").strip().split("\n", 1)[0]


def step(
    task_id: str,
    task_title: str,
    *,
    after_crash: AfterCrash,
    reads: Iterable[str] = (),
    writes: Iterable[str] = (),
    witness: Callable[[StepContext], Mapping[str, str]] | None = None,
    inputs: Inputs | None = None,
    mends: Iterable[str] = (),
) -> Callable[[Callable[[StepContext], Work]], Step]:
    """Declare the function below as the work of one task.

    Args:
        task_id: the task's id in the runbook; "" for a section such as an output validation.
        task_title: its title in the runbook.
        reads: workspace paths it needs; a plan in which nobody wrote them before is refused.
        writes: workspace paths of the artifacts it leaves.
        witness: reads facts outside that the approval rests on (a change set's status, say). It is called when the
            evidence is shown and again before the commit; a difference voids the approval by the fact's name.
        inputs: what the work rests on, by name, as JSON values; called with what the work came to. Its answers, its
            text in the runbook and the version of phasegate are among them unsaid. Where all are what they were when
            the work was approved in the run before, a run with `--again` may ask nobody (`gates.repeat`). Without it
            somebody is always asked.
        mends: workspace paths that tasks before it wrote, which it takes in, or leaves, as people changed them: that is
            no obstacle to it. What takes them in says so and shows the difference. It may write these, too.

    Raises TypeError when the function has no docstring (its first line is shown in listings).
    """

    def declare(function: Callable[[StepContext], Work]) -> Step:
        if not (function.__doc__ or "").strip():
            raise TypeError(f"step {function.__name__} has no docstring; its first line is its text in listings")
        return Step(
            task_id,
            task_title,
            tuple(reads),
            tuple(writes),
            AfterCrash(after_crash),
            function,
            witness,
            inputs,
            tuple(mends),
        )

    return declare


def _moved(path: str, stage: str, place: str) -> str:
    return f"{place}/{path.removeprefix(f'{stage}/')}" if stage and path.startswith(f"{stage}/") else path


@dataclass(frozen=True, slots=True)
class SampleChange:
    """What the demo changes in its sample before it runs again.

    Attributes:
        title: one line, said before the run.
        files: workspace path -> bytes; none where nothing changes.
        killed_at: id of the task at whose beginning the run is killed, to be resumed; "" for none.
    """

    title: str
    files: Mapping[str, bytes]
    killed_at: str = ""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow that phasegate knows how to do.

    Attributes:
        name: as typed: `stage-06`.
        summary: one line for listings.
        runbook: the runbook's default path in a workspace.
        runbook_text: returns the project's own runbook (bytes) for `init`.
        log: workspace path of the working log.
        steps: its steps; tasks without one are manual.
        rollback: its steps for the way back, in order, with the ids R2, R3, ... (R1 plans every rollback): each undoes,
            verifies and documents; `ctx.history()` has what was done. Without any it is done by hand, by what the
            runbook says.
        preflight: looks, without writing, whether the run's inputs are good; gets a reader of workspace files
            (path -> bytes, or None when absent) and the given answers; raises BadInput with every problem.
        beside: what `init` writes beside the runbook, by workspace path; nothing is overwritten.
        questions: all that its steps may ask; answers to anything else are refused. tests/workflow/test_askable.py
            holds the list.
        sample: what the demo's repository has beside the runbook, by workspace path.
        sample_answers: which of those files is the answers file that the demo is driven with; "" for none.
        gates: the entry `gates` of the policy that `init` writes, as YAML; "" for none.
        requires: looks for the packages that only this workflow needs; raises BadInput, and loads nothing.
        sample_changes: what `demo --again` changes in it before each further run; none where it shows no further one.
    """

    name: str
    summary: str
    runbook: str
    runbook_text: Callable[[], bytes]
    log: str
    steps: tuple[Step, ...]
    preflight: Callable[[Callable[[str], bytes | None], Mapping[str, str]], None] = lambda _read, _answers: None
    beside: Callable[[], Mapping[str, bytes]] = dict
    sample: Callable[[], Mapping[str, bytes]] = dict
    rollback: tuple[Step, ...] = ()
    questions: tuple[Asked, ...] = ()
    sample_answers: str = ""
    gates: Callable[[], str] = str
    sample_changes: Callable[[], Sequence[SampleChange]] = tuple
    requires: Callable[[], None] = lambda: None

    def paths(self, runbook: str) -> set[str]:
        """Workspace paths that a run of this workflow may write, its own journal apart."""
        steps = (*self.steps, *self.rollback)
        return {runbook, self.log, self.rollback_plan, *(path for step in steps for path in step.writes)}

    def placed(self, stage: str, place: str) -> Workflow:
        """This workflow with the directory `place` where it declares `stage`: workspace paths, no slash at the end."""

        def moved(step: Step) -> Step:
            reads, writes, mends = (
                tuple(_moved(path, stage, place) for path in paths) for paths in (step.reads, step.writes, step.mends)
            )
            return replace(step, reads=reads, writes=writes, mends=mends, moved=(stage, place))

        return replace(
            self,
            log=_moved(self.log, stage, place),
            steps=tuple(moved(step) for step in self.steps),
            rollback=tuple(moved(step) for step in self.rollback),
        )

    @property
    def rollback_plan(self) -> str:
        """Workspace path of a rollback's plan: beside the working log."""
        return PurePosixPath(self.log).with_name("rollback-plan.md").as_posix()

    def step_for(self, task: PlannedTask) -> Step | None:
        """The step bound to this task by id and title (case-insensitively), or None for manual work."""
        for candidate in self.rollback if task.kind == "rollback" else self.steps:
            if candidate.task_id == task.id and candidate.task_title.casefold() == task.title.casefold():
                return candidate
        return None
