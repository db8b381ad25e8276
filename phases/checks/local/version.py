"""Is this version at least that one? Versions of tools, compared number by number.

Rules:
- `3.9` is less than `3.11`, and `3.11` is `3.11.0`.
- A pre-release (`3.13.0rc1`, `2.0.0-beta.1`) is less than its release; what stands behind `+` counts for nothing.
"""

from __future__ import annotations

import re

_NUMBERS = r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,5}"
_PRE = r"(?:[-.]?(?:a|b|rc|alpha|beta|pre|preview|dev|nightly|canary|next|snapshot)[-.]?[0-9]{0,9})"
_VERSION = re.compile(rf"v?({_NUMBERS})({_PRE})?(?:[-+~][\w.+~-]{{0,60}})?", re.IGNORECASE)
# `v18.1.0`, `go1.21`, `aws-cli/2.15.0`, `jq-1.6`; no date and no number within a word
_PRINTED = re.compile(rf"(?:\bgo|\bv|(?<![\w.]))({_NUMBERS})({_PRE})?(?![\w]*:)", re.IGNORECASE)


def is_version(text: str) -> bool:
    """Whether the whole text is a version."""
    return _VERSION.fullmatch(text) is not None


def version_in(output: str) -> str:
    """The version that a tool prints: the first with a dot, else the first number; "" for none."""
    found = [match[1] + (match[2] or "") for match in _PRINTED.finditer(output[:4000])]
    return next((each for each in found if "." in each), found[0] if found else "")


def is_less(one: str, other: str) -> bool:
    """Whether the first of two versions is less. Raises ValueError for a text that is none."""
    return _key(one) < _key(other)


def _key(text: str) -> tuple[list[int], int]:
    match = _VERSION.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a version, seen {text[:60]!r}")
    numbers = [int(each) for each in match[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers, 0 if match[2] else 1
