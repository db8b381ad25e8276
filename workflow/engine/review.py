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

from gates.approval import (
    EXIT_GATE,
    POLICY,
    SHORT,
    UNATTENDED,
    UNCHANGED,
    GateFacts,
    RecordedApproval,
    absent,
    may_approve,
    policy_opens,
    why_not_unchanged,
    why_unsettled,
)
from gates.boxes import is_in_vain, unsettled, why_never
from gates.decision import Admitted, Decision, Refused
from gates.decision import Waiting as StillWaiting
from gates.words import FULL, is_named, look_at_weaker
from state.errors import BadInput, Waiting
from state.evidence import By, CheckResult, Request
from state.model import PlannedTask
from state.passkey_signature import PasskeySignature, Signature, signature_fields
from state.task_boxes import box_id, boxes_of
from state.task_events import RejectedVia
from state.task_state import TaskState, TaskStatus
from workflow.engine.gatekeeper import Gatekeeper, policy_of
from workflow.engine.nested_repositories import require_no_other_repository
from workflow.engine.open_run import OpenRun
from workflow.ports import Approve, Elsewhere, Note, Reject, ReviewView, Verdict
from workflow.views.box_view import BoxWord


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
        if self._goes_back(task, state, facts) or self._opens_by_itself(state, facts):
            return
        shown = state.request
        unasked = self._run.passes_unasked(task)
        barred = self._why_not_me(task, facts, unasked=unasked)
        refusal = barred or why_unsettled(facts)
        if unasked and not (refusal or facts.policy.signed):
            self._record_approval(state, facts, UNATTENDED, self._run.doors.me)
            return
        verdict, signature = self._ask(task, refusal, may_waive=not barred)
        if not self._moved_on(state, shown):
            self._take(verdict, signature, task, state, refusal, barred)
        elif not isinstance(verdict, Elsewhere | None):
            self._run.doors.person.progress("your verdict came too late and is not recorded")

    def _goes_back(self, task: PlannedTask, state: TaskState, facts: GateFacts) -> bool:
        """Send back what nobody can approve any more: changed, late, or refused; returns whether it was so."""
        return self._void_if_changed(task, facts) or self._reject_if_late(state) or self._void_if_refused(task, facts)

    def _opens_by_itself(self, state: TaskState, facts: GateFacts) -> bool:
        """Approve what nobody has to look at, by its policy or because nothing changed; returns whether it was so."""
        me = self._run.doors.me
        if policy_opens(facts):
            self._record_approval(state, facts, POLICY, replace(me, git=POLICY))
            return True
        if state.approvals or facts.former is None or why_not_unchanged(facts):
            return False
        self._record_approval(state, facts, UNCHANGED, replace(me, git=UNCHANGED))
        before = facts.former.rests_on
        self._run.doors.person.progress(f"  unchanged: as approved in run {before.run} ({before.digest[:SHORT]})")
        return True

    def _why_not_me(self, task: PlannedTask, facts: GateFacts, *, unasked: bool) -> str:
        """Why whoever runs this process may not approve; "" when they may."""
        nobody_said = unasked and self._gate.policy_now(task).operator_may_approve is None
        return may_approve(facts, self._run.doors.me.git, unattended=nobody_said)

    def _take(
        self, verdict: Verdict | None, signature: str, task: PlannedTask, state: TaskState, refusal: str, barred: str
    ) -> None:
        """Record a verdict that came in time; `barred` says why they may not approve. Raises Waiting when none came."""
        match verdict:
            case Approve(via):
                # it may have been edited, or have expired, while the question stood
                facts = self._gate.facts()
                if not self._void_if_changed(task, facts) and not self._reject_if_late(state):
                    self._record_approval(state, facts, via, self._run.doors.me, signature=signature)
            case Reject(reason):
                self.reject(reason)
            case BoxWord() as word:
                self._take_word(word, state, barred)
            case Note(text):
                self._run.record("noted", text=text, task=task.key)
            case Elsewhere():
                return
            case _:
                raise self._parked(task, state, refusal)

    def _take_word(self, word: BoxWord, state: TaskState, barred: str) -> None:
        if never := _why_never(word, state.worked.checks if state.worked is not None else ()):
            self._run.doors.person.progress(f"box {word.number} was not attested: {never}")
        elif barred and _is_approvers(word, state):
            said = "waived" if word.verdict == "waived" else "attested"
            self._run.doors.person.progress(f"box {word.number} was not {said}: {barred}")
        else:
            from workflow.engine.box_answers import record_word  # here: most tasks have no boxes

            record_word(self._run, word, "prompt", self._run.doors.me)

    def _ask(self, task: PlannedTask, refusal: str, *, may_waive: bool) -> tuple[Verdict | None, str]:
        """The verdict of whoever sits here, with a signature where the policy asks for one.

        The run is not held while the question stands: a verdict may come from another process and takes it away.
        """
        self._run.journal.sync()  # what is shown is on the disk
        if self._run.watcher is not None:
            self._run.watcher.waits()
        meeting = self._run.meeting if self._run.doors.person.at_terminal else None
        if meeting is not None:
            meeting.asks()
        seen = len(self._run.journal.events)
        with self._run.journal.released() as decided:
            view = replace(self._view(task), refusal=refusal, may_waive=may_waive, decided=decided)
            verdict = self._run.doors.person.review(view)
            wanted = isinstance(verdict, Approve) and policy_of(self._run.state.task(task.key)).signed
            with self._run.doors.person.lent():  # ssh-keygen may ask for a passphrase
                signature = self._gate.sign() if wanted else ""
        if meeting is not None:
            meeting.asked()
        self._run.merge_foreign_events(seen)
        return verdict, signature

    def _moved_on(self, state: TaskState, shown: Request | None) -> bool:
        """Whether what was shown is decided already, so that a verdict on it comes too late."""
        return self._run.state.aborted or state.status != TaskStatus.IN_REVIEW or state.request != shown

    def _reject_if_late(self, state: TaskState) -> bool:
        """What nobody decided in time counts as rejected; returns whether it does."""
        late = state.request is not None and self._run.doors.clock.now() >= state.request.expires_at
        if late and state.request is not None:
            self.reject(f"nobody decided before {state.request.expires_at:%Y-%m-%d %H:%M} UTC")
        return late

    def _view(self, task: PlannedTask) -> ReviewView:
        from workflow.views.review import review_view  # here: a verdict from elsewhere shows nothing

        git, since = self._run.doors.git, self._run.state.task(task.key).compared_with
        view = review_view(self._run.workspace, self._run.plan, self._run.workflow.log, self._run.state, task, git)
        artifacts = [artifact.path for artifact in view.worked.artifacts]
        if view.worked.entries is None:
            return replace(view, diff=lambda: git.diff(artifacts, since))
        entries = [entry for entry in view.worked.entries if entry.path in set(artifacts)]
        return replace(view, diff=lambda: git.diff_of(entries, since))

    def _parked(self, task: PlannedTask, state: TaskState, refusal: str) -> Waiting:
        assert state.request is not None
        digest = state.request.digest[:SHORT]
        open_ = EXIT_GATE(self._gate.facts())
        missing = f" ({open_.what})" if isinstance(open_, StillWaiting) and state.approvals else ""
        weaker = self._gate.weaker_at_head()
        return Waiting(
            f"task {task.label} waits for approval of {digest} until {state.request.expires_at:%Y-%m-%d %H:%M} UTC"
            f"{missing}" + "".join(f"; {why}" for why in (refusal, weaker) if why),
            next_command=(
                "\n      ".join(self._how_to_approve(state))
                + f"\n      phasegate reject {self._run.run_id} --reason TEXT"
                + (f"\n      {look_at_weaker(self._run.run_id)}" if weaker else "")
            ),
        )

    def _how_to_approve(self, state: TaskState) -> Sequence[str]:
        from workflow.views.boxes import how_to_approve  # here: not where the gate opens

        return how_to_approve(self._run.state, state)

    # --- verdicts ------------------------------------------------------------------------------------------------

    def approve(self, digest: str, via: str, *, by: By, signature: Signature = "", comment: str = "") -> Decision:
        """Record this person's approval of the digest that was shown (at least its first seven characters; all
        of them where the gate asks for signatures).

        Raises BadInput when nothing waits, when the digest is another one, when what was shown has changed (it is void
        then), when this person may not approve it, or when the gate refuses this approval: unsigned, say;
        WorkspaceRefused where a directory of its files became another repository.
        """
        state = self.require_shown(digest)
        require_no_other_repository(self._run, state)
        facts = self._gate.facts()
        self._require_unchanged(state, facts)
        return self._record_approval(state, facts, via, by, signature=signature, comment=comment)

    def _record_approval(
        self, state: TaskState, facts: GateFacts, via: str, by: By, *, signature: Signature = "", comment: str = ""
    ) -> Decision:
        """Record one approval more, where the gate takes it. Raises BadInput where it does not."""
        assert state.request is not None
        barred = _why_barred(facts, by, via)
        words_missing = "" if barred else why_unsettled(facts)
        refusal = barred or words_missing
        given = self._gate.given(by.git, via, signature)
        decision = EXIT_GATE(replace(facts, approvals=[*facts.approvals, given]))
        if refusal or isinstance(decision, Refused):
            why = refusal or "; ".join(decision.reasons if isinstance(decision, Refused) else ())
            gone = absent(facts.policy, terminal=given.terminal, signature=bool(signature))
            unsigned = facts.policy.signed and not signature
            ways = self._how_to_approve(state) if words_missing or gone or unsigned else ()
            raise self._not_approved(self._run.plan.task(state.key), why, ways)
        self._run.record(
            "approved",
            digest=state.request.digest,
            nonce=state.request.nonce,
            by=by,
            via=via,
            admits=isinstance(decision, Admitted),
            sync=True,
            **_optional_fields(facts, given, signature=signature, comment=comment),
        )
        return decision

    def _not_approved(self, task: PlannedTask, why: str, ways: Sequence[str]) -> BadInput:
        """That the task's gate stays closed; `ways`: the commands that bring the words that are missing."""
        weaker = self._gate.weaker_at_head()
        lines = [f"phasegate status {self._run.run_id} --review   # what the gate asks for", *ways]
        if weaker:
            lines.append(look_at_weaker(self._run.run_id))
        return BadInput(
            f"{task.in_words} was not approved: {why}" + (f"; {weaker}" if weaker else ""),
            next_command="\n      ".join(lines),
        )

    def require_shown(self, digest: str) -> TaskState:
        """The task that waits, whose evidence has this digest and has not changed. Raises BadInput as `approve`."""
        state = self.waiting()
        assert state.request is not None
        if len(digest) < SHORT:
            raise BadInput(
                f"the approval names {digest!r}: expected at least {SHORT} characters of the digest that was shown",
                next_command=f"phasegate status {self._run.run_id}   # shows what waits, and its digest",
            )
        if not state.request.digest.startswith(digest):
            raise BadInput(
                f"the approval names {digest!r}, the evidence of {self._in_words(state)} is "
                f"{state.request.digest[:SHORT]}",
                next_command=f"phasegate status {self._run.run_id}   # look at what waits, then approve that",
            )
        if not is_named(digest, state.request.digest, signed=policy_of(state).signed):
            raise BadInput(
                f"the approval names {digest!r}, {len(digest)} characters of a digest: the gate of "
                f"{self._in_words(state)} asks for signatures, expected all {FULL}",
                next_command="\n      ".join(
                    (
                        f"phasegate status {self._run.run_id} --review   # read it, then",
                        *self._how_to_approve(state),
                    )
                ),
            )
        return state

    def require_as_shown(self) -> TaskState:
        """The task that waits, whose evidence is as it was shown. Raises BadInput where it is not, or nothing waits."""
        state = self.waiting()
        self._require_unchanged(state, self._gate.facts())
        return state

    def require_may_say(self, digest: str, words: Sequence[BoxWord], by: By) -> TaskState:
        """The task that waits, on whose boxes this person may say these words; by who may approve it.

        Raises BadInput as `approve`, and for a box that nobody is asked about. Nothing is recorded then, but what was
        shown and has changed is void.
        """
        state = self.require_shown(digest)
        facts = self._gate.facts()
        self._require_unchanged(state, facts)
        asked = {box.id for box in boxes_of(self._run.plan.task(state.key)) if not box.below}
        asked |= {check.answers for check in unsettled(facts.checks)}
        known = asked.intersection(check.answers for check in facts.checks)
        strange = [word for word in words if box_id(word.number) not in known]
        why = f"box {strange[0].number} is none that is answered by itself" if strange else may_approve(facts, by.git)
        why = why or next(filter(None, (_why_never(word, facts.checks) for word in words)), "")
        why = why or absent(facts.policy, terminal=self._run.doors.person.at_terminal, signature=False)
        if why:
            raise BadInput(
                f"{self._in_words(state)}: {why}",
                next_command=f"phasegate status {self._run.run_id} --review   # its boxes, and what the gate asks for",
            )
        return state

    def _in_words(self, state: TaskState) -> str:
        return self._run.plan.task(state.key).in_words

    def holder(self, signature: PasskeySignature) -> str:
        """As `Gatekeeper.holder`."""
        return self._gate.holder(signature)

    def is_under_another_policy(self) -> bool:
        """As `Gatekeeper.is_under_another_policy`."""
        return self._gate.is_under_another_policy()

    def _require_unchanged(self, state: TaskState, facts: GateFacts) -> None:
        if facts.changed and self.is_under_another_policy():
            raise BadInput(
                f"the policy of {self._in_words(state)} was changed after it was shown; its work and answers stay, "
                "and it is shown again",
                next_command=f"phasegate resume {self._run.run_id}   # shows it under the policy that was approved",
            )
        if self._void_if_changed(self._run.plan.task(state.key), facts):
            raise BadInput(
                "the evidence changed after it was shown; review it again: " + "; ".join(facts.changed),
                next_command=f"phasegate resume {self._run.run_id}",
            )

    def reject(self, reason: str, by: By | None = None) -> None:
        """Send the current task back to work; `by` is who says so. Raises BadInput when nothing waits for a verdict."""
        state = self.waiting()
        assert state.request is not None
        self._run.record("rejected", digest=state.request.digest, reason=reason, by=by)

    def reject_signed(self, digest: str, reason: str, via: RejectedVia, *, by: By, signature: Signature) -> None:
        """As `reject`, signed by somebody whom the gate's policy names, who was shown exactly this.

        Raises BadInput as `approve`.
        """
        state = self.require_shown(digest)
        self._require_unchanged(state, self._gate.facts())
        if why := self._gate.why_no_rejection(state, by.git, signature, reason):
            raise BadInput(
                f"the rejection of task {state.key} by {by.git} does not count: {why}",
                next_command=f"phasegate status {self._run.run_id} --review   # what the gate asks for",
            )
        assert state.request is not None
        digest = state.request.digest
        fields: dict[str, Any] = signature_fields(signature)
        self._run.record("rejected", digest=digest, reason=reason, by=by, via=via, **fields)

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

    def _void_if_refused(self, task: PlannedTask, facts: GateFacts) -> bool:
        """One of the approvals given so far may be worthless, and would be for ever."""
        gate = EXIT_GATE(facts)
        if isinstance(gate, Refused):
            self.void(task, gate.reasons)
        return isinstance(gate, Refused)

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


