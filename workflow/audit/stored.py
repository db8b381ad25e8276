"""What did git store of a file? It may have changed line ends, put a pointer in its place, or run a filter over it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from state.files import sha256
from state.line_endings import with_crlf
from workflow.audit.facts import Repository

_FILTERED = re.compile(rb"(?m)^[^#\n]*\s(?:filter=|ident(?:\s|$)|working-tree-encoding=|text|eol=|crlf)")


def digests(data: bytes) -> set[str]:
    """SHA-256 of the file that git stored as `data`, whichever line ends it had."""
    if b"\n" not in data:
        return {sha256(data)}
    return {sha256(data), sha256(with_crlf(data))}


def holds(data: bytes, digest: str) -> bool:
    """Whether the file that git stored as these bytes had this SHA-256: as it is, with CRLF, or in LFS."""
    if digest == sha256(data) or digest in digests(data):
        return True
    return data.startswith(b"version https://git-lfs.github.com/spec/") and f"oid sha256:{digest}\n".encode() in data


def is_filtered(repository: Repository, commit: str, path: str) -> bool:
    """Whether attributes in force at this path let git store something else than the file. Source: gitattributes(5)."""
    places = [".gitattributes", *(f"{parent}/.gitattributes" for parent in PurePosixPath(path).parents)]
    held = (repository.at(commit, place) for place in dict.fromkeys(places))
    return any(attributes and _FILTERED.search(attributes.data) for attributes in held)
