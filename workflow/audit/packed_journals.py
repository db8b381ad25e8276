"""Which journals does git keep as the beginning of a longer one? Told by the deltas of a pack, without unpacking them.

In a repository that was packed (by a clone, by `git gc`) a journal is kept as instructions: copy that much of another
one, add these bytes. Following them over the story costs next to nothing, where hashing 1,000 journals takes a while.

Rules:
- A journal counts when each instruction that makes it gives the bytes that the story has there; everything else is left
  out, and the caller looks at it otherwise.
- Nothing in a pack is believed to be well-formed.

Source: gitformat-pack(5), "pack-*.pack files have the following format" and "Deltified representation".
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import NamedTuple

_BLOB, _DELTA = 3, 6  # kinds of entries; a delta names its base by how far in front it stands
_BITS = [tuple(bit for bit in range(4) if bits >> bit & 1) for bits in range(16)]
_WHOLE = 0x10000  # what a copy of no bytes stands for


class _Entry(NamedTuple):
    """An entry of a pack: `base` is its base's offset, None for a whole object."""

    base: int | None
    data: bytes


def prefixes(pack: bytes, names: Mapping[int, str], story: bytes) -> dict[str, int]:
    """The objects that are the beginning of the story, with their lengths. `names`: offset in the pack -> object id."""
    ends = [*sorted(names)[1:], len(pack)]
    read = {offset: _entry(pack, offset, end) for offset, end in zip(sorted(names), ends, strict=True)}
    lengths: dict[int, int] = {}
    for offset, entry in read.items():  # a base stands in front of what is made from it
        if entry is None:
            continue
        base, data = entry
        if base is None:
            if story.startswith(data):
                lengths[offset] = len(data)
        elif base in lengths and (length := _made(data, lengths[base], story)) is not None:
            lengths[offset] = length
    return {names[offset]: length for offset, length in lengths.items()}


def _entry(pack: bytes, offset: int, end: int) -> _Entry | None:
    try:
        byte, at = pack[offset], offset + 1
        kind = byte >> 4 & 7
        while byte & 0x80:  # its size, which its data tells as well
            byte, at = pack[at], at + 1
        base = None
        if kind == _DELTA:
            byte, at = pack[at], at + 1
            back = byte & 0x7F
            while byte & 0x80:
                byte, at = pack[at], at + 1
                back = (back + 1) << 7 | byte & 0x7F
            base = offset - back
        return _Entry(base, zlib.decompress(pack[at:end])) if kind in (_BLOB, _DELTA) else None
    except (IndexError, zlib.error):
        return None


def _made(delta: bytes, base: int, story: bytes) -> int | None:
    """The length of what a delta makes, if that is the beginning of the story; its base is, for `base` bytes."""
    try:
        given, at = _number(delta, 0)
        length, at = _number(delta, at)
        if given != base or length > len(story):
            return None
        made = 0
        while at < len(delta):
            op, at = delta[at], at + 1
            if op & 0x80:  # copy
                start, size, at = _span(delta, op, at)
                if start + size > base or not (
                    start == made or story[start : start + size] == story[made : made + size]
                ):
                    return None
            else:  # add so many bytes; there is no instruction 0
                size = op
                if not size or delta[at : at + size] != story[made : made + size]:
                    return None
                at += size
            made += size
        return length if made == length else None
    except IndexError:
        return None


def _span(delta: bytes, op: int, at: int) -> tuple[int, int, int]:
    """Where a copy begins and how long it is, as the bytes from `at` on say, and where those end.

    Four bytes of an offset, three of a size, the lowest first: those are there whose bit is set in `op`.
    """
    start = size = 0
    for bit in _BITS[op & 0x0F]:
        start, at = start | delta[at] << 8 * bit, at + 1
    for bit in _BITS[op >> 4 & 0x07]:
        size, at = size | delta[at] << 8 * bit, at + 1
    return start, size or _WHOLE, at


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and where it ends."""
    number = shift = 0
    while True:
        byte, at = data[at], at + 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return number, at
