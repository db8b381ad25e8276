"""Which events of a run rest on nothing but its journal? Those of the last commit, and what follows it, are listed.

Rules:
- The digest that was approved names the line before what was shown, so what stands before that is bound by it
  (`event_checks`), and what stands behind an approval by the next one. What is behind the last one, nothing binds.
- Of what no commit of the run holds, each commit's own journal says nothing: anybody who can write here wrote it.
- Runs of format 1 record less, and nothing is asked of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from state.counted import counted
from state.event_types import Answered, Approved, CommitRefused, EffectDone, Event, Worked
from state.path_word import path_word
from state.run_state import RunState
from workflow.audit.claims import Claims
from workflow.audit.findings import Unprovable
from workflow.audit.journals import Journals

WRITE_DOWN = "git -P log -1 --format=%H   # write this id down elsewhere (a ticket, a mail); from then on"
_NOTES = "notes behind the approval on the task that comes next, which no log holds yet"
_SIGNED = (
    "when and by which way (`via`) it was approved, and whether a terminal was there",
    "under which name beside the address that the key is of, as which user and on which host",
    "comments and notes, where the working log was rewritten with them",
    _NOTES,
)


def uncommitted(run: RunState, journals: Journals, claims: Claims) -> Unprovable | None:
    """The events that no commit of the run holds; None where there are none, and for runs of format 1."""
    held = max((journals.at.get(commit.sha, -1) for commit in claims.own), default=-1)
    events = journals.events[max(held + 1, journals.cut_off) :]
    if run.is_of_0_1 or not events:
        return None
    types = ", ".join(dict.fromkeys(event.type for event in events))
    many = counted(len(events), "line")
    message = f"who wrote the {many} from {run.place(events[0].seq)} on ({types}): no commit of the run holds"
    return Unprovable("uncommitted-events", f"{message} {'it' if len(events) == 1 else 'them'} yet")


def unbacked(run: RunState, events: Sequence[Event]) -> Unprovable | None:
    """What of these events nothing but the journal of the last commit holds; None for runs of format 1."""
    if run.is_of_0_1:
        return None
    signed = _is_bound_by_signatures(run)
    which = "behind what was signed" if signed else "of the last commit"
    seen = "no commit behind them" if signed else "an approval without a signature, and no commit behind them"
    message = (
        f"the events {which} stand in the run's journal alone: expected a signature on them, or a later commit or an "
        f"anchor that holds them, seen {seen}; whoever can write here may have changed"
    )
    closed_by = f"{WRITE_DOWN}: phasegate audit {path_word(run.run_id)} --anchor ID"
    return Unprovable("unbacked-events", message, "", tuple(_SIGNED if signed else _unbound(run, events)), closed_by)


def _is_bound_by_signatures(run: RunState) -> bool:
    """Whether whoever approved what was committed last has signed the hash of the line before what they were shown."""
    intended = [state for state in run.tasks.values() if state.commit_intent]
    if not intended:
        return False
    last = max(intended, key=lambda state: state.commit_intent.seq if state.commit_intent else 0)
    approved = bool(last.approvals) and all(each.signature for each in last.approvals)
    return approved and last.request is not None and last.request.prev != ""


def _unbound(run: RunState, events: Sequence[Event]) -> Iterator[str]:
    """What somebody can have written otherwise, with digest and approval made to fit."""
    yield "times, within those of their neighbours and of the commit"
    if any(isinstance(event, EffectDone) for event in events):
        yield "what effects came to beside what the evidence repeats of them"
    if any(isinstance(event, Answered) for event in events):
        yield "who answered what was asked, by which somebody becomes an operator of the attempt"
    if any(isinstance(event, Worked) and event.attempt > 1 for event in events):
        yield "what attempts before the approved one were handed in with, ran, and ended for"
    yield "whether a terminal was there"
    yield "by which way (`via`), as which user and on which host somebody acted, which are listed as recorded"
    if any(isinstance(event, Approved) for event in events):
        yield "comments, reasons, notes and their authors, where the working log was rewritten with them"
        yield _NOTES
    if any(isinstance(event, CommitRefused) for event in events):
        yield "that git refused a commit, and why"
    if run.aborted:
        yield "why and by whom it was aborted, and all that was done since the approval before that"
    if run.start.sandbox:
        yield "that the account was the one on this machine"
