"""Did each gate that nobody was asked about, because nothing had changed, rest on an approval that says so?

Rules:
- The very functions decide that the engine goes by: which approval counts (`FormerWork`), and whether a gate may rest
  on it (`gates.repeat`), from the journals and copies in the commit that the run began from.
- The approval of before is not believed either: its digest is computed anew from that run's own evidence and plan.
"""

from __future__ import annotations

from collections.abc import Iterator

from gates.approval import UNCHANGED
from gates.policy import GatePolicy
from gates.repeat import Repeated, why_asked
from state.errors import JournalDamaged, PhasegateError
from state.evidence import Approval, RestsOn
from state.fold import fold
from state.model import Plan
from state.path_word import path_word
from state.run_state import RunbookVersion, RunState
from state.task_state import TaskState
from workflow.audit.approval_checks import check_approvals
from workflow.audit.facts import Repository
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.engine.former_work import FormerWork, committed_events
from workflow.runbook.kept_runbook import read_kept
from workflow.trailers import copy_of_runbook


class UnchangedGates:
    """The gates of one run that were left by an approval of before."""

    def __init__(self, repository: Repository, run: RunState, report: Report) -> None:
        self._repository = repository
        self._run = run
        self._report = report
        self._former = FormerWork(run.start, self)

    def check(self, state: TaskState, policy: GatePolicy) -> None:
        """Report where a gate of this policy may not have been left that way."""
        for approval in state.approvals:
            if UNCHANGED in (approval.by.git, approval.via):
                for why in self._faults(state, policy, approval):
                    self._report(Finding("approval-not-repeated", why, state.key))

    def _faults(self, state: TaskState, policy: GatePolicy, approval: Approval) -> Iterator[str]:
        if approval.by.git != approval.via:
            yield f"opened via {approval.via}, in the name of {approval.by.git}"
            return
        start = self._run.start
        if self._repository.get(start.base) is None:
            self._report(Unprovable("shallow-history", f"what {state.key} rests on, from before this clone begins"))
            return
        if state.worked is None or not start.again:
            yield "its run begins nothing again"
            return
        now = Repeated(state.worked, policy, state.key, start.workflow, start.runbook, start.sandbox)
        try:
            former = self._former.of(state.key)
            if why := why_asked(now, former):
                yield why
            elif former is not None and approval.rests_on != former.rests_on:
                yield "it names another approval to rest on than the one that was given last"
            elif former is not None:
                yield from self._faults_of_former(former.rests_on)
        except PhasegateError as error:
            yield f"what it rests on cannot be read: {error.message}"

    def _faults_of_former(self, rests_on: RestsOn) -> Iterator[str]:
        """What is wrong with the approval of before, as that run's own journal has it."""
        events = committed_events(self, rests_on.run)
        run = fold(events)
        found: list[Finding] = []
        plans = {version.since: self._plan(run, version) for version in run.runbook_versions}

        def plan_at(seq: int) -> Plan | None:
            return plans[max(since for since in plans if since <= seq)]

        check_approvals(events, plan_at, lambda each: found.append(each) if isinstance(each, Finding) else None)
        for finding in found:
            if finding.task == rests_on.task:
                yield f"run {rests_on.run}: {finding.code}: {finding.message}"

    def _plan(self, run: RunState, version: RunbookVersion) -> Plan:
        """Raises JournalDamaged where the run's copy is not there, or is of another plan."""
        path = copy_of_runbook(run.run_id, version)
        data = self.file(path)
        plan = read_kept(data, run.start) if data is not None else None
        if plan is None or plan.digest != version.plan:
            raise JournalDamaged(
                f"{path} is not the runbook that run {run.run_id} went by",
                next_command=f"git log --oneline -- {path_word(path)}",
            )
        return plan

    def file(self, path: str) -> bytes | None:
        """A file of the commit that the run began from."""
        held = self._repository.at(self._run.start.base, path)
        return held.data if held is not None else None

    def below(self, directory: str) -> dict[str, bytes]:
        """The files below a directory in that commit."""
        found = list(self._repository.below(self._run.start.base, directory).items())
        held = self._repository.read_all([blob for _, blob in found])
        return {path: each.data for (path, _), each in zip(found, held, strict=True) if each is not None}
