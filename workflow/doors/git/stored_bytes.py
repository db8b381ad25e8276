"""Which bytes does git store of a file that has others? By which attribute or setting, and the object itself.

Rules:
- A program of a configuration (`filter=`) can store anything. What it stores is a pointer only where it names the
  SHA-256 and the size of the very file: then the file's bytes are what was stored, elsewhere.
- The object is kept when work is handed in, so that whoever looks at it later starts no program: see `keep`.

Source: gitattributes(5); https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from state.cheap_classes import dataclass
from state.errors import WorkspaceRefused
from state.files import sha256
from state.path_word import path_word
from state.printable import as_name
from workflow.doors.git.handed_over import answers, lines
from workflow.doors.git.process import GitProcess

_ATTRIBUTES = ("filter", "ident", "working-tree-encoding", "text", "eol", "crlf")
_LINE_ENDS = ("text", "eol", "crlf")
_POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize ([0-9]+)\n")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of which git stores other bytes than it has.

    Attributes:
        path: of the workspace.
        blob: the id of what git stores.
        stored: the bytes that git stores; `size`: how many the file has.
        by: what changes them, as git has it: `filter=lfs`, `ident`, `text=auto`, `core.autocrlf`.
        program: the name of the filter, "" where no program of a configuration takes part.
        is_pointer: whether what is stored names the SHA-256 and the size of the file, and says nothing else.
        only_line_ends: whether the file with LF for CR LF is what is stored.
    """

    path: str
    blob: str
    stored: bytes
    size: int
    by: tuple[str, ...]
    program: str
    is_pointer: bool
    only_line_ends: bool


def stored_files(git: GitProcess, paths: Sequence[str], config: Sequence[str]) -> list[StoredFile]:
    """What git stores of each of these files, which are there; the objects are kept. `config`: as for what is written.

    Raises WorkspaceRefused when git, or a filter, fails.
    """
    return [found for path in paths if (found := _stored(git, path, config)) is not None]


def object_of(git: GitProcess, blob: str) -> bytes | None:
    """The bytes of a blob, hashed; None where it is not here. No filter runs. Raises ObjectDiffers."""
    done = git.read("cat-file", "--batch", stdin=lines([blob]))
    (found,) = answers(done.out, [blob], git.directory)
    return found.data if found is not None and found.kind == "blob" else None


def _stored(git: GitProcess, path: str, config: Sequence[str]) -> StoredFile | None:
    """What git stores of this file; None where that is what it has."""
    done = git.attempt("hash-object", "-w", "--", path, config=config)
    blob = done.text.strip()
    stored = object_of(git, blob) if done.status == 0 else None
    if stored is None:
        asked = ", ".join(f"{name}={value}" for name, value in _attributes(git, path))
        raise WorkspaceRefused(
            f"git cannot store {as_name(path)} as its attributes or settings ask for ({asked or 'none'}), so it would "
            f"not be committed (exit {done.status}): {done.err.strip()}",
            next_command=f"git check-attr -a -- {path_word(path)}   # mend the file, or its attributes, first",
        )
    data = (git.directory / path).read_bytes()
    if stored == data:
        return None
    said = dict(_attributes(git, path))
    pointer = _POINTER.fullmatch(stored)
    by = [name if value == "set" else f"{name}={value}" for name, value in said.items() if value != "unset"]
    only_line_ends = data.replace(b"\r\n", b"\n") == stored
    if not by or (only_line_ends and not any(name in said for name in _LINE_ENDS)):
        by.append("core.autocrlf")
    return StoredFile(
        path,
        blob,
        stored,
        len(data),
        tuple(by),
        said.get("filter", "") if said.get("filter") not in ("set", "unset") else "",
        is_pointer=pointer is not None and pointer.groups() == (sha256(data).encode(), b"%d" % len(data)),
        only_line_ends=only_line_ends,
    )


def _attributes(git: GitProcess, path: str) -> list[tuple[str, str]]:
    """The attributes in force that can change bytes, with their values."""
    said = git.read("check-attr", "-z", *_ATTRIBUTES, "--", path).items
    return [(name, value) for name, value in zip(said[1::3], said[2::3], strict=True) if value != "unspecified"]
