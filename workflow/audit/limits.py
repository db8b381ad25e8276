"""What of a run can neither git nor its journal show? Each limit is told, so that a sound run is not taken for more."""

from __future__ import annotations

from gates.approval import POLICY, UNCHANGED
from state.counted import counted
from state.event_types import Approved, PolicyApproved
from state.evidence import CheckResult
from state.run_state import RunState
from workflow.audit.claims import Claims
from workflow.audit.findings import Report, Unprovable
from workflow.audit.journals import Journals
from workflow.audit.rejection_checks import unsigned_rejections
from workflow.audit.unproved_events import unbacked, uncommitted

ATTESTED = "a person attested, and nothing looked at"


def report_limits(journals: Journals, claims: Claims, report: Report, *, anchored: bool) -> None:
    """What no journal and no commit can show; less of it where some commit was written down elsewhere."""
    if claims.out_of_sight:
        report(Unprovable("shallow-history", f"commits before this clone begins: {', '.join(claims.out_of_sight)}"))
    _report_unsigned(journals, report)
    if limit := unsigned_rejections(journals.events):
        report(limit)
    if not anchored:
        message = (
            "that the history was not rewritten as a whole, its last commits cut off, or the author and times of the "
            "last one changed: use --anchor"
        )
        report(Unprovable("whole-history", message))
        if journals.run is not None and claims.own and (limit := unbacked(journals.run, journals.events)):
            report(limit)
    if journals.run is not None and (limit := uncommitted(journals.run, journals, claims)):
        report(limit)


def _report_unsigned(journals: Journals, report: Report) -> None:
    """Approvals that anybody may have typed, of tasks and of policies."""
    policies = [event for event in journals.events if isinstance(event, PolicyApproved) and not event.signature]
    if policies:
        message = f"who approved the weaker policy {counted(len(policies), 'time')}: nothing there is signed"
        report(Unprovable("unsigned-approval", message))
    approvals = [event.approval for event in journals.events if isinstance(event, Approved)]
    typed = [approval for approval in approvals if approval.via not in (POLICY, UNCHANGED)]
    unsigned = [approval.via for approval in typed if not approval.signature]
    if unsigned:
        count = f"{len(unsigned)} of the {len(typed)} approvals" if len(unsigned) < len(typed) else "the approvals"
        ways = ", ".join(sorted(set(unsigned)))
        message = f"who typed {count} ({ways}): they are not signed; way, user and host are listed as recorded"
        report(Unprovable("unsigned-approval", message))


def report_attested(run: RunState | None, report: Report) -> None:
    """What stands in the evidence by a person's word alone: once each, with its task where it is in that one only."""
    tasks: dict[str, list[str]] = {}
    for state in run.tasks.values() if run else ():
        for check in state.worked.checks if state.worked else ():
            if check.verdict == "attested":
                tasks.setdefault(_as_answered(check), []).append(state.key)
    alone: dict[str, list[str]] = {}
    for name, keys in tasks.items():
        if len(keys) == 1:
            alone.setdefault(keys[0], []).append(name)
        else:
            report(Unprovable("attested", f"{ATTESTED}: {name} (in {counted(len(keys), 'task')})"))
    for key, names in alone.items():
        report(Unprovable("attested", f"{ATTESTED}: {', '.join(names)}", key))


def _as_answered(check: CheckResult) -> str:
    """What was attested, with a "no" where that is the word."""
    return f"{check.name} (no)" if check.seen.startswith("no,") else check.name


def report_unrecorded(run: RunState | None, claims: Claims, report: Report) -> None:
    """What format 1 had no field for."""
    if run is not None and run.is_of_0_1 and claims.commit_of:
        message = (
            "that nobody made an approved file executable, or a link, before its commit: this run is of format 1, or "
            "was written down as such before its first commit"
        )
        report(Unprovable("modes-unrecorded", message))
