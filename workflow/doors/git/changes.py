"""What has changed in the working tree since a moment? For work that a person does by hand.

Rules:
- A snapshot names the commit and the files that were not as in it, each with the blob id and the mode it had: enough
  to tell later what was changed since, whoever had edited what before. Runs of 0.1 know no modes.
- Where HEAD is still that commit, one `git status` tells what differs from it, tracked or not; two processes do
  elsewhere, and where its answer leaves open whether a file differs (staged, and changed again).
- Ignored files, phasegate's own records, other repositories inside this one, and everything above the workspace are
  nobody's work here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from state.event_types import Snapshot
from state.files import blob_id
from workflow.doors.git.commits import relative
from workflow.doors.git.preflight import Place, status
from workflow.doors.git.process import GitProcess

Ids = Callable[[Sequence[str]], Mapping[str, str]]
Modes = Callable[[Sequence[str]], Mapping[str, str]]


def snapshot(git: GitProcess, place: Place, head: str, ids: Ids, modes: Modes | None) -> Snapshot:
    """What the working tree is like now; `ids` hashes files as they are, `modes` says which ones git would keep."""
    dirty = [file.path for file in status(git, place, ["."]) if _is_work(file.path)]
    found = _of_any(dirty, ids)
    return Snapshot(head, {path: found.get(path) for path in dirty}, _of_any(dirty, modes) if modes else None)


def changes(git: GitProcess, place: Place, before: Snapshot, ids: Ids, modes: Modes) -> list[str]:
    """The paths that are not as they were at that snapshot, sorted; also what was committed since.

    Raises WorkspaceRefused when its commit is gone.
    """
    seen = _beside_head(git, place, before.head)
    if seen is None:
        seen = _beside(git, place, before.head)
    dirty = before.dirty
    now = _of_any(dirty, ids)
    fresh = {path for path in seen - dirty.keys() if _is_work(path)}
    other = {path for path, blob in dirty.items() if now.get(path) != blob}
    if before.modes is not None:
        same = dirty.keys() - other
        mode_now = _of_any(same, modes)
        other |= {path for path in same if mode_now.get(path) != before.modes.get(path)}
    return sorted(fresh | other)


def _beside_head(git: GitProcess, place: Place, commit: str) -> set[str] | None:
    """Every path that is not as in this commit; None where it is not HEAD, or git's answer leaves it open.

    Source: git-status(1), "Porcelain Format Version 2": XY, the modes, then the ids in HEAD and in the index.
    """
    asked = ("status", "--porcelain=v2", "--branch", "--no-ahead-behind", "-z", "--no-renames")
    seen, head, empty = set(), "", blob_id(b"", commit)
    for entry in git.read(*asked, "--untracked-files=all", "--ignore-submodules=all", "--", ".").items:
        kind, _, rest = entry.partition(" ")
        if kind == "#":
            head = rest.removeprefix("branch.oid ") if rest.startswith("branch.oid ") else head
        elif kind == "?":
            seen.add(relative(rest, place.prefix))
        else:
            letters, *_modes, in_head, _in_index, path = rest.split(" ", 7)
            if kind != "1" or "." not in letters or (letters == ".D" and in_head == empty):
                return None  # of the last: a new file that was intended to be added is told in the same way
            seen.add(relative(path, place.prefix))
    return seen if head == commit else None


def _beside(git: GitProcess, place: Place, commit: str) -> set[str]:
    """As `_beside_head`, wherever HEAD is. Raises WorkspaceRefused when the commit is gone."""
    asked = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "-z")
    seen = {relative(path, place.prefix) for path in git.read(*asked, commit, "--", ".").items}
    return seen | set(git.read("ls-files", "--others", "--exclude-standard", "-z", "--", ".").items)


def _of_any(paths: Collection[str], ask: Ids | Modes) -> Mapping[str, str]:
    """What is said of the paths; nobody is asked about none."""
    return ask(sorted(paths)) if paths else {}


def _is_work(path: str) -> bool:
    return not path.endswith("/") and not path.startswith(".phasegate/")
