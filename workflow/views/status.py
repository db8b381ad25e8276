"""Where does a run stand, and what does it wait for? As data (docs/json.md) and as lines to read.

What of the run's state that is: `status_of_run.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from gates.words import SHORT, look_at_weaker
from state.cheap_classes import dataclass
from state.event_types import AttemptFailed, RollbackStarted
from state.json_values import Json, format_time
from state.path_word import path_word
from state.position import Outcome
from state.printable import as_name, printable_line
from state.run_state import RunState
from state.task_name import number_and_title
from state.task_state import TaskStatus
from workflow.views.items import in_words
from workflow.views.numbered import Numbered, in_numbered_lines

if TYPE_CHECKING:
    from state.driven_there import DrivenThere
    from workflow.views.effects import FailedCommand, RunningCommand

WEAKER = "phasegate.yaml at HEAD is weaker than what this run began with; the old one judges"
SKIPPED = "skipped"  # what a task is shown as that is done by being left out: approved and committed as that
TEST_COMMAND, SETTINGS = "test-command", "phasegate.yaml"  # a question, and what may answer it
OTHER_TESTS = "where that is not the command"  # the remark behind the command that asks for another one


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task: `status` is a value of `state.task_state.LIFE`, `done`, `stopped` or `adopted`.

    Attributes:
        skipped: why it is left out, where it is optional and was handed in as that, or ""; it is `done` then.
        taken_back: whether it is `rejected` because who handed it in took it back.
    """

    id: str
    key: str
    title: str
    status: str
    commit: str | None
    approved_by: str | None
    skipped: str = ""
    taken_back: bool = False

    def to_json(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "key": self.key,
            "title": self.title,
            "status": self.status,
            "commit": self.commit,
            "approved_by": self.approved_by,
            "skipped": self.skipped or None,
            "taken_back": self.taken_back,
        }

    @property
    def name(self) -> str:
        return self.id or self.title

    @property
    def shown(self) -> str:
        """The status for people, who are told apart what was done and what was left out."""
        return "taken back" if self.taken_back else shown_status(self.status, self.skipped)

    def text(self) -> str:
        why = f" ({self.skipped})" if self.skipped else ""
        return f"  {self.shown:<10} {(self.commit or '')[:10]:<10}  " + number_and_title(self.id, self.title) + why


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """What waits for approval: the task's key, what has to be approved, until when, and the commands that do it.

    Attributes:
        since: when it was shown first.
        whom: who may approve it, and how, in words.
        closed: why nobody can as it is, for what its policy or checks are now; "" where they can. `by` helps then.
    """

    task: str
    digest: str
    expires_at: datetime
    by: Sequence[str]
    since: datetime
    whom: str
    closed: str = ""

    def to_json(self) -> dict[str, Json]:
        return {
            "task": self.task,
            "digest": self.digest,
            "expires_at": format_time(self.expires_at),
            "since": format_time(self.since),
            "whom": self.whom,
            "closed": self.closed,
        }


