"""Was each commit approved: exactly this evidence, by this request, in time, once?

Rules:
- The digest of the evidence is computed anew from the journal's own evidence, answers and plan: an approval is for
  bytes, not for a digest that somebody wrote down.
- Order is the fold's: a commit cannot be intended before an approval that opened the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gates.approval import evidence_digest
from state.events import Event
from state.model import Plan
from state.run_state import Request
from workflow.audit.findings import Finding
from workflow.engine.commit_message import commit_message

Said = Callable[[Finding], None]


def check_approvals(events: Iterable[Event], plan_at: Callable[[int], Plan | None], said: Said) -> None:
    """All requests and approvals of a run, those of rejected and voided attempts among them.

    `plan_at` gives the plan that was in force at an event, by its `seq`.
    """
    in_force = ""
    start: Event | None = None
    used: dict[str, tuple[str, int]] = {}  # nonce -> the attempt it was minted for
    answers: dict[str, str] = {}
    request: Request | None = None
    worked: Mapping[str, object] = {}
    skipped = False
    for event in events:
        match event.type:
            case "run-started":
                start, in_force = event, event["plan"]
            case "runbook-taken":
                in_force = event["plan"]
            case "task-started":
                answers, request, skipped = {}, None, False
            case "handed-in":
                skipped = bool(event.get("skip"))
            case "answered":
                answers[event["question"]] = event["answer"]
            case "worked" | "review-opened":
                worked = event.fields if event.type == "worked" else worked
                request = Request.from_json(event["request"])
                plan = plan_at(event.seq)
                if plan is not None and start is not None:
                    _check_digest(start, in_force, plan, event, worked, answers, request, skipped, said)
                _check_nonce(used, request.nonce, event, said)
            case "approved":
                _check_approval(event, request, worked, said)
                if request is not None and event["nonce"] != request.nonce:
                    _check_nonce(used, event["nonce"], event, said)
                if event["via"] == "--yes" and start is not None and not start["sandbox"]:
                    said(Finding("approval-unattended", f"attempt {event['attempt']}: opened by --yes", event["task"]))


def _check_digest(
    start: Event,
    in_force: str,
    plan: Plan,
    event: Event,
    worked: Mapping[str, object],
    answers: Mapping[str, str],
    request: Request,
    skipped: bool,
    said: Said,
) -> None:
    try:
        task = plan.task(event["task"])
    except KeyError:
        return  # said by the check of the plan's order
    digest = evidence_digest(
        plan=in_force,
        run=start["run"],
        task=task.key,
        attempt=event["attempt"],
        text=task.text,
        message=commit_message(plan, task, str(start.get("commit", "")), skipped=skipped),
        answers=answers,
        evidence=worked,
        shown=request.covered_times,
    )
    if digest != request.digest:
        message = f"attempt {event['attempt']}: the evidence hashes to {digest[:12]}, shown was {request.digest[:12]}"
        said(Finding("digest-mismatch", message, task.key))


def _check_nonce(used: dict[str, tuple[str, int]], nonce: str, event: Event, said: Said) -> None:
    here = (event["task"], event["attempt"])
    other = used.setdefault(nonce, here)
    if other != here:
        message = f"attempt {here[1]} uses what was shown in attempt {other[1]} of {other[0]}"
        said(Finding("approval-reused", message, event["task"]))


def _check_approval(event: Event, request: Request | None, worked: Mapping[str, object], said: Said) -> None:
    task, who = event["task"], f"attempt {event['attempt']}: approval by {event['by']['git']}"
    if request is None:
        said(Finding("approval-mismatch", f"{who}: nothing had been shown", task))
        return
    if (event["digest"], event["nonce"]) != (request.digest, request.nonce):
        message = f"{who} is for {event['digest'][:12]}, shown was {request.digest[:12]}"
        if event["digest"] == request.digest:
            message = f"{who} answers another request than the one that was open"
        said(Finding("approval-mismatch", message, task))
    if event.at >= request.expires_at:
        said(Finding("approval-expired", f"{who} came after {request.expires_at:%Y-%m-%d %H:%M:%S} UTC", task))
    checks = worked.get("checks", ())
    failed = [check["name"] for check in checks if check["verdict"] == "fail"] if isinstance(checks, list) else []
    if failed:
        said(Finding("check-failed", f"{who}, though these had failed: {', '.join(failed)}", task))