def _is_approvers(word: BoxWord, state: TaskState) -> bool:
    """Whether only who may approve says this: a waiver, or a yes to a box whose own command has not passed."""
    if word.verdict != "attested":
        return word.verdict == "waived"
    checks = state.worked.checks if state.worked is not None else ()
    return any(is_in_vain(each, checks) for each in checks if each.answers == box_id(word.number))


def _why_never(word: BoxWord, checks: Sequence[CheckResult]) -> str:
    """Why a yes to this box is refused, whoever says it; "" where nothing speaks against it."""
    items = [check for check in checks if check.answers == box_id(word.number)] if word.verdict == "attested" else []
    why = next(filter(None, (why_never(item, checks) for item in items)), "")
    number = word.number
    return f"nothing can make box {number} true ({why}): it does not apply, or --waive {number}:REASON" if why else ""


def _why_barred(facts: GateFacts, by: By, via: str) -> str:
    """Why this person may not approve; "" where they may, and of a gate that opens by itself."""
    return "" if via in (POLICY, UNCHANGED) else may_approve(facts, by.git, unattended=via == UNATTENDED)


def _optional_fields(
    facts: GateFacts, given: RecordedApproval, *, signature: Signature, comment: str
) -> dict[str, object]:
    """The fields of an approval that are left out where they say nothing."""
    rests_on = given.rests_on.to_json() if given.rests_on is not None else None
    said: dict[str, object] = {"rests_on": rests_on, **signature_fields(signature), "comment": comment}
    terminal = {} if facts.policy.presence is None else {"terminal": given.terminal}
    return {name: value for name, value in said.items() if value} | terminal
