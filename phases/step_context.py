"""What does a step touch the outside through? Files, people, AWS, git, commands, time: each by its context."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from phases.aws import AwsPort
from phases.work import Question
from state.cheap_classes import dataclass
from state.evidence import CheckResult, Verdict
from state.model import PlannedTask

if TYPE_CHECKING:
    from phases.elsewhere import RunsElsewhere
    from phases.manual.scripts import Script, ScriptResult

T = TypeVar("T")
R = TypeVar("R", bound=Mapping[str, object])  # what came of an effect: an object of JSON values


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
class Share:
    """How far something is that takes its time.

    Attributes:
        done, total: how much of it, in whatever it is counted in.
        expected: how long the whole takes as a rule [s]; 0 where nobody knows.
    """

    done: int
    total: int
    expected: float = 0.0


@dataclass(frozen=True, slots=True)
class PastEffect:
    """Something that this run did outside, or was about to do when its process died.

    Attributes:
        task_id, task_title, attempt: where it belongs.
        name, intent: as given to `StepContext.effect`.
        result: what came of it; None while nobody knows whether it happened.
        place: `journal.jsonl:<line>` of its intent, and of its result.
        task: key of the task, which alone is unique; "" for what is no task's.
    """

    task_id: str
    task_title: str
    attempt: int
    name: str
    intent: Mapping[str, object]
    result: Mapping[str, object] | None
    place: tuple[str, str] = ("", "")
    task: str = ""

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

    def repository(self) -> str:
        """What the repository is called: the last part of `origin`'s address, else its directory; never ""."""

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
    is_of_0_1: bool  # the run began under 0.1, and goes on by its rules

    @property
    def aws(self) -> AwsPort: ...

    @property
    def tasks(self) -> Sequence[PlannedTask]:
        """The tasks of the runbook, in order."""

    @property
    def clock(self) -> datetime:
        """What the clock says, UTC: of what is looked at now. `now` stays that of the attempt's start."""
        ...

    def of_other_profiles(self, text: str) -> tuple[str, Sequence[str]]:
        """The run's profile, and the words of a command that are another's; ("", ()) where it has none."""
        ...

    @property
    def handed_in_at(self) -> datetime:
        """When this attempt's work was handed in, UTC; the clock's time before that, and for a step's."""
        ...

    def shown(self, path: str) -> bytes | None:
        """A file of this attempt's evidence as it was shown; None where none was, or where the file is another now."""
        ...

    @property
    def operator(self) -> str:
        """The git identity of whoever handed this attempt's work in, or drives it: `Name <email>`."""

    def verdicts(self, task: PlannedTask) -> Mapping[str, Verdict]:
        """The verdict on each box of a task that is done, by the box's id; empty for one that is not.

        Boxes of a task that was left out are not applicable, those of one that was taken over as done are attested.
        """

    def place(self, path: str) -> str:
        """Where a file of that path, as steps declare it, lies in this run: for texts and commands that name it.

        A run of a runbook in a sub-directory has a directory of its own in the place of the workflow's. `read`,
        `exists` and `write` take either path.
        """

    def read(self, path: str) -> bytes:
        """A file of the workspace, by POSIX path relative to it. Raises StepFailed when it is not there."""

    def exists(self, path: str) -> bool:
        """Whether that file is there."""

    def judging(self, path: str) -> bytes | None:
        """A file of the workspace that judges work (its checks), as HEAD holds it; None where there is none.

        Raises BadInput where the one here is another one. Runs of 0.1 take the file as it is here.
        """

    def has_directory(self, path: str) -> bool:
        """Whether a directory of the workspace is there."""

    def write(self, path: str, content: str | bytes) -> None:
        """Write an artifact atomically; it becomes part of the evidence. Only paths of `writes` and `mends`."""

    @property
    def at_terminal(self) -> bool:
        """Whether a person can be asked here."""
        ...

    def ask(self, question: Question, *, again: bool = False) -> str:
        """The person's answer: from the journal, the answers file, the default under `--yes`, or the terminal.

        With `again` the journal is not looked at: the answer counts from here on in the place of an earlier one.

        Raises Waiting when nobody can be asked, BadInput when a given answer is not acceptable.
        """

    def known(self, question: Question) -> str | None:
        """The answer for which nobody has to be asked: of this attempt's journal, else as `given`, else of
        phasegate.yaml, else the default under `--yes`. None where somebody has to be. Nothing is recorded.
        """

    def given(self, question: str) -> str | None:
        """The answer that a file or a command brings now, whatever the journal has; None without one."""

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

    def is_settled(self, box: str) -> bool:
        """Whether the latest word on this box of the task, by its id, is a yes, or that it does not apply."""

    def has_begun(self, effect: str) -> bool:
        """Whether this effect was begun in this attempt, ended or not."""

    def has_ended(self, effect: str) -> bool:
        """Whether it is known what came of this effect of this attempt."""

    def was_begun_elsewhere(self, effect: str) -> bool:
        """Whether the journal brought this attempt's effect to this clone, begun."""

    def data(self, task_id: str, kind: type[T]) -> T:
        """`Work.data` of an earlier, finished task of this run, which is of this kind: `phases/recorded.py`.

        Raises StepFailed when that task has none, JournalDamaged when the journal has another kind of it.
        """

    def input_digest(self, task_id: str) -> str:
        """The digest over what the work of an earlier task of this run rests on; "" where that is not recorded."""

    def unchanged(self, task_id: str, inputs: Mapping[str, object]) -> tuple[str, Sequence[CheckResult]] | None:
        """Where the work of this task, resting on these inputs, may be taken for what was approved in a run before, and
        the policy of its gate lets that count: that run, and the checks that were approved. Else None.
        """

    def history(self) -> Sequence[PastEffect]:
        """Every effect of this run before the rollback, if there is one: of all tasks and attempts, oldest first."""

    def own_effects(self) -> Sequence[PastEffect]:
        """Every effect of this task so far, of all its attempts, oldest first."""

    def answers(self) -> Mapping[str, str]:
        """All answers given in this run so far, by question name (the latest wins)."""

    def answers_when(self, effect: str) -> Mapping[str, str]:
        """The same as they were when this effect of this attempt was begun; all of them where it was not."""

    def given_by(self, question: str) -> str:
        """Whose answer it is in this attempt, and how it came: `Ada <ada@example.com> (prompt)`; "" without one."""

    def require_answers(self, questions: Sequence[Question]) -> None:
        """Raise Waiting that names all of these that have no answer, where nobody can be asked."""

    def was_rejected_with(self, question: str) -> bool:
        """Whether an attempt at this task was rejected that had the run's latest answer to this question, and a person
        here can say another.
        """

    def is_brought(self, question: str) -> bool:
        """Whether the journal brought the run's latest answer to this question to this clone."""

    def begins(self, text: str) -> None:
        """Tell the person that something begins, and that it is waited for from now on."""

    def progress(self, text: str) -> None:
        """One line for the person who is watching (stderr); kept nowhere."""

    def waiting(self, text: str, share: Share | None = None) -> None:
        """Shown as what is being waited for until something else is, with how far it is; kept nowhere."""

    def wait(self, seconds: float) -> None:
        """Let time pass between two polls [s]; returns at once in the sandbox. Ctrl-C raises through it."""

    def wait_until(self, when: datetime, what: str) -> None:
        """Return when it is past `when` (aware); else raise Waiting (exit 3), and a later `resume` comes here again.

        Under `--wait` it waits here, in the sandbox, too; Ctrl-C raises through it. Keep `when` where a crash does
        not lose it: in an effect's result or an answer.
        """

    def wait_for(self, seconds: float, what: str) -> None:
        """Return when so much time has passed [s], where waits are waited out; else raise Waiting (exit 3) that says
        `what`, and a later `resume` comes here again.
        """

    @property
    def git(self) -> StepGit: ...

    @property
    def runs(self) -> RunsElsewhere:
        """Runs that this one orders from others."""

    def run(self, command: str, *, timeout: float = 3600.0, env: Mapping[str, str] | None = None) -> CommandResult:
        """Run `sh -c command` in the workspace, with nothing to read; its output is shown while it runs.

        An exit code is a result, not an exception. In a sandbox run `aws` and the SDKs in it reach the sandbox alone.
        The run of a command is not journaled: one that changes something goes inside `effect`, or its step declares
        AfterCrash.ASK_A_PERSON, because a command may have done half of its work when the process died.

        Raises StepFailed when it has not ended after `timeout` [s]; it is ended then, as by Ctrl-C.
        """

    def run_script(self, script: Script, *, timeout: float = 3600.0) -> ScriptResult:
        """Run a script in the workspace, each line shown when it runs, and what it prints. Otherwise as `run`."""

    def forget_scripts(self) -> None:
        """Remove what scripts of this task have left for the ones that go on in their shell."""

    def post(self, url: str, body: Mapping[str, object]) -> int:
        """POST JSON to an https address (http to this machine only); returns the answer's status code.

        Raises StepFailed when nobody answers, BadInput for another address. The address reaches no message or log.
        """

    def mask(self, text: str) -> str:
        """The text with its secrets masked, as in the output of commands."""
