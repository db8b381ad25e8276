"""How is a path one word of a shell, for any command? Quoted, and none begins as an option or git's magic does."""

from __future__ import annotations

from shlex import quote


def path_word(path: str) -> str:
    """The path as one word of a shell: `./-a.md` for `-a.md`, which commands would take for an option.

    A leading colon is git's (Source: gitglossary, "pathspec"), so such a path gets the same two signs in front.
    """
    return quote(f"./{path}" if path.startswith(("-", ":")) else path)


def lift_mark(mark: str, path: str) -> str:
    """The command that has git see a file's changes again; `mark`: skip-worktree or assume-unchanged."""
    return f"git update-index --no-{mark} {path_word(path)}"
