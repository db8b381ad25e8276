"""How is a task's work declared, and what does the function that does it get and give?

    @step("3.2", "Execute CloudFormation deployment",
          reads=["artifacts/stage-06/dynamodb-infrastructure.yaml"],
          writes=["artifacts/stage-06/deployment-results.md"], after_crash=AfterCrash.ASK_THE_WORLD)
    def execute_change_set(ctx: StepContext) -> Work:
        '''Execute the approved change set and wait until the stack settles.'''

Rules:
- A step binds to a task by id *and* title: another title under a known id is manual work, never guessed at.
- A step without `after_crash` does not load.
- A step touches the outside through its context only: files by `read`/`write`, AWS by `aws`, people by `ask`,
  time by `now`/`wait`. An effect that cannot be taken back goes through `effect`.
- A step may be run again from its first line at any time; everything it did before is found, not repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, Protocol, TypeVar

from phases.aws import AwsPort
from state.evidence import Verdict
from state.model import PlannedTask

T = TypeVar("T")
R = TypeVar("R", bound=Mapping[str, object])  # what came of an effect: an object of JSON values


class AfterCrash(StrEnum):
    """What to do about a step that was under way when the process died."""

    REDO = "redo"  # its work has no effect outside its own files: run it again
    ASK_THE_WORLD = "ask-the-world"  # look outside (by name or token) before acting again
    ASK_A_PERSON = "ask-a-person"  # only a person can know


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: what was checked, unique within the task.
        expected, seen: as people would write them.
        verdict: "fail" closes the gate; the others do not, and are shown. "attested": nothing but a person's word
            stands for it, and `seen` says whose and how; like "not-checked", it keeps a policy from opening the gate.
        where: JSON path, `file:line`, ARN or resource, or "".
        answers: ids of the items and criteria that it answers (`phases/checks/answered.py`); not recorded.
    """

    name: str
    expected: str
    seen: str
    verdict: Verdict
    where: str = ""
    answers: tuple[str, ...] = ()


def compare(name: str, expected: object, seen: object, *, where: str = "", answers: tuple[str, ...] = ()) -> Check:
    """A check that passes when `seen` equals `expected`."""
    return Check(name, str(expected), str(seen), "pass" if seen == expected else "fail", where, answers)


def any_failed(checks: Iterable[Check]) -> bool:
    """Whether one of them closes the gate."""
    return any(check.verdict == "fail" for check in checks)


