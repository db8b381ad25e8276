"""Which Markdown files does HEAD hold in a workspace, and which did its history hold that are gone? Paths from there.

Rules:
- A file is one that git has the bytes of: a symbolic link is none, wherever it leads.
- A file that a merge left out is gone as well.
"""

from __future__ import annotations

import os
from pathlib import Path

from workflow.doors.git.plumbing import look, of_head
from workflow.runs.workflow_catalog import is_markdown

FILE = b"100"  # how the modes of files begin; a link has 120000 [git ls-tree]


def runbooks_in_head(workspace: Path) -> list[str]:
    """The Markdown files of HEAD, in order; none without a commit. Raises WorkspaceRefused as `of_head`."""
    listed = of_head(workspace, ["ls-tree", "-r", "-z", "HEAD"])
    rows = (row.partition(b"\t") for row in listed.split(b"\0") if row.startswith(FILE))
    return [path for path in (os.fsdecode(name) for _, _, name in rows) if is_markdown(path)]


def runbooks_gone(workspace: Path) -> list[str]:
    """The Markdown files that commits of HEAD's history took away, or put a link in place of, and HEAD has not.

    In a shallow clone, of its part of the history.
    """
    command = ["log", "--no-show-signature", "--no-renames", "--diff-merges=first-parent", "--diff-filter=DT"]
    command += ["--name-only", "--relative", "-z", "--format=", "HEAD", "--", ":(icase)*.md", ":(icase)*.markdown"]
    names = (name.strip(b"\n") for name in look(workspace, *command).stdout.split(b"\0"))
    here = set(runbooks_in_head(workspace))
    return sorted({os.fsdecode(name) for name in names if name} - here)
