"""How is a run ordered at a remote, and who reads that order there? A signed commit at `todo/<run>`, and its judgement.

    put_order(place, order, base)          # once: a second one of this run is refused
    read_order(data, run_id, commit, "origin")     # of the bytes that a tip holds (`look_at_tips.py`)

Rules:
- An order counts when one of the `runners` of the phasegate.yaml at the commit that it begins at signed it: that is
  looked at by its claim (`met.py`), before anything of it is begun.
- Who ordered is what the order says: runners are trusted with that, as with all that they push.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from state.errors import BadInput, WorkspaceRefused
from state.json_values import Misread
from workflow.doors.git.tips import BECAUSE, ORDERED, RUN, WORKER, WORKSPACE, run_git, said_of
from workflow.doors.ssh_signature import MAKE_A_KEY
from workflow.meeting.orders import Order, file_of, put_up
from workflow.service.meeting_place import Place
from workflow.service.runner_key import signing_with, vouch


def put_order(place: Place, order: Order, base: str, *, key: Path | None = None) -> str:
    """Order the run, to begin at commit `base`; returns the signed commit at `todo/<run>`.

    Raises RunFenced where it was ordered before, BadInput without a key, WorkspaceRefused as `move`.
    """
    commit = _commit(place.workspace, order, base, signing_with(place.workspace, key))
    put_up(place.remote, place.names, order.run, commit, base)
    return commit


def read_order(data: bytes, run_id: str, commit: str, remote: str) -> Order:
    """The order of this run, as this commit of the remote holds it; who signed it is looked at by the claim.

    Raises WorkspaceRefused, with its field, for a malformed one, for that of another run, and where there is none.
    """
    where = f"{file_of(run_id)} at {commit[:10]} on remote {remote}"
    if not data:
        raise WorkspaceRefused(
            f"run {run_id} has neither a journal nor an order: expected {where}, there is none",
            next_command=f"git show {commit[:10]}   # who pushed it?",
        )
    try:
        order = Order.from_bytes(data)
        if order.run != run_id:
            raise Misread("run", run_id, order.run[:80])
    except ValueError as error:
        raise WorkspaceRefused(
            f"{where} is no order: {error}", next_command=f"git show {commit[:10]}   # who pushed it?"
        ) from None
    return order


def _commit(workspace: Path, order: Order, base: str, signing: Sequence[str]) -> str:
    """The signed commit that holds the order, on `base`."""
    blob = _out(workspace, "hash-object", "-w", "--stdin", given=order.to_bytes())
    with tempfile.TemporaryDirectory() as scratch:
        variables = {"GIT_INDEX_FILE": f"{scratch}/index"}
        _out(workspace, "read-tree", base, variables=variables)
        entry = f"100644 {blob}\t{file_of(order.run)}\0".encode()
        _out(workspace, "update-index", "-z", "--index-info", given=entry, variables=variables)
        tree = _out(workspace, "write-tree", variables=variables)
    by = order.ordered_by
    trailers = {RUN: order.run, WORKER: f"{by.git} on {by.host}", BECAUSE: ORDERED}
    trailers |= {WORKSPACE: order.directory} if order.directory else {}
    lines = [f"{name}: {' '.join(value.split())}" for name, value in trailers.items()]
    message = "\n".join([f"phasegate: {order.run} is ordered", "", *lines, ""])
    done = run_git(workspace, *signing, "commit-tree", "-S", tree, "-p", base, given=message.encode())
    if done.returncode != 0:
        raise BadInput(f"git did not sign the order: {said_of(done.stderr)}", next_command=MAKE_A_KEY)
    made = done.stdout.decode().strip()
    vouch(workspace)(made, base)
    return made


def _out(workspace: Path, *arguments: str, given: bytes = b"", variables: dict[str, str] | None = None) -> str:
    done = run_git(workspace, *arguments, given=given, variables=variables)
    if done.returncode != 0:
        raise WorkspaceRefused(
            f"git {arguments[0]} failed for an order: {said_of(done.stderr)}", next_command="git status"
        )
    return done.stdout.decode().strip()
