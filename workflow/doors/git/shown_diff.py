"""What does an approver see of changed files? The whole of what is text, whatever the repository's attributes say.

Rules:
- `-diff`, `binary` and a driver of `.gitattributes`, `.git/info/attributes` or a configuration hide nothing: whoever
  works on a task writes the first of them. No textconv and no program of anybody's makes the text.
- What git takes for binary is shown as text when its difference has no NUL, the sign by which git knows binary files.
- New files are shown by way of a copy of the index: the person's own is not touched.
- What waits for approval is shown as its entries have it, blob by blob (`entries_diff`): what git stores, and not what
  a filter makes of the file by now. Where those bytes are not here, as the file was changed since, that is said.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from state.errors import WorkspaceRefused
from state.files import blob_id
from state.printable import as_name
from state.tree_entry import TreeEntry
from workflow.doors.git.commits import relative
from workflow.doors.git.preflight import Place
from workflow.doors.git.process import Finished, GitProcess, literal

_DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative")
_BINARY = "-\t-\t"  # how --numstat counts the lines of what git takes for binary
Ask = Callable[..., Finished]
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

        return _whole(place, paths, differs, lambda path: _is_large_binary(git.directory / path))


def entries_diff(git: GitProcess, place: Place, entries: Sequence[TreeEntry], since: str) -> str:
    """The unified diff from commit `since` to what a commit of these entries would hold; "" for none.

    Nothing is written into the repository, and no filter runs. Raises WorkspaceRefused when git does not compare.
    """
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "objects").mkdir()

        def ask(*args: str, stdin: bytes | None = None) -> Finished:
            return git.read(
                *args,
                stdin=stdin,
                GIT_INDEX_FILE=f"{scratch}/index",
                GIT_OBJECT_DIRECTORY=f"{scratch}/objects",
                GIT_ALTERNATE_OBJECT_DIRECTORIES=_in_a_list(place.common_dir / "objects"),
            )

        absent = _not_here(git.directory, [entry for entry in entries if entry.blob], ask)
        shown = [entry for entry in entries if entry.path not in absent]
        ask("read-tree", since)
        nothing = "0" * len(ask("rev-parse", "--verify", since).text.strip())
        lines = (f"{each.mode} {each.blob or nothing}\t{place.prefix}{each.path}\0" for each in shown)
        ask("update-index", "-z", "--index-info", stdin=os.fsencode("".join(lines)))

        def differs(of: Sequence[str], *options: str) -> str:
            return ask(*_DIFF, "--cached", *options, since, *literal(of)).text if of else ""

        blobs = {each.path: each.blob for each in shown if each.blob}
        text = _whole(place, [each.path for each in shown], differs, lambda path: _is_large(blobs.get(path), ask))
    said = "".join(
        f"{as_name(path)} is not shown: it was changed since it was put before its approvers\n" for path in absent
    )
    return said + text


def _not_here(workspace: Path, entries: Sequence[TreeEntry], ask: Ask) -> list[str]:
    """Lay what the files hold beside the repository's objects; which entries have a blob that is in neither."""
    plain: list[str] = []
    for entry in entries:
        file, blob = workspace / entry.path, entry.blob or ""
        if file.is_symlink():
            target = os.fsencode(file.readlink())
            if blob_id(target, blob) == blob:
                ask("hash-object", "-w", "-t", "blob", "--stdin", stdin=target)
        elif file.is_file() and "\n" not in str(file):
            plain.append(str(file))
        elif file.is_file():
            ask("hash-object", "-w", "--stdin", stdin=file.read_bytes())
    if plain:
        given = os.fsencode("".join(f"{file}\n" for file in plain))
        ask("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=given)
    asked = "".join(f"{entry.blob}\n" for entry in entries).encode()
    told = ask("cat-file", "--batch-check", stdin=asked).text.splitlines() if entries else []
    return [entry.path for entry, line in zip(entries, told, strict=True) if line.endswith(" missing")]


def _in_a_list(directory: Path) -> str:
    """A directory as git reads it in a list of them. Source: git(1), GIT_ALTERNATE_OBJECT_DIRECTORIES."""
    text = str(directory)
    if ":" not in text and not text.startswith('"'):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_large(blob: str | None, ask: Ask) -> bool:
    """As `_is_large_binary`, of an object."""
    if blob is None or int(ask("cat-file", "-s", blob).text) < _LARGE:
        return False
    return b"\0" in ask("cat-file", "blob", blob).out[:_LOOKED_AT]


def _whole(
    place: Place, paths: Sequence[str], differs: Callable[..., str], is_large_binary: Callable[[str], bool]
) -> str:
    """What `differs(paths, *options)` tells of these paths, with what git takes for binary, and is none, as text."""
    counted = differs(paths, "--numstat", "--no-renames", "-z").split("\0")
    binary = [relative(each.removeprefix(_BINARY), place.prefix) for each in counted if each.startswith(_BINARY)]
    as_text = dict(_texts(binary, lambda path: differs([path], "--text"), is_large_binary))
    if not as_text:
        return differs(paths)
    changed = [relative(each.split("\t", 2)[2], place.prefix) for each in counted if each]
    return differs([path for path in changed if path not in as_text]) + "".join(as_text.values())


def _texts(
    binary: Sequence[str], differs: Callable[[str], str], is_large_binary: Callable[[str], bool]
) -> Iterator[tuple[str, str]]:
    """The path, and the difference as text, of each file that git takes for binary and that is none."""
    for path in binary:
        if not is_large_binary(path) and "\0" not in (shown := differs(path)):
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
