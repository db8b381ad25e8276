"""What does an approver see of changed files? The whole of what is text, whatever the repository's attributes say.

Rules:
- `-diff`, `binary` and a driver of `.gitattributes`, `.git/info/attributes` or a configuration hide nothing: whoever
  works on a task writes the first of them. No textconv and no program of anybody's makes the text.
- What git takes for binary is shown as text when its difference has no NUL, the sign by which git knows binary files.
- New files are shown by way of a copy of the index: the person's own is not touched.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from state.errors import WorkspaceRefused
from workflow.doors.git.commits import relative
from workflow.doors.git.preflight import Place
from workflow.doors.git.process import GitProcess, literal

_DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative")
_BINARY = "-\t-\t"  # how --numstat counts the lines of what git takes for binary
_LARGE, _LOOKED_AT = 1 << 24, 8000  # bytes: from where on a NUL near the beginning settles it


def shown_diff(git: GitProcess, place: Place, paths: Sequence[str], since: str) -> str:
    """The unified diff of these paths from commit `since` to the files as they are; "" for none.

    Raises WorkspaceRefused when git does not take in a new file, or does not compare.
    """
    if not paths:
        return ""
    with tempfile.TemporaryDirectory() as scratch:
        index = Path(scratch) / "index"
        if (place.git_dir / "index").exists():
            shutil.copyfile(place.git_dir / "index", index)
        _take_in(git, paths, index)

        def differs(of: Sequence[str], *options: str) -> str:
            return git.read(*_DIFF, *options, since, *literal(of), GIT_INDEX_FILE=str(index)).text if of else ""

        counted = differs(paths, "--numstat", "--no-renames", "-z").split("\0")
        binary = [relative(each.removeprefix(_BINARY), place.prefix) for each in counted if each.startswith(_BINARY)]
        as_text = dict(_texts(git, binary, lambda path: differs([path], "--text")))
        if not as_text:
            return differs(paths)
        changed = [relative(each.split("\t", 2)[2], place.prefix) for each in counted if each]
        return differs([path for path in changed if path not in as_text]) + "".join(as_text.values())


def _texts(git: GitProcess, binary: Sequence[str], differs: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """The path, and the difference as text, of each file that git takes for binary and that is none."""
    for path in binary:
        if not _is_large_binary(git.directory / path) and "\0" not in (shown := differs(path)):
            yield path, shown


def _take_in(git: GitProcess, paths: Sequence[str], index: Path) -> None:
    """Have new files compared, too, by this copy of the index. Raises WorkspaceRefused when git refuses one."""
    there = [path for path in paths if (git.directory / path).exists()]
    if not there:
        return
    added = git.try_read("add", "--intent-to-add", *literal(there), GIT_INDEX_FILE=str(index))
    if added.status != 0:
        raise WorkspaceRefused(f"git add --intent-to-add failed (exit {added.status}): {added.err.strip()}")


def _is_large_binary(file: Path) -> bool:
    """Whether the file is so large that it is not compared for a NUL that its beginning has already."""
    if not file.is_file() or file.is_symlink() or file.stat().st_size < _LARGE:
        return False
    with file.open("rb") as begins:
        return b"\0" in begins.read(_LOOKED_AT)