@dataclass(frozen=True, slots=True)
class StatusView:
    """A run, as it stands.

    Attributes:
        outcome: how the run ended; empty while it has not.
        state: of the machine: `ready`, a task's key, or how the run ended; all of a rollback is `rolling_back`.
        waiting_for: what waits for approval.
        to_do: key of the task that waits for a person's work.
        done: how many tasks.
        failure: of the current task's latest attempt.
        typed, unsigned: how many approvals by people count, and how many of them are not signed.
        boxes: of the task that waits for a person's work or word, where each is answered by itself.
        criteria: of the task that waits for a person's work, those that are no boxes.
        asked: what handing it in asks for beside files, as the remark behind the command goes on, or "".
        to_do_by_agent: whether an agent is at the task that is to be done: its server began the run.
        weaker_policy: whether the committed policy is weaker than the one that judges.
        checks_not_committed: the checks file beside the runbook, where it judges nothing as it lies there; or "".
        to_do_since: when the attempt began that waits for a person's work.
        held_by: the process that works at it now, and its terminal, as far as they are known; "" for nobody.
        once_more: why the attempt before ended, while its work is to be done again; or "".
        items: how many items came to which verdict (`views/items.py`); {} where none was answered by itself.
        tests_by: the question whose answer is the command that ran the tests of the task that failed; or "".
        failed_command: the latest command of the task at hand, where it failed and nobody has left it as it is.
        running_command: that command, where the process that began it works at the run still.
        record_lost: which commit of others took back or changed what the run committed of its own record, in words; ""
            where HEAD has it. Nothing goes on then before `record_back` was typed.
        used_up: that an agent has had all its attempts at the task at hand, so that a person goes on; or "".
        persons_step: the command by which a person does what no agent may of a task that an agent is at; or "".
        driven_there: where the run is driven, where that is another worktree: what is shown is a copy of it.
        others_there: the other runs of this workspace that are driven in another worktree.
        waits_elsewhere: of work that was handed in, whom its boxes wait for who is elsewhere, each with the box; nobody
            has looked whether it is so by now.
    """

    run: str
    workflow: str
    outcome: Outcome
    state: str
    tasks: Sequence[TaskLine]
    waiting_for: WaitingFor | None
    to_do: str | None
    done: int
    rollback: RollbackStarted | None
    failure: AttemptFailed | None
    typed: int
    unsigned: int
    boxes: Sequence[Numbered] = ()
    criteria: Sequence[Numbered] = ()
    asked: str = ""
    to_do_by_agent: bool = False
    weaker_policy: bool = False
    failed_command: FailedCommand | None = None
    running_command: RunningCommand | None = None
    held_by: str = ""
    items: Mapping[str, int] = field(default_factory=dict)
    to_do_since: datetime | None = None
    once_more: str = ""
    tests_by: str = ""
    checks_not_committed: str = ""
    waits_elsewhere: Sequence[str] = ()
    record_lost: str = ""
    record_back: str = ""
    used_up: str = ""
    persons_step: str = ""
    driven_there: DrivenThere | None = None
    others_there: Sequence[DrivenThere] = ()

    def to_json(self) -> dict[str, Json]:
        """As docs/json.md describes it."""
        begun, failed = self.rollback, self.failure
        return {
            "run": self.run,
            "workflow": self.workflow,
            "state": self.state,
            "tasks": [task.to_json() for task in self.tasks],
            "waiting_for": self.waiting_for.to_json() if self.waiting_for else None,
            "to_do": self.to_do,
            "to_do_since": format_time(self.to_do_since) if self.to_do_since else None,
            "progress": {"done": self.done, "total": len(self.tasks)},
            "rollback": {"reason": begun.reason, "by": begun.by.git, "at": format_time(begun.at)} if begun else None,
            "failed_command": self.failed_command.to_json() if self.failed_command else None,
            "running_command": self.running_command.to_json() if self.running_command else None,
            "held_by": self.held_by or None,
            "items": dict(self.items),
            "boxes": [each.to_json() for each in self.boxes],
            "exit_criteria": [each.to_json() for each in self.criteria],
            "failure": {"reason": failed.reason, "problems": list(failed.problems)} if failed else None,
            "once_more": self.once_more or None,
            "approvals": {"by_people": self.typed, "unsigned": self.unsigned},
            "waits_elsewhere": list(self.waits_elsewhere),
            "to_do_by_agent": self.to_do_by_agent,
            "used_up": self.used_up or None,
            "weaker_policy": self.weaker_policy,
            "checks_not_committed": self.checks_not_committed or None,
            "record_lost": self.record_lost or None,
            "driven_in": self.driven_there.to_json() if self.driven_there else None,
            "other_worktrees": [each.to_json() for each in self.others_there],
            "next": list(self.following),
        }

    def lines(self) -> list[str]:
        """To read, printable; what to type now comes below (`following`)."""
        return [printable_line(line) for line in self._lines()]

    def _lines(self) -> Iterator[str]:
        done = f"{self.done} of {len(self.tasks)} done{of_them_skipped(self._skipped)}"
        yield f"{self.run}: {self._where}, {done}"
        yield from (task.text() for task in self.tasks)
        if self.items:
            yield in_words(self.items)
        if self.unsigned:
            yield self._unsigned_line()
        if self.rollback:
            yield from ("", f"{self._how_far_back} because {self.rollback.reason} ({self.rollback.by.git})")
        ran = self.failed_command.lines() if self.failed_command else []
        if self.failure:
            yield from ("", *_of_failure(self.failure))
            begins = ran[0].partition(" failed: ")[0] + ": " if ran else ""
            if ran and any(text.startswith(begins) for text in self.failure.problems):
                yield from ran[1:]  # how it ended is said already
                ran = []
        if self.once_more:
            yield from ("", self.once_more)
        if self.used_up:
            yield from ("", self.used_up)
        if ran:
            yield from ("", *ran)
        if self.running_command:
            yield from ("", *self.running_command.lines())
        yield from self._waiting_lines()
        if self.held_by:
            yield f"held by {self.held_by}, which is working on it"
        if self.record_lost:
            yield self.record_lost_line
        if self.driven_there:
            yield f"this is a copy of the run, and may be older: {self.driven_there.said}"
        yield from (each.said for each in self.others_there)
        if self.weaker_policy:
            yield WEAKER
        if path := self.checks_not_committed:
            yield f"{as_name(path)} is not as HEAD has it, and checks judge as they are committed: the run waits"

    @property
    def is_at_an_open_gate(self) -> bool:
        """Whether something waits for approval that can be approved as it is."""
        return self.waiting_for is not None and not self.waiting_for.closed

    @property
    def _where(self) -> str:
        """The task that the run stands at, or how it ended."""
        at = {task.key: f"at {task.name}" for task in self.tasks}
        return at.get(self.state, self.state.replace("_", " "))

    @property
    def _skipped(self) -> int:
        return sum(task.shown == SKIPPED for task in self.tasks)

    def _waiting_lines(self) -> Iterator[str]:
        """What is waited for, and the boxes of it."""
        boxes = in_numbered_lines(self.boxes)
        if self.waiting_for:
            short, until = self.waiting_for.digest[:SHORT], _minute(self.waiting_for.expires_at)
            yield from ("", f"waiting for approval of {short} until {until}")
            yield from (f"since {_minute(self.waiting_for.since)}, who may approve: {self.waiting_for.whom}", *boxes)
            if self.waiting_for.closed:
                yield f"it cannot be approved as it is: {self.waiting_for.closed}"
        elif self.to_do:
            name = next(task.name for task in self.tasks if task.key == self.to_do)
            since = f", since {_minute(self.to_do_since)}" if self.to_do_since else ""
            at_it = "is an agent's to do" if self.to_do_by_agent else "is to be done by hand"
            yield from ("", f"{name} {at_it}{since}", *boxes)
            if self.criteria:
                yield from ("exit criteria:", *in_numbered_lines(self.criteria))
        elif boxes:
            yield from ("", "its boxes:", *boxes, "")
            if self.waits_elsewhere:
                yield f"waits, unless it is so by now, for {'; '.join(self.waits_elsewhere)}"
        elif self.following:
            yield ""

    @property
    def _how_far_back(self) -> str:
        if self.outcome is Outcome.ROLLED_BACK:
            return "rolled back"
        return "its rollback, which was not finished, was begun" if self.outcome else "is being rolled back"

    def _unsigned_line(self) -> str:
        which = "the approval is" if self.typed == 1 else f"{self.unsigned} of {self.typed} approvals are"
        return f"{which} unsigned: whoever can write here can make such a one up"

    @property
    def record_lost_line(self) -> str:
        """That what is shown is the run as of before, and why."""
        return f"this is the run as of before, and it does not go on: {self.record_lost}"

    @property
    def following(self) -> Sequence[str]:
        """The commands that may be typed now."""
        others = tuple(each.command() for each in self.others_there)
        if self.driven_there:  # whatever would change it here is refused
            return (self.driven_there.command(), *others)
        return (*self._following_here, *others)

    @property
    def _following_here(self) -> Sequence[str]:
        if self.record_lost and not self.held_by:
            return (self.record_back,)
        weaker = (look_at_weaker(self.run),) if self.weaker_policy else ()
        return (*self._checks_first, *self._following, *weaker)

    @property
    def _checks_first(self) -> Sequence[str]:
        """The commands that put the checks on record, or back."""
        if not self.checks_not_committed:
            return ()
        path = path_word(self.checks_not_committed)
        return (f"git add -- {path} && git commit -m Checks -- {path}   # when they are right",)

    @property
    def _following(self) -> Sequence[str]:
        if self.held_by:  # everything else would be refused
            return (f"phasegate status {self.run} --watch   # shows what becomes of it",)
        if self.waiting_for and self.waiting_for.closed:
            return self.waiting_for.by
        if self.waiting_for:
            return (
                f"phasegate status {self.run} --review   # read it, then",
                *self.waiting_for.by,
            )
        if self.to_do and self.to_do_by_agent:
            look = f"phasegate status {self.run} --watch   # an agent does it; who hands it in does not approve it"
            return (look, self.persons_step) if self.persons_step else (look,)
        if self.to_do:
            return (
                f"phasegate resume {self.run}   # shows it",
                f"phasegate done {self.run} --path FILE   # hands it in{self.asked}, for somebody else to approve",
            )
        if self.outcome:
            return ()
        if self.used_up:
            return (f"phasegate resume {self.run}   # a person goes on; it shows why each of them ended",)
        again = (other_tests(self.run, self.tests_by),) if self.tests_by else ()
        return (f"phasegate resume {self.run}", *again)


def _of_failure(failure: AttemptFailed) -> Iterator[str]:
    """Why the attempt failed, each check once: where they are listed, the reason's own list of them is left out."""
    head, sign, _told = failure.reason.partition(" checks failed: ")
    yield f"failed: {head} checks failed" if sign and failure.problems else f"failed: {failure.reason}"
    yield from (f"  {text}" for text in failure.problems)


def shown_status(status: str, skipped: str) -> str:
    """A task's status for people; `skipped`: why it is left out, or ""."""
    return SKIPPED if skipped and status == TaskStatus.DONE else status


def of_them_skipped(number: int) -> str:
    """`, 2 of them skipped`, behind a number of tasks that are done; "" for none."""
    return f", {number} of them skipped" if number else ""


def other_tests(run_id: str, question: str) -> str:
    """The command that asks once more which command runs the tests."""
    return f"phasegate resume {run_id} --ask-again {question}   # {OTHER_TESTS}"


def tests_by(run: RunState, task: str) -> str:
    """The question that was answered in this task with the command of its tests; "" where the settings say it."""
    given = run.answered.get(TEST_COMMAND)
    return TEST_COMMAND if given is not None and given.task == task and given.via != SETTINGS else ""


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
