"""Which of the approvals that a journal records would its gate count? For who looks; nothing is written.

Rules:
- A line of the journal that no commit holds is whatever somebody wrote there: an approval is one by the gate's own
  rules (`gates.approval`), with its signature verified by the keys that count now.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gates.approval import GateFacts, RecordedApproval, approved, signed_text
from gates.decision import Refused
from gates.operators import operators_of
from state.event_types import Event
from state.evidence import Approval, Request
from state.run_state import RunState
from state.task_state import TaskState
from workflow.doors.git.repository import GitDoor
from workflow.doors.ssh_signature import SshSignatures
from workflow.engine.counting_policy import CountingPolicy, names_no_keys, own_operators, verified
from workflow.engine.gatekeeper import policy_of
from workflow.policy.effective_policy import FILE, PolicyInForce


class RecordedApprovals:
    """The approvals of one run, which has these events."""

    def __init__(self, workspace: Path, run: RunState, events: Sequence[Event]) -> None:
        self._door = SshSignatures(workspace)
        git = GitDoor(workspace)
        committed = PolicyInForce(workspace, git, run.start.runbook)
        self._counting = CountingPolicy(committed, git, run, events, self._door)

    def why_not(self, run: RunState, state: TaskState, approval: Approval) -> str:
        """Why an approval of what this task showed does not count; "" where it does. `run` is as it was then.

        Raises BadInput without ssh-keygen.
        """
        if state.request is None or state.worked is None:
            return "nothing was shown"
        given = self._given(run, state, state.request, approval)
        facts = GateFacts(
            checks=state.worked.checks,
            request=state.request,
            approvals=[given],
            now=approval.at,
            changed=(),
            operators=operators_of(run, state),
            orderer=run.start.orderer.git,
            sandbox=run.start.sandbox,
            policy=policy_of(state),
            shown_before={},
            task=state.key,
            spares_operator=run.start.sandbox and state.barred_by_default,
            repeated=None,
            former=None,
        )
        judged = approved(facts)
        return "; ".join(judged.reasons) if isinstance(judged, Refused) else ""

    def _given(self, run: RunState, state: TaskState, request: Request, approval: Approval) -> RecordedApproval:
        policy, signature, by = policy_of(state), approval.signature, approval.by.git
        fault = ""
        if signature and (missing := names_no_keys(policy, signature)):
            fault = f"{FILE} {missing}"
        elif signature:
            text = signed_text(
                run=run.run_id, task=state.key, attempt=state.attempt, digest=request.digest, nonce=request.nonce
            )
            task = next(each for each in run.all_tasks if each.key == state.key)
            keys = self._counting.standing(task, own=own_operators(state)).rules.keys
            fault = verified(self._door, keys, by, text, signature, approval.at)
        return RecordedApproval(
            by,
            approval.digest,
            approval.nonce,
            approval.at,
            approval.via,
            bool(signature),
            fault,
            "",  # one approval is judged at a time
            approval.rests_on,
            terminal=approval.terminal is True,
        )


def uncounted(workspace: Path, run: RunState, events: Sequence[Event]) -> list[str]:
    """Take those approvals of what waits that its gate would refuse out of the state, and say why of each."""
    state = run.current_task
    if state is None or not state.approvals or run.is_of_0_1:
        return []
    judge = RecordedApprovals(workspace, run, events)
    why = [judge.why_not(run, state, each) for each in state.approvals]
    state.approvals = [each for each, fault in zip(state.approvals, why, strict=True) if not fault]
    return [fault for fault in why if fault]
