"""Was each commit approved: exactly this evidence, by this request, in time, once?

Rules:
- The digest of the evidence is computed anew from the journal's own evidence, answers and plan: an approval is for
  bytes, not for a digest that somebody wrote down.
- Order is the fold's: a commit cannot be intended before an approval that opened the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gates.approval import evidence_digest
from state.event_types import (
    Answered,
    Approved,
    BoxesTakenBack,
    Event,
    HandedIn,
    ReviewOpened,
    RunbookTaken,
    RunStarted,
    TaskStarted,
    Worked,
)
from state.evidence import Evidence, Request
from state.model import Plan
from workflow.audit.findings import Finding, Report
from workflow.engine.commit_message import commit_message


def check_approvals(events: Iterable[Event], plan_at: Callable[[int], Plan | None], report: Report) -> None:
    """All requests and approvals of a run, those of rejected and voided attempts among them.

    `plan_at` gives the plan that was in force at an event, by its `seq`.
    """
    shown: Shown | None = None
    for event in events:
        if isinstance(event, RunStarted):
            shown = Shown(event, event.plan, event.commit)
        if shown is None:
            return  # nothing can be judged of a run that has no beginning
        shown.take(event)
        match event:
            case Worked() | ReviewOpened():
                _check_request(shown, event, plan_at(event.seq), report)
            case Approved():
                _check_approved(shown, event, report)


@dataclass(slots=True)
class Shown:
    """What the events so far put before the approver.

    Attributes:
        in_force: digest of the plan.
        template: of commit messages.
        used: nonce -> the attempt that it was minted for.
    """

    start: RunStarted
    in_force: str
    template: str
    used: dict[str, tuple[str, int]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    request: Request | None = None
    evidence: Evidence = field(default_factory=Evidence)
    skipped: bool = False

    def take(self, event: Event) -> None:
        """Go on by one event."""
        match event:
            case RunbookTaken() | BoxesTakenBack():
                self.in_force = event.plan
            case TaskStarted():
                self.template = self.template if event.commit is None else event.commit
                self.answers, self.request, self.skipped = {}, None, False
            case HandedIn():
                self.skipped = bool(event.skip)
            case Answered() if event.item:
                self.request = None  # what was shown is not what there is now
            case Answered():
                self.answers[event.question] = event.answer
            case Worked():
                self.evidence, self.request = event.evidence, event.request
            case ReviewOpened():
                self.request = event.request

    def digest(self, event: Worked | ReviewOpened, plan: Plan) -> str:
        """The digest of what this event, which was taken last, shows. Raises KeyError for a task not of the plan."""
        task = plan.task(event.task)
        return evidence_digest(
            plan=self.in_force,
            run=self.start.run,
            task=task.key,
            attempt=event.attempt,
            text=task.text,
            message=commit_message(plan, task, self.template, skipped=self.skipped),
            answers=self.answers,
            evidence=self.evidence,
            shown=event.request.covered,
            version=self.start.version,
        )


def _check_request(shown: Shown, event: Worked | ReviewOpened, plan: Plan | None, report: Report) -> None:
    if plan is not None:
        _check_digest(shown, event, plan, report)
    _check_line_before(event, report)
    _check_nonce(shown, event.request.nonce, event, report)


def _check_digest(shown: Shown, event: Worked | ReviewOpened, plan: Plan, report: Report) -> None:
    try:
        digest = shown.digest(event, plan)
    except KeyError:
        return  # reported by the check of the plan's order
    if digest != event.request.digest:
        seen = f"the evidence hashes to {digest[:12]}, shown was {event.request.digest[:12]}"
        report(Finding("digest-mismatch", f"attempt {event.attempt}: {seen}", event.task))


def _check_line_before(event: Worked | ReviewOpened, report: Report) -> None:
    """What was recorded before the evidence was shown is what the digest covers."""
    shown = event.request.prev
    if shown not in ("", event.prev):
        seen = f"what was shown stands behind a line that hashes to {shown[:12]}; line {event.seq} to {event.prev[:12]}"
        message = f"attempt {event.attempt}: {seen}: a line before it was edited, put in or taken out"
        report(Finding("digest-mismatch", message, event.task))


def _check_nonce(shown: Shown, nonce: str, event: Worked | ReviewOpened | Approved, report: Report) -> None:
    here = (event.task, event.attempt)
    other = shown.used.setdefault(nonce, here)
    if other != here:
        message = f"attempt {here[1]} uses what was shown in attempt {other[1]} of {other[0]}"
        report(Finding("approval-reused", message, event.task))


def _check_approved(shown: Shown, event: Approved, report: Report) -> None:
    approval, request = event.approval, shown.request
    _check_approval(shown, event, report)
    if request is not None and approval.nonce != request.nonce:
        _check_nonce(shown, approval.nonce, event, report)
    if approval.via == "--yes" and not shown.start.sandbox:
        report(Finding("approval-unattended", f"attempt {event.attempt}: opened by --yes", event.task))


def _check_approval(shown: Shown, event: Approved, report: Report) -> None:
    approval, request = event.approval, shown.request
    task, who = event.task, f"attempt {event.attempt}: approval by {approval.by.git}"
    if request is None:
        report(Finding("approval-mismatch", f"{who}: nothing had been shown", task))
        return
    if (approval.digest, approval.nonce) != (request.digest, request.nonce):
        message = f"{who} is for {approval.digest[:12]}, shown was {request.digest[:12]}"
        if approval.digest == request.digest:
            message = f"{who} answers another request than the one that was open"
        report(Finding("approval-mismatch", message, task))
    if approval.at < request.shown_at:
        message = f"{who} is from {approval.at:%Y-%m-%d %H:%M:%S} UTC, shown was {request.shown_at:%Y-%m-%d %H:%M:%S}"
        report(Finding("approval-too-early", message, task))
    if approval.at >= request.expires_at:
        report(Finding("approval-expired", f"{who} came after {request.expires_at:%Y-%m-%d %H:%M:%S} UTC", task))
    failed = [check.name for check in shown.evidence.checks if check.verdict == "fail"]
    if failed:
        report(Finding("check-failed", f"{who}, though these had failed: {', '.join(failed)}", task))
