"""Is a run shared at a remote that this clone never claimed? Asked before anything of it is changed here.

    its clone remembers it (`<git dir>/phasegate/<run>.shared`)    claimed, as `workflow.service.met`
    its clone has it to itself (`<run>.alone`)                     begun here, or taken off there from here: not asked
    phasegate.yaml names no runners                                nothing can be shared: not asked
    else                                                           the remote is asked, once a command

Rules:
- What is there is claimed first; what went on there, or is over there, is brought here before anything is changed.
- Where the remote cannot be asked, a run goes on only if nothing here says that it was shared: not the policy
  (`meeting.remote`), no branch `phasegate/<run>` of a remote or of this clone, no verdict `via: remote` in its journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from gates.words import REMOTE
from state.errors import BadInput, WorkspaceRefused
from state.event_types import Approved, Rejected
from workflow.doors.git.plumbing import look
from workflow.meeting.refs import Names, Standing
from workflow.runs.find_run import events_of, is_over
from workflow.service.meeting_place import Kept, Place, place_of
from workflow.service.shared_file import keep_alone


@contextmanager
def claimed_there(workspace: Path, run_id: str) -> Iterator[None]:
    """In the block the run is known as shared, where the remote has it: `met` claims it.

    Raises BadInput where it went on there, or is over, WorkspaceRefused where the remote cannot be asked and the run
    was shared.
    """
    branches = _branches(workspace, run_id)
    place = place_of(workspace, next((name for name in branches if name), None))
    try:
        seen = place.standing(run_id)
    except WorkspaceRefused as error:
        if why := _why_shared(place, run_id, branches):
            raise WorkspaceRefused(
                f"run {run_id} is shared ({why}), so it is claimed before it is changed, and {error.message}",
                next_command=f"{error.next_command}\n      phasegate resume {quote(run_id)}   # when it answers",
            ) from None
        yield
        return
    if seen.state:
        with from_now_on(place, run_id):
            yield
        return
    require_all_of(place, run_id, seen)
    was_over = is_over(workspace, run_id)
    if seen.branch and not was_over:
        raise BadInput(
            f"run {run_id} was taken off remote {place.remote.name} by another clone, which goes on with it alone",
            next_command=f"phasegate share {quote(run_id)}   # shares it again, from here: if nobody else goes on",
        )
    try:
        yield
    finally:
        if was_over and not is_over(workspace, run_id):
            keep_alone(workspace, run_id)  # it is rolled back here, and not shared again by itself


@contextmanager
def from_now_on(place: Place, run_id: str) -> Iterator[None]:
    """Have the run shared; no more where its first push does not come about."""
    Kept(place.workspace, run_id).begin(place.remote.name)
    try:
        yield
    except BaseException:
        if not (kept := Kept(place.workspace, run_id)).last:
            kept.forget()
        raise


def require_all_of(place: Place, run_id: str, seen: Standing) -> None:
    """Raise BadInput where the run's branch at the remote has commits that HEAD has not: it went on there."""
    if not seen.branch:
        return
    place.remote.fetch([seen.branch])
    if look(place.workspace, "merge-base", "--is-ancestor", seen.branch, "HEAD").returncode != 0:
        branch = Names.branch(run_id)
        raise BadInput(
            f"run {run_id} is over on remote {place.remote.name}, or shared no longer, and its branch there, at "
            f"{seen.branch[:10]}, has commits that are not here",
            next_command=f"git fetch {quote(place.remote.name)} {quote(branch)} && git merge --ff-only FETCH_HEAD   "
            "# brings what it came to",
        )


def _branches(workspace: Path, run_id: str) -> list[str]:
    """The remotes that this clone knows the run's branch of; "" for a branch of its own."""
    form = "--format=%(refname)"
    listed = look(
        workspace, "for-each-ref", form, f"refs/remotes/*/phasegate/{run_id}", f"refs/heads/phasegate/{run_id}"
    )
    refs = listed.stdout.decode(errors="replace").split()
    return [ref.split("/")[2] if ref.startswith("refs/remotes/") else "" for ref in refs]


def _why_shared(place: Place, run_id: str, branches: list[str]) -> str:
    if place.shares_by_itself:
        return f"phasegate.yaml: meeting.remote is {place.remote.name}"
    if branches:
        return f"branch phasegate/{run_id} is here"
    events = events_of(place.workspace, run_id)
    return "its journal has a verdict through a remote" if any(map(_came_through, events)) else ""


def _came_through(event: object) -> bool:
    if isinstance(event, Approved):
        return event.approval.via == REMOTE
    return isinstance(event, Rejected) and event.via == REMOTE
