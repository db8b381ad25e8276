"""What is said at the gate? Puts finished work before whoever may open the gate, and records what they say of it.

Rules:
- What changed or expired is never shown, and never approved: it is looked at before the question and after it.
- The run is not held while a question stands; what others said meanwhile comes first, and a late verdict is dropped.
- Whether the gate is open `gates.approval` decides, over what the gatekeeper gathers; both are asked again each time.
- Voids and rejects send the task back to work; leaving it is the engine's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gates.approval import EXIT_GATE, POLICY, SHORT, UNATTENDED, GateFacts, may_approve, policy_opens
from gates.decision import Admitted, Decision, Refused
from gates.decision import Waiting as StillWaiting
from state.errors import BadInput, Waiting
from state.evidence import By, Request
from state.model import PlannedTask
from state.task_state import TaskState, TaskStatus
from workflow.engine.gatekeeper import Gatekeeper, policy_of
from workflow.engine.open_run import OpenRun
from workflow.ports import Approve, Elsewhere, Note, Reject, ReviewView, Verdict
from workflow.views.review import review_view


class Review:
    """The review of a run's current task.

    `--yes` opens the gate of a step without asking, where the policy lets it, and in a rehearsal that of work by hand.
    """

    def __init__(self, run: OpenRun, gate: Gatekeeper) -> None:
        self._run = run
        self._gate = gate
        self._may_leave: tuple[str, str] | None = None

    # --- is it open ----------------------------------------------------------------------------------------------

    def admits(self, key: str) -> bool:
        """Whether this task is the current one and may be left, or was done before the run began."""
        current = self._run.state.current_task
        if self._run.state.task(key).adopted:
            return True
        if current is None or current.key != key:
            return False
        return self._may_leave == (key, current.commit)

    def why_not_left_in(self, commit: str, differences: Sequence[str]) -> list[str]:
        """Why the current task may not be left in this commit, with these differences; empty when it may."""
        current = self._run.state.current_task
        reasons = _why_closed(self._gate.facts_in(commit, differences))
        if current is not None and not reasons:
            self._may_leave = (current.key, commit)
        return reasons

    # --- asking --------------------------------------------------------------------------------------------------

    def present(self, task: PlannedTask, state: TaskState) -> None:
        """Bring what waits one verdict forward. Raises Waiting when a person is needed and nobody answers."""
        facts = self._gate.facts()
        if self._void_if_changed(task, facts) or self._reject_if_late(state):
            return
        assert state.request is not None
        gate = EXIT_GATE(facts)
        if isinstance(gate, Refused):  # one of the approvals given so far is worthless, and would be for ever
            self.void(task, gate.reasons)
            return
        me = self._run.doors.me
        if policy_opens(facts):
            self._record_approval(state, facts, POLICY, replace(me, git=POLICY))
            return
        unasked = self._run.passes_unasked(task)
        nobody_said = unasked and self._gate.policy_now(task).operator_may_approve is None
        refusal = may_approve(facts, me.git, unattended=nobody_said)
        if unasked and not refusal and not facts.policy.signed:
            self._record_approval(state, facts, UNATTENDED, me)
            return
        shown = state.request
        verdict, signature = self._ask(task, refusal)
        if self._moved_on(state, shown):
            if verdict is not None and not isinstance(verdict, Elsewhere):
                self._run.doors.person.progress("your verdict came too late and is not recorded")
            return
        match verdict:
            case Approve(via):
                # it may have been edited, or have expired, while the question stood
                facts = self._gate.facts()
                if not self._void_if_changed(task, facts) and not self._reject_if_late(state):
                    self._record_approval(state, facts, via, me, signature=signature)
            case Reject(reason):
                self.reject(reason)
            case Note(text):
                self._run.record("noted", text=text, task=task.key)
            case Elsewhere():
                return
            case _:
                raise self._parked(task, state, refusal)

    def _ask(self, task: PlannedTask, refusal: str) -> tuple[Verdict | None, str]:
        """The verdict of whoever sits here, with a signature where the policy asks for one.

        The run is not held while the question stands: a verdict may come from another process and takes it away.
        """
        self._run.journal.sync()  # what is shown is on the disk
        seen = len(self._run.journal.events)
        with self._run.journal.released() as decided:
            verdict = self._run.doors.person.review(replace(self._view(task), refusal=refusal, decided=decided))
            wanted = isinstance(verdict, Approve) and policy_of(self._run.state.task(task.key)).signed
            signature = self._gate.sign() if wanted else ""
        self._run.merge_foreign_events(seen)
        return verdict, signature

    def _moved_on(self, state: TaskState, shown: Request) -> bool:
        """Whether what was shown is decided already, so that a verdict on it comes too late."""
        return self._run.state.aborted or state.status != TaskStatus.IN_REVIEW or state.request != shown

    def _reject_if_late(self, state: TaskState) -> bool:
        """What nobody decided in time counts as rejected; returns whether it does."""
        late = state.request is not None and self._run.doors.clock.now() >= state.request.expires_at
        if late and state.request is not None:
            self.reject(f"nobody decided before {state.request.expires_at:%Y-%m-%d %H:%M} UTC")
        return late

    def _view(self, task: PlannedTask) -> ReviewView:
        view = review_view(self._run.workspace, self._run.plan, self._run.workflow.log, self._run.state, task)
        artifacts = [artifact.path for artifact in view.worked.artifacts]
        return replace(view, diff=lambda: self._run.doors.git.diff(artifacts, "HEAD"))

    def _parked(self, task: PlannedTask, state: TaskState, refusal: str) -> Waiting:
        assert state.request is not None
        digest = state.request.digest[:SHORT]
        open_ = EXIT_GATE(self._gate.facts())
        missing = f" ({open_.what})" if isinstance(open_, StillWaiting) and state.approvals else ""
        return Waiting(
            f"task {task.label} waits for approval of {digest} until {state.request.expires_at:%Y-%m-%d %H:%M} UTC"
            f"{missing}" + (f"; {refusal}" if refusal else ""),
            next_command=(
                f"phasegate approve {self._run.run_id} --digest {digest}\n"
                f"      phasegate reject {self._run.run_id} --reason TEXT"
            ),
        )

    # --- verdicts ------------------------------------------------------------------------------------------------

    def approve(self, digest: str, via: str, *, by: By, signature: str = "", comment: str = "") -> Decision:
        """Record this person's approval of the digest that was shown (at least its first seven characters).

        Raises BadInput when nothing waits, when the digest is another one, when what was shown has changed (it is void
        then), when this person may not approve it, or when the gate refuses this approval: unsigned, say.
        """
        state = self.waiting()
        assert state.request is not None
        if len(digest) < SHORT:
            raise BadInput(
                f"the approval names {digest!r}: expected at least {SHORT} characters of the digest that was shown",
                next_command=f"phasegate status {self._run.run_id}   # shows what waits, and its digest",
            )
        if not state.request.digest.startswith(digest):
            raise BadInput(
                f"the approval names {digest!r}, the evidence of task {state.key} is {state.request.digest[:SHORT]}",
                next_command=f"phasegate status {self._run.run_id}   # look at what waits, then approve that",
            )
        facts = self._gate.facts()
        if self._void_if_changed(self._run.plan.task(state.key), facts):
            raise BadInput(
                "the evidence changed after it was shown; review it again: " + "; ".join(facts.changed),
                next_command=f"phasegate resume {self._run.run_id}",
            )
        return self._record_approval(state, facts, via, by, signature=signature, comment=comment)

    def _record_approval(
        self, state: TaskState, facts: GateFacts, via: str, by: By, *, signature: str = "", comment: str = ""
    ) -> Decision:
        """Record one approval more, where the gate takes it. Raises BadInput where it does not."""
        assert state.request is not None
        refusal = "" if via == POLICY else may_approve(facts, by.git, unattended=via == UNATTENDED)
        given = self._gate.given(by.git, via, signature)
        decision = EXIT_GATE(replace(facts, approvals=[*facts.approvals, given]))
        if refusal or isinstance(decision, Refused):
            why = refusal or "; ".join(decision.reasons if isinstance(decision, Refused) else ())
            raise BadInput(
                f"task {state.key} may not be left: {why}",
                next_command=f"phasegate status {self._run.run_id} --review   # what the gate asks for",
            )
        said: dict[str, Any] = {name: text for name, text in (("signature", signature), ("comment", comment)) if text}
        self._run.record(
            "approved",
            digest=state.request.digest,
            nonce=state.request.nonce,
            by=by,
            via=via,
            admits=isinstance(decision, Admitted),
            **said,
        )
        return decision

    def reject(self, reason: str, by: By | None = None) -> None:
        """Send the current task back to work; `by` is who says so. Raises BadInput when nothing waits for a verdict."""
        state = self.waiting()
        assert state.request is not None
        self._run.record("rejected", digest=state.request.digest, reason=reason, by=by)

    def waiting(self) -> TaskState:
        """The task that waits for a verdict. Raises BadInput when none does."""
        current = self._run.state.current_task
        if current is None or current.status != TaskStatus.IN_REVIEW:
            status = current.status if current else "ready"
            raise BadInput(
                f"run {self._run.run_id} waits for no verdict: it is {status}",
                next_command=f"phasegate status {self._run.run_id}",
            )
        return current

    # --- void ----------------------------------------------------------------------------------------------------

    def void_unless_open(self, task: PlannedTask, *, witness: bool) -> bool:
        """Void what is approved unless the gate, asked again, admits it as it is now; returns whether it did.

        Whoever reads the journal believes nobody. Facts outside are read again with `witness` only.
        """
        facts = self._gate.facts(witness=witness)
        if self._void_if_changed(task, facts):
            return True
        closed = _why_closed(facts)
        if closed:
            self.void(task, closed)
        return bool(closed)

    def _void_if_changed(self, task: PlannedTask, facts: GateFacts) -> bool:
        if facts.changed:
            self.void(task, facts.changed)
        return bool(facts.changed)

    def void(self, task: PlannedTask, reasons: Sequence[str]) -> None:
        """Send the task back to work, with what makes its approval worthless."""
        request = self._run.state.task(task.key).request
        self._run.record("voided", digest=request.digest if request else "", changed=list(reasons))
        self._run.doors.person.progress("approval void: " + "; ".join(reasons))


def _why_closed(facts: GateFacts) -> list[str]:
    """Why this gate is not open; empty when it is."""
    gate = EXIT_GATE(facts)
    if isinstance(gate, Admitted):
        return []
    return list(gate.reasons) if isinstance(gate, Refused) else [f"the gate still waits for {gate.what}"]
