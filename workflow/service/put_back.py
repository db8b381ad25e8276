"""By which command does a run come back whose refs are not as a runner left them? Named and printed; nothing is pushed.

Rules:
- A tip that no runner signed: back to the newest one in its history that a runner did, else to the one that this
  clone pushed last, where the branch has not moved since.
- A branch at which no tip is: back to the commit that the run's own tip is at.
- What is pushed has a lease on what was seen, and is one push: whoever comes later is refused, and looks again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote

from state.errors import PhasegateError, WorkspaceRefused
from state.path_word import path_word
from state.printable import printable_line
from workflow.doors.git.plumbing import look
from workflow.doors.git.tips import BECAUSE, DIGEST, ORDERED, RUN, WORKER, Tip, read_tips, why_not_signed
from workflow.meeting.refs import Names, Standing, State
from workflow.service.runner_key import runners_at

MOST = 1000  # tips of its history that are looked at


def tip_refused(
    workspace: Path, remote: str, names: Names, run_id: str, seen: Standing, why: str, own: Sequence[str]
) -> WorkspaceRefused:
    """The refusal of a tip that nobody takes; What it was at before is named, with the way back.

    `why`: in words; `own`: the tips that this clone pushed last.
    """
    shown = f"git log -1 --show-signature {seen.tip[:10]}   # who pushed it?"
    before = next(_good_ones(workspace, run_id, seen, own), None)
    if before is None:
        return WorkspaceRefused(
            f"{why}; nothing in its history, or in this clone, is a tip of the run that a runner signed",
            next_command=f"{shown}\n      phasegate resume {path_word(run_id)}   "
            "# in the clone of who held it last: says the way back",
        )
    back = _push(remote, names, run_id, seen, _state(before), before)
    told = printable_line(f"{before.said(BECAUSE)}, by {before.said(WORKER)}")
    return WorkspaceRefused(
        f"{why}; the last one that a runner signed is {before.sha[:10]}: {told}",
        next_command=f"{shown}\n      {back}   # puts the run back there",
    )


def branch_refused(
    workspace: Path, remote: str, names: Names, run_id: str, seen: Standing, tip: Tip
) -> WorkspaceRefused:
    """The refusal of a branch that was moved without the run; its commit is here."""
    form = "--format=%s%x00%cn <%ce>"
    subject, _, who = (
        look(workspace, "log", "-1", form, seen.branch).stdout.decode(errors="replace").strip().partition("\0")
    )
    return WorkspaceRefused(
        printable_line(
            f"branch {_branch(names, run_id)} on remote {remote} is at {seen.branch[:10]} ({subject!r}, committed by "
            f"{who}), and run {run_id} at {tip.head[:10]}: somebody moved the branch without the run"
        ),
        next_command=f"git log --oneline {tip.head[:10]}..{seen.branch[:10]}   # what came there: keep what is yours\n"
        f"      {_push(remote, names, run_id, seen, seen.state, tip)}   # puts the branch back",
    )


def _good_ones(workspace: Path, run_id: str, seen: Standing, own: Sequence[str]) -> Iterator[Tip]:
    """Tips of the run that a runner signed, before this one: the newest first."""
    listed = look(workspace, "rev-list", "--first-parent", f"--max-count={MOST}", seen.tip).stdout.decode().split()
    yield from _signed(workspace, run_id, listed)
    yield from (each for each in _signed(workspace, run_id, own) if seen.branch in ("", each.head))


def _signed(workspace: Path, run_id: str, shas: Sequence[str]) -> Iterator[Tip]:
    tips = read_tips(workspace, shas)
    for sha in shas:
        tip = tips.get(sha)
        if tip is None or tip.said(RUN) != run_id or not tip.said(BECAUSE):
            continue
        try:
            keys, _named = runners_at(workspace, tip.head)
        except PhasegateError:
            continue  # nobody may push at that commit
        if not why_not_signed(workspace, sha, keys):
            yield tip


def _state(tip: Tip) -> State:
    """In which state the run was left, as its tip says; one that was under way is a person's to go on with."""
    if tip.said(BECAUSE) == ORDERED:
        return "todo"
    return "waiting" if tip.said(DIGEST) else "stopped"


def _push(remote: str, names: Names, run_id: str, seen: Standing, state: State, tip: Tip) -> str:
    """The push that has the run in this state, at this tip, and its branch where that is."""
    moves = [(names.of(state, run_id), seen.tip if state == seen.state else "", tip.sha)]
    moves += [(names.of(seen.state, run_id), seen.tip, "")] if seen.state != state else []
    moves += [(names.branch(run_id), seen.branch, tip.head)]
    wanted = [(ref, old, new) for ref, old, new in moves if old != new]
    leases = [f"--force-with-lease={ref}:{old}" for ref, old, _new in wanted]
    specs = [f"{new}:{ref}" for ref, _old, new in wanted]
    return " ".join(["git push --atomic", *map(quote, [*leases, remote, *specs])])


def _branch(names: Names, run_id: str) -> str:
    return names.branch(run_id).removeprefix("refs/heads/")
