"""What does HEAD hold? Read from git's files where its objects lie loose, else by one process.

For the commands that only read and must start quickly: a process costs them a tenth of their time.

Rules:
- Each object that is read is hashed (`loose_objects.py`, `handed_over.py`). Whatever is packed, or not as in the usual
  place (a workspace below the top of its repository), git is asked for.
- Neither way follows replace refs or grafts.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path

from workflow.doors.git.handed_over import looked_at, prefix_in_tree
from workflow.doors.git.loose_objects import DIRECTORY, LooseObjects, NotLoose
from workflow.doors.git.plumbing import common_dir_of, git_dir_of, parse_trailers, read_head


def directories_in_head(workspace: Path, directory: str) -> list[str]:
    """The names of the directories in a directory of the workspace in HEAD's tree; none without a commit.

    Raises WorkspaceRefused as `last_commit_with`.
    """
    try:
        objects, head = _loose(workspace)
        entries = objects.entries(objects.commit(head).tree, directory.encode())
        return [os.fsdecode(name) for name, (mode, _) in entries.items() if mode == DIRECTORY]
    except NotLoose:
        pass
    found, place = looked_at(workspace), f"{prefix_in_tree(workspace)}{directory}"
    commit = found.bring_ways("HEAD", [f"{place}/"])
    entries = found.entries(found.commit(commit).tree, os.fsencode(place)) if commit else {}
    return [os.fsdecode(name) for name, (mode, _) in entries.items() if mode == DIRECTORY]


def has_in_head(workspace: Path, path: str) -> bool:
    """Whether HEAD's tree has something at this path of the workspace, by one process.

    Raises WorkspaceRefused as `last_commit_with`.
    """
    found, place = looked_at(workspace), f"{prefix_in_tree(workspace)}{path}"
    commit = found.bring_ways("HEAD", [place])
    return bool(commit) and found.entry(found.commit(commit).tree, os.fsencode(place)) is not None


def head_is(workspace: Path, message: str, trailers: Mapping[str, str]) -> str | None:
    """HEAD's commit, where it has exactly this message, and it ends with these trailers; None where no file tells."""
    told = parse_trailers(message.rstrip("\n").rpartition("\n\n")[2])
    if not all(value in told.get(key, ()) for key, value in trailers.items()):
        return None
    try:
        objects, head = _loose(workspace)
        return head if objects.commit(head).message == message.encode() else None
    except (NotLoose, UnicodeEncodeError):
        return None


def may_differ(workspace: Path, base: str, paths: Sequence[str]) -> bool:
    """Whether something is another in HEAD than in a base that is here, at one of these paths of the workspace."""
    try:
        objects, head = _loose(workspace)
        if head == base:
            return False
        if not all(map(_is_plain, paths)):
            raise NotLoose("a path that git spells otherwise")
        old, new = (objects.commit(commit).tree for commit in (base, head))
        return any(objects.entry(old, os.fsencode(path)) != objects.entry(new, os.fsencode(path)) for path in paths)
    except NotLoose:
        pass
    found, prefix = looked_at(workspace), prefix_in_tree(workspace)
    places = [posixpath.normpath(prefix + path) for path in paths]
    old, new = found.bring_all_ways([base, "HEAD"], places)
    if not old or not new:
        return False  # as of a base that is not here
    before, after = (found.commit(commit).tree for commit in (old, new))
    return any(found.entry(before, os.fsencode(place)) != found.entry(after, os.fsencode(place)) for place in places)


def _is_plain(path: str) -> bool:
    """Whether a path is as a tree has it, part by part."""
    return not {"", ".", ".."} & set(path.split("/"))


def _loose(workspace: Path) -> tuple[LooseObjects, str]:
    """The loose objects of the repository that the workspace is the top of, and HEAD. Raises NotLoose for any other."""
    if not (workspace / ".git").exists():
        raise NotLoose(str(workspace))
    git_dir = git_dir_of(workspace)
    head = read_head(git_dir)[1]
    if head is None:
        raise NotLoose("HEAD")
    return LooseObjects(common_dir_of(git_dir) / "objects"), head
