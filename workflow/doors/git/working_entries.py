"""Which tree entry would a commit of these paths hold now? Mode, type and blob, as git would have them.

Rules:
- git's answer counts, not the disk's. `commit --only` begins from HEAD's tree, so with `core.fileMode=false` a file
  keeps the mode that it has there, whatever the disk or the index say, and a new one is 100644; with
  `core.symlinks=false` a plain file whose entry is a link stays one.
- Those settings are asked for, once, only where they can make a difference: where the disk and HEAD say two things.
- Nothing is reached through a link: what lies behind one is no entry of this path.

Source: git's read-cache.c, `add_to_index` and `ce_mode_from_stat`; git-config(1); tried with git 2.39.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from state.files import blob_id
from state.plain_files import kind_of
from state.tree_entry import EXECUTABLE, LINK, PLAIN, TreeEntry, missing
from workflow.doors.git.blob_ids import BlobIds
from workflow.doors.git.process import GitProcess

_SETTINGS = ("core.filemode", "core.symlinks")


class WorkingEntries:
    """The tree entries of one working tree."""

    def __init__(self, git: GitProcess, blob_ids: BlobIds) -> None:
        self._git = git
        self._blob_ids = blob_ids
        self._settings: tuple[bool, bool] | None = None

    def forget(self) -> None:
        """Ask git again for its settings."""
        self._settings = None

    def of(
        self,
        paths: Sequence[str],
        held: Mapping[str, TreeEntry],
        *,
        unread: Collection[str],
        later: Collection[str],
        like: str,
    ) -> dict[str, TreeEntry]:
        """The entry of each path, in order.

        Args:
            held: the entries in HEAD; what is not there may be left out.
            unread: of these files no blob is wanted.
            later: nor of these, now; they will be read, and git is asked about all paths at once.
            like: an object id of this repository.
        """
        look = _Look(self._git.directory)
        seen = {path: look.at(path) for path in paths}
        self._blob_ids.learn([path for path in seen if path not in unread])
        aside = {*unread, *later}
        files = [path for path, mode in seen.items() if mode and stat.S_ISREG(mode) and path not in aside]
        ids = self._blob_ids.of(files, like=like) if files else {}
        return {path: self._entry(path, mode, held.get(path), ids, like) for path, mode in seen.items()}

    def _entry(
        self, path: str, mode: int | None, held: TreeEntry | None, ids: Mapping[str, str], like: str
    ) -> TreeEntry:
        if mode is None:
            return missing(path)
        if stat.S_ISREG(mode):
            found = self._mode(mode, held or missing(path))
            return TreeEntry(path, found, "link" if found == LINK else "file", ids.get(path))
        file = self._git.directory / path
        if stat.S_ISLNK(mode):
            text = os.readlink(file)  # noqa: PTH115 - a Path would tidy the text up, which git keeps as it is
            return TreeEntry(path, LINK, "link", blob_id(os.fsencode(text), like))
        if stat.S_ISDIR(mode):
            inner = (file / ".git").exists()
            return TreeEntry(path, *(("160000", "submodule") if inner else ("040000", "directory")), None)
        return TreeEntry(path, "000000", kind_of(mode), None)

    def _mode(self, mode: int, held: TreeEntry) -> str:
        """The mode that git gives a plain file of this `st_mode`."""
        on_disk = EXECUTABLE if mode & stat.S_IXUSR else PLAIN
        if on_disk == held.mode or (held.type == "missing" and on_disk == PLAIN):
            return on_disk  # so it is under all settings
        has_modes, has_links = self._asked()
        if held.type == "link" and not has_links:
            return LINK
        if has_modes:
            return on_disk
        return held.mode if held.type == "file" else PLAIN

    def _asked(self) -> tuple[bool, bool]:
        """Whether git believes the disk's executable bits, and that it has links. Both are so where nothing is set."""
        if self._settings is None:
            asked = self._git.read(
                "config", "--type=bool", "-z", "--get-regexp", r"^core\.(filemode|symlinks)$", accept=(0, 1)
            )
            said = dict(item.split("\n", 1) for item in asked.items)
            self._settings = said.get(_SETTINGS[0]) != "false", said.get(_SETTINGS[1]) != "false"
        return self._settings


class _Look:
    """One look at the working tree: what is on the way to many files is looked at once."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = f"{workspace}/"
        self._behind_link: dict[str, bool] = {"": False}  # directory -> whether the way to it, or itself, is a link

    def at(self, path: str) -> int | None:
        """The `st_mode` at this path; None when nothing is there, or the way to it is not one of plain directories."""
        if self._is_behind_link(path.rpartition("/")[0]):
            return None
        try:
            return os.lstat(self._workspace + path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _is_behind_link(self, directory: str) -> bool:
        if directory not in self._behind_link:
            above = self._is_behind_link(directory.rpartition("/")[0])
            self._behind_link[directory] = above or os.path.islink(self._workspace + directory)  # noqa: PTH114
        return self._behind_link[directory]


def tree_entry(path: str, mode: bytes, sha: str) -> TreeEntry:
    """An entry of a tree that git keeps."""
    six = mode.decode("ascii").zfill(6)
    type_ = {"040000": "directory", "160000": "submodule", LINK: "link"}.get(six, "file")
    return TreeEntry(path, six, type_, sha if type_ in ("file", "link") else None)
