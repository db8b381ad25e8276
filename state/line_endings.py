"""Which line ends may a file have that git has handed over? Some gits turn LF into CRLF on the way, and back.

Rules:
- Only a whole file is turned: where LF and CRLF are mixed, git leaves it as it is, and so do we.
- Turning changes nothing but line ends, so a text is the same text before and after.

Source: https://git-scm.com/docs/gitattributes (text, eol), https://git-scm.com/docs/git-config (core.autocrlf)
"""

from __future__ import annotations

from pathlib import Path

from state.files import MISSING, sha256


def with_lf(data: bytes) -> bytes:
    """The bytes with LF line ends, as git stores a text file under `core.autocrlf`."""
    return data.replace(b"\r\n", b"\n")


def with_crlf(data: bytes) -> bytes:
    """The bytes with CRLF line ends, as git checks a text file out under `core.autocrlf=true`."""
    return with_lf(data).replace(b"\n", b"\r\n")


def turned_like(data: bytes, like: bytes) -> bytes:
    """`data` with the line ends of `like`, where both have but one kind; else as it is."""
    for turn in (with_lf, with_crlf):
        if turn(like) == like:
            return turn(data) if data in (with_lf(data), with_crlf(data)) else data
    return data


def as_approved(data: bytes, digest: str) -> bytes | None:
    """The file as it was when it had this SHA-256, if `data` is it in whichever line ends; else None."""
    for candidate in (data, with_lf(data), with_crlf(data)):
        if sha256(candidate) == digest:
            return candidate
    return None


def digest_as(path: Path, approved: str) -> str:
    """SHA-256 of a file: the approved one when it is that file in whichever line ends; MISSING where there is none."""
    if not path.is_file():
        return MISSING
    data = path.read_bytes()
    return approved if as_approved(data, approved) is not None else sha256(data)