@dataclass(frozen=True, slots=True)
class ReviewSection:
    """A section that is shown to the approver: `body` is Markdown. It is part of what is approved."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Work:
    """What a step hands in, beside the artifacts it wrote.

    Attributes:
        checks: the exit checks of the task.
        data: small JSON facts for later steps (`ctx.data("3.1", Configured)["stack_name"]`); part of what is approved.
        review: what the approver is shown, in this order.
    """

    checks: Sequence[Check] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    review: Sequence[ReviewSection] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person can say. Its answer is journaled; a resumed run does not ask again.

    Attributes:
        name: key in an answers file, `[a-z][a-z0-9-]*`, unique within the workflow.
        text: the question as asked.
        default: taken by Enter, and by `--yes` against the sandbox; None when a person must say it.
        choices: allowed answers; () for free text.
        problem_with: returns what is wrong with an answer, or None. It is applied to every source of answers.
        suggest: False for what a person must think about: Enter takes nothing then, `--yes` still the default.
    """

    name: str
    text: str
    default: str | None = None
    choices: tuple[str, ...] = ()
    problem_with: Callable[[str], str | None] = field(default=lambda _answer: None, compare=False)
    suggest: bool = True


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended.

    Attributes:
        command: as it was run, secrets masked.
        exit_code: negative for a signal.
        output: stdout and stderr as they came, a line each, secrets masked and terminal control left out; the middle
            is cut, and said to be, when it is long.
        seconds: from start to end.
    """

    command: str
    exit_code: int
    output: str
    seconds: float


@dataclass(frozen=True, slots=True)
class PastEffect:
    """Something that this run did outside, or was about to do when its process died.

    Attributes:
        task_id, task_title, attempt: where it belongs.
        name, intent: as given to `StepContext.effect`.
        result: what came of it; None while nobody knows whether it happened.
        place: `journal.jsonl:<line>` of its intent, and of its result.
    """

    task_id: str
    task_title: str
    attempt: int
    name: str
    intent: Mapping[str, Any]
    result: Mapping[str, Any] | None
    place: tuple[str, str] = ("", "")

    def intended(self, kind: type[T]) -> T:
        """The intent, of this kind. Raises JournalDamaged when the journal has another one."""
        from phases.recorded import as_recorded  # with pydantic: only where something is read back

        return as_recorded(self.intent, kind, place=self.place[0], field="intent")

    def came_to(self, kind: type[T]) -> T | None:
        """The result, of this kind; None while there is none. Raises as `intended`."""
        from phases.recorded import as_recorded

        return as_recorded(self.result, kind, place=self.place[1], field="result") if self.result is not None else None


class StepGit(Protocol):
    """What a step may do in the person's repository; committing stays the engine's alone.

    Every method may be called again: what is as it should be is left as it is. StepFailed carries git's own words.
    """

    def branch(self) -> str:
        """The branch that the run commits to."""

    def start_branch(self, name: str) -> None:
        """Make a branch at HEAD and switch to it, with what is not committed; the run goes on there.

        It is journaled (`branch-switched`). Raises StepFailed when the branch exists elsewhere, or is no branch name.
        """

    def remotes(self) -> Sequence[str]: ...

    def remote_head(self, remote: str, branch: str) -> str | None:
        """The commit of that branch there, None when there is none. Raises StepFailed when it cannot be asked."""

    def push(self, remote: str, ref: str) -> None:
        """Push a branch (which then follows it) or a tag; never forced. Raises StepFailed when it is refused."""

    def tag(self, name: str, message: str, sha: str) -> None:
        """Make an annotated tag. Raises StepFailed when it exists on another commit."""

    def tag_target(self, name: str) -> str | None:
        """The commit that a tag is on, None when there is none."""

    def head(self) -> str: ...

    def commits(self, since: str) -> Sequence[tuple[str, str]]:
        """(id, subject) of the commits that HEAD has and `since` has not, oldest first."""

    def changed_since(self, since: str) -> Sequence[str]:
        """The workspace paths in which HEAD differs from `since`, sorted."""


class StepContext(Protocol):
    """What a step may use. The engine implements it (`workflow/engine/step_context.py`)."""

    run_id: str
    task: PlannedTask
    attempt: int  # from 1, counted up by a reject or a failure
    started_at: datetime  # of the run, UTC
    now: datetime  # of this attempt's start, UTC: the same when the attempt is redone after a crash

    @property
    def aws(self) -> AwsPort: ...

    def read(self, path: str) -> bytes:
        """A file of the workspace, by POSIX path relative to it. Raises StepFailed when it is not there."""

    def exists(self, path: str) -> bool:
        """Whether that file is there."""

    def write(self, path: str, content: str | bytes) -> None:
        """Write an artifact atomically; it becomes part of the evidence. Only paths in the step's `writes`."""

    def ask(self, question: Question) -> str:
        """The person's answer: from the journal, the answers file, the default under `--yes`, or the terminal.

        Raises Waiting when nobody can be asked, BadInput when a given answer is not acceptable.
        """

    def effect(
        self,
        name: str,
        intent: Mapping[str, object],
        act: Callable[[], R],
        find: Callable[[], R | None],
        kind: type = dict,
    ) -> R:
        """Do something outside exactly once per attempt: the intent is journaled before, the result after.

        `name` is unique within the task's attempt. After a crash in between, `find` asks the world whether it
        happened and returns the result, or None when it did not; only then `act` runs again.
        Results are JSON values, of the `kind` that the step goes on with: `phases/recorded.py`. Raises JournalDamaged
        for one in the journal that is not.
        """

    def data(self, task_id: str, kind: type[T]) -> T:
        """`Work.data` of an earlier, finished task of this run, which is of this kind: `phases/recorded.py`.

        Raises StepFailed when that task has none, JournalDamaged when the journal has another kind of it.
        """

    def history(self) -> Sequence[PastEffect]:
        """Every effect of this run before the rollback, if there is one: of all tasks and attempts, oldest first."""

    def answers(self) -> Mapping[str, str]:
        """All answers given in this run so far, by question name (the latest wins)."""

    def given_by(self, question: str) -> str:
        """Whose answer it is in this attempt, and how it came: `Ada <ada@example.com> (prompt)`; "" without one."""

    def progress(self, text: str) -> None:
        """One line for the person who is watching (stderr); kept nowhere."""

    def wait(self, seconds: float) -> None:
        """Let time pass between two polls [s]; returns at once in the sandbox. Ctrl-C raises through it."""

    def wait_until(self, when: datetime, what: str) -> None:
        """Return when it is past `when` (aware); else raise Waiting (exit 3), and a later `resume` comes here again.

        Under `--wait` it waits here, in the sandbox, too; Ctrl-C raises through it. Keep `when` where a crash does
        not lose it: in an effect's result or an answer.
        """

    @property
    def git(self) -> StepGit: ...

    def run(self, command: str, *, timeout: float = 3600.0, env: Mapping[str, str] | None = None) -> CommandResult:
        """Run `sh -c command` in the workspace, with nothing to read; its output is shown while it runs.

        An exit code is a result, not an exception. In a sandbox run `aws` and the SDKs in it reach the sandbox alone.
        The run of a command is not journaled: one that changes something goes inside `effect`, or its step declares
        AfterCrash.ASK_A_PERSON, because a command may have done half of its work when the process died.

        Raises StepFailed when it has not ended after `timeout` [s]; it is ended then, as by Ctrl-C.
        """

    def post(self, url: str, body: Mapping[str, object]) -> int:
        """POST JSON to an https address (http to this machine only); returns the answer's status code.

        Raises StepFailed when nobody answers, BadInput for another address. The address reaches no message or log.
        """

    def mask(self, text: str) -> str:
        """The text with its secrets masked, as in the output of commands."""


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

    @property
    def name(self) -> str:
        return self.run.__name__

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
) -> Callable[[Callable[[StepContext], Work]], Step]:
    """Declare the function below as the work of one task.

    Args:
        task_id: the task's id in the runbook; "" for a section such as an output validation.
        task_title: its title in the runbook.
        reads: workspace paths it needs; a plan in which nobody wrote them before is refused.
        writes: workspace paths of the artifacts it leaves.
        witness: reads facts outside that the approval rests on (a change set's status, say). It is called when the
            evidence is shown and again before the commit; a difference voids the approval by the fact's name.

    Raises TypeError when the function has no docstring (its first line is shown in listings).
    """

    def declare(function: Callable[[StepContext], Work]) -> Step:
        if not (function.__doc__ or "").strip():
            raise TypeError(f"step {function.__name__} has no docstring; its first line is its text in listings")
        return Step(task_id, task_title, tuple(reads), tuple(writes), AfterCrash(after_crash), function, witness)

    return declare


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
        questions: names of all that its steps may ask, and patterns (`confirm-replace-*`) where a part of the name is
            only known then; answers to anything else are refused. tests/workflow/test_askable.py holds the list.
        sample: what the demo's repository has beside the runbook, by workspace path.
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
    questions: tuple[str, ...] = ()

    def paths(self, runbook: str) -> set[str]:
        """Workspace paths that a run of this workflow may write, its own journal apart."""
        steps = (*self.steps, *self.rollback)
        return {runbook, self.log, self.rollback_plan, *(path for step in steps for path in step.writes)}

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
