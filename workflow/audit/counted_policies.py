"""Which policy counted at each gate of a run, as the commits and the approvals in its journal make it?

Rules:
- The very functions decide that the engine goes by (`workflow.policy.policy_history`, `policy_approval`).
- The way is the run's own branch: from its base through its commits to the one before a task's, or to the tip.
- Approvals of changed policies are not believed: who, signature, commit and files are looked at here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gates.policy_change import SigningKeys
from state.errors import BadInput
from state.event_types import Event, NamedTask, PolicyApproved, Worked
from state.passkey_signature import Signature
from state.run_state import RunState
from state.task_state import TaskState
from workflow.audit.facts import Commit, Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.engine.counting_policy import CanVerify, own_operators, verified
from workflow.policy.policy_approval import PolicyApprovals, operators
from workflow.policy.policy_history import Held, PolicyReader, Standing, follow, way_through


@dataclass(frozen=True)
class _Stored:
    """What commits hold (`workflow.policy.policy_history.Stored`)."""

    repository: Repository
    files: FileHistory

    def id_at(self, commit: str, path: str) -> str:
        return self.files.id_at(commit, path)

    def data_at(self, commit: str, path: str) -> bytes:
        held = self.repository.get(self.files.id_at(commit, path))
        return held.data if held else b""


class CountedPolicies:
    """The policy that counted, gate by gate.

    Attributes:
        way: the run's branch from behind its base on, as far as it is the run's.
        place: where on it a commit stands.
    """

    def __init__(
        self,
        repository: Repository,
        files: FileHistory,
        run: RunState,
        events: Sequence[Event],
        commits: Sequence[Commit],
        own: Sequence[Commit],
        *,
        is_over: bool,
        verifier: CanVerify,
        report: Report,
    ) -> None:
        self._run = run
        self._tasks = {task.key: task for task in run.all_tasks}
        self._worked = {(event.task, event.attempt): event.seq for event in events if isinstance(event, Worked)}
        self._verifier = verifier
        self._report = report
        self._files = files
        self._reader = PolicyReader(_Stored(repository, files))
        self._operators = operators(events) if run.policy_approvals else []
        stops = _in_order(commits, {commit.sha for commit in own})
        if not is_over:
            stops += _in_order(commits, {repository.tip}.difference(stops))
        self.base = run.start.base
        if repository.get(self.base) is None and commits:  # cut off: what is in sight is all that can be compared
            self.base = commits[0].sha
        self.way = way_through([self.base, *stops], {commit.sha: commit.parents for commit in commits})
        self.place = {self.base: 0, **{sha: number for number, sha in enumerate(self.way, 1)}}
        self._own = sorted(self.place[commit.sha] for commit in own if commit.sha in self.place)
        self._steps = list(self._changing())
        self._alike: dict[tuple[int, ...], list[Standing]] = {}  # by number of steps, and the settings in each

    def _changing(self) -> Iterator[tuple[int, str, Held]]:
        """Place, commit and what it holds, where that is another than before, or an approval is for it."""
        heads = {event.head for event in self._run.policy_approvals}
        before: Held | None = None
        above = ""
        for number, sha in enumerate([self.base, *self.way]):
            same = before is not None and self._files.are_as_in(above, sha, before.ids.keys())
            held = before if same and before is not None else self._reader.held(sha)
            if held is not before or sha in heads:
                yield number, sha, held
            before, above = held, sha

    @property
    def at_base(self) -> Held:
        """What the run began with."""
        return self._reader.held(self.base)

    def standings(
        self,
        task: NamedTask,
        *,
        until: int | None = None,
        before: int | None = None,
        own: TaskState | None = None,
    ) -> Sequence[Standing]:
        """How the gate of a task stood, from the base on, at each commit of the way that changed something.

        Args:
            until: place of the last commit; None for the end of the way.
            before: approvals behind this event came too late.
            own: the state of the task whose operators are barred; the task's as it is, if left out.
        """
        state = own or self._run.task(task.key)
        approvals = dict[str, list[PolicyApproved]]()
        for event in self._run.policy_approvals:
            if before is None or event.seq < before:
                approvals.setdefault(event.head, []).append(event)
        steps = [(sha, held) for number, sha, held in self._steps if until is None or number <= until]
        if not approvals:
            return self._without_approvals(steps, task)
        judge = replace(self._judge, own=own_operators(state))
        return list(follow(steps, self._run.start.workflow, task, approvals, judge))

    @property
    def _judge(self) -> PolicyApprovals:
        return PolicyApprovals(self._run.run_id, self._operators, self.verify, self._run.start.orderer.git)

    def _without_approvals(self, steps: Sequence[tuple[str, Held]], task: NamedTask) -> Sequence[Standing]:
        """How its gate stood where nobody approved a policy: as that of any other task that has the same settings."""
        workflow = self._run.start.workflow
        settings = (held.settings_of(workflow, task) for _, held in steps)
        key = (len(steps), *map(id, settings))  # of what the steps hold, which stay as long as this
        if key not in self._alike:
            self._alike[key] = list(follow(steps, workflow, task, {}, self._judge))
        return self._alike[key]

    def at_gate(self, state: TaskState, commit: Commit | None) -> list[Standing]:
        """How a gate stood from the run's commit before on until it was left in this commit; until now without one."""
        task = self._tasks.get(state.key)
        if task is None:
            return []
        until = None
        if commit is not None:
            until = self.place.get(commit.parents[0] if commit.parents else commit.sha, len(self.way))
        begun = self._begun(commit)
        found = self.standings(task, until=until, before=self._worked.get((state.key, state.attempt)))
        late = [each for each in found if self.place[each.commit] > begun]
        return [*found[: len(found) - len(late)][-1:], *late]

    def _begun(self, commit: Commit | None) -> int:
        """The place of the run's commit before this one, behind which what is left in it was shown."""
        end = self.place.get(commit.sha, len(self.way) + 1) if commit else len(self.way) + 1
        behind = bisect_left(self._own, end)
        return self._own[behind - 1] if behind else 0

    # --- approvals of policies -----------------------------------------------------------------------------------

    def check_approvals(self) -> None:
        """Say each approval of a changed policy that counts for no gate, and why."""
        for event in self._run.policy_approvals:
            if why := self._why_worthless(event):
                where = f"{self._run.place(event.seq)}: approval of the policy by {event.by.git}"
                self._report(Finding("policy-approval-invalid", f"{where}: {why}", commit=event.head))
            elif not event.signature:
                place = self._run.place(event.seq)
                message = f"who typed the approval of the policy in {place}: it is not signed"
                self._report(Unprovable("unsigned-approval", message))

    def _why_worthless(self, event: PolicyApproved) -> str:
        place = self.place.get(event.head)
        if place is None:
            return f"it is for commit {event.head[:10]}, which the run's branch does not have"
        if dict(event.files) != self._reader.held(event.head).files:
            return f"its files are not those of {event.head[:10]}"
        reasons = ["nothing was weaker there than what counted"]
        for task in self._run.all_tasks:
            now = self.standings(task, until=place, before=event.seq)[-1]
            if now.weaker:
                why = self._judge.why_not(event, now.rules, now.known)
                if not why:
                    return ""
                reasons.append(why)
        return reasons[-1]

    def verify(self, keys: SigningKeys, who: str, text: bytes, signature: Signature, at: datetime) -> str:
        """What is wrong with a signature; nothing is held against anybody where none can be verified."""
        try:
            return verified(self._verifier, keys, who, text, signature, at)
        except BadInput as error:
            self._report(Unprovable("signature-unverified", f"that {who} signed a policy: {error.message}"))
            return ""


def is_over(run: RunState, commit_of: Mapping[str, Commit], end: Commit | None) -> bool:
    """Whether nothing that comes now can open a gate of the run any more."""
    waiting = [task.key for task in run.all_tasks if task.key not in commit_of and not run.task(task.key).adopted]
    return end is not None or run.aborted or not waiting


def _in_order(commits: Sequence[Commit], wanted: Collection[str]) -> list[str]:
    """Those of the wanted commits that are among these, in their order."""
    return [commit.sha for commit in commits if commit.sha in wanted]
