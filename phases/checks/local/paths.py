"""Is this a path of the workspace? Relative, not out of it, and not git's own."""

from __future__ import annotations

from pathlib import PurePosixPath

from state.printable import printable_line


def problem_with_path(path: str) -> str | None:
    """Why this is no path of a workspace, or None."""
    parts = PurePosixPath(path).parts
    shown = repr(printable_line(path)[:100])
    if "\0" in path or not parts:
        return f"expected a path, seen {shown}"
    if PurePosixPath(path).is_absolute() or path.startswith("~") or ".." in parts:
        return f"expected a path inside the repository, seen {shown}"
    return f"expected a path outside of .git, seen {shown}" if ".git" in parts else None
