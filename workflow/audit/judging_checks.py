"""Was a task judged by the checks that were committed, and was its approver shown where these had changed?

Rules:
- The gate makes the very comparison (`workflow.engine.shown_checks`), against the commit before the task's.
- Where the page showed that checks had changed since the run's base it is listed, since no audit can tell whether they
  were meant to change.
"""

from __future__ import annotations

from dataclasses import dataclass

from gates.judged import says_changed
from state.model import PlannedTask
from state.run_state import RunState
from state.task_state import TaskState
from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.audit.policy_checks import before
from workflow.engine.shown_checks import changed_since_base, names_checks, why_not_as_shown


@dataclass(frozen=True)
class _Stored:
    """What commits hold (`workflow.policy.policy_history.Stored`)."""

    repository: Repository

    def id_at(self, commit: str, path: str) -> str:
        return self.repository.id_at(commit, path)

    def data_at(self, commit: str, path: str) -> bytes:
        held = self.repository.at(commit, path)
        return held.data if held is not None else b""


def check_judges(
    repository: Repository, run: RunState, task: PlannedTask, state: TaskState, commit: Commit, report: Report
) -> None:
    """Report a committed task that was judged by other checks than those committed, or by changed ones unsaid."""
    if not names_checks(run, state):
        return
    stored, at = _Stored(repository), before(commit)
    for why in why_not_as_shown(stored, run, task, state, at):
        report(Finding("checks-differ", why, state.key, commit.sha))
    if says_changed(state) and (told := changed_since_base(stored, run, at)):
        report(Unprovable("checks-changed", f"whether it was meant that {told}; its page showed that", state.key))
