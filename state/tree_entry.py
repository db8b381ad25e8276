"""What does git hold at a path? One entry of a tree, as the journal has it: path, mode, type and blob.

Rules:
- An entry is what a commit holds, not what the disk has: with `core.fileMode=false` git keeps the mode that it knew.
- Only a file, a link and nothing can be approved (`KINDS`). What else may stand at a path (a directory, another
  repository) has an entry as well, so that it can be named; no journal holds one.

Source: git-ls-tree(1), gitglossary(7) "mode"; docs/decisions/0016-format-2.md
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Literal, get_args

from state import json_values as j
from state.cheap_classes import dataclass
from state.json_values import NOTHING_MORE, Fields, Json
from state.printable import as_name

EntryType = Literal["file", "link", "missing"]

PLAIN, EXECUTABLE, LINK, GONE = "100644", "100755", "120000", "000000"
KINDS: Mapping[str, tuple[str, ...]] = {"file": (PLAIN, EXECUTABLE), "link": (LINK,), "missing": (GONE,)}

_TYPES: Mapping[str, EntryType] = j.words(*get_args(EntryType))
_WORDS = {
    PLAIN: "a file, mode 100644",
    EXECUTABLE: "a file, mode 100755 (executable)",
    LINK: "a symbolic link, mode 120000",
    GONE: "not there",
    "040000": "a directory",
    "160000": "another repository (a submodule), mode 160000",
}


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A path and what git holds there.

    Attributes:
        mode: as git writes it, six digits; `000000` for nothing.
        type: `file`, `link` or `missing`; of what no journal holds, a word for people.
        blob: object id, None for nothing, and where the bytes are not said here.
        before: of the working log, the blob that it had when it was shown; else, and where there was none, None.
        committed: of a file of the task, whether HEAD held this very entry already when it was shown: then the task's
            commit does not change it.
    """

    path: str
    mode: str
    type: str
    blob: str | None
    before: str | None = None
    committed: bool = False
    more: Fields = field(default_factory=lambda: NOTHING_MORE, hash=False)

    @classmethod
    def from_json(cls, body: Fields) -> TreeEntry:
        type_ = j.word(body, "type", _TYPES)
        mode, blob = j.text(body, "mode"), j.digest_or_none(body, "blob")
        if mode not in KINDS[type_]:
            raise j.misread(body, "mode", f"{' or '.join(KINDS[type_])}, as its type is {type_}")
        if type_ == "missing" and blob is not None:
            raise j.misread(body, "blob", "null, as its type is missing")
        before = j.digest(body, "before") if "before" in body else None
        committed = j.flag(body, "committed") if "committed" in body else False
        return cls(j.path(body, "path"), mode, type_, blob, before, committed, j.more(body, _FIELDS))

    def to_json(self) -> dict[str, Json]:
        before: dict[str, Json] = {} if self.before is None else {"before": self.before}
        committed: dict[str, Json] = {"committed": True} if self.committed else {}
        said: dict[str, Json] = {"path": self.path, "mode": self.mode, "type": self.type, "blob": self.blob}
        return {**said, **before, **committed, **self.more}

    @property
    def words(self) -> str:
        """What it is, for people: `a file, mode 100755 (executable)`."""
        return self.type if self.mode == GONE and self.type != "missing" else words_of(self.mode)

    @property
    def is_ordinary(self) -> bool:
        """Whether it is what most files are, of which nothing has to be said."""
        return self.mode == PLAIN


_FIELDS = frozenset(("path", "mode", "type", "blob", "before", "committed"))


def words_of(mode: str) -> str:
    """What a mode says, for people."""
    return _WORDS.get(mode, f"mode {mode}")


def missing(path: str) -> TreeEntry:
    """Nothing at this path."""
    return TreeEntry(path, GONE, "missing", None)


def entries_in(body: Fields, name: str) -> tuple[TreeEntry, ...]:
    """A list of entries, each path once. Raises Misread."""
    entries = j.parts(body, name, TreeEntry.from_json)
    if len({entry.path for entry in entries}) < len(entries):
        raise j.misread(body, name, "each path once")
    return entries


def differences(expected: Iterable[TreeEntry], seen: Mapping[str, TreeEntry]) -> list[str]:
    """By name, what is not as expected: presence, type, mode, blob. A blob that is not said may be any."""
    return [why for entry in expected if (why := difference(entry, seen.get(entry.path) or missing(entry.path)))]


def difference(expected: TreeEntry, seen: TreeEntry) -> str:
    """What is not as expected at one path; "" for nothing."""
    if (expected.mode, expected.type) != (seen.mode, seen.type):
        return f"{as_name(expected.path)} was changed: it was {expected.words}, and is {seen.words}"
    if expected.blob is not None and expected.blob != seen.blob:
        return (
            f"{as_name(expected.path)} was changed: it was blob {expected.blob[:7]}, and is {(seen.blob or 'none')[:7]}"
        )
    return ""
