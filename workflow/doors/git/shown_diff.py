"""What does an approver see of changed files? The whole of what is text, drawn from bytes that were hashed.

Rules:
- Both sides of each file are hashed here against the ids that the commit before and the entries to be approved name,
  and laid into a repository of their own, which git compares: it reads no other object.
- That repository has no configuration and no attributes, and the person's are left out: `diff.*`, `core.*`, `-diff`,
  `binary` and drivers hide, shape and colour nothing. No textconv and no program of anybody's makes the text.
- What git takes for binary is shown as text when its difference has no NUL, the sign by which git knows binary files.
- What waits for approval is shown as its entries have it, blob by blob (`entries_diff`): what git stores, and not what
  a filter makes of the file by now. Where those bytes are not here, as the file was changed since, that is said.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from state.files import blob_id
from state.printable import as_name
from state.tree_entry import LINK, TreeEntry
from workflow.doors.git.committed_trees import SUBMODULE, CommittedTrees, files_below, is_blob
from workflow.doors.git.handed_over import HandedOver
from workflow.doors.git.loose_objects import DIRECTORY, Entry
from workflow.doors.git.plain_diff import NO_CONFIGURATION, PLAIN_DIFF, Scratch
from workflow.doors.git.preflight import Place
from workflow.doors.git.process import GitProcess

_BINARY = "-\t-\t"  # how --numstat counts the lines of what git takes for binary
_LOOSE = ("-c", "core.bigFileThreshold=1024g")  # above it, git keeps an object in a pack
_LARGE, _LOOKED_AT = 1 << 24, 8000  # bytes: from where on a NUL near the beginning settles it


def shown_diff(git: GitProcess, place: Place, trees: CommittedTrees, entries: Sequence[TreeEntry], since: str) -> str:
    """The unified diff from commit `since` to the files as they are, whose entries these are; "" for none.

    The filters of attributes run, as they do in a commit. Raises as `entries_diff`.
    """
    return _Comparison(git, place, trees, since).diff(entries, filters=True)


def entries_diff(git: GitProcess, place: Place, trees: CommittedTrees, entries: Sequence[TreeEntry], since: str) -> str:
    """The unified diff from commit `since` to what a commit of these entries would hold; "" for none.

    Nothing is written into the repository, and no filter runs. Raises ObjectDiffers for an object that is not what its
    id says, and WorkspaceRefused when git does not compare.
    """
    return _Comparison(git, place, trees, since).diff(entries, filters=False)


class _Comparison:
    """A commit, and entries against it."""

    def __init__(self, git: GitProcess, place: Place, trees: CommittedTrees, since: str) -> None:
        self._git, self._place, self._trees, self._since = git, place, trees, since

    def diff(self, entries: Sequence[TreeEntry], *, filters: bool) -> str:
        if not entries:
            return ""
        before = self._trees.raw(self._since, [each.path for each in entries])
        with tempfile.TemporaryDirectory() as directory:
            like = self._like(before, entries)
            scratch = Scratch(Path(directory), like)
            after, wanted = self._lay_files(scratch, entries, filters=filters)
            stored = self._trees.handed_over()
            old = self._of_before(before, stored)
            ids = dict.fromkeys(sha for mode, sha in old.values() if mode != SUBMODULE and not scratch.has(sha))
            stored.bring([*ids, *wanted])
            for sha in ids:
                scratch.lay(b"blob", stored.blob_data(sha))
            for sha in wanted:
                if (data := stored.blob_or_none(sha)) is not None:
                    scratch.lay(b"blob", data)
            absent = [each.path for each in entries if each.blob and not scratch.has(each.blob)]
            new = {name: entry for name, entry in after.items() if entry[1] not in wanted or scratch.has(entry[1])}
            gone = {self._place.prefix + path for path in absent}
            old = {name: entry for name, entry in old.items() if name not in gone}
            text = self._drawn(scratch, old, new)
        said = "".join(
            f"{as_name(path)} is not shown: it was changed since it was put before its approvers\n" for path in absent
        )
        return said + text

    def _like(self, before: Mapping[str, Entry | None], entries: Sequence[TreeEntry]) -> str:
        """An object id of this repository."""
        named = [each.blob for each in entries if each.blob]
        return (named or [entry[1] for entry in before.values() if entry] or [self._since])[0]

    def _lay_files(
        self, scratch: Scratch, entries: Sequence[TreeEntry], *, filters: bool
    ) -> tuple[dict[str, Entry], list[str]]:
        """Lay down what the files hold; the entries by path of the repository, and the blobs that no file has."""
        after = dict[str, Entry]()
        wanted = dict[str, None]()
        converted = []
        for each in entries:
            if each.blob is None:
                continue
            after[self._place.prefix + each.path] = (each.mode.encode(), each.blob)
            data = _bytes_of(self._git.directory / each.path)
            if data is not None and blob_id(data, each.blob) == each.blob:
                scratch.lay(b"blob", data)
            elif data is not None and filters and each.mode != LINK:
                converted.append(each.path)
            else:
                wanted[each.blob] = None
        if converted:  # by way of files, as git reads them: it gives each of its objects the id of what it wrote
            self._git.read(*_LOOSE, "hash-object", "-w", "--", *converted, GIT_OBJECT_DIRECTORY=str(scratch.objects))
        return after, [sha for sha in wanted if not scratch.has(sha)]

    def _of_before(self, before: Mapping[str, Entry | None], stored: HandedOver) -> dict[str, Entry]:
        """The entries of the commit before, by path of the repository; of a directory each file that is in it."""
        found = dict[str, Entry]()
        for path, entry in before.items():
            name = self._place.prefix + path
            if entry is not None and entry[0] == DIRECTORY:
                found |= {os.fsdecode(each): held for each, held in files_below(stored, entry[1], os.fsencode(name))}
            elif entry is not None and (is_blob(entry) or entry[0] == SUBMODULE):
                found[name] = entry
        return found

    def _drawn(self, scratch: Scratch, old: Mapping[str, Entry], new: Mapping[str, Entry]) -> str:
        """The difference, with what git takes for binary, and is none, as text."""
        trees = (scratch.tree(old), scratch.tree(new))

        def differs(of: Sequence[str], *options: str) -> str:
            named = [f":(literal){path}" for path in of]
            variables = {**NO_CONFIGURATION, **scratch.environment}
            words = (*PLAIN_DIFF, *options, *trees, "--", *named)
            return self._git.read(*words, stdin=None, accept=(0,), **variables).text

        counted = differs([], "--numstat", "-z").split("\0")
        binary = [each.removeprefix(_BINARY) for each in counted if each.startswith(_BINARY)]
        unclear = [name for name in binary if not (name in new and _is_large_binary(scratch, new[name][1]))]
        as_text = dict(_texts(unclear, differs))
        if not as_text:
            return differs([])
        changed = [name for each in counted if each and (name := each.split("\t", 2)[2]) not in as_text]
        return (differs(changed) if changed else "") + "".join(as_text.values())


def _is_large_binary(scratch: Scratch, blob: str) -> bool:
    """Whether the file is so large that it is not compared for a NUL that its beginning has already."""
    size, first = scratch.begins(blob, _LOOKED_AT)
    return size >= _LARGE and b"\0" in first


def _texts(binary: Sequence[str], differs: Callable[..., str]) -> Iterator[tuple[str, str]]:
    """The path, and the difference as text, of each file that git takes for binary and that is none."""
    for name in binary:
        if "\0" not in (shown := differs([name], "--text")):
            yield name, shown


def _bytes_of(file: Path) -> bytes | None:
    """What a file holds, of a link its text; None where it is neither."""
    if file.is_symlink():
        return os.fsencode(os.readlink(file))  # noqa: PTH115 - a Path would tidy the text up, which git keeps as it is
    return file.read_bytes() if file.is_file() else None
